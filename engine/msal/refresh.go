package msal

import (
	"context"
	"strconv"
	"strings"

	"flowscope/engine"
	"flowscope/engine/trace"
)

// afterSignIn plans a sign-in and what follows its tokens, and ends with the
// keys and the call of the API.
func afterSignIn(job engine.Job, more ...engine.Step) (engine.Plan, error) {
	p, err := planCode(job)
	if err != nil {
		return p, err
	}
	signIn := p.Steps[:len(p.Steps)-len(tail(job))]
	p.Steps = append(append(append([]engine.Step{}, signIn...), more...), tail(job)...)
	number(p.Steps)
	return p, nil
}

// number counts the steps through. What a step of a sign-in says of step 2 is
// about its own authorization request, wherever that has come to stand.
func number(steps []engine.Step) {
	engine.Number(steps)
	at := 2
	for i, st := range steps {
		if st.Purpose == trace.Authorize {
			at = st.N
		}
		steps[i].Guards = strings.ReplaceAll(st.Guards, "of step 2,", "of step "+strconv.Itoa(at)+",")
	}
}

// planRefresh is a refresh that is wanted now, though the access token may still
// be good (RFC 6749 section 6): behind a sign-in, or with a refresh token that
// was given.
func planRefresh(job engine.Job) (engine.Plan, error) {
	if job.Given == "" {
		return afterSignIn(job, refreshSteps(job)...)
	}
	kind, err := credentialOf(job.Client, job.Credential)
	if err != nil {
		return engine.Plan{}, err
	}
	p := engine.Plan{
		Flow: job.Flow, Client: job.Client, Title: title(job, kind) + " · your own refresh token",
		Scopes: append(append([]string{}, oidcScopes...), job.Scopes...),
	}
	steps := append([]engine.Step{{
		Title: "Read the metadata", Label: "metadata", From: trace.App, To: trace.Entra, Channel: trace.Back, Purpose: trace.Metadata,
		Why:    "The application learns where tokens are handed out and who signs them.",
		Guards: "A refresh token goes to the token endpoint of the issuer that gave it, and nowhere else.",
		Fault:  "tenant",
	}}, refreshSteps(job)...)
	p.Steps = engine.Number(append(steps, tail(job)...))
	return p, nil
}

// refreshSteps are the refresh and its answer.
func refreshSteps(job engine.Job) []engine.Step {
	return []engine.Step{
		{
			Title: "Refresh", Label: withProof(job, "refresh token"), From: trace.App, To: trace.Entra, Channel: trace.Back, Purpose: trace.Refresh,
			Why:    "No page and no person: the application shows the refresh token and gets new tokens. This is how a session lasts all day though each access token ends after 60 to 90 minutes (Entra: access token lifetime).",
			Guards: refreshGuards(job),
		},
		{
			Title: "Receive new tokens", Label: "new tokens", From: trace.Entra, To: trace.App, Channel: trace.Back, Purpose: trace.Answer,
			Why:    "A new access token, a new ID token and a new refresh token, which replaces the old one in the cache.",
			Guards: refreshWords(job),
		},
	}
}

// withProof is what travels in a token request, with the client's own proof.
func withProof(job engine.Job, what string) string {
	kind, err := credentialOf(job.Client, job.Credential)
	if how := proofs[kind].sent; err == nil && how != "" {
		return what + " + " + how
	}
	return what
}

func refreshGuards(job engine.Job) string {
	switch {
	case job.Client.Platform == "spa":
		return "It works from the page's own origin alone: the browser writes the Origin header, and no script can."
	case len(job.Client.Credentials()) > 0:
		return "The refresh token alone is not enough: this application proves itself as well."
	}
	return "Whoever steals it is the person, to this application: it belongs into the system's protected storage."
}

// refreshWords say what becomes of the old token (Entra: refresh tokens).
func refreshWords(job engine.Job) string {
	if job.Client.Platform == "spa" {
		return "Entra ID does not void the old one on use. In a single-page app old and new end together, 24 hours after the sign-in: then the person goes through the browser again."
	}
	return "Entra ID does not void the old one on use: it stays good for its 90 days, until the person's sessions are revoked or the password changes. Drop it all the same."
}

func (d Driver) runRefresh(ctx context.Context, s *engine.Session) error {
	h, err := newHop(s, s.Job())
	if err != nil {
		return err
	}
	if given := s.Job().Given; given != "" {
		if err := h.kept.plant(given, h.job.Client.Registration.ClientID, h.job.Target.Authority); err != nil {
			return err
		}
		s.Enter(trace.Metadata)
		return h.refresh(ctx)
	}
	if err := h.signIn(ctx); err != nil {
		return err
	}
	s.Enter(trace.Refresh)
	return h.refresh(ctx)
}
