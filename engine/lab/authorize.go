package lab

import (
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"flowscope/engine/lab/aadsts"
	"flowscope/engine/lab/directory"
	"flowscope/engine/lab/grants"
	"flowscope/engine/lab/policy"
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

// authorization is a request for a person's consent, judged: an authorization
// request, one for an administrator's consent, or a device code.
type authorization struct {
	kind         int // state.ForAuthorize and so on
	v1           bool
	authority    directory.Authority
	client       directory.App
	redirect     string // exactly as sent
	platform     string
	redirectable bool // errors may go to redirect from here on
	mode         string
	state        string
	hasState     bool
	prompt       string
	loginHint    string
	maxAge       time.Duration // how old the sign-in may be; below zero for any age
	claims       policy.Claims
	kinds        []string // parts of response_type
	scope        scope.Request
	resource     string // resource parameter of a v1.0 request
	device       string // device code
	query        url.Values
}

// silent reports whether nobody may be asked anything.
func (a authorization) silent() bool { return a.prompt == "none" }

// wants reports whether a response type is among those asked.
func (a authorization) wants(kind string) bool { return slices.Contains(a.kinds, kind) }

// judge goes through the rows of an authorization request that need nobody
// signed in, in Entra's order. What it found out so far is returned also
// beside an error.
func (l *Lab) judge(segment string, q url.Values, v1 bool) (authorization, *aadsts.Error) {
	a := authorization{v1: v1, query: q, mode: modeQuery, maxAge: -1}
	rows := []func() *aadsts.Error{
		func() *aadsts.Error { return wellFormed(q) },
		func() *aadsts.Error { return l.judgeTenant(&a, segment) },
		func() *aadsts.Error { return l.judgeClient(&a) },
		a.judgeRedirect,
		func() *aadsts.Error { return grants.Audience(a.client, a.authority) },
		a.judgeResponse,
		func() *aadsts.Error { return l.judgeScope(&a) },
		a.judgeTokens,
		a.judgePrompt,
		a.judgeAge,
		func() (err *aadsts.Error) { a.claims, err = policy.ReadClaims(q.Get("claims")); return err },
		a.judgeChallenge,
	}
	for _, row := range rows {
		if err := row(); err != nil {
			return a, err
		}
	}
	return a, nil
}

// judgeTenant finds the tenant, and refuses personal accounts at the v1.0
// endpoint.
func (l *Lab) judgeTenant(a *authorization, segment string) (err *aadsts.Error) {
	a.authority, err = l.authority(segment)
	switch {
	case err != nil:
		return err
	case a.v1 && a.authority.Personal():
		return aadsts.New(90027).Because("tenant", "/consumers was asked at the v1.0 endpoint")
	}
	return nil
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
	app, ok := l.dir.Client(id)
	if !ok || app.SingleTenant() || app.ClientID == directory.GraphAppID {
		var err *aadsts.Error
		if app, err = l.grants.Client(a.authority, id); err != nil {
			return err
		}
	}
	a.client = app
	return l.policies.App(app)
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
		return a.badRedirect(uri).Because("redirect_uri", "registered are %s", strings.Join(registered, ", "))
	}
	a.redirect, a.platform = uri, p.Type
	a.state, a.hasState = a.query.Get("state"), a.query.Has("state")
	return nil
}

// badRedirect says why a redirect URI can't be used: it is no absolute URI, its
// scheme opens something other than an application, it is plain http to another
// machine, or it simply is not registered. A host that can't be read is none
// of the special cases.
func (a *authorization) badRedirect(uri string) *aadsts.Error {
	u, err := url.Parse(uri)
	switch {
	case err != nil && strings.Contains(uri, ":"):
	case err != nil || u.Scheme == "":
		return aadsts.New(90102, "redirect_uri")
	case slices.Contains([]string{"javascript", "data", "file", "vbscript", "about", "blob"}, u.Scheme):
		return aadsts.New(500111, uri)
	case u.Scheme == "http" && u.User == nil && directory.IsDomain(u.Hostname()) && net.ParseIP(u.Hostname()) == nil,
		u.Scheme == "http" && net.ParseIP(u.Hostname()) != nil && !net.ParseIP(u.Hostname()).IsLoopback():
		return aadsts.New(500117, uri)
	}
	return aadsts.New(50011, uri, a.client.ClientID)
}

