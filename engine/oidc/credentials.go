package oidc

import (
	"context"
	"errors"

	"golang.org/x/oauth2/clientcredentials"

	"flowscope/engine"
	"flowscope/engine/trace"
)

// runCredentials is client credentials (RFC 6749 section 4.4).
func (c *client) runCredentials(ctx context.Context) error {
	if _, err := c.need(fieldToken, c.meta.Token, "client credentials"); err != nil {
		return err
	}
	if err := c.offered("client_credentials"); err != nil {
		return err
	}
	cfg := clientcredentials.Config{
		ClientID: c.job.Client.Registration.ClientID, ClientSecret: c.auth.secret, TokenURL: c.meta.Token,
		Scopes: c.scopes(false), AuthStyle: c.auth.style(),
	}
	_, libErr := cfg.Token(c.library(ctx, trace.TokenCall))
	answer, err := c.collect(trace.TokenCall, "clientcredentials.Token", libErr)
	if err != nil {
		return err
	}
	return c.keep(grant{TokenAnswer: answer}, trace.TokenCall)
}

// errNoAccount says that the password flow knows nobody to sign in.
var errNoAccount = errors.New("the target knows no account whose password could be sent; choose another flow, which asks the person")

// runPassword is the resource owner password credentials grant (RFC 6749 section
// 4.3): withdrawn, and here to show what the others avoid.
func (c *client) runPassword(ctx context.Context) error {
	if _, err := c.need(fieldToken, c.meta.Token, "password"); err != nil {
		return err
	}
	if err := c.offered("password"); err != nil {
		return err
	}
	account, ok := account(c.job)
	if !ok {
		return errNoAccount
	}
	_, libErr := c.config(c.scopes(true)).PasswordCredentialsToken(c.library(ctx, trace.TokenCall), account.Username, account.Password)
	answer, err := c.collect(trace.TokenCall, "PasswordCredentialsToken", libErr)
	if err != nil {
		return err
	}
	return c.keep(grant{TokenAnswer: answer}, trace.TokenCall)
}

func account(job engine.Job) (engine.Account, bool) {
	if job.User != "" {
		return job.Target.Account(job.User)
	}
	if len(job.Target.Accounts) == 0 {
		return engine.Account{}, false
	}
	return job.Target.Accounts[0], true
}
