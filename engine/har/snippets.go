package har

import (
	"strings"

	"flowscope/decision"
)

// Call is what the same flow needs to be written with a client library.
type Call struct {
	Flow         decision.Flow
	Authority    string
	ClientID     string
	RedirectURI  string
	Scopes       []string
	Confidential bool
	SinglePage   bool
}

// Snippet is a flow in one language.
type Snippet struct {
	Language string
	Code     string
}

// Snippets gives the flow in MSAL for Go, JavaScript, Python and .NET, for the
// kind of client of the call. A flow that has none gives nothing.
func Snippets(c Call) []Snippet {
	var list []Snippet
	switch {
	case c.Flow == decision.ClientCredentials:
		list = daemonSnippets()
	case c.Flow == decision.AuthorizationCode && c.SinglePage:
		list = pageSnippets()
	case c.Flow == decision.AuthorizationCode && c.Confidential:
		list = webSnippets()
	case c.Flow == decision.AuthorizationCode:
		list = nativeSnippets()
	}
	quoted := make([]string, len(c.Scopes))
	for i, s := range c.Scopes {
		quoted[i] = `"` + s + `"`
	}
	fill := strings.NewReplacer("AUTHORITY", c.Authority, "CLIENT_ID", c.ClientID, "REDIRECT", c.RedirectURI, "SCOPES", strings.Join(quoted, ", "))
	for i := range list {
		list[i].Code = fill.Replace(list[i].Code)
	}
	return list
}

func pageSnippets() []Snippet {
	return []Snippet{{"MSAL.js (browser)", `const app = await createStandardPublicClientApplication({
  auth: { clientId: "CLIENT_ID", authority: "AUTHORITY", redirectUri: "REDIRECT" }
});
await app.loginRedirect({ scopes: [SCOPES] });
// on the page that comes back: state, nonce and verifier are checked inside
const result = await app.handleRedirectPromise();
`}}
}

func webSnippets() []Snippet {
	return []Snippet{
		{"MSAL for Go", `cred, err := confidential.NewCredFromSecret(os.Getenv("AZURE_SECRET"))
app, err := confidential.New("AUTHORITY", "CLIENT_ID", cred)
url, err := app.AuthCodeURL(ctx, "CLIENT_ID", "REDIRECT", []string{SCOPES})
// add state, nonce, code_challenge: this method does not
result, err := app.AcquireTokenByAuthCode(ctx, code, "REDIRECT",
	[]string{SCOPES}, confidential.WithChallenge(verifier))
`},
		{"MSAL.js (Node)", `const app = new ConfidentialClientApplication({ auth: {
  clientId: "CLIENT_ID", authority: "AUTHORITY", clientSecret: process.env.AZURE_SECRET } });
const url = await app.getAuthCodeUrl({ scopes: [SCOPES], redirectUri: "REDIRECT",
  state, nonce, codeChallenge, codeChallengeMethod: "S256" });
const result = await app.acquireTokenByCode({ code, codeVerifier,
  scopes: [SCOPES], redirectUri: "REDIRECT" });
`},
		{"MSAL for Python", `app = msal.ConfidentialClientApplication("CLIENT_ID", authority="AUTHORITY",
    client_credential=os.environ["AZURE_SECRET"])
flow = app.initiate_auth_code_flow([SCOPES], redirect_uri="REDIRECT")
# send the person to flow["auth_uri"], then:
result = app.acquire_token_by_auth_code_flow(flow, query)
`},
		{"MSAL.NET", `var app = ConfidentialClientApplicationBuilder.Create("CLIENT_ID")
    .WithAuthority("AUTHORITY").WithRedirectUri("REDIRECT")
    .WithClientSecret(Environment.GetEnvironmentVariable("AZURE_SECRET")).Build();
var result = await app.AcquireTokenByAuthorizationCode(new[] { SCOPES }, code)
    .WithPkceCodeVerifier(verifier).ExecuteAsync();
`},
	}
}

func nativeSnippets() []Snippet {
	return []Snippet{
		{"MSAL for Go", `app, err := public.New("CLIENT_ID", public.WithAuthority("AUTHORITY"))
result, err := app.AcquireTokenInteractive(ctx, []string{SCOPES})
`},
		{"MSAL.js (Node)", `const app = new PublicClientApplication({ auth: {
  clientId: "CLIENT_ID", authority: "AUTHORITY" } });
const result = await app.acquireTokenInteractive({ scopes: [SCOPES],
  openBrowser: async (url) => open(url) });
`},
		{"MSAL for Python", `app = msal.PublicClientApplication("CLIENT_ID", authority="AUTHORITY")
result = app.acquire_token_interactive([SCOPES])
`},
		{"MSAL.NET", `var app = PublicClientApplicationBuilder.Create("CLIENT_ID")
    .WithAuthority("AUTHORITY").WithRedirectUri("REDIRECT").Build();
var result = await app.AcquireTokenInteractive(new[] { SCOPES }).ExecuteAsync();
`},
	}
}

func daemonSnippets() []Snippet {
	return []Snippet{
		{"MSAL for Go", `cred, err := confidential.NewCredFromSecret(os.Getenv("AZURE_SECRET"))
app, err := confidential.New("AUTHORITY", "CLIENT_ID", cred)
result, err := app.AcquireTokenByCredential(ctx, []string{SCOPES})
`},
		{"MSAL.js (Node)", `const app = new ConfidentialClientApplication({ auth: {
  clientId: "CLIENT_ID", authority: "AUTHORITY", clientSecret: process.env.AZURE_SECRET } });
const result = await app.acquireTokenByClientCredential({ scopes: [SCOPES] });
`},
		{"MSAL for Python", `app = msal.ConfidentialClientApplication("CLIENT_ID", authority="AUTHORITY",
    client_credential=os.environ["AZURE_SECRET"])
result = app.acquire_token_for_client([SCOPES])
`},
		{"MSAL.NET", `var app = ConfidentialClientApplicationBuilder.Create("CLIENT_ID")
    .WithAuthority("AUTHORITY")
    .WithClientSecret(Environment.GetEnvironmentVariable("AZURE_SECRET")).Build();
var result = await app.AcquireTokenForClient(new[] { SCOPES }).ExecuteAsync();
`},
	}
}
