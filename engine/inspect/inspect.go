// Package inspect puts the tokens of a run to the checks of package validate,
// with what the run's own plan says they must hold, and with keys that are
// fetched through the run's gate, where each fetch is an exchange to look at.
//
// It judges nothing itself and asks no issuer but the target's.
package inspect

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"flowscope/engine"
	"flowscope/engine/trace"
	"flowscope/validate"
	"flowscope/validate/infer"
	"flowscope/validate/jwks"
)

// Report is the check of one token of a run. It is what an engine.Report of a
// run holds; Of gives it back.
type Report struct {
	*validate.Report
	Flow   infer.Guess
	Made   bool // the flow is no guess: it is the run's own
	Expect validate.Expectations
	// Requested are the scopes that the client asked for, Granted those of the
	// token response (RFC 6749 section 5.1); nil where they are not known.
	Requested, Granted []string
	// Requests are the exchanges that fetching the keys took; none when the keys
	// were known.
	Requests []trace.Exchange
	// Ask is what may be asked for keys only on the person's word, as Checker.Allow
	// takes it: an issuer, or the address of its keys on another host than its own;
	// "" when there is nothing to ask. The person has to see its host.
	Ask string
	// Clock is what the issuer's own clock said, where it was measured.
	Clock Clock
}

// Outcome gives the verdict, as the engine wants it.
func (r *Report) Outcome() string { return string(r.Report.Verdict) }

// Of gives the report that a run carries, and false when it is another's.
func Of(r engine.Report) (*Report, bool) {
	report, ok := r.(*Report)
	return report, ok
}

// All gives the reports of a run's state, in order, with what the run knows
// beyond the claims: the flow for certain, the scopes that were asked for and
// granted, and what the issuer's clock said.
func All(s engine.State) []*Report {
	var out []*Report
	clock := clockIn(s.Trace.Exchanges)
	for _, tr := range s.Reports {
		if r, ok := Of(tr.Report); ok {
			known := *r
			known.Clock = clock
			known.Requested, known.Granted = scopesOf(s.Trace, tr.Token)
			if flow, ok := madeBy(s.Trace, tr.Token); ok {
				known.Flow, known.Made = flow, true
			}
			out = append(out, &known)
		}
	}
	return out
}

// Checks gives the plain token checks of a run's state, as diagnosis reads them.
func Checks(s engine.State) []*validate.Report {
	var out []*validate.Report
	for _, r := range All(s) {
		out = append(out, r.Report)
	}
	return out
}

// Failed names the checks that tokens failed, in their order.
func Failed(reports []*Report) []string {
	var out []string
	for _, r := range reports {
		for _, check := range r.Checks() {
			if check.Status == validate.StatusFail {
				out = append(out, string(check.ID))
			}
		}
	}
	return out
}

// Verifier checks the tokens of one run after the other. One Verifier serves
// one run: its key cache lives as long as the run.
type Verifier struct {
	Now func() time.Time
}

// Run gives the engine.Verifier for a run: its keys are fetched once.
func (v Verifier) Run() engine.Verifier { return &runVerifier{now: v.Now} }

type runVerifier struct {
	now  func() time.Time
	keys *jwks.Source
}

// Verify checks one token. Refresh tokens and other opaque strings get a report
// too: that they can't be read is the answer.
func (v *runVerifier) Verify(ctx context.Context, client engine.Doer, token trace.Token, target engine.Target) engine.Report {
	if v.keys == nil {
		v.keys = jwks.New(jwks.Options{
			Client: Worded(client), Clock: v.now, MayAsk: MayAsk(target),
			MayFetch: func(issuer, address string) error { return mayFetch(target, issuer, address) },
		})
	}
	want := Expectations(token.Expect)
	want.Now = v.now()
	want.Type = kind(token.Kind)
	report := Check(ctx, token.Value, v.keys, want)
	if token.Kind == trace.RefreshToken && report.Kind == validate.KindOpaque {
		report.Kind = validate.KindRefresh
	}
	return report
}

// Check runs every check on a token and adds which flow made it.
func Check(ctx context.Context, raw string, keys validate.KeySource, want validate.Expectations) *Report {
	r := &Report{Report: validate.Check(ctx, raw, keys, want), Expect: want}
	if r.Token != nil {
		r.Flow = infer.Flow(r.Token)
	}
	return r
}

func kind(k trace.TokenKind) validate.Kind {
	switch k {
	case trace.IDToken:
		return validate.KindID
	case trace.AccessToken:
		return validate.KindAccess
	}
	return ""
}

// Expectations turns what a plan says of a token into what is checked.
func Expectations(e trace.Expect) validate.Expectations {
	return validate.Expectations{
		Issuer: e.Issuer, Audiences: e.Audiences, Tenants: e.Tenants, Scopes: e.Scopes,
		Roles: e.Roles, Caller: e.Caller, Nonce: e.Nonce, ClientID: e.ClientID,
		AccessToken: e.AccessToken, Code: e.Code, FrontChannel: e.FrontChannel,
	}
}

// mayFetch leaves keys on a host of the target to the gate of the run, and holds
// others to the site of their issuer.
func mayFetch(t engine.Target, issuer, address string) error {
	if u, err := url.Parse(address); err == nil && t.Allows(u) == nil {
		return nil
	}
	return jwks.OwnSite(issuer, address)
}

// MayAsk allows the issuers that live on a host of the target, and Entra's own
// by the rule of package jwks.
func MayAsk(t engine.Target) func(issuer string) error {
	return func(issuer string) error {
		u, err := url.Parse(issuer)
		if err != nil {
			return fmt.Errorf("the issuer is not an address: %w", err)
		}
		if t.Allows(u) == nil {
			return nil
		}
		if t.Live && t.Is() == engine.Entra {
			return jwks.EntraOnly(issuer)
		}
		return fmt.Errorf("%s is not the target's host", trace.Plain(u.Host))
	}
}
