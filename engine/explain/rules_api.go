package explain

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"flowscope/decision"
	"flowscope/engine/trace"
	"flowscope/validate"
)

// api explains what an API answered to a token (RFC 6750 section 3.1).
func (s scene) api() (Finding, bool) {
	resp := s.e.Response
	if resp != nil && s.hidden(resp) {
		return s.cors(resp), true
	}
	if resp == nil || resp.Status < 400 {
		return Finding{}, false
	}
	if resp.Status != http.StatusUnauthorized && resp.Status != http.StatusForbidden {
		return s.status()
	}
	c := readChallenge(resp.Header.Get("WWW-Authenticate"))
	body, _ := readJSON(resp.Body)
	oauth := errorValue(c.get("error"))
	code := oauth
	if _, ok := Lookup(code); !ok {
		code = map[int]string{401: "invalid_token", 403: "insufficient_scope"}[resp.Status]
	}
	entry, _ := Lookup(code)
	f := Finding{
		Code: orName(oauth, fmt.Sprintf("HTTP %d", resp.Status)), Name: http.StatusText(resp.Status), OAuthError: oauth,
		Step: s.e.Step, Exchange: s.e.N, Stage: s.stage(), What: entry.What, Why: slices.Clone(entry.Why), Source: entry.Source,
		Confidence: Likely, Who: entry.Who, Support: body.support, ServerWords: wordsOf(c.get("error_description")), API: true,
	}
	if f.ServerWords == "" {
		f.ServerWords = body.words
	}
	f.FlowRight = s.right("The tokens are there; only this call was refused.")
	f.Fix = restored(s.e, trace.Header, "Authorization", "In the request: send the access token as the program built it")
	fixes := general(entry)
	if code == "insufficient_scope" && c.get("scope") == "" && len(fixes) > 1 {
		fixes[0], fixes[1] = fixes[1], fixes[0] // no scope is named: a role is the likelier of the two
	}
	f.Fix = append(f.Fix, fixes...)
	s.seeBearer(&f, resp.Status)
	s.seeChallengeHeader(&f, resp, c)
	switch {
	case s.sentIDToken(): // the rest follows from that
	case s.otherFlow(&f):
	case resp.Status == http.StatusForbidden && c.get("scope") == "":
		s.roleMissing(&f)
	case resp.Status == http.StatusForbidden:
		s.scopeMissing(&f, c.get("scope"))
	case s.e.Original == nil:
		s.otherAudience(&f)
	}
	return f, true
}

// seeBearer tells what the token that was sent claims of itself: for whom it
// is and what it may do. The token itself is not shown.
func (s scene) seeBearer(f *Finding, status int) {
	token := bearerOf(s.e.Request)
	if token == "" {
		f.Confidence = Certain
		f.see("Authorization", "no Bearer token", "")
		s.noBearer(f)
		return
	}
	if s.sentIDToken() {
		f.Confidence = Certain
		f.see("sent", "the ID token", "an API takes access tokens only")
		f.Why = []string{"The ID token was sent. It is for the application itself, to know who signed in; an API takes the access token."}
		return
	}
	claims := claimsOf(token)
	if claims == nil {
		f.see("sent", "a token that can't be read here", "")
		return
	}
	f.see("aud", claims.list("aud"), "whom the token is for")
	if status == http.StatusForbidden {
		f.see("scp", orName(claims.text("scp"), "none"), "what the application may do for the person")
		f.see("roles", orName(claims.list("roles"), "none"), "application roles")
	}
}

// sentIDToken reports whether an ID token of the run was sent as bearer token.
func (s scene) sentIDToken() bool {
	token := bearerOf(s.e.Request)
	return slices.ContainsFunc(s.t.Tokens, func(t trace.Token) bool { return t.Kind == trace.IDToken && t.Value == token })
}

