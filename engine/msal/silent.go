package msal

import (
	"context"
	"encoding/json"
	"errors"

	"flowscope/engine"
	"flowscope/engine/trace"
)

// planSilent is how an application gets a token each time it needs one: from
// the library's cache, else by the refresh token, else with the person.
func planSilent(job engine.Job) (engine.Plan, error) {
	more := []engine.Step{{
		Title: "Ask the cache", Label: "from the cache", From: trace.App, To: trace.App, Channel: trace.Back, Purpose: trace.Cached,
		Why:    "The library has a token that is still good, and gives it: nothing is sent, so nothing is recorded. Ask it before every call, and keep no token yourself.",
		Guards: "A token with less than five minutes left is not given any more.",
	}}
	refresh := refreshSteps(job)
	refresh[0].Title = "Later: refresh what has expired"
	refresh[0].Why = "The access token has ended, so the same call sends one request: the refresh token for new tokens. The person notices nothing. (Here the library's cache is made to keep the access token back: nobody waits an hour.)"
	again, err := interactionSteps(job)
	if err != nil {
		return engine.Plan{}, err
	}
	return afterSignIn(job, append(append(more, refresh...), again...)...)
}

// interactionSteps are those of a second sign-in, which happens only when the
// refresh is refused.
func interactionSteps(job engine.Job) ([]engine.Step, error) {
	steps, err := secondTrip(job)
	for i := range steps {
		steps[i].Maybe = true
	}
	if err == nil {
		steps[0].Title = "Interaction required: to the browser"
		steps[0].Why = "The refresh was refused: sessions were revoked, a policy wants more, or a consent is missing. That is no failure but the signal to show a page."
		steps[0].Guards = "What the answer demands in claims is sent along, so that it is settled at once."
	}
	return steps, err
}

// secondTrip are the steps of a sign-in for which the metadata is known.
func secondTrip(job engine.Job) ([]engine.Step, error) {
	p, err := planCode(job)
	if err != nil {
		return nil, err
	}
	return append([]engine.Step{}, p.Steps[1:len(p.Steps)-len(tail(job))]...), nil
}

func (d Driver) runSilent(ctx context.Context, s *engine.Session) error {
	h, err := newHop(s, s.Job())
	if err != nil {
		return err
	}
	if err := h.signIn(ctx); err != nil {
		return err
	}
	if err := h.cached(ctx); err != nil {
		return err
	}
	s.Enter(trace.Refresh)
	err = h.refresh(ctx)
	claims, asks := interaction(s, err)
	if !asks {
		return err
	}
	s.Mark(engine.Broken)
	if claims != "" {
		h.job.Claims = claims
	}
	return h.signIn(ctx)
}

// cached asks the cache and shows that nothing was sent for it.
func (h *hop) cached(ctx context.Context) error {
	h.s.Enter(trace.Cached)
	if err := h.s.SwitchDue(trace.Cached); err != nil {
		return err
	}
	before := h.sent()
	if err := h.silent(ctx); err != nil {
		if h.sent() > before {
			return answerError(h.s, trace.Refresh, err)
		}
		return err
	}
	lib := trace.Library{Name: Driver{}.Name(), Result: h.last.words()}
	if h.sent() == before {
		lib.Result += ", from its cache: nothing was sent"
	}
	h.s.SetLibrary(lib)
	h.s.Mark(engine.Done)
	return nil
}

// interaction reports whether an answer of the token endpoint means that the
// person has to be asked, and the claims that it demands (Entra: error codes;
// OpenID Connect Core 1.0 section 3.1.2.6 for the words).
func interaction(s *engine.Session, err error) (claims string, asks bool) {
	var oauth *engine.OAuthError
	if !errors.As(err, &oauth) {
		return "", false
	}
	switch oauth.Code {
	case "invalid_grant", "interaction_required", "login_required", "consent_required":
	default:
		return "", false
	}
	e, ok := s.Exchange(trace.Refresh)
	if !ok || e.Response == nil {
		return "", true
	}
	var body struct {
		Claims string `json:"claims"`
	}
	_ = json.Unmarshal(e.Response.Body, &body) // an answer without claims demands none
	return body.Claims, true
}
