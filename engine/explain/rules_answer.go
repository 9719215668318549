package explain

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"flowscope/engine/trace"
	"flowscope/validate"
)

// gate explains a request that was not let out.
func (s scene) gate() Finding {
	f := Finding{
		Code: "gate", Stage: s.stage(), Step: s.e.Step, Exchange: s.e.N, Confidence: Certain, Who: Developer,
		What: "The request was not sent: it was for a host outside the target.",
		Why:  []string{"Requests go to the target's own hosts only, so that no code, secret or token reaches a stranger.", "The reason here: " + strings.TrimSuffix(s.e.Refused, ".") + "."},
	}
	f.see("host", orName(s.e.Host(), "none"), "")
	f.Source = []string{"RFC 9700 section 4.5 (codes and tokens go to nobody but their own servers)"}
	if s.e.Original != nil && s.e.Original.URL != s.e.Request.URL {
		was := trace.Exchange{Request: *s.e.Original}
		f.see("as the program built it", was.Host(), "")
	}
	f.Fix = []Fix{{Title: "Start again with the address as the program built it"}}
	if s.e.Purpose.AtAPI() {
		f.Fix = []Fix{
			{Title: "If this API may have the token: say so, with --yes on the command line or at the question of the screen"},
			{Title: "Else call an API of the target"},
		}
	} else if s.t.Live {
		f.Fix = append(f.Fix, Fix{Title: "If this host belongs to the target: add it to the profile"})
	}
	f.FlowRight = s.right("Only the address that is asked needs a hand.")
	return f
}

// status explains an error status whose body says nothing that can be read.
func (s scene) status() (Finding, bool) {
	resp := s.e.Response
	if resp == nil || resp.Status < 400 || s.e.Purpose == trace.Redirect {
		return Finding{}, false
	}
	f := Finding{
		Code: fmt.Sprintf("HTTP %d", resp.Status), Name: http.StatusText(resp.Status), Stage: s.stage(), Step: s.e.Step, Exchange: s.e.N,
		What: fmt.Sprintf("The answer is HTTP %d, and its body holds no error that can be read.", resp.Status),
		Why:  []string{"The body is neither an OAuth error nor an error page with a code."}, Confidence: Likely, Who: Developer,
		Fix: []Fix{{Title: "Look at the address and at the answer itself"}}, Source: []string{"RFC 9110 section 15"},
	}
	f.see("address", s.e.Request.URL, "")
	s.seePage(&f)
	if resp.Status == http.StatusTooManyRequests || resp.Status >= 500 {
		f.Who, f.Retry = Nobody, true
		f.Why = []string{"The server is busy or out of order; the request itself was not judged."}
		f.Fix = []Fix{{Title: "Wait, then try again"}}
		s.seeRetryAfter(&f)
		f.FlowRight = s.right(needAgain)
	}
	return f, true
}

// refused explains an answer that we did not accept. It says how long the two
// values are and where they part, never what they are.
func refused(t *trace.Trace, reg trace.Registration) Finding {
	r := t.Refusal
	e, _ := Lookup(r.Check)
	f := Finding{
		Code: r.Check, Name: e.Name, Step: r.Step, What: e.What, Why: slices.Clone(e.Why), Source: e.Source,
		Confidence: Certain, Who: e.Who, Retry: e.Retry, Stage: "refused by the application",
	}
	s := scene{t: t, reg: reg}
	if r.Check == "state" && r.Found == "" {
		f.What = "No state came back, and one was sent."
	}
	if r.Why != "" {
		f.Why = append([]string{upperFirst(r.Why) + "."}, f.Why...)
	}
	f.FlowRight = s.right(needCheck)
	f.see("expected", secretWords(r.Check, r.Expected), "")
	note := ""
	if at := firstDifference(r.Expected, r.Found); (r.Check == "state" || r.Check == "nonce") && at >= 0 && r.Found != "" {
		note = fmt.Sprintf("differs from character %d on", at+1)
	}
	f.see("found", secretWords(r.Check, r.Found), note)
	f.Fix = s.takeBack(cmp.Or(map[string]string{"at_hash": "access_token"}[r.Check], r.Check))
	if len(f.Fix) > 0 {
		if own, ok := t.Last(f.Fix[0].Change.Purpose); ok && own.Step > 0 {
			f.What = fmt.Sprintf("You changed %s at step %d. %s", shown(cmp.Or(map[string]string{"at_hash": "access_token"}[r.Check], r.Check)), own.Step, f.What)
		}
	}
	if ex, ok := refusedExchange(t, r); ok {
		f.Exchange = ex.N
		f.Stage = scene{t: t, e: ex}.stageOf("refused by the application")
	}
	f.Fix = append(f.Fix, general(e)...)
	return f
}