// called gives what the target knows of the API that was called: by its address,
// else by the host and first segment of its path.
func (s scene) called() (trace.Service, bool) {
	at, _, _ := strings.Cut(s.e.Request.URL, "?")
	if i := slices.IndexFunc(s.t.APIs, func(a trace.Service) bool { return a.URL == at }); i >= 0 {
		return s.t.APIs[i], true
	}
	root := func(raw string) string {
		host, path, _ := strings.Cut(strings.TrimPrefix(raw, "https://"), "/")
		first, _, more := strings.Cut(path, "/")
		if host == "" || !more {
			return raw
		}
		return host + "/" + first
	}
	i := slices.IndexFunc(s.t.APIs, func(a trace.Service) bool { return root(a.URL) == root(at) })
	if i < 0 {
		return trace.Service{}, false
	}
	return s.t.APIs[i], true
}

// sameAPI reports whether two audiences are those of one API: its App ID URI and
// its client id name the same.
func (s scene) sameAPI(a, b string) bool {
	if a == b || a == "" || b == "" {
		return true
	}
	for _, r := range s.reg.Resources {
		ids := []string{r.URI, r.ClientID}
		if slices.Contains(ids, a) && slices.Contains(ids, b) {
			return true
		}
	}
	return validate.IsGraph(a) && validate.IsGraph(b)
}

// apiName names the API of an audience.
func (s scene) apiName(aud string) string {
	for _, r := range s.reg.Resources {
		if r.URI == aud || r.ClientID == aud {
			return r.Name
		}
	}
	if validate.IsGraph(aud) {
		return "Microsoft Graph"
	}
	return ""
}

// otherAudience explains a token that is for another API than the one called,
// where both are known (RFC 9068 section 4).
func (s scene) otherAudience(f *Finding) {
	api, ok := s.called()
	aud := claimsOf(bearerOf(s.e.Request)).list("aud")
	if !ok || aud == "" || api.Audience == "" || s.sameAPI(aud, api.Audience) {
		return
	}
	f.Confidence = Certain
	f.What = "The access token is for another API."
	wants := api.Audience
	if name := s.apiName(wants); name != "" {
		wants += " (" + name + ")"
	}
	is := aud
	if name := s.apiName(aud); name != "" {
		is += " (" + name + ")"
	}
	f.Why = []string{"aud is " + is + ", this API wants " + wants + ".", "One access token is for one API; each API refuses those of the others."}
	for i := range f.Evidence {
		if f.Evidence[i].Label == "aud" {
			f.Evidence[i] = Evidence{Label: "aud", Value: aud, Compare: api.Audience, Note: "this API wants " + api.Audience, At: -1}
		}
	}
	title := "In the request: ask for a token of this API"
	if api.Scope != "" {
		title = "In the request: ask for a token of this API, scope = " + api.Scope
	}
	f.Fix = []Fix{{Title: title, Note: "a refresh token gets it without a page, once it was consented to"}, {Title: "Or call the API that the token is for"}}
}

// appsOnly and peopleOnly find an API's words that only applications, or only
// people, are let in.
var (
	appsOnly   = regexp.MustCompile(`(?i)applications? (without a user|only)|app-only|without a signed-in user`)
	peopleOnly = regexp.MustCompile(`(?i)signed-in user|application alone|delegated (access|permission|token)`)
)

