package observe

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"flowscope/engine/trace"
)

// endpoint is one address of the lab and what a request to it is.
type endpoint struct {
	path    string // behind the tenant; without a tenant for the APIs
	what    string
	purpose trace.Purpose
	channel trace.Channel
	from    trace.Party
	to      trace.Party
}

const signInPage = "sign-in page"

// realmPath is behind the tenant and before the user name that is asked for.
const realmPath = "userrealm/"

// endpoints are those of the authority, by the path behind the tenant.
var endpoints = []endpoint{
	{"oauth2/v2.0/authorize", "authorization request", trace.Authorize, trace.Front, trace.Browser, trace.Entra},
	{"oauth2/authorize", "authorization request (v1.0)", trace.Authorize, trace.Front, trace.Browser, trace.Entra},
	{"oauth2/v2.0/token", "token request", trace.TokenCall, trace.Back, trace.App, trace.Entra},
	{"oauth2/token", "token request (v1.0)", trace.TokenCall, trace.Back, trace.App, trace.Entra},
	{"oauth2/v2.0/devicecode", "device code request", "device code", trace.Back, trace.App, trace.Entra},
	{"oauth2/devicecode", "device code request (v1.0)", "device code", trace.Back, trace.App, trace.Entra},
	{"v2.0/.well-known/openid-configuration", "discovery document", trace.Metadata, trace.Back, trace.App, trace.Entra},
	{".well-known/openid-configuration", "discovery document (v1.0)", trace.Metadata, trace.Back, trace.App, trace.Entra},
	{"discovery/instance", "instance discovery", trace.Metadata, trace.Back, trace.App, trace.Entra},
	{"discovery/v2.0/keys", "signing keys", trace.Keys, trace.Back, trace.App, trace.Entra},
	{"discovery/keys", "signing keys (v1.0)", trace.Keys, trace.Back, trace.App, trace.Entra},
	{"oauth2/v2.0/logout", "sign-out", "sign-out", trace.Front, trace.Browser, trace.Entra},
	{"oauth2/logout", "sign-out (v1.0)", "sign-out", trace.Front, trace.Browser, trace.Entra},
	{"adminconsent", "admin consent", trace.Authorize, trace.Front, trace.Browser, trace.Entra},
	{"v2.0/adminconsent", "admin consent", trace.Authorize, trace.Front, trace.Browser, trace.Entra},
	{"oauth2/deviceauth", "device code page", trace.SignIn, trace.Front, trace.Browser, trace.Entra},
	{"SAS/ProcessAuth", "second factor page", trace.SignIn, trace.Front, trace.Browser, trace.Entra},
	{"Consent/Set", "consent page", trace.SignIn, trace.Front, trace.Browser, trace.Entra},
	{"login", signInPage, trace.SignIn, trace.Front, trace.Browser, trace.Entra},
	{"reprocess", signInPage, trace.SignIn, trace.Front, trace.Browser, trace.Entra},
	{"changepassword", signInPage, trace.SignIn, trace.Front, trace.Browser, trace.Entra},
	{"proofup", "second factor page", trace.SignIn, trace.Front, trace.Browser, trace.Entra},
	{"Consent/Request", "consent page", trace.SignIn, trace.Front, trace.Browser, trace.Entra},
	{"oauth2/checksession", "session check", trace.SignIn, trace.Front, trace.Browser, trace.Entra},
	{"openid/userinfo", "call of userinfo", trace.CallAPI, trace.Back, trace.App, trace.API},
}

// apis are the first segments of the APIs' paths.
var apis = map[string]string{"orders": "Orders API", "inventory": "Inventory API", "graph": "Microsoft Graph", "vault": "Vault API", "badges": "Badges API", "reports": "Reports API"}

