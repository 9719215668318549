package msal

import (
	"context"

	"flowscope/engine"
	"flowscope/engine/trace"
)

// planRenew is renewal with prompt=none (OpenID Connect Core 1.0 section
// 3.1.2.1): a sign-in, and then a second trip that may show no page.
func planRenew(job engine.Job) (engine.Plan, error) {
	second, err := noPage(job)
	if err != nil {
		return engine.Plan{}, err
	}
	p, err := afterSignIn(job, second...)
	p.Title += " · renewed with prompt=none"
	return p, err
}

// noPage are the steps of a trip with prompt=none.
func noPage(job engine.Job) ([]engine.Step, error) {
	steps, err := secondTrip(job)
	if err != nil {
		return nil, err
	}
	var out []engine.Step
	for _, st := range steps {
		switch st.Purpose {
		case trace.SignIn:
			continue // it shows no page
		case trace.Authorize:
			st.Title, st.Label, st.Fault = "Ask again, with prompt=none", "authorize, prompt=none", ""
			st.Why = "Later, in a hidden frame or in a redirect: the browser carries the same request with state, nonce and challenge of its own. prompt=none forbids every page."
			st.Guards = "Entra ID knows the person by the session's cookie alone. In a frame that is a third-party cookie: a browser that withholds it makes this end with login_required."
		case trace.Redirect:
			st.Title = "Come back without a page"
			st.Why = "A new code for the same person, or an error. login_required, interaction_required and consent_required are no failure: the page must send the person through the browser without prompt=none."
			st.Guards = "The state must be the one of this second request: an answer to the first one is refused."
		case trace.TokenCall:
			st.Title = "Redeem the new code"
		case trace.Answer:
			st.Title, st.Label = "Receive new tokens", "new tokens"
			st.Why = "New tokens for the session that is still there. A single-page app does this once its refresh token has ended, 24 hours after the sign-in."
			st.Guards = "The nonce must be the one of this second request."
		}
		out = append(out, st)
	}
	return out, nil
}

func (d Driver) runRenew(ctx context.Context, s *engine.Session) error {
	h, err := newHop(s, s.Job())
	if err != nil {
		return err
	}
	h.job.Prompt = ""
	if err := h.signIn(ctx); err != nil {
		return err
	}
	h.quietly()
	return h.signIn(ctx)
}

// quietly makes the next trip one that shows no page and names the person: with
// several sessions in the browser it would have to ask which one.
func (h *hop) quietly() {
	h.job.Prompt = "none"
	if h.job.User == "" {
		h.job.User = h.last.account
	}
}
