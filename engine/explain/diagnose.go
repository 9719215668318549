package explain

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"flowscope/decision"
	"flowscope/engine/trace"
	"flowscope/validate"
)

// scene is one failed exchange with everything that it is judged by.
type scene struct {
	t   *trace.Trace
	reg trace.Registration
	e   trace.Exchange // where it shows
	ask trace.Exchange // whose request is to be mended: often the same
	a   answer
}

// Diagnose explains a trace and the reports on its tokens, the most important
// finding first. It gives nothing when nothing failed: a run that the person
// stopped has not failed either.
func Diagnose(t *trace.Trace, reports []*validate.Report) []Finding {
	if t == nil {
		return nil
	}
	reg := trace.Registration{}
	if t.Registration != nil {
		reg = *t.Registration
	}
	var out []Finding
	if t.Refusal != nil {
		out = append(out, refused(t, reg))
	}
	flow, api := failures(t, reg)
	out = append(out, flow...)
	for _, r := range reports {
		if r != nil && r.Verdict == validate.Invalid {
			out = append(out, tokenFinding(t, r))
		}
	}
	out = append(out, api...)
	if len(out) == 0 && t.Outcome == trace.Failed {
		out = append(out, runFinding(t))
	}
	if i := slices.IndexFunc(out, func(f Finding) bool { return !f.Planned }); i >= 0 {
		letThrough(t, &out[i])
	}
	return clean(t, out)
}

// failures explains the failed exchanges, the newest first, each cause once.
// Calls of an API are kept apart: they come after the tokens were there.
func failures(t *trace.Trace, reg trace.Registration) (flow, api []Finding) {
	seen := map[string]bool{}
	for i := len(t.Exchanges) - 1; i >= 0; i-- {
		e := t.Exchanges[i]
		if superseded(t, i) || stopped(t, e) || waits(e) && ended(t, i) {
			continue
		}
		s := scene{t: t, reg: registrationOf(t, reg, e), e: e, ask: askedBy(t, i)}
		f, ok := s.explain()
		if !ok || seen[f.Code] || (t.Refusal != nil && (e.Purpose == trace.Redirect || e.Purpose == trace.SignedOut)) {
			continue
		}
		seen[f.Code] = true
		f.Planned = aimed(t, e)
		if e.Purpose.AtAPI() {
			api = append(api, f)
		} else {
			flow = append(flow, f)
		}
	}
	return flow, api
}

// superseded reports whether a later exchange made up for this one: a retry of
// the same call that worked, or, for a page with an error on it, anything that
// came after, since the person answered it and went on. Of several alike only
// the newest counts.
func superseded(t *trace.Trace, i int) bool {
	e := t.Exchanges[i]
	for _, later := range t.Exchanges[i+1:] {
		if e.Purpose == trace.Authorize || e.Purpose == trace.SignIn {
			return true
		}
		if later.Purpose == e.Purpose && e.Purpose != trace.Keys {
			return true
		}
		if e.Purpose != trace.CallAPI && later.Purpose == trace.CallAPI && e.Purpose != trace.Keys {
			return true
		}
	}
	return false
}

// aimed reports whether the error is what the exchange was sent for: that nobody
// is signed in any more is what a sign-out is shown with.
func aimed(t *trace.Trace, e trace.Exchange) bool {
	return t.Flow == decision.SignOut && t.Outcome == trace.Tokens && (e.Purpose == trace.Redirect || e.Purpose == trace.Authorize)
}

// registrationOf gives the application that an exchange is about: the one that
// signs the person in, where the run's own is an API in the middle.
func registrationOf(t *trace.Trace, own trace.Registration, e trace.Exchange) trace.Registration {
	if t.Caller == nil {
		return own
	}
	switch e.Purpose {
	case trace.Authorize, trace.SignIn, trace.Redirect, trace.TokenCall:
		return *t.Caller
	}
	return own
}

// stopped reports whether the exchange has no answer because the person ended
// the run.
func stopped(t *trace.Trace, e trace.Exchange) bool {
	return t.Outcome == trace.Stopped && e.Response == nil && e.Refused == ""
}

// askedBy finds the exchange whose request brought the answer of exchange i
// about: what the redirect or a page of the sign-in says is about the
// authorization request.
func askedBy(t *trace.Trace, i int) trace.Exchange {
	if p := t.Exchanges[i].Purpose; p == trace.Redirect || p == trace.SignIn {
		for j := i; j >= 0; j-- {
			if q := t.Exchanges[j].Purpose; q == trace.Authorize || q == trace.AdminConsent {
				return t.Exchanges[j]
			}
		}
	}
	return t.Exchanges[i]
}

// explain gives the finding of the scene, and false when its exchange did not
// fail.
func (s scene) explain() (Finding, bool) {
	switch {
	case s.e.Refused != "":
		return s.gate(), true
	case s.inBrowser():
		return s.browser(), true
	case s.e.Err != "" && s.e.Response == nil:
		return s.transport(), true
	case s.e.Purpose.AtAPI():
		return s.api()
	case s.e.Purpose.AtTokenEndpoint() && s.led():
		return s.elsewhere(), true
	}
	a, ok := s.read()
	if !ok {
		return s.unread()
	}
	s.a = a
	f := s.base()
	s.onLab(&f)
	if rule := ruleFor(a); rule != nil {
		rule(s, &f)
	}
	s.seeRetryAfter(&f)
	if f.FlowRight == "" {
		f.FlowRight = s.right(needOf(f))
	}
	return f, true
}