func (s scene) stageOf(how string) string {
	channel := "back channel"
	if s.e.Channel == trace.Front {
		channel = "front channel"
	}
	return fmt.Sprintf("%s · %s · %s", purposeWords(s.e.Purpose), channel, how)
}

func refusedExchange(t *trace.Trace, r *trace.Refusal) (trace.Exchange, bool) {
	switch r.Check {
	case "nonce", "token_type", "aud", "azp", "exp", "alg":
		return t.LastToken()
	case "iss": // of the redirect, or of the ID token that came after it
		token, ok := t.LastToken()
		if back, redirected := t.Last(trace.Redirect); ok && (!redirected || token.N > back.N) {
			return token, true
		}
	case "issuer":
		return t.Last(trace.Metadata)
	case "sub", "verification_uri", "code_challenge_methods_supported":
		return lastUpTo(t, r.Step)
	}
	if e, ok := t.Last(trace.SignedOut); ok && e.Step == r.Step {
		return e, true
	}
	return t.Last(trace.Redirect)
}

// lastUpTo is the newest exchange of a step or of one before it.
func lastUpTo(t *trace.Trace, step int) (trace.Exchange, bool) {
	for _, e := range slices.Backward(t.Exchanges) {
		if e.Step <= step {
			return e, true
		}
	}
	return trace.Exchange{}, false
}

// secretWords say what can be said of a value without showing it.
func secretWords(check, v string) string {
	switch {
	case check != "state" && check != "nonce":
		return v
	case v == "":
		return "none"
	}
	return fmt.Sprintf("%d characters", len([]rune(v)))
}

// takeBack looks for the request in which the refused value was changed.
func (s scene) takeBack(name string) []Fix {
	for _, p := range []trace.Purpose{trace.SignedOut, trace.Redirect, trace.AdminConsent, trace.Authorize, trace.TokenCall} {
		e, ok := s.t.Last(p)
		if !ok {
			continue
		}
		for _, place := range []trace.Place{trace.Query, trace.Fragment, trace.Form} {
			title := fmt.Sprintf("In the %s: leave %s as it was sent", p.Noun(), name)
			if fixes := restored(e, place, name, title); fixes != nil {
				fixes[0].Change.Ops = append(fixes[0].Change.Ops, otherOps(e, place, name)...)
				return fixes
			}
		}
	}
	return nil
}

// otherOps takes back what else was done to a redirect: a code that came with
// somebody else's state is somebody else's too. Of other requests they give
// nothing: there each value is judged for itself.
func otherOps(e trace.Exchange, place trace.Place, but string) []trace.Op {
	if e.Purpose != trace.Redirect || e.Original == nil {
		return nil
	}
	var out []trace.Op
	for _, p := range e.Original.QueryParams() {
		now, _ := valueOf(e.Request, place, p.Name)
		if p.Name != but && now != p.Value {
			out = append(out, trace.Op{Verb: trace.Restore, Place: place, Name: p.Name})
		}
	}
	return out
}

// tokenFinding explains a token that failed its checks: one finding, the
// failed checks as its evidence.
func tokenFinding(t *trace.Trace, r *validate.Report) Finding {
	kind := string(r.Kind)
	f := Finding{
		Code: "token", Name: "invalid " + kind + " token", Stage: "check of the " + kind + " token · in the application",
		What: "The " + kind + " token is not valid: " + mustRefuse(r.Kind) + ".", Confidence: Certain, Who: Developer,
	}
	if e, ok := broughtBy(t, r); ok {
		f.Step, f.Exchange = e.Step, e.N
	}
	for _, c := range r.Checks() {
		if c.Status != validate.StatusFail {
			continue
		}
		e := Evidence{Label: c.ID, Value: c.Found, Compare: c.Expected, Note: "expected: " + c.Expected, At: -1}
		if slices.Contains([]string{"issuer", "audience", "tenant", "authorized-party"}, c.ID) { // the others are said in words
			e.At = firstDifference(c.Found, c.Expected)
		}
		f.Evidence = append(f.Evidence, e)
		if c.Why != "" {
			f.Why = append(f.Why, c.Why)
		}
		if c.Fix != "" {
			f.Fix = append(f.Fix, Fix{Title: strings.TrimSuffix(c.Fix, ".")})
		}
		if c.Source != "" && !slices.Contains(f.Source, c.Source) {
			f.Source = append(f.Source, c.Source)
		}
	}
	f.FlowRight = flowRight(t, "The token it brought does not fit what was expected.")
	return f
}

