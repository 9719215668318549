package clients

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// provider is go-oidc's view of the lab, by its own discovery.
func provider(t *testing.T, base string) (context.Context, *oidc.Provider) {
	t.Helper()
	ctx := oidc.ClientContext(t.Context(), web)
	p, err := oidc.NewProvider(ctx, base+"/"+lab.TenantID+"/v2.0")
	if err != nil {
		t.Fatal(err)
	}
	return ctx, p
}

func config(p *oidc.Provider, name string, scopes ...string) *oauth2.Config {
	a := appOf(name)
	redirect := a.RedirectURIs[0]
	if name == "native" {
		redirect = "http://localhost:8400"
	}
	return &oauth2.Config{ClientID: a.ClientID, ClientSecret: a.Secret, Endpoint: p.Endpoint(), RedirectURL: redirect, Scopes: scopes}
}

// byCode signs Ada in and gives what the token endpoint answered.
func byCode(t *testing.T, ctx context.Context, c *oauth2.Config, nonce string, more ...oauth2.AuthCodeOption) *oauth2.Token {
	t.Helper()
	verifier := oauth2.GenerateVerifier()
	there, err := newPerson(userOf("ada")).open(c.AuthCodeURL("s t&te", append(more, oidc.Nonce(nonce), oauth2.S256ChallengeOption(verifier))...))
	if err != nil {
		t.Fatal(err)
	}
	if got := there.values; got.Get("state") != "s t&te" || got.Get("code") == "" || path(t, there.address.String()) != path(t, c.RedirectURL) && path(t, there.address.String()) != c.RedirectURL+"/" {
		t.Fatalf("the answer was %s with %v", there.address, got)
	}
	token, err := c.Exchange(ctx, there.values.Get("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// consent lets Ada accept what a client that shows no page asks for.
func consent(t *testing.T, name string, scopes ...string) {
	t.Helper()
	ctx, p := provider(t, https)
	byCode(t, ctx, config(p, name, append(scopes, oidc.ScopeOpenID)...), "n")
}

// arrived is a token that Ada's web app sends to Orders API, which may go on to
// other APIs with it: its own permissions were consented to as well.
func arrived(t *testing.T) string {
	t.Helper()
	ctx, p := provider(t, https)
	return byCode(t, ctx, config(p, "web", ordersDefault), "n", oauth2.SetAuthURLParam("prompt", "consent")).AccessToken
}

func TestOIDC(t *testing.T) {
	for way, base := range map[string]string{"TLS": https, "plain HTTP": plain} {
		t.Run(way, func(t *testing.T) {
			t.Run("confidential", func(t *testing.T) { signIn(t, base, "web", "1") })
			t.Run("public", func(t *testing.T) { signIn(t, base, "native", "0") })
			t.Run("userinfo", func(t *testing.T) { userInfo(t, base) })
			t.Run("device", func(t *testing.T) { device(t, base) })
			t.Run("front channel", func(t *testing.T) { frontChannel(t, base) })
			t.Run("wrong client", func(t *testing.T) { wrongClient(t, base) })
		})
	}
}

// signIn is code + PKCE + nonce, with both tokens verified by go-oidc, and then
// renewed.
func signIn(t *testing.T, base, name, proved string) {
	ctx, p := provider(t, base)
	c := config(p, name, oidc.ScopeOpenID, "profile", oidc.ScopeOfflineAccess, ordersAs)
	token := byCode(t, ctx, c, "n-7")
	raw, _ := token.Extra("id_token").(string)
	id, err := p.Verifier(&oidc.Config{ClientID: c.ClientID}).Verify(ctx, raw)
	if err != nil {
		t.Fatal(err)
	}
	var claims struct {
		OID  string `json:"oid"`
		Name string `json:"preferred_username"`
	}
	if err := id.Claims(&claims); err != nil {
		t.Fatal(err)
	}
	if ada := userOf("ada"); id.Nonce != "n-7" || id.Issuer != base+"/"+lab.TenantID+"/v2.0" || claims.OID != ada.OID || claims.Name != ada.Username || id.Subject == ada.OID {
		t.Errorf("ID token %+v %+v", id, claims)
	}
	verified(t, token.AccessToken, adaAt(base, name, proved))
	orders := p.Verifier(&oidc.Config{ClientID: appOf("orders-api").ClientID})
	if _, err := orders.Verify(ctx, token.AccessToken); err != nil {
		t.Errorf("as Orders API: %v", err)
	}
	if _, err := orders.Verify(ctx, raw); err == nil {
		t.Error("an ID token passed for an access token")
	}
	old := *token
	old.Expiry = time.Now().Add(-time.Minute)
	again, err := c.TokenSource(ctx, &old).Token()
	if err != nil {
		t.Fatal(err)
	}
	verified(t, again.AccessToken, adaAt(base, name, proved))
	if again.AccessToken == token.AccessToken || again.RefreshToken == token.RefreshToken {
		t.Error("the tokens were not renewed")
	}
}

func userInfo(t *testing.T, base string) {
	ctx, p := provider(t, base)
	token := byCode(t, ctx, config(p, "web", oidc.ScopeOpenID, "profile", "email"), "n")
	id, err := p.Verifier(&oidc.Config{ClientID: appOf("web").ClientID}).Verify(ctx, token.Extra("id_token").(string))
	if err != nil {
		t.Fatal(err)
	}
	info, err := p.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		t.Fatal(err)
	}
	if info.Subject != id.Subject || info.Email != userOf("ada").Username {
		t.Errorf("%+v, and the ID token is of %s", info, id.Subject)
	}
}

// device reads the endpoint out of the discovery document, as go-oidc does.
func device(t *testing.T, base string) {
	ctx, p := provider(t, base)
	c := config(p, "cli", oidc.ScopeOpenID, "profile", oidc.ScopeOfflineAccess, ordersAs)
	d, err := c.DeviceAuth(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if d.Interval != 5 {
		t.Errorf("interval %d", d.Interval)
	}
	if err := newPerson(userOf("ada")).enter(d.VerificationURI, d.UserCode); err != nil {
		t.Fatal(err)
	}
	d.Interval = 1 // the person was quicker than the poll
	token, err := c.DeviceAccessToken(ctx, d)
	if err != nil {
		t.Fatal(err)
	}
	verified(t, token.AccessToken, adaAt(base, "cli", "0"))
}

// frontChannel is the implicit flow, whose ID token vouches for the access
// token beside it.
func frontChannel(t *testing.T, base string) {
	ctx, p := provider(t, base)
	c := config(p, "legacy", oidc.ScopeOpenID, "profile", ordersAs)
	there, err := newPerson(userOf("ada")).open(c.AuthCodeURL("s", oidc.Nonce("n-8"), oauth2.SetAuthURLParam("response_type", "id_token token")))
	if err != nil {
		t.Fatal(err)
	}
	id, err := p.Verifier(&oidc.Config{ClientID: c.ClientID}).Verify(ctx, there.values.Get("id_token"))
	if err != nil {
		t.Fatalf("%v in %v", err, there.values)
	}
	if id.Nonce != "n-8" || there.values.Get("state") != "s" {
		t.Errorf("nonce %q, state %q", id.Nonce, there.values.Get("state"))
	}
	if err := id.VerifyAccessToken(there.values.Get("access_token")); err != nil {
		t.Error(err)
	}
	verified(t, there.values.Get("access_token"), adaAt(base, "legacy", "0"))
}

func wrongClient(t *testing.T, base string) {
	ctx, p := provider(t, base)
	c := config(p, "web", oidc.ScopeOpenID)
	raw, _ := byCode(t, ctx, c, "n").Extra("id_token").(string)
	if _, err := p.Verifier(&oidc.Config{ClientID: appOf("native").ClientID}).Verify(ctx, raw); err == nil {
		t.Error("an ID token for another client was taken")
	}
	c.ClientSecret = "wrong"
	_, err := c.Exchange(ctx, "any")
	var no *oauth2.RetrieveError
	if !errors.As(err, &no) || no.ErrorCode != "invalid_client" || no.Response.StatusCode != http.StatusUnauthorized {
		t.Errorf("wrong secret: %v", err)
	}
}