// judgeResponse judges response_type and response_mode. From here on errors
// travel to the application.
func (a *authorization) judgeResponse() *aadsts.Error {
	a.redirectable = true
	mode := a.query.Get("response_mode")
	a.kinds = strings.Fields(a.query.Get("response_type"))
	front := a.wants("token") || a.wants("id_token")
	switch {
	case mode == modeQuery || mode == modeFragment || mode == modeFormPost:
		a.mode = mode
	case front:
		a.mode = modeFragment
	}
	switch {
	case len(a.kinds) == 0:
		return missing("response_type")
	case !responseTypes(a.kinds):
		return aadsts.New(70005, a.query.Get("response_type")).Because("response_type", "%q is no response type", a.query.Get("response_type"))
	case a.wants("token") && !a.client.ImplicitAccessTokens:
		return aadsts.New(700051).Because("response_type", "%s has no tick for implicit access tokens", a.client.Name)
	case a.wants("id_token") && !a.client.ImplicitIDTokens:
		return aadsts.New(700054).Because("response_type", "%s has no tick for implicit ID tokens", a.client.Name)
	case front && mode == modeQuery:
		// Tokens must not be in a query, which ends up in logs (OAuth 2.0
		// Multiple Response Type Encoding Practices section 3).
		a.mode = modeFragment
		return aadsts.New(70007, mode).Because("response_mode", "tokens can't travel in a query")
	case mode != "" && mode != a.mode:
		return aadsts.New(70007, mode).Because("response_mode", "%q is none of query, fragment, form_post", mode)
	}
	return nil
}

// responseTypes reports whether the parts, in any order, are one of the
// response types that the discovery document lists, or token, which it does
// not and Entra takes all the same.
func responseTypes(kinds []string) bool {
	sorted := slices.Sorted(slices.Values(kinds))
	return slices.Contains([]string{"code", "id_token", "token", "code id_token", "id_token token"}, strings.Join(sorted, " "))
}

// judgeTokens judges what an ID token from the authorization endpoint needs.
func (a *authorization) judgeTokens() *aadsts.Error {
	switch {
	case !a.wants("id_token"):
		return nil
	case !a.v1 && !a.scope.OpenID:
		// Which code Entra gives is unconfirmed; the documents name the family
		// of 70005.
		return aadsts.New(70005, a.query.Get("response_type")).Because("scope", "an ID token is asked without the scope openid")
	case a.query.Get("nonce") == "":
		return missing("nonce") // OpenID Connect Core section 3.2.2.1
	}
	return nil
}

func (l *Lab) judgeScope(a *authorization) *aadsts.Error {
	if a.v1 {
		return l.judgeResource(a)
	}
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

// judgeResource reads what a v1.0 request asks: the permissions of the
// registration on one API. scope is tolerated and changes nothing, since the
// v1.0 endpoint knows no single permissions. Without a resource, which may come
// at the token endpoint, the first API of the registration stands for it.
func (l *Lab) judgeResource(a *authorization) *aadsts.Error {
	a.resource = a.query.Get("resource")
	if len(a.resource) > 256 {
		return aadsts.New(90100, "resource", "it is too long").Because("resource", "it has %d bytes", len(a.resource))
	}
	named := a.resource
	if named == "" && len(a.client.Permissions) > 0 {
		named = a.client.Permissions[0].ResourceAppID
	}
	a.scope = scope.Request{V1: true}
	if named != "" {
		var err *aadsts.Error
		if a.scope, err = scope.FromResource(named); err != nil {
			return err
		}
	}
	a.scope.Text = a.query.Get("scope")
	return nil
}

func (a *authorization) judgePrompt() *aadsts.Error {
	a.prompt, a.loginHint = a.query.Get("prompt"), a.query.Get("login_hint")
	switch a.prompt {
	case "", "none", "login", "consent", "select_account":
		return nil
	case "admin_consent":
		if a.v1 {
			return nil
		}
	}
	// create is for external tenants; what a workforce tenant says is
	// unconfirmed, as it is for unknown values.
	return aadsts.New(90023, a.prompt, "prompt").Because("prompt", "%q is none of none, login, consent, select_account", a.prompt)
}

// judgeAge reads max_age, in seconds (OpenID Connect Core section 3.1.2.1). It
// is unconfirmed that Entra honours it; the lab does.
func (a *authorization) judgeAge() *aadsts.Error {
	text := a.query.Get("max_age")
	if text == "" {
		return nil
	}
	seconds, err := strconv.ParseUint(text, 10, 31)
	if err != nil {
		return aadsts.New(90023, text, "max_age").Because("max_age", "%q is no number of seconds", text)
	}
	a.maxAge = time.Duration(seconds) * time.Second
	return nil
}

// unreserved are the characters of a code challenge (RFC 7636 section 4.2).
const unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"

// judgeChallenge checks the form of PKCE (RFC 7636 section 4.2). Whether a
// single-page app must use it is judged at the token endpoint.
func (a *authorization) judgeChallenge() *aadsts.Error {
	challenge, method := a.query.Get("code_challenge"), a.query.Get("code_challenge_method")
	switch {
	case method != "" && method != "plain" && method != "S256":
		return aadsts.New(50149, method).Because("code_challenge_method", "%q is neither S256 nor plain", method)
	case challenge == "" && method != "":
		return aadsts.New(50147).Because("code_challenge", "a method came without a challenge")
	case strings.Trim(challenge, unreserved) != "":
		return aadsts.New(50147).Because("code_challenge", "the challenge holds a character that it can't have")
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