// kindOf says what a request to a path is.
func kindOf(path string) endpoint {
	top, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if name, ok := apis[top]; ok {
		return endpoint{what: "call of " + name, purpose: trace.CallAPI, channel: trace.Back, from: trace.App, to: trace.API}
	}
	for _, e := range endpoints {
		if e.path == rest {
			return e
		}
	}
	page := endpoint{what: "an address that the lab does not serve", purpose: trace.SignIn, channel: trace.Front, from: trace.Browser, to: trace.Entra}
	switch {
	case top == "ChangePassword.aspx":
		page.what = signInPage
	case len(rest) > len(realmPath) && strings.EqualFold(rest[:len(realmPath)], realmPath):
		page.what, page.purpose, page.channel, page.from = "account discovery", trace.Metadata, trace.Back, trace.App
	case top == "federation":
		page.what, page.purpose, page.channel, page.from = "the second issuer's documents", trace.Metadata, trace.Back, trace.App
	case top == "":
		page.what = "start page"
	}
	return page
}

// tell names what an exchange was, who sent it, and for whom.
func (l *Log) tell(e trace.Exchange, from string) Entry {
	path := ""
	if u, err := url.Parse(e.Request.URL); err == nil {
		path = u.Path
	}
	k := kindOf(path)
	e.Purpose, e.Channel, e.From, e.To = k.purpose, k.channel, k.from, k.to
	out := Entry{What: k.what, From: from, Exchange: e}
	if e.Request.Method == http.MethodOptions {
		out.What = "preflight, " + k.what
		out.Exchange.Purpose = "preflight"
	}
	grant, ok := e.Request.Get("grant_type")
	if ok && k.purpose == trace.TokenCall && e.Request.Method == http.MethodPost {
		grant = grant[strings.LastIndexByte(grant, ':')+1:] // urn:ietf:params:oauth:grant-type:device_code
		out.What = strings.Replace(k.what, "token request", "token request, grant "+short(grant), 1)
	}
	id := clientID(e.Request)
	if k.purpose == trace.CallAPI {
		id, out.Person = caller(e.Request)
	}
	got, person := l.got(e)
	out.Got = got
	if out.Person == "" {
		out.Person = person
	}
	out.Client = short(id)
	if l.Client != nil && id != "" {
		if reg, known := l.Client(id); known {
			out.Client, out.reg = reg.Key, reg
		}
	}
	return out
}

// short keeps a value from outside to the length of a name.
func short(s string) string { return bounded(s, 48) }

// bounded makes a value from outside plain, and n characters long at most.
func bounded(s string, n int) string {
	if r := []rune(trace.Plain(s)); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return trace.Plain(s)
}

// clientID is the application that a request names: in its parameters, in HTTP
// Basic (RFC 6749 section 2.3.1) or in its assertion (RFC 7523 section 3).
func clientID(r trace.Request) string {
	if id, ok := r.Get("client_id"); ok {
		return id
	}
	if scheme, rest, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && strings.EqualFold(scheme, "basic") {
		if raw, err := base64.StdEncoding.DecodeString(rest); err == nil {
			id, _, _ := strings.Cut(string(raw), ":")
			if plain, err := url.QueryUnescape(id); err == nil {
				return plain
			}
			return id
		}
	}
	if assertion, ok := r.Get("client_assertion"); ok {
		return claims(assertion)["sub"]
	}
	return ""
}

// caller is who a call of an API is from, as its token says, unverified: the
// application and the person.
func caller(r trace.Request) (client, person string) {
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	if !ok || !strings.EqualFold(scheme, "bearer") {
		return "", ""
	}
	c := claims(strings.TrimSpace(token))
	for _, name := range []string{"azp", "appid"} {
		if client == "" {
			client = c[name]
		}
	}
	for _, name := range []string{"preferred_username", "upn", "unique_name"} {
		if person == "" {
			person = short(c[name])
		}
	}
	return client, person
}

// maxToken bounds a token whose claims are read, in bytes.
const maxToken = 64 << 10

// claims reads the text claims of a token, nothing of what is no token.
func claims(token string) map[string]string {
	parts := strings.Split(token, ".")
	if len(parts) != 3 || len(token) > maxToken {
		return nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return nil
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) != nil {
		return nil
	}
	out := map[string]string{}
	for _, name := range []string{"sub", "aud", "azp", "appid", "preferred_username", "upn", "unique_name"} {
		var s string
		if json.Unmarshal(members[name], &s) == nil {
			out[name] = s
		}
	}
	return out
}
