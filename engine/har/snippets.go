package har

import (
	"embed"
	"encoding/json"
	"net/url"
	"strings"
	"sync"

	"flowscope/decision"
	"flowscope/engine/trace"
)

// Call is what a flow needs to be written with a client library.
type Call struct {
	Flow         decision.Flow
	Authority    string
	ClientID     string
	RedirectURI  string
	Scopes       []string
	Confidential bool
	SinglePage   bool
	// Credential is how a confidential client proves itself: secret, certificate or
	// federated; empty: secret.
	Credential string
	Downstream []string // of an API in the middle: what it asks for on behalf of the user
	LogoutURI  string   // where a sign-out comes back to; empty: the redirect URI
	Username   string   // who signs in with a password; empty: a placeholder
}

// Snippet is a flow in one language.
type Snippet struct {
	ID       string // go, browser, node, python, dotnet, and none where no library has the flow
	Language string // "MSAL for Go"
	Code     string
}

// languages are the libraries in the order in which they are shown.
var languages = []struct{ id, name string }{
	{"go", "MSAL for Go"}, {"browser", "MSAL.js (browser)"}, {"node", "MSAL.js (Node)"}, {"python", "MSAL for Python"}, {"dotnet", "MSAL.NET"},
}

//go:embed code/*.txt
var codeFiles embed.FS

// sections are the parts of the files of code, by language and by name. A file
// that can't be read is a mistake of the build and gives nothing.
var sections = sync.OnceValue(func() map[string]map[string]string {
	out := map[string]map[string]string{}
	for _, l := range languages {
		text, err := codeFiles.ReadFile("code/" + l.id + ".txt")
		if err != nil {
			continue
		}
		out[l.id] = parseSections(string(text))
	}
	return out
})

func parseSections(text string) map[string]string {
	out := map[string]string{}
	name := ""
	for line := range strings.Lines(text) {
		trimmed := strings.TrimSpace(line)
		if strings.HasPrefix(trimmed, "-- ") && strings.HasSuffix(trimmed, " --") {
			name = strings.Trim(trimmed, "- ")
			out[name] = ""
			continue
		}
		out[name] += line
	}
	return out
}

// Snippets gives the flow in MSAL for Go, JavaScript, Python and .NET, for the
// kind of client of the call. Where no library has the flow it gives one text that
// says so, with what takes its place.
func Snippets(c Call) []Snippet {
	if words, ok := withoutLibrary(c.Flow); ok && !(c.Flow == decision.Implicit && c.SinglePage) {
		return []Snippet{{"none", "every MSAL", words}}
	}
	if c.Flow == decision.Implicit {
		c.RedirectURI = strings.TrimSpace(c.RedirectURI)
	}
	var out []Snippet
	for _, l := range languages {
		if code := c.code(l.id); code != "" {
			out = append(out, Snippet{l.id, l.name, code})
		}
	}
	return out
}

// withoutLibrary names what no library offers.
func withoutLibrary(f decision.Flow) (string, bool) {
	switch f {
	case decision.Implicit:
		return "The implicit grant is in no MSAL any more: tokens in an address are read by whoever\n" +
			"reads the address. Authorization code with PKCE took its place, in the browser too.\n", true
	case decision.TokenExchange:
		return "Token exchange (RFC 8693) is in no MSAL: Microsoft Entra ID does not offer it.\n" +
			"An API that calls on as the user asks with on-behalf-of instead.\n", true
	}
	return "", false
}

// shape says which kind of client the code is for.
func (c Call) shape() string {
	switch {
	case c.SinglePage:
		return "spa"
	case c.Confidential:
		return "web"
	}
	return "native"
}

// code fills in the section of a language, the empty string where it has none.
func (c Call) code(language string) string {
	parts := sections()[language]
	text, ok := parts[string(c.Flow)+" "+c.shape()]
	if !ok && !c.SinglePage {
		text, ok = parts[string(c.Flow)]
	}
	if !ok {
		return ""
	}
	credential := c.Credential
	if parts[credential] == "" || !c.Confidential {
		credential = "secret"
	}
	blocks := [][2]string{
		{"$CONFIDENTIAL_REDIRECT$", parts["confidential redirect"]}, {"$CONFIDENTIAL$", parts["confidential"]},
		{"$PUBLIC$", parts["public"]}, {"$APP$", parts["app"]},
		{"$CREDENTIAL$", parts[credential]}, {"$FILES$", parts["files "+credential]},
	}
	for _, b := range blocks {
		if strings.TrimSpace(b[1]) == "" {
			text = strings.ReplaceAll(text, b[0]+"\n", "")
			continue
		}
		text = strings.ReplaceAll(text, b[0], strings.TrimRight(b[1], "\n"))
	}
	return c.fill().Replace(text)
}

// fill puts the values of the call into the text, as the inside of a string: the
// escapes of JSON mean the same in all of these languages.
func (c Call) fill() *strings.Replacer {
	loopback := c.RedirectURI
	if !strings.HasPrefix(loopback, "http://localhost") {
		loopback = "http://localhost"
	}
	logout := c.LogoutURI
	if logout == "" {
		logout = c.RedirectURI
	}
	username := c.Username
	if username == "" {
		username = "somebody@example.com"
	}
	return strings.NewReplacer(
		"$AUTHORITY$", inside(c.Authority), "$CLIENT_ID$", inside(c.ClientID), "$REDIRECT$", inside(c.RedirectURI), "$LOOPBACK$", inside(loopback),
		"$SCOPES$", quoted(c.Scopes), "$DOWNSTREAM$", quoted(c.Downstream), "$USERNAME$", inside(username), "$RESOURCE$", inside(c.resource()),
		"$LOGOUT_REDIRECT$", inside(logout), "$LOGOUT_URL$", inside(c.logoutURL(logout)), "$CONSENT_URL$", inside(c.consentURL()),
	)
}

// resource is what a machine's own endpoint takes in place of scopes (Entra:
// managed identities).
func (c Call) resource() string {
	if len(c.Scopes) == 0 {
		return "https://graph.microsoft.com"
	}
	scope := strings.TrimSuffix(c.Scopes[0], "/.default")
	if scope == c.Scopes[0] {
		if i := strings.LastIndexByte(scope, '/'); i > len("https://") {
			scope = scope[:i]
		}
	}
	return scope
}

// logoutURL is the sign-out of OpenID Connect RP-Initiated Logout 1.0 section 2.
func (c Call) logoutURL(back string) string {
	out := strings.TrimSuffix(c.Authority, "/") + "/oauth2/v2.0/logout"
	if back != "" {
		out += "?post_logout_redirect_uri=" + url.QueryEscape(back)
	}
	return out
}

// consentURL is Entra's admin consent endpoint (Entra: admin consent).
func (c Call) consentURL() string {
	return strings.TrimSuffix(c.Authority, "/") + "/v2.0/adminconsent?" + trace.EncodePairs([]trace.Param{
		{Name: "client_id", Value: c.ClientID}, {Name: "scope", Value: strings.Join(c.Scopes, " ")}, {Name: "redirect_uri", Value: c.RedirectURI},
	})
}

func quoted(list []string) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = `"` + inside(s) + `"`
	}
	return strings.Join(out, ", ")
}

// inside is a value as it stands between double quotes in Go, JavaScript, Python
// and C#.
func inside(s string) string {
	text, err := json.Marshal(trace.Plain(s))
	if err != nil {
		return ""
	}
	return strings.NewReplacer(`\u0026`, "&", `\u003c`, "<", `\u003e`, ">").Replace(string(text[1 : len(text)-1]))
}
