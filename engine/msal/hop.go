package msal

import (
	"context"
	"errors"

	"flowscope/engine"
	"flowscope/engine/trace"
)

// errNothingSent says that the library gave up before it sent its request.
var errNothingSent = errors.New("the library sent no request")

// hop is one application on its way through a flow: its MSAL client and what
// that keeps. A flow that goes on after the sign-in goes on with the same hop.
type hop struct {
	s    *engine.Session
	job  engine.Job // the run's, or one that differs in who asks for what
	http *doer
	msal codeClient
	kept *kept   // the token cache
	last exhibit // what the newest call returned
	at   bool    // the metadata is read
	stay bool    // the answers have no step of their own
	back string  // the redirect URI of the newest sign-in, its port included
}

// newHop makes the MSAL client of a job: confidential where there is a
// credential, public where there is none.
func newHop(s *engine.Session, job engine.Job) (*hop, error) {
	h := &hop{s: s, job: job, http: &doer{s: s, origin: job.Client.Origin}, kept: &kept{}}
	h.http.cache = h.kept
	var err error
	h.msal, err = newCodeClient(job, h.http)
	return h, err
}

// signIn takes a person through the browser and redeems the code that comes
// back. A second one of the same hop needs no metadata.
func (h *hop) signIn(ctx context.Context) error {
	a, err := h.begin(ctx)
	if err != nil {
		return err
	}
	if err := a.signIn(ctx, h.s); err != nil {
		return err
	}
	h.s.Enter(trace.TokenCall)
	before := h.sent()
	h.last, err = h.msal.redeem(ctx, a, h.job)
	got, err := h.collect(trace.TokenCall, before, a.Nonce, err)
	if err != nil {
		return err
	}
	return a.JudgeNonce(h.s.Step(), got.IDToken) // MSAL never looks at it
}

// begin makes the authorization request of a sign-in. Nothing is sent but the
// request for the metadata, the first time.
func (h *hop) begin(ctx context.Context) (*attempt, error) {
	a, err := newAttempt(ctx, h.s, h.job)
	if err != nil {
		return nil, err
	}
	h.back = a.RedirectURI
	if !h.at {
		h.s.Enter(trace.Metadata)
	}
	base, err := h.msal.url(ctx, a.RedirectURI, h.job.Scopes)
	if err != nil {
		return nil, answerError(h.s, trace.Metadata, err)
	}
	h.at, a.Issuer = true, tenantOf(h.s).issuer
	a.address, err = a.authorizeURL(base, h.job)
	return a, err
}

// silent asks MSAL for a token without a page. What it sends to get one counts
// as a refresh.
func (h *hop) silent(ctx context.Context) error {
	h.http.purpose = trace.Refresh
	defer func() { h.http.purpose = "" }()
	account, err := h.kept.account()
	if err != nil {
		return err
	}
	h.last, err = h.msal.silent(ctx, h.job.Scopes, account)
	return err
}

// refresh brings new tokens by the refresh token, though the access token may
// still be good (RFC 6749 section 6).
func (h *hop) refresh(ctx context.Context) error {
	h.kept.hide = true
	defer func() { h.kept.hide = false }()
	before := h.sent()
	err := h.silent(ctx)
	if e, ok := h.s.Exchange(trace.Metadata); err != nil && ok && e.N > before && (e.Failed() || engine.IsPage(e)) {
		return answerError(h.s, trace.Metadata, err)
	}
	_, err = h.collect(trace.Refresh, before, "", err)
	return err
}

// collect takes the tokens of the answer to what was sent since, and gives it.
func (h *hop) collect(p trace.Purpose, before int, nonce string, err error) (engine.TokenAnswer, error) {
	if e, ok := h.s.Exchange(p); !ok || e.N <= before {
		if err == nil {
			err = errNothingSent
		}
		return engine.TokenAnswer{}, err
	}
	want := ask{purpose: p, client: h.job.Client, scopes: h.job.Scopes, caller: "user", nonce: nonce, stay: h.stay}
	return collect(h.s, want, h.last, err)
}

// sent counts the exchanges so far.
func (h *hop) sent() int { return len(h.s.Trace().Exchanges) }