// otherFlow explains a call that this flow's tokens can never make: the API is
// for people, and nobody signed in, or for applications, and somebody did
// (Entra: permissions and consent overview). It reports whether that is so.
func (s scene) otherFlow(f *Finding) bool {
	claims := claimsOf(bearerOf(s.e.Request))
	if f.OAuthError != "insufficient_scope" || claims == nil {
		return false
	}
	person := claims.text("scp") != ""
	switch {
	case person && appsOnly.MatchString(f.ServerWords):
		s.misfit(f, decision.ClientCredentials, "This API is for applications alone, and the token stands for a person.",
			"A token of "+s.t.Flow.Title()+" stands for the person who signed in and carries scopes (scp). This API lets only applications in, by their roles: such a token comes by client credentials.",
			Fix{Title: "Run client credentials: a daemon gets a token of its own", Command: "flowscope run client-credentials --call " + quote(s.e.Request.URL)},
			Fix{Title: "Or call a path of this API that is for people"})
	case !person && peopleOnly.MatchString(f.ServerWords):
		s.misfit(f, decision.AuthorizationCode, "This API needs a signed-in person, and the token stands for an application alone.",
			"A token of "+s.t.Flow.Title()+" stands for the application: nobody signed in, so there is no scp in it. No scope can be asked for here that would change it.",
			Fix{Title: "Run authorization code + PKCE, where a person signs in", Command: "flowscope run authorization-code --call " + quote(s.e.Request.URL)},
			Fix{Title: "On a device without a browser: device code; in an API that was called: on-behalf-of"},
			Fix{Title: "Or call a path of this API that is for applications"})
	default:
		return false
	}
	return true
}

// misfit says that the flow does not fit the API that was called, and which does.
func (s scene) misfit(f *Finding, fits decision.Flow, what, why string, fixes ...Fix) {
	f.Confidence, f.Who = Certain, Developer
	f.What, f.Why = what, []string{why}
	f.Fix = fixes
	f.FlowRight = "The flow does not fit this API. " + upperFirst(s.t.Flow.Title()) + " went right; " + fits.Title() + " is what this call needs."
}

// rolePattern finds the role that an API's words name.
var rolePattern = regexp.MustCompile(`(?i)\brole[s]?[ :]+["']?([A-Za-z][A-Za-z0-9._-]{0,99})`)

// roleMissing explains a 403 that asks for no scope: the role, who has to have it,
// and where it is assigned (Entra: app roles).
func (s scene) roleMissing(f *Finding) {
	claims := claimsOf(bearerOf(s.e.Request))
	m := rolePattern.FindStringSubmatch(f.ServerWords)
	if claims == nil || m == nil {
		return
	}
	role, has := strings.TrimRight(m[1], "."), orName(claims.list("roles"), "none")
	who := "the application"
	if claims.text("scp") != "" {
		who = orName(claims.text("preferred_username"), orName(claims.text("upn"), orName(claims.text("name"), "the person")))
	}
	f.Confidence, f.Who = Certain, Administrator
	f.What = "The token is good, and the role that this call needs is not in it."
	f.Why = []string{
		fmt.Sprintf("The API asks for the role %s; the token of %s has the roles: %s.", role, shown(who), has),
		"A role is assigned by an administrator; no scope brings it.",
	}
	api := orName(s.apiName(claims.list("aud")), "the API")
	where := "Entra admin centre › Enterprise applications › " + shown(api) + " › Users and groups › Add user/group"
	title := "Assign the role " + role + " of " + api + " to " + shown(who) + ", or to a group they are in"
	if who == "the application" {
		where = s.portal("API permissions › Add a permission › Application permissions")
		title = "Give the application the role " + role + " of " + api + ", with admin consent"
	}
	var fixes []Fix
	for _, x := range f.Fix {
		if x.Change != nil {
			fixes = append(fixes, x)
		}
	}
	f.Fix = append(fixes, Fix{Title: title, Where: where}, Fix{Title: "Then get a new token: the one that is there keeps its roles"})
}

// scopeMissing names the scope that an API's challenge asks for.
func (s scene) scopeMissing(f *Finding, scope string) {
	var fixes []Fix
	for _, x := range f.Fix {
		if x.Change != nil {
			fixes = append(fixes, x)
		}
	}
	f.Why = []string{"The API asks for the scope " + shown(scope) + "; the token has " + orName(claimsOf(bearerOf(s.e.Request)).text("scp"), "none") + "."}
	f.Fix = append(fixes, Fix{Title: "In the request: ask for " + shown(scope) + " too, and let the person consent to it"})
}
