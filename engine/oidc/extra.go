package oidc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"flowscope/engine"
	"flowscope/engine/trace"
)

// extra is a move that can be added to a run: the field of the discovery document
// that offers it, what it needs, and how it is done.
type extra struct {
	field string
	at    func(metadata) string
	needs trace.TokenKind // empty: nothing
	step  engine.Step
	run   func(*client, context.Context, *trace.Trace) error
	entra string // why Entra has no such endpoint; empty: the general words
}

// extras are the moves of the driver.
func extras() map[trace.Purpose]extra {
	return map[trace.Purpose]extra{
		trace.UserInfo: {
			field: fieldUserInfo, at: func(m metadata) string { return m.UserInfo }, needs: trace.AccessToken, run: (*client).userInfo,
			step: engine.Step{
				Title: "Ask about the person", Label: "GET userinfo", Purpose: trace.UserInfo,
				Why:    "With the access token the application asks the issuer who signed in: the same claims as in the ID token, fresh.",
				Guards: "The sub must be the ID token's, else the answer is about somebody else.",
			},
		},
		trace.Introspection: {
			field: fieldIntrospection, at: func(m metadata) string { return m.Introspection }, needs: trace.AccessToken, run: (*client).introspect,
			entra: "Microsoft Entra ID has no introspection endpoint: its access tokens are JWTs that the API checks by itself",
			step: engine.Step{
				Title: "Ask whether the token is good", Label: "token", Purpose: trace.Introspection,
				Why:    "The issuer says whether a token is active and what it stands for: how an API reads an opaque token, and how it learns of a revocation.",
				Guards: "Only who proves itself may ask, else the endpoint would tell strangers which tokens are good.",
			},
		},
		trace.Revocation: {
			field: fieldRevocation, at: func(m metadata) string { return m.Revocation }, run: (*client).revoke,
			entra: "Microsoft Entra ID has no revocation endpoint: an administrator or the person revokes sessions, and access tokens stay good until they expire",
			step: engine.Step{
				Title: "Revoke the token", Label: "token", Purpose: trace.Revocation,
				Why:    "The application gives the token up, so that nobody can use it any more: the refresh token, where it has one.",
				Guards: "The answer is 200 even for an unknown token; introspection, or a refresh, shows what the revocation did.",
			},
		},
		trace.Refresh: {
			field: fieldToken, at: func(m metadata) string { return m.Token }, needs: trace.RefreshToken, run: (*client).refreshAgain,
			step: engine.Step{
				Title: "Redeem the refresh token", Label: "refresh token", Purpose: trace.Refresh,
				Why:    "New tokens without a page: the refresh token stands for the person's consent.",
				Guards: "An issuer that gives a new refresh token each time notices when the old one is used twice.",
			},
		},
		trace.SignOut: {
			field: fieldEndSession, at: func(m metadata) string { return m.EndSession }, run: (*client).signOutAgain,
			step: engine.Step{
				Title: "Sign out", Label: "end session", From: trace.App, To: trace.Entra, Channel: trace.Front, Purpose: trace.SignOut,
				Why:    "The browser's session at the issuer ends. The ID token says whose.",
				Guards: "Tokens that were handed out stay good: a sign-out revokes none.",
			},
		},
	}
}

// Extra gives the step of a move, when driver and issuer have it.
func (d Driver) Extra(job engine.Job, t *trace.Trace, p trace.Purpose) (engine.Step, error) {
	x, ok := extras()[p]
	if !ok {
		return engine.Step{}, d.cannot(job.Flow, "it adds no "+p.Noun()+" to a run")
	}
	m, err := metadataOf(t)
	if err != nil {
		return engine.Step{}, err
	}
	if x.at(m) == "" {
		why := fmt.Sprintf("the issuer offers no %s: its discovery document has no %s", p.At(), x.field)
		if job.Target.Is() == engine.Entra && x.entra != "" {
			why = x.entra
		}
		return engine.Step{}, d.cannot(job.Flow, why)
	}
	if x.needs != "" {
		if _, ok := t.Token(x.needs); !ok {
			return engine.Step{}, fmt.Errorf("%s token: %w", x.needs, engine.ErrNoToken)
		}
	}
	if x.step.From == "" {
		x.step.From, x.step.To, x.step.Channel = trace.App, trace.Entra, trace.Back
	}
	return x.step, nil
}

// Extend executes the step that was entered last.
func (d Driver) Extend(ctx context.Context, s *engine.Session, p trace.Purpose) error {
	x, ok := extras()[p]
	if !ok {
		return d.cannot(s.Job().Flow, "it adds no "+p.Noun()+" to a run")
	}
	t := s.Trace()
	m, err := metadataOf(t)
	if err != nil {
		return err
	}
	c := newClient(s, d)
	c.meta = m
	if c.auth, err = chooseAuth(c.job, m); err != nil {
		return err
	}
	return x.run(c, ctx, t)
}