// unread explains an answer in which no error can be read.
func (s scene) unread() (Finding, bool) {
	switch {
	case s.stranger():
		return s.intercepted(), true
	case s.unreadable():
		return s.noTokens(), true
	case s.redirected():
		return s.notFollowed(), true
	case s.unreadable():
		return s.noTokens(), true
	case s.garbled():
		return s.noJSON(), true
	case s.otherIssuer():
		return s.wrongIssuer(), true
	}
	return s.status()
}

// read finds the error in the exchange: in the request of a redirect, in the
// address of an answer that redirects, in JSON or in a page.
func (s scene) read() (answer, bool) {
	if s.e.Purpose == trace.Redirect {
		return readParams(redirectParams(s.e.Request))
	}
	resp := s.e.Response
	if resp == nil {
		return answer{}, false
	}
	if location := resp.Header.Get("Location"); location != "" && resp.Status >= 300 && resp.Status < 400 {
		return readParams(redirectParams(trace.Request{URL: location}))
	}
	if a, ok := readJSON(resp.Body); ok {
		return a, true
	}
	if s.e.Channel == trace.Front || resp.Status >= 400 {
		return readPage(resp.Body)
	}
	return answer{}, false
}

// redirectParams gives the parameters of a redirect in any response mode:
// query, fragment or form (OAuth 2.0 Form Post Response Mode).
func redirectParams(r trace.Request) []trace.Param {
	r.URL = strings.Replace(r.URL, "#", "&", 1)
	if !strings.Contains(r.URL, "?") {
		r.URL = strings.Replace(r.URL, "&", "?", 1)
	}
	return r.Params()
}

// base makes the finding that the catalogue has for the answer.
func (s scene) base() Finding {
	f := fromAnswer(s.a)
	f.Step, f.Exchange, f.Stage = s.e.Step, s.e.N, s.stage()
	if f.Support.CorrelationID == "" && s.e.Response != nil {
		f.Support.CorrelationID = shown(s.e.Request.Header.Get("client-request-id"))
	}
	return f
}

// fromAnswer makes a finding of what a server said, without any run at hand.
func fromAnswer(a answer) Finding {
	code := a.oauth
	if n := a.primary(); n > 0 {
		code = aadsts(n)
	}
	f := Finding{Code: code, OAuthError: a.oauth, Support: a.support, ServerWords: a.words, Confidence: Likely}
	e, ok := Lookup(code)
	if !ok {
		e = unknown(code, a)
	}
	f.Name, f.What, f.Why, f.Source, f.Who, f.Retry = e.Name, e.What, e.Why, e.Source, e.Who, e.Retry
	f.Fix = general(e)
	if f.OAuthError == "" {
		f.OAuthError = e.OAuthError
	}
	f.Stage = stageWords[e.Stage]
	return f
}

// general gives the fixes of an entry, as titles: without their full stop.
func general(e Entry) []Fix {
	out := make([]Fix, 0, len(e.Fix))
	for _, fix := range e.Fix {
		out = append(out, Fix{Title: strings.TrimSuffix(fix, ".")})
	}
	return out
}

// unknown is what can be said of a code that the catalogue does not hold.
func unknown(code string, a answer) Entry {
	e := Entry{
		Code: code, Stage: atAny, Who: Developer,
		What: "The server answered " + code + ", which the catalogue does not hold yet.",
		Why:  []string{"What is known of it are the server's own words, below."},
		Fix:  []string{"Give the trace id, the correlation id and the time to support, with the code."},
	}
	if n, ok := number(code); ok {
		e.Fix = append([]string{fmt.Sprintf("Look it up: https://login.microsoftonline.com/error?code=%d", n)}, e.Fix...)
		e.Source = []string{"Entra: authentication error codes"}
	}
	if a.words == "" {
		e.Why = []string{"Nothing came with it but the code itself."}
	}
	if base, ok := Lookup(a.oauth); ok && a.oauth != code {
		e.Why = append(e.Why, a.oauth+" in general: "+lowerFirst(base.What))
		e.Source = append(e.Source, base.Source...)
		e.Who, e.Retry = base.Who, base.Retry
	}
	return e
}

// stageWords say where a code comes from when there is no run at hand.
var stageWords = map[string]string{
	atAuthorize: "authorize · front channel",
	atToken:     "token endpoint · back channel",
	atDevice:    "page of the device flow · front channel",
	atAPI:       "call of an API · back channel",
	atAny:       "authorize or token endpoint",
}

// stage says where it happened and how the answer came.
func (s scene) stage() string { return s.stageOf(s.came()) }

func (s scene) came() string {
	switch {
	case s.a.form == pageForm:
		return "no redirect was made: the error page stays in the browser"
	case s.a.form == redirectForm:
		return "the error came back to the application in the redirect"
	case s.e.Response != nil:
		return fmt.Sprintf("HTTP %d %s", s.e.Response.Status, http.StatusText(s.e.Response.Status))
	}
	return "no answer"
}

func purposeWords(p trace.Purpose) string {
	if p == "" {
		return "request"
	}
	return p.At()
}
