package labinfo

import "strings"

// Snippet is the configuration that points one kind of client at the lab.
type Snippet struct {
	Title string // "MSAL.js for Node"
	About string // what to know before, one or two sentences
	Code  string
}

// Snippets gives the configuration for each kind of client, for the lab as d
// describes it. ca is the file in which the user keeps the CA certificate. None
// of them changes what the client does, but for where it asks: instance
// discovery is switched off, since it would go to Microsoft's public cloud.
func Snippets(d Description, ca string) []Snippet {
	web, _ := d.App("web")
	spa, _ := d.App("spa")
	orders, _ := d.App("orders-api")
	fill := strings.NewReplacer(
		"HTTP_AUTHORITY", d.HTTPAuthority, "AUTHORITY", d.Authority, "HOST", host(d.Authority), "CA_FILE", ca,
		"WEB_ID", web.ClientID, "WEB_SECRET", web.ClientSecret, "WEB_REDIRECT", firstOf(web.RedirectURIs),
		"SPA_ID", spa.ClientID, "SPA_REDIRECT", firstOf(spa.RedirectURIs), "DISCOVERY", d.Discovery,
		"ORDERS_ID", orders.ClientID, "ORDERS_SCOPE", firstOf(orders.Scopes),
	)
	out := snippets()
	for i := range out {
		out[i].About, out[i].Code = fill.Replace(out[i].About), fill.Replace(out[i].Code)
	}
	return out
}

func host(address string) string {
	_, rest, _ := strings.Cut(address, "://")
	h, _, _ := strings.Cut(rest, "/")
	return h
}

func firstOf(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// snippets is long because it is a list of texts.
func snippets() []Snippet {
	return []Snippet{
		{"MSAL.js for Node", "NODE_EXTRA_CA_CERTS must be in the environment before Node starts. knownAuthorities needs the port.", `// NODE_EXTRA_CA_CERTS=CA_FILE node app.js
import { ConfidentialClientApplication } from "@azure/msal-node";
const authority = "AUTHORITY";
const app = new ConfidentialClientApplication({ auth: {
  clientId: "WEB_ID",
  clientSecret: "WEB_SECRET",
  authority,
  knownAuthorities: ["HOST"],
} });
const scopes = ["ORDERS_SCOPE"];
const redirectUri = "WEB_REDIRECT";
const url = await app.getAuthCodeUrl({ scopes, redirectUri });
`},
		{"MSAL.js for Node, plain HTTP", "No certificate is needed: the metadata is handed over, and its endpoints are plain HTTP. Tokens then carry the http issuer: configure the API with the same.", `import { ConfidentialClientApplication } from "@azure/msal-node";
const authority = "AUTHORITY";
const plain = "HTTP_AUTHORITY";
const app = new ConfidentialClientApplication({ auth: {
  clientId: "WEB_ID",
  clientSecret: "WEB_SECRET",
  authority,
  knownAuthorities: ["HOST"],
  authorityMetadata: JSON.stringify({
    issuer: plain + "/v2.0",
    authorization_endpoint: plain + "/oauth2/v2.0/authorize",
    token_endpoint: plain + "/oauth2/v2.0/token",
    end_session_endpoint: plain + "/oauth2/v2.0/logout",
    jwks_uri: plain + "/discovery/v2.0/keys",
  }),
} });
const scopes = ["ORDERS_SCOPE"];
const redirectUri = "WEB_REDIRECT";
const url = await app.getAuthCodeUrl({ scopes, redirectUri });
`},
		{"MSAL.js for browsers", "A browser does not trust the lab's certificate; with the metadata handed over it speaks plain HTTP to localhost. Tokens then carry the http issuer: configure the API with the same.", `import { createStandardPublicClientApplication } from "@azure/msal-browser";
const authority = "AUTHORITY";
const plain = "HTTP_AUTHORITY";
const app = await createStandardPublicClientApplication({ auth: {
  clientId: "SPA_ID",
  redirectUri: "SPA_REDIRECT",
  authority,
  knownAuthorities: ["HOST"],
  authorityMetadata: JSON.stringify({
    issuer: plain + "/v2.0",
    authorization_endpoint: plain + "/oauth2/v2.0/authorize",
    token_endpoint: plain + "/oauth2/v2.0/token",
    end_session_endpoint: plain + "/oauth2/v2.0/logout",
    jwks_uri: plain + "/discovery/v2.0/keys",
  }),
} });
const scopes = ["ORDERS_SCOPE"];
await app.loginRedirect({ scopes });
`},
		{"MSAL for Python", "verify takes the CA's file.", `authority = "AUTHORITY"
app = msal.ConfidentialClientApplication(
    "WEB_ID", client_credential="WEB_SECRET", authority=authority,
    instance_discovery=False, verify="CA_FILE")
`},
		{"MSAL.NET", "On Linux SSL_CERT_FILE names the CA; elsewhere give WithHttpClientFactory a client that trusts it.", `// SSL_CERT_FILE=CA_FILE dotnet run
var authority = "AUTHORITY";
var app = ConfidentialClientApplicationBuilder.Create("WEB_ID")
    .WithClientSecret("WEB_SECRET").WithAuthority(authority)
    .WithInstanceDiscovery(false).Build();
`},
		{"MSAL for Go", "The HTTP client trusts the CA and nothing else.", `pem, err := os.ReadFile("CA_FILE")
roots := x509.NewCertPool()
roots.AppendCertsFromPEM(pem)
client := &http.Client{Transport: &http.Transport{
	TLSClientConfig: &tls.Config{RootCAs: roots}}}
cred, err := confidential.NewCredFromSecret("WEB_SECRET")
authority := "AUTHORITY"
app, err := confidential.New(authority, "WEB_ID", cred,
	confidential.WithInstanceDiscovery(false), confidential.WithHTTPClient(client))
`},
		{"openid-client for Node", "Over plain HTTP it wants to be told; with NODE_EXTRA_CA_CERTS take the https issuer and leave execute out.", `const config = await client.discovery(
  new URL("HTTP_AUTHORITY/v2.0"),
  "WEB_ID", "WEB_SECRET", undefined,
  { execute: [client.allowInsecureRequests] });
`},
		{"Your own API", "Stands in for Orders API: v2.0 tokens are made for its client id. The issuer is that of the address which the client asked; a real API takes one issuer alone.", `import { createRemoteJWKSet, jwtVerify } from "jose";
// issuer    AUTHORITY/v2.0
//           HTTP_AUTHORITY/v2.0
// audience  ORDERS_ID
// jwks_uri  HTTP_AUTHORITY/discovery/v2.0/keys
const keys = createRemoteJWKSet(new URL("HTTP_AUTHORITY/discovery/v2.0/keys"));
const { payload } = await jwtVerify(token, keys, {
  issuer: ["AUTHORITY/v2.0", "HTTP_AUTHORITY/v2.0"],
  audience: "ORDERS_ID",
  algorithms: ["RS256"],
});
if (!payload.scp?.split(" ").includes("access_as_user")) throw new Error("403");
`},
		{"Any OpenID Connect client", "The issuer is the authority with /v2.0. All else stands in the discovery document.", `issuer         AUTHORITY/v2.0
               HTTP_AUTHORITY/v2.0
client id      WEB_ID
client secret  WEB_SECRET
redirect URI   WEB_REDIRECT

curl --cacert CA_FILE DISCOVERY
`},
	}
}