// metadataOf reads the discovery document that the run has fetched.
func metadataOf(t *trace.Trace) (metadata, error) {
	for _, e := range t.Exchanges {
		if e.Purpose == trace.Metadata && e.Response != nil && e.Response.Status == http.StatusOK {
			return readMetadata(e.Response.Body)
		}
	}
	return metadata{}, errors.New("the run has no discovery document")
}

// userInfo asks the userinfo endpoint (OpenID Connect Core 1.0 section 5.3). A
// refusal is an answer to look at.
func (c *client) userInfo(ctx context.Context, t *trace.Trace) error {
	access, _ := t.Token(trace.AccessToken)
	resp, err := c.s.Bearer(ctx, c.meta.UserInfo, access.Value)
	if err != nil {
		return err
	}
	_ = resp.Body.Close()
	e, ok := c.s.Exchange(trace.UserInfo)
	if !ok || e.Response == nil || e.Response.Status != http.StatusOK {
		return nil
	}
	var claims struct {
		Subject string `json:"sub"`
	}
	if isJWT(e) {
		claims.Subject = subjectOf(strings.TrimSpace(string(e.Response.Body)))
	} else if err := json.Unmarshal(e.Response.Body, &claims); err != nil {
		return errors.New("the answer of the userinfo endpoint is no JSON")
	}
	id, ok := t.Token(trace.IDToken)
	if !ok {
		return nil // nobody signed in: there is no sub to compare it with
	}
	return c.sameSubject(id.Value, claims.Subject, "the answer is about another person than the ID token (OpenID Connect Core 1.0 section 5.3.2)")
}

func isJWT(e trace.Exchange) bool {
	return strings.Contains(e.Response.Header.Get("Content-Type"), "application/jwt")
}

// introspect asks what the access token stands for (RFC 7662).
func (c *client) introspect(ctx context.Context, t *trace.Trace) error {
	access, _ := t.Token(trace.AccessToken)
	e, err := c.post(ctx, trace.Introspection, c.meta.Introspection, url.Values{"token": {access.Value}, "token_type_hint": {"access_token"}})
	if err != nil {
		return err
	}
	if err := engine.AnswerError(e, nil); err != nil {
		return err
	}
	switch _, ok := active(e); {
	case e.Response.Status != http.StatusOK:
		return fmt.Errorf("the introspection endpoint answered with status %d", e.Response.Status)
	case !ok:
		return errors.New("the answer of the introspection endpoint does not say whether the token is active (RFC 7662 section 2.2)")
	}
	return nil
}

// active reads the one member that every answer has.
func active(e trace.Exchange) (is, ok bool) {
	var body struct {
		Active *bool `json:"active"`
	}
	if json.Unmarshal(e.Response.Body, &body) != nil || body.Active == nil {
		return false, false
	}
	return *body.Active, true
}

func aboutIntrospection(e trace.Exchange) string {
	switch is, ok := active(e); {
	case !ok:
		return ""
	case is:
		return "the token is active"
	}
	return "the token is not active: expired, revoked or not for the asker; which of them is not told"
}

// revoke gives up the refresh token, or the access token where there is none (RFC
// 7009).
func (c *client) revoke(ctx context.Context, t *trace.Trace) error {
	token, ok := t.Token(trace.RefreshToken)
	hint := "refresh_token"
	if !ok {
		token, ok = t.Token(trace.AccessToken)
		hint = "access_token"
	}
	if !ok {
		return engine.ErrNoToken
	}
	e, err := c.post(ctx, trace.Revocation, c.meta.Revocation, url.Values{"token": {token.Value}, "token_type_hint": {hint}})
	if err != nil {
		return err
	}
	if err := engine.AnswerError(e, nil); err != nil {
		return err
	}
	if e.Response.Status != http.StatusOK {
		return fmt.Errorf("the revocation endpoint answered with status %d", e.Response.Status)
	}
	return nil
}

// refreshAgain redeems the newest refresh token of the run.
func (c *client) refreshAgain(ctx context.Context, t *trace.Trace) error {
	token, _ := t.Token(trace.RefreshToken)
	old := grant{TokenAnswer: engine.TokenAnswer{RefreshToken: token.Value}}
	if id, ok := t.Token(trace.IDToken); ok {
		old.IDToken = id.Value
	}
	g, err := c.refresh(ctx, old)
	if err != nil {
		return err
	}
	return c.keep(g, trace.Refresh)
}

func (c *client) signOutAgain(ctx context.Context, t *trace.Trace) error {
	id, _ := t.Token(trace.IDToken)
	return c.signOut(ctx, id.Value)
}
