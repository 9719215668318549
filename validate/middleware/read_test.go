package middleware_test

import (
	"strings"
	"testing"

	"flowscope/validate/middleware"
	"flowscope/validate/validatetest"
)

// readRows are answers of the libraries that were only read: .NET's, and Java's.
// A row has the case, then for each of the four an answer with the rule: "+" is
// accepted, "+!" wrongly; "-" is rejected, "-!" wrongly, "-~" as one stricter; "?" is open.
var readRows = [...][5]string{
	{"v2.0 for a person", "+", "+", "+", "+"},
	{"v1.0 for a person", "+", "+", "+", "+"},
	{"v1.0 with the client id as audience", "+", "+", "+", "+"},
	{"v2.0 application with a role", "+", "+", "+", "+"},
	{"v2.0 application without a role", "-~IDW10201", "+", "+", "+"},
	{"multi-tenant, listed tenant", "+", "-!IDX10205", "-!The iss claim", "-!The iss claim"},
	{"personal account", "+", "-!IDX10205", "-!The iss claim", "-!The iss claim"},
	{"cross-tenant with common keys", "-IDX40001", "-IDX10205", "-The iss claim", "-The iss claim"},
	{"cross-tenant, template and list", "+!no list of tenants", "-IDX10205", "-The iss claim", "-The iss claim"},
	{"v1.0 token, v2.0 issuer pinned, audience right", "+!both issuers", "-IDX10205", "-The iss claim", "-The iss claim"},
	{"issuer expected with a slash", "+!both issuers", "-IDX10205", "-The iss claim", "-The iss claim"},
	{"token for another API", "-IDX10214", "-IDX10214", "+!audience not checked", "-The aud claim"},
	{"v2.0 audience with a slash", "+!slash at the end", "+!slash at the end", "+!audience not checked", "-The aud claim"},
	{"App ID URI expected of a v2.0 token", "-IDX10214", "-IDX10214", "+!audience not checked", "-The aud claim"},
	{"audience in capitals", "-IDX10214", "-IDX10214", "+!audience not checked", "-The aud claim"},
	{"audience is missing", "-IDX10214", "-IDX10214", "+!audience not checked", "-The aud claim"},
	{"Graph", "-IDX10511", "-IDX10511", "-Invalid signature", "-Invalid signature"},
	{"ID token to an API that shares the registration", "-IDW10201", "+!kind of token", "+!kind of token", "+!kind of token"},
	{"neither scopes nor roles", "-~IDW10201", "+", "+", "+"},
	{"alg none", "-IDX10504", "-IDX10504", "-Unsupported algorithm", "-Unsupported algorithm"},
	{"alg none with the signature left on", "-IDX10511", "-IDX10511", "-Unsupported algorithm", "-Unsupported algorithm"},
	{"HS256 with the public key as PEM", "-IDX10511", "-IDX10511", "-no matching key", "-no matching key"},
	{"RS384 not on the list", "+!ValidAlgorithms", "+!ValidAlgorithms", "+!algorithms from", "+!algorithms from"},
	{"kid is a path", "+!key in the header", "+!key in the header", "-no matching key", "-no matching key"},
	{"kid is unknown", "+!key in the header", "+!key in the header", "-no matching key", "-no matching key"},
	{"kid is missing", "+!key in the header", "+!key in the header", "+!key in the header", "+!key in the header"},
	{"jku", "-IDX10511", "-IDX10511", "-Invalid signature", "-Invalid signature"},
	{"embedded jwk", "-IDX10511", "-IDX10511", "-Invalid signature", "-Invalid signature"},
	{"jku over a good signature", "+!key in the header", "+!key in the header", "+!key in the header", "+!key in the header"},
	{"weak key", "+!", "+!", "+!", "+!"},
	{"crit unknown", "+!crit and b64", "+!crit and b64", "-Invalid signature", "-Invalid signature"},
	{"aud twice, a stranger last", "-IDX10214", "-IDX10214", "-Malformed payload", "-Malformed payload"},
	{"alg twice", "", "", "-Malformed token", "-Malformed token"},
	{"exp as a string", "+!exp as text", "+!exp as text", "-Malformed payload", "-Malformed payload"},
	{"exp 1e400", "-IDX14101", "-IDX14101", "-Malformed payload", "-Malformed payload"},
	{"exp in milliseconds", "+!any number", "+!any number", "+!any number", "+!any number"},
	{"exp negative", "-IDX10224", "-IDX10224", "-Jwt expired", "-Jwt expired"},
	{"exp is missing", "-IDX10225", "-IDX10225", "+!exp only", "+!exp only"},
	{"exp is null", "-IDX14101", "-IDX14101", "+!null counts", "+!null counts"},
	{"expired", "-IDX10223", "-IDX10223", "-Jwt expired", "-Jwt expired"},
	{"expired within the allowance", "+", "+", "-~Jwt expired", "-~Jwt expired"},
	{"expired, no allowance", "+!ClockSkew", "+!ClockSkew", "+!60 seconds", "+!60 seconds"},
	{"not yet", "-IDX10222", "-IDX10222", "-Jwt used before", "-Jwt used before"},
	{"padding on the signature", "+!Base64UrlEncoder", "+!Base64UrlEncoder", "+!Base64Codec", "+!Base64Codec"},
	{"ends before it begins", "-~IDX10224", "-~IDX10224", "-~Jwt used before", "-~Jwt used before"},
	{"opaque", "-IDX14100", "-IDX14100", "-Malformed token", "-Malformed token"},
	{"encrypted", "-IDX14100", "-IDX14100", "-Malformed token", "-Malformed token"},
	{"nested token", "-IDX14101", "-IDX14101", "-Malformed payload", "-Malformed payload"},
	{"RFC 9068", "?IDX40001", "+", "-!the given typ", "-!the given typ"},
	{"several audiences", "?IDX40001", "+", "+", "+"},
}

func TestAgainstWhatWasRead(t *testing.T) {
	profiles := [...]string{"microsoft-identity-web", "aspnet-jwtbearer", "spring-security-no-audiences", "spring-security"}
	cases := map[string]validatetest.Case{}
	for _, c := range validatetest.Catalogue() {
		cases[c.Name] = c
	}
	for _, row := range readRows {
		c, ok := cases[row[0]]
		if !ok {
			t.Logf("the catalogue has no case %q any more", row[0])
			continue
		}
		_, got := opinions(t, c)
		for i, id := range profiles {
			for _, o := range got {
				if want := row[i+1]; o.Profile.ID == id && want != "" {
					compareRow(t, row[0], o, want)
				}
			}
		}
	}
}

// compareRow compares one opinion with a cell of the table above.
func compareRow(t *testing.T, name string, o middleware.Opinion, want string) {
	t.Helper()
	answer := map[byte]middleware.Answer{'+': middleware.Accepts, '-': middleware.Rejects, '?': middleware.Open}[want[0]]
	rule, harm := want[1:], middleware.Harm("")
	switch rule[:min(1, len(rule))] {
	case "!":
		rule, harm = rule[1:], map[byte]middleware.Harm{'+': middleware.HarmAccepts, '-': middleware.HarmRefuses}[want[0]]
	case "~":
		rule, harm = rule[1:], middleware.HarmStricter
	}
	if o.Answer != answer || o.Harm != harm || !strings.HasPrefix(o.Rule, rule) {
		t.Errorf("%s, %s: %s by %q (harm: %q; %s), want %q", name, o.Profile.ID, o.Answer, o.Rule, o.Harm, o.Why, want)
	}
}
