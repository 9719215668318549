package explain

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"flowscope/engine/trace"
)

// letThrough puts in front of a finding's fixes, where there is no retry yet, the
// one that takes back what was done on purpose: an answer that was changed, a
// request that was made to break, a call that was sent to another address.
func letThrough(t *trace.Trace, f *Finding) {
	if _, ok := f.RetryFix(); ok || f.Exchange < 1 || f.Exchange > len(t.Exchanges) {
		return
	}
	e := t.Exchanges[f.Exchange-1]
	switch {
	case e.OriginalResponse != nil:
		c := changeOf(e.Purpose, "the answer as it came", trace.Op{Verb: trace.Restore, Place: trace.Body})
		c.Answer = true
		f.prepend(Fix{Title: "In the answer: let it through as it came", Change: c})
	case e.Break != "":
		f.prepend(Fix{Title: "In the " + e.Purpose.Noun() + ": let it go out", Change: changeOf(e.Purpose, "sent", trace.Op{Verb: trace.Restore})})
	case e.Original != nil && e.Purpose.AtAPI() && address(e.Original.URL) != address(e.Request.URL):
		f.prepend(Fix{Title: "In the call: ask the address that the program asked", Change: changeOf(e.Purpose, "the address as it was", trace.Op{Verb: trace.Restore, Place: trace.Address})})
	}
}

// address is a URL without its query.
func address(raw string) string {
	at, _, _ := strings.Cut(raw, "?")
	return at
}

// led reports an answer of the token endpoint that sends the client elsewhere.
func (s scene) led() bool {
	return s.e.Response != nil && s.e.Response.Status >= 300 && s.e.Response.Status < 400
}

// elsewhere explains a token request that was answered with a redirect, which is
// not followed.
func (s scene) elsewhere() Finding {
	status := s.e.Response.Status
	f := Finding{
		Code: fmt.Sprintf("HTTP %d", status), Name: http.StatusText(status), Stage: s.stage(), Step: s.e.Step, Exchange: s.e.N,
		What: "The token request was answered with a redirect, and it was not followed.", Confidence: Certain, Who: Developer,
		Why: []string{
			"A token endpoint does not redirect: something in between answered, or the address is not the endpoint's.",
			"Following would have sent the form again, with the code, the refresh token or the secret in it, to whoever is named.",
		},
		Fix:    []Fix{{Title: "Take the address of the token endpoint from the discovery document, and look at the proxy in between"}},
		Source: []string{"RFC 6749 section 5", "RFC 9700 section 4.12 (307 redirects)"},
	}
	f.see("asked", s.e.Host(), "")
	location := trace.Exchange{Request: trace.Request{URL: s.e.Response.Header.Get("Location")}}
	f.see("led to", orName(location.Host(), "no other host"), "")
	f.FlowRight = s.right(needConfig)
	return f
}

// unreadable reports a token answer that says success and holds neither tokens
// nor an error, and that ended the run.
func (s scene) unreadable() bool {
	if s.t.Outcome != trace.Failed || !s.e.Purpose.AtTokenEndpoint() || s.e.Response == nil || s.e.Response.Status != http.StatusOK {
		return false
	}
	var m members
	return json.Unmarshal(s.e.Response.Body, &m) != nil || m.text("access_token") == ""
}

// noTokens explains it.
func (s scene) noTokens() Finding {
	e, _ := Lookup("answer")
	f := Finding{
		Code: e.Code, Name: e.Name, Stage: s.stage(), Step: s.e.Step, Exchange: s.e.N, What: e.What, Why: e.Why,
		Fix: general(e), Source: e.Source, Confidence: Certain, Who: e.Who, Retry: e.Retry,
	}
	body := s.e.Response.Body
	f.see("length", fmt.Sprintf("%d bytes", len(body)), "")
	f.see("Content-Type", orName(shown(s.e.Response.Header.Get("Content-Type")), "none"), "")
	switch {
	case s.e.Response.Truncated:
		f.see("body", "longer than is read", "an answer with tokens has a few kilobytes")
	case len(body) == 0:
		f.see("body", "empty", "")
	case !json.Valid(body) && strings.HasPrefix(strings.TrimSpace(string(body)), "{"):
		f.see("body", "JSON that ends too early", "cut off on its way")
	case !json.Valid(body):
		f.see("body", "no JSON", "")
	}
	f.FlowRight = s.right(needAgain)
	return f
}

// hidden reports an answer to a call across origins that a browser would not let
// the page read (Fetch standard, CORS check).
func (s scene) hidden(resp *trace.Response) bool {
	origin, sent := valueOf(s.e.Request, trace.Header, "Origin")
	if !sent {
		return false
	}
	allowed := resp.Header.Get("Access-Control-Allow-Origin")
	return allowed != "*" && allowed != origin
}

// cors explains it.
func (s scene) cors(resp *trace.Response) Finding {
	e, _ := Lookup("cors")
	f := Finding{
		Code: e.Code, Name: e.Name, Stage: s.stage(), Step: s.e.Step, Exchange: s.e.N, What: e.What, Why: e.Why,
		Fix: general(e), Source: e.Source, Confidence: Certain, Who: e.Who, API: true,
	}
	origin, _ := valueOf(s.e.Request, trace.Header, "Origin")
	f.see("Origin", origin, "where the page comes from")
	f.see("Access-Control-Allow-Origin", orName(shown(resp.Header.Get("Access-Control-Allow-Origin")), "not sent"), "")
	f.see("status", fmt.Sprintf("%d %s", resp.Status, http.StatusText(resp.Status)), "the API itself was content, or not: the page can't tell")
	f.FlowRight = s.right("The tokens are there; only the API's answer is hidden.")
	return f
}
