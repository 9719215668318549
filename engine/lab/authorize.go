package lab

import (
	"net/url"
	"slices"
	"strings"

	"flowscope/engine/lab/aadsts"
	"flowscope/engine/lab/directory"
	"flowscope/engine/lab/grants"
	"flowscope/engine/lab/scope"
)

// Response modes (OAuth 2.0 Multiple Response Type Encoding Practices; Form
// Post Response Mode).
const (
	modeQuery    = "query"
	modeFragment = "fragment"
	modeFormPost = "form_post"
)

// maxQuery bounds an authorization request: it is kept while someone signs in.
const maxQuery = 16 << 10

// authorization is an authorization request, judged.
type authorization struct {
	authority    directory.Authority
	client       directory.App
	redirect     string // exactly as sent
	platform     string
	redirectable bool // errors may go to redirect from here on
	mode         string
	state        string
	hasState     bool
	prompt       string
	scope        scope.Request
	loginHint    string
	query        url.Values
}

// judge goes through the rows of an authorization request that need nobody
// signed in, in Entra's order. What it found out so far is returned also
// beside an error.
func (l *Lab) judge(segment string, q url.Values) (authorization, *aadsts.Error) {
	a := authorization{query: q, mode: modeQuery}
	rows := []func() *aadsts.Error{
		func() *aadsts.Error { return wellFormed(q) },
		func() (err *aadsts.Error) { a.authority, err = l.authority(segment); return err },
		func() *aadsts.Error { return l.judgeClient(&a) },
		a.judgeRedirect,
		func() *aadsts.Error { return grants.Audience(a.client, a.authority) },
		a.judgeResponse,
		func() *aadsts.Error { return l.judgeScope(&a) },
		a.judgePrompt,
		a.judgeChallenge,
	}
	for _, row := range rows {
		if err := row(); err != nil {
			return a, err
		}
	}
	return a, nil
}

// wellFormed bounds the request and refuses a parameter that comes twice (RFC
// 6749 section 3.1).
func wellFormed(q url.Values) *aadsts.Error {
	size, twice := 0, []string{}
	for name, values := range q {
		for _, v := range values {
			size += len(name) + len(v)
		}
		if len(values) > 1 {
			twice = append(twice, name)
		}
	}
	if size > maxQuery {
		return aadsts.New(90015).Because("", "the request holds %d bytes, where %d are allowed", size, maxQuery)
	}
	if len(twice) > 0 {
		return aadsts.New(9002313).Because(slices.Min(twice), "the parameter comes more than once")
	}
	return nil
}

func missing(name string) *aadsts.Error {
	return aadsts.New(900144, name).Because(name, "the request has no %s", name)
}

// judgeClient finds the application. A multi-tenant one needs no service
// principal yet: the first consent makes it.
func (l *Lab) judgeClient(a *authorization) *aadsts.Error {
	id := a.query.Get("client_id")
	if id == "" {
		return missing("client_id")
	}
	if app, ok := l.dir.Client(id); ok && !app.SingleTenant() && app.ClientID != directory.GraphAppID {
		a.client = app
		return nil
	}
	app, err := l.grants.Client(a.authority, id)
	a.client = app
	return err
}

func (a *authorization) judgeRedirect() *aadsts.Error {
	registered := a.client.RedirectURIs()
	uri := a.query.Get("redirect_uri")
	switch {
	case len(registered) == 0:
		return aadsts.New(500113).Because("redirect_uri", "%s has no redirect URI at all", a.client.Name)
	case uri == "" && len(registered) > 1:
		return aadsts.New(900971).Because("redirect_uri", "%s has several redirect URIs, and none was named", a.client.Name)
	case uri == "":
		uri = registered[0]
	}
	p, ok := a.client.Redirect(uri)
	if !ok {
		return aadsts.New(50011, uri, a.client.ClientID).
			Because("redirect_uri", "registered are %s", strings.Join(registered, ", "))
	}
	a.redirect, a.platform = uri, p.Type
	a.state, a.hasState = a.query.Get("state"), a.query.Has("state")
	return nil
}

// judgeResponse judges response_type and response_mode. From here on errors
// travel to the application.
func (a *authorization) judgeResponse() *aadsts.Error {
	a.redirectable = true
	mode := a.query.Get("response_mode")
	kinds := strings.Fields(a.query.Get("response_type"))
	front := slices.Contains(kinds, "token") || slices.Contains(kinds, "id_token")
	switch {
	case mode == modeQuery || mode == modeFragment || mode == modeFormPost:
		a.mode = mode
	case front:
		a.mode = modeFragment
	}
	for _, k := range kinds {
		if k != "code" && k != "token" && k != "id_token" {
			return aadsts.New(70005, a.query.Get("response_type")).Because("response_type", "%q is no response type", k)
		}
	}
	switch {
	case len(kinds) == 0:
		return missing("response_type")
	case slices.Contains(kinds, "token"):
		return aadsts.New(700051).Because("response_type", "%s has no tick for implicit access tokens", a.client.Name)
	case slices.Contains(kinds, "id_token"):
		return aadsts.New(700054).Because("response_type", "%s has no tick for implicit ID tokens", a.client.Name)
	case mode != "" && mode != a.mode:
		return aadsts.New(70007, mode).Because("response_mode", "%q is none of query, fragment, form_post", mode)
	}
	return nil
}

func (l *Lab) judgeScope(a *authorization) *aadsts.Error {
	if a.query.Get("resource") != "" {
		return aadsts.New(901002).Because("resource", "resource belongs to the v1.0 endpoint")
	}
	if strings.TrimSpace(a.query.Get("scope")) == "" {
		return missing("scope")
	}
	var err *aadsts.Error
	if a.scope, err = scope.Parse(a.query.Get("scope")); err != nil {
		return err
	}
	if len(a.scope.Resources(l.dir)) > 1 {
		return aadsts.New(700022, a.scope.Text).Because("scope", "the scope names more than one API")
	}
	return nil
}

func (a *authorization) judgePrompt() *aadsts.Error {
	a.prompt, a.loginHint = a.query.Get("prompt"), a.query.Get("login_hint")
	switch a.prompt {
	case "", "none", "login", "consent", "select_account":
		return nil
	}
	return aadsts.New(90023, a.prompt, "prompt").Because("prompt", "%q is none of none, login, consent, select_account", a.prompt)
}

// judgeChallenge checks the form of PKCE (RFC 7636 section 4.2). Whether a
// single-page app must use it is judged at the token endpoint.
func (a *authorization) judgeChallenge() *aadsts.Error {
	challenge, method := a.query.Get("code_challenge"), a.query.Get("code_challenge_method")
	switch {
	case method != "" && method != "plain" && method != "S256":
		return aadsts.New(50149, method).Because("code_challenge_method", "%q is neither S256 nor plain", method)
	case challenge == "" && method != "":
		return aadsts.New(50147).Because("code_challenge", "a method came without a challenge")
	case challenge != "" && (len(challenge) < 43 || len(challenge) > 128):
		return aadsts.New(501491, len(challenge)).Because("code_challenge", "the challenge has %d characters", len(challenge))
	}
	return nil
}

// method is the challenge method, plain when none was named.
func (a authorization) method() string {
	if m := a.query.Get("code_challenge_method"); m != "" {
		return m
	}
	return "plain"
}