// mustRefuse says who has to refuse an invalid token: the ID token's reader is the
// application (OpenID Connect Core 1.0 section 3.1.3.7), the other's an API.
func mustRefuse(k validate.Kind) string {
	if k == validate.KindID {
		return "the application must refuse it"
	}
	return "an API that checks it would refuse it"
}

// broughtBy gives the exchange that brought the token of a report, else the newest
// token request.
func broughtBy(t *trace.Trace, r *validate.Report) (trace.Exchange, bool) {
	for _, token := range t.Tokens {
		if r.Token != nil && r.Token.Raw == token.Value && token.Exchange > 0 && token.Exchange <= len(t.Exchanges) {
			return t.Exchanges[token.Exchange-1], true
		}
	}
	return t.LastToken()
}

// runFinding explains a run that ended without an exchange to blame.
func runFinding(t *trace.Trace) Finding {
	f := Finding{
		Code: "run", Stage: "in the application, outside any request", Confidence: Possible, Who: Developer, Retry: true,
		What: "The run ended before its tokens were there, and no answer of a server says why.",
		Why:  []string{upperFirst(orName(t.Failure, "no reason was given")) + "."},
		Fix:  []Fix{{Title: "Mend what the reason names, then start again"}},
	}
	if len(t.Exchanges) > 0 {
		last := t.Exchanges[len(t.Exchanges)-1]
		f.Step, f.Exchange = last.Step, last.N
		f.see("last exchange", last.Request.Method+" "+last.Host(), purposeWords(last.Purpose))
	}
	if t.Library != nil && t.Library.Error != "" {
		f.see(t.Library.Name, t.Library.Error, "")
	}
	return f
}

// noBearer says that no token was sent, and how one is (RFC 6750 section 2.1).
func (s scene) noBearer(f *Finding) {
	f.What = "The API got no access token."
	f.Why = []string{"The request carries no access token: there is no Authorization header in it."}
	if s.e.Request.Header.Get("Authorization") != "" {
		f.Why = []string{"The request carries no access token: its Authorization header is not of the scheme Bearer."}
	}
	f.Fix = append(restored(s.e, trace.Header, "Authorization", "In the request: send the access token as the program built it"), Fix{
		Title: "In the program: send the access token with the call, in the header Authorization",
		Note:  "the word Bearer, a space, the whole token; a redirect to another host, and some proxies, drop the header",
		Code:  "Authorization: Bearer ACCESS_TOKEN",
	})
	f.Source = []string{"RFC 6750 section 2.1", rfcBearer}
}

func (s scene) seeChallengeHeader(f *Finding, resp *trace.Response, c challenge) {
	if len(resp.Header.Values("WWW-Authenticate")) == 0 {
		f.see("WWW-Authenticate", "not sent", "the API gives no reason")
		return
	}
	for _, name := range []string{"error", "error_description", "scope", "authorization_uri"} {
		if v := c.get(name); v != "" {
			f.see("WWW-Authenticate: "+name, v, "")
		}
	}
	if claims := c.get("claims"); claims != "" {
		sub := s
		if sub.a.claims = decodeClaims(claims); sub.a.claims == "" {
			f.see("WWW-Authenticate: claims", claims, "can't be read as base64")
		}
		sub.seeClaims(f)
	}
}

// decodeClaims reads the claims of a challenge, which are base64 in one of its
// alphabets, with or without padding.
func decodeClaims(s string) string {
	s = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(s, "="))
	raw, err := base64.RawStdEncoding.DecodeString(s)
	if err != nil {
		return ""
	}
	return string(raw)
}
