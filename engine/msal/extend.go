package msal

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"flowscope/engine"
	"flowscope/engine/trace"
)

// Extra gives the step that a purpose adds to a run with a person's tokens: a
// refresh, a sign-out, or a question to the userinfo endpoint.
func (d Driver) Extra(job engine.Job, t *trace.Trace, p trace.Purpose) (engine.Step, error) {
	if _, ok := t.Token(trace.IDToken); !ok && p != trace.Refresh {
		return engine.Step{}, d.cannot(job.Flow, "nobody has signed in here")
	}
	switch p {
	case trace.Refresh:
		if _, ok := t.Token(trace.RefreshToken); !ok {
			return engine.Step{}, fmt.Errorf("there is nothing to refresh with, no refresh token came: %w", engine.ErrNoToken)
		}
		st := refreshSteps(job)[0]
		st.Guards += " " + refreshWords(job)
		return st, nil
	case trace.SignOut:
		return engine.Step{
			Title: "Sign out", Label: "logout", From: trace.App, To: trace.Entra, Channel: trace.Front, Purpose: trace.SignOut,
			Why:    "The browser goes to Entra ID, which ends the session there. The tokens of this run stay good until they expire: call the API once more and see.",
			Guards: "Without it the next sign-in of this browser goes through with no page.",
		}, nil
	case trace.UserInfo:
		return engine.Step{
			Title: "Ask who it is", Label: "access token", From: trace.App, To: trace.API, Channel: trace.Back, Purpose: trace.UserInfo,
			Why:    "The userinfo endpoint of the metadata tells about the person, for an access token. Entra ID's belongs to Graph: only a token for Graph, asked for with openid, opens it.",
			Guards: "Its sub must be the ID token's sub, else the answer is about somebody else. Nothing here that the ID token does not say already: one request saved.",
		}, nil
	}
	return engine.Step{}, d.cannot(job.Flow, "it adds no "+p.Noun()+" to a run")
}

// Extend executes the step that was entered last.
func (d Driver) Extend(ctx context.Context, s *engine.Session, p trace.Purpose) error {
	switch p {
	case trace.Refresh:
		return refreshAgain(ctx, s)
	case trace.SignOut:
		address, err := logoutURL(s, "", "")
		if err != nil {
			return err
		}
		return s.Agent().Visit(ctx, s, engine.Visit{URL: address, Purpose: trace.SignOut})
	case trace.UserInfo:
		return userInfo(ctx, s)
	}
	return d.cannot(s.Job().Flow, "it adds no "+p.Noun()+" to a run")
}

// refreshAgain sends one refresh more. What the run has read of the metadata is
// given to MSAL again, so that nothing but the refresh is sent.
func refreshAgain(ctx context.Context, s *engine.Session) error {
	old, ok := s.Trace().Token(trace.RefreshToken)
	if !ok {
		return engine.ErrNoToken
	}
	h, err := newHop(s, s.Job())
	if err != nil {
		return err
	}
	if err := h.kept.plant(old.Value, h.job.Client.Registration.ClientID, h.job.Target.Authority); err != nil {
		return err
	}
	if e, ok := s.Exchange(trace.Metadata); ok && e.Response != nil && e.Response.Status == http.StatusOK {
		h.http.known = e.Response
	}
	h.stay = true
	return h.refresh(ctx)
}

// userInfo is OpenID Connect Core 1.0 section 5.3, with the check of section
// 5.3.2: the answer must be about the person of the ID token.
func userInfo(ctx context.Context, s *engine.Session) error {
	token, ok := s.Trace().Token(trace.AccessToken)
	if !ok {
		return engine.ErrNoToken
	}
	address := endpoint(s, "userinfo_endpoint", "https://graph.microsoft.com/oidc/userinfo")
	resp, err := s.Bearer(ctx, address, token.Value)
	if err != nil || resp.StatusCode != http.StatusOK {
		return err
	}
	_ = resp.Body.Close()
	e, _ := s.Exchange(trace.UserInfo)
	var body struct {
		Sub string `json:"sub"`
	}
	if e.Response == nil || json.Unmarshal(e.Response.Body, &body) != nil {
		return fmt.Errorf("the answer of the userinfo endpoint is no JSON object")
	}
	id, _ := s.Trace().Token(trace.IDToken)
	var claims struct {
		Sub string `json:"sub"`
	}
	_ = engine.Peek(id.Value, &claims) // what can't be read names nobody
	if want := claims.Sub; body.Sub != want {
		return &engine.RefusedError{Refusal: trace.Refusal{
			Check: "sub", Step: s.Step(), Expected: want, Found: trace.Plain(body.Sub),
			Why: "the answer of the userinfo endpoint is about another person than the ID token: the access token was swapped",
		}}
	}
	return nil
}

// endpoint gives an address out of the metadata that this run has read (OpenID
// Connect Discovery 1.0 section 3), else the one that Entra uses. Wherever it
// leads, the gate lets nothing out to a host outside the target.
func endpoint(s *engine.Session, name, otherwise string) string {
	if e, ok := s.Exchange(trace.Metadata); ok && e.Response != nil {
		return endpointIn(e.Response.Body, name, otherwise)
	}
	return otherwise
}

func endpointIn(document []byte, name, otherwise string) string {
	var doc map[string]json.RawMessage
	var address string
	if json.Unmarshal(document, &doc) != nil || json.Unmarshal(doc[name], &address) != nil || address == "" {
		return otherwise
	}
	return address
}
