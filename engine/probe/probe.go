// Package probe tries a target: it fetches the discovery document, the one
// request that needs no client and gives nothing away, and says what the target
// offers.
//
// It sends that one request and nothing else: no client id, no credential, no
// code. It follows no redirect.
package probe

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"flowscope/engine"
	"flowscope/engine/trace"
	"flowscope/engine/wire"
)

// Line is one thing that was found out.
type Line struct {
	Good bool
	Text string
}

// Result is what came of a try.
type Result struct {
	// Trace holds the one exchange, for those who explain what failed.
	Trace *trace.Trace
	// Lines say what works and what the target offers; empty when it failed.
	Lines []Line
}

// Good reports whether the target answered as it should.
func (r Result) Good() bool { return r.Trace.Outcome == trace.Tokens }

// Request is what a try sends (OpenID Connect Discovery 1.0 section 4).
func Request(t engine.Target) trace.Request {
	address := strings.TrimSuffix(t.Issuer, "/")
	if t.Is() == engine.Entra {
		address = t.Authority + "/v2.0"
	}
	return trace.Request{Method: http.MethodGet, URL: address + "/.well-known/openid-configuration", Header: http.Header{"Accept": {"application/json"}}}
}

// desk takes the one exchange and holds nothing: whoever calls has shown it.
type desk struct{ e *trace.Exchange }

func (d *desk) Open(e *trace.Exchange) {
	e.N, e.Step, e.Purpose, e.Channel, e.From, e.To = 1, 1, trace.Metadata, trace.Back, trace.App, trace.Entra
	d.e = e
}
func (d *desk) Hold(ctx context.Context, _ *trace.Exchange) error { return ctx.Err() }
func (d *desk) Answered(context.Context, *trace.Exchange) error   { return nil }
func (d *desk) Changed(*trace.Exchange)                           {}

// Try sends the request of a target and reads the answer. It fails only when ctx
// ends; everything else is in the result.
func Try(ctx context.Context, t engine.Target, now func() time.Time) (Result, error) {
	d := &desk{}
	r := Request(t)
	tr := &trace.Trace{Target: t.Name, Live: t.Live, Outcome: trace.Failed}
	req, err := http.NewRequestWithContext(ctx, r.Method, r.URL, nil)
	if err != nil {
		tr.Failure = trace.Plain(err.Error())
		return Result{Trace: tr}, nil
	}
	req.Header = r.Header
	gate := &wire.Gate{Next: t.Transport, Desk: d, Allow: t.Allows, Now: now}
	defer gate.CloseIdleConnections()
	resp, err := gate.Do(req)
	if ctx.Err() != nil {
		return Result{Trace: tr}, ctx.Err()
	}
	tr.Exchanges = []trace.Exchange{*d.e}
	if err != nil {
		tr.Failure = trace.Plain(err.Error())
		return Result{Trace: tr}, nil
	}
	_ = resp.Body.Close()
	var doc document
	if resp.StatusCode != http.StatusOK || json.Unmarshal(d.e.Response.Body, &doc) != nil || !fits(t, doc.Issuer) {
		return Result{Trace: tr}, nil
	}
	tr.Outcome = trace.Tokens
	return Result{Trace: tr, Lines: doc.lines(t)}, nil
}

// document is what is read of a discovery document.
type document struct {
	Issuer        string   `json:"issuer"`
	Authorization string   `json:"authorization_endpoint"`
	Token         string   `json:"token_endpoint"`
	Device        string   `json:"device_authorization_endpoint"`
	EndSession    string   `json:"end_session_endpoint"`
	UserInfo      string   `json:"userinfo_endpoint"`
	Keys          string   `json:"jwks_uri"`
	Grants        []string `json:"grant_types_supported"`
	Auth          []string `json:"token_endpoint_auth_methods_supported"`
}

// fits compares the document's issuer with the target's, letter by letter; of an
// Entra tenant host and ending, since it answers for a domain with the GUID.
func fits(t engine.Target, issuer string) bool {
	if t.Is() != engine.Entra {
		return issuer == t.Issuer
	}
	a, err := url.Parse(t.Authority)
	if err != nil {
		return false
	}
	f, err := url.Parse(issuer)
	return err == nil && f.Scheme == a.Scheme && f.Host == a.Host && strings.HasSuffix(f.Path, "/v2.0")
}

// maxWords bounds what is repeated of a document, in runes.
const maxWords = 200

func words(s string) string {
	r := []rune(trace.Plain(s))
	return string(r[:min(len(r), maxWords)])
}

func (d document) lines(t engine.Target) []Line {
	out := []Line{{true, "it answers as " + words(d.Issuer)}}
	offers := func(there bool, what string) {
		if there {
			out = append(out, Line{true, "offers " + what})
		} else {
			out = append(out, Line{false, "offers no " + what})
		}
	}
	for _, c := range t.Clients {
		switch {
		case c.Platform != "":
			offers(d.Authorization != "" && d.Token != "", "sign-in (authorization code)")
			offers(d.EndSession != "", "sign-out")
		default:
			offers(d.Token != "" && (len(d.Grants) == 0 || slices.Contains(d.Grants, "client_credentials")), "tokens for applications (client credentials)")
		}
		if c.Platform == "publicClient" {
			offers(d.Device != "", "device code")
		}
	}
	offers(d.Keys != "", "keys to check tokens with")
	if len(d.Auth) > 0 {
		out = append(out, Line{true, "clients prove themselves by " + words(strings.Join(d.Auth, ", "))})
	}
	return out
}
