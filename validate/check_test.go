package validate_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"flowscope/validate"
)

// status is one row of the table: what is changed, and what one check says.
type status struct {
	name   string
	header string   // changes of the header, name and value by turns, parted by spaces
	claims []string // changes of the claims, name and raw value by turns
	want   func(*validate.Expectations)
	id     string
	status validate.Status
	why    string // a part of Why or Fix
}

func q(s string) string { return fmt.Sprintf("%q", s) }

func secs(at time.Time) string { return fmt.Sprint(at.Unix()) }

// statuses puts every check through every outcome it can have.
var statuses = []status{
	{"clean", "", nil, nil, "format", "pass", "clean"},
	{"second spelling", "", []string{"Tid", q(otherTid)}, nil, "format", "fail", "in case alone"},
	{"exp as a string", "", []string{"exp", q("1772370600")}, nil, "format", "fail", "is a string"},
	{"exp negative", "", []string{"exp", "-5"}, nil, "format", "fail", "negative"},
	{"exp out of range", "", []string{"exp", "1e400"}, nil, "format", "fail", "9999"},
	{"exp in milliseconds", "", []string{"exp", "1772370600000"}, nil, "format", "fail", "milliseconds"},
	{"exp with a fraction", "", []string{"exp", secs(now.Add(time.Hour)) + ".5"}, nil, "format", "warn", "fraction"},
	{"crit", `crit ["x"]`, nil, nil, "format", "fail", "extensions"},
	{"b64", `b64 false`, nil, nil, "format", "fail", "RFC 7797"},
	{"aud a number", "", []string{"aud", "7"}, nil, "format", "fail", "is a number"},
	{"roles a string", "", []string{"roles", q("Admin")}, nil, "format", "fail", "array of strings"},

	{"RS256", "", nil, nil, "algorithm", "pass", "on the list"},
	{"none", `alg "none"`, nil, nil, "algorithm", "fail", "not signed"},
	{"nOnE", `alg "nOnE"`, nil, nil, "algorithm", "fail", "not signed"},
	{"HS256", `alg "HS256"`, nil, nil, "algorithm", "fail", "shared secret"},
	{"not listed", `alg "RS384"`, nil, nil, "algorithm", "fail", "not on the list"},
	{"unheard of", `alg "XY1"`, nil, nil, "algorithm", "fail", "not on the list"},
	{"no algorithm", `alg `, nil, nil, "algorithm", "fail", "names no algorithm"},
	{"HS256 though asked for", `alg "HS256"`, nil, func(w *validate.Expectations) { w.Algorithms = []string{"HS256"} },
		"algorithm", "fail", "shared secret"},
	{"key for another algorithm", `kid "rs512-only"`, nil, nil, "algorithm", "fail", "RS512 only"},
	{"key of another type", `kid "ec-key-1"`, nil, nil, "algorithm", "fail", "cannot verify"},

	{"key", "", nil, nil, "key", "pass", "holds this key"},
	{"key unknown", `kid "nobody"`, nil, nil, "key", "fail", "None of the keys that were given"},
	{"no kid", `kid `, nil, nil, "key", "fail", "names no key"},
	{"kid a path", `kid "../../dev/null"`, nil, nil, "key", "fail", "looks like a path"},
	{"kid SQL", `kid "x';--"`, nil, nil, "key", "fail", "looks like a path"},
	{"kid too long", `kid "` + strings.Repeat("a", 65) + `"`, nil, nil, "key", "fail", "up to 64"},
	{"jku", `jku "https://evil.example/keys"`, nil, nil, "key", "fail", "own key"},
	{"jwk", `jwk {"kty":"RSA"}`, nil, nil, "key", "fail", "own key"},
	{"x5u", `x5u "https://evil.example/c"`, nil, nil, "key", "fail", "own key"},
	{"x5c", `x5c ["AAAA"]`, nil, nil, "key", "fail", "own key"},
	{"weak key", `kid "weak-key"`, nil, nil, "key", "fail", "1024"},
	{"encryption key", `kid "enc-key"`, nil, nil, "key", "fail", `"enc"`},
	{"certificate of another key", `kid "fake-cert"`, nil, nil, "key", "fail", "certificate"},
	{"key of another issuer", `kid "consumers"`, nil, nil, "key", "fail", "may sign for"},

	{"signature", "", nil, nil, "signature", "pass", "nobody changed"},
	{"algorithm refused", `alg "none"`, nil, nil, "signature", "not-run", "not accepted"},
	{"no key for it", `kid "nobody"`, nil, nil, "signature", "not-run", "trusted key"},
	{"Graph", `nonce "n"`, []string{"aud", q("https://graph.microsoft.com/")}, nil, "signature", "not-run", "nobody but Graph"},

	{"issuer", "", nil, nil, "issuer", "pass", "exactly"},
	{"issuer by template", "", nil, func(w *validate.Expectations) {
		w.Issuer = "https://login.microsoftonline.com/{tenantid}/v2.0"
	}, "issuer", "pass", "{tenantid}"},
	{"issuer not stated", "", nil, func(w *validate.Expectations) { w.Issuer = "" }, "issuer", "not-run", "--issuer"},
	{"no issuer", "", []string{"iss", ""}, nil, "issuer", "fail", "who issued"},
	{"another issuer", "", []string{"iss", q("https://evil.example")}, nil, "issuer", "fail", "Another issuer"},
	{"slash", "", []string{"iss", q(issuerV2 + "/")}, nil, "issuer", "fail", "slash"},
	{"v1.0 issuer", "", []string{"iss", q(issuerV1)}, nil, "issuer", "fail", "requestedAccessTokenVersion"},
	{"other tenant", "", []string{"iss", q(strings.Replace(issuerV2, tenant, otherTid, 1))}, nil, "issuer", "fail", "another tenant"},
	{"common expected", "", nil, func(w *validate.Expectations) { w.Issuer = "https://login.microsoftonline.com/common/v2.0" },
		"issuer", "fail", "no token ever names it"},
	{"template without tenant", "", []string{"tid", ""}, func(w *validate.Expectations) {
		w.Issuer = "https://login.microsoftonline.com/{tenantid}/v2.0"
	}, "issuer", "fail", "names no tenant"},

	{"audience", "", nil, nil, "audience", "pass", "audience expected"},
	{"audience in a list", "", []string{"aud", `["x",` + q(apiID) + `]`}, nil, "audience", "pass", ""},
	{"audience not stated", "", nil, func(w *validate.Expectations) { w.Audiences = nil }, "audience", "not-run", "--audience"},
	{"no audience", "", []string{"aud", ""}, nil, "audience", "fail", "for whom"},
	{"another audience", "", []string{"aud", q("api://other")}, nil, "audience", "fail", "api://other"},
	{"App ID URI expected", "", nil, func(w *validate.Expectations) { w.Audiences = []string{"api://" + apiID} },
		"audience", "fail", "App ID URI"},
	{"App ID URI by name expected", "", nil, func(w *validate.Expectations) { w.Audiences = []string{"api://wrong"} },
		"audience", "fail", "One token serves one API, and this one is for " + apiID + ", not for api://wrong; unless both name the same API"},
	{"a name found, a GUID expected", "", []string{"aud", q("api://orders")}, nil, "audience", "fail", "unless both name the same API"},
	{"two names", "", []string{"aud", q("api://other")}, func(w *validate.Expectations) { w.Audiences = []string{"api://wrong"} },
		"audience", "fail", "not for api://wrong."},
	{"two GUIDs", "", []string{"aud", q(otherTid)}, nil, "audience", "fail", "not for " + apiID + "."},
	{"ID token of another client", "", []string{"scp", "", "azp", "", "azpacr", "", "aud", q("c")}, nil, "audience", "fail", "for one client"},
	{"audience in capitals", "", []string{"aud", q(strings.ToUpper(apiID))}, nil, "audience", "fail", "case"},
	{"audience Graph", "", []string{"aud", q("https://graph.microsoft.com")}, nil, "audience", "fail", "Microsoft Graph"},
	{"slash in v1.0", "", []string{"ver", q("1.0"), "aud", q("https://api.example/")}, func(w *validate.Expectations) {
		w.Audiences = []string{"https://api.example"}
	}, "audience", "warn", "slash"},

	{"in time", "", nil, nil, "expiry", "pass", "not expired"},
	{"expired", "", []string{"exp", secs(now.Add(-5 * time.Minute))}, nil, "expiry", "fail", "expired"},
	{"expired within skew", "", []string{"exp", secs(now.Add(-299 * time.Second))}, nil, "expiry", "warn", "allowance"},
	{"expired without skew", "", []string{"exp", secs(now)}, func(w *validate.Expectations) { w.Skew = -1 }, "expiry", "fail", "expired"},
	{"no exp", "", []string{"exp", ""}, nil, "expiry", "fail", "never ends"},
	{"exp unreadable", "", []string{"exp", "true"}, nil, "expiry", "not-run", "no date"},
	{"exp with an exponent", "", []string{"exp", "1.7723706e9"}, nil, "expiry", "warn", "exponent"},

	{"begun", "", nil, nil, "not-before", "pass", "already"},
	{"not begun", "", []string{"nbf", secs(now.Add(301 * time.Second))}, nil, "not-before", "fail", "not be used yet"},
	{"begins in a moment", "", []string{"nbf", secs(now.Add(300 * time.Second))}, nil, "not-before", "warn", "moment"},
	{"no nbf", "", []string{"nbf", ""}, nil, "not-before", "not-run", "from when"},

	{"issued", "", nil, nil, "issued-at", "pass", "past"},
	{"issued in the future", "", []string{"iat", secs(now.Add(301 * time.Second))}, nil, "issued-at", "fail", "future"},
	{"issued in a moment", "", []string{"iat", secs(now.Add(60 * time.Second))}, nil, "issued-at", "warn", "moment"},
	{"no iat", "", []string{"iat", ""}, nil, "issued-at", "not-run", "when it was issued"},

	{"tenant", "", nil, func(w *validate.Expectations) { w.Tenants = []string{otherTid, strings.ToUpper(tenant)} }, "tenant", "pass", "on the list"},
	{"tenant not stated", "", nil, nil, "tenant", "not-run", "--tenant"},
	{"tenant not listed", "", nil, func(w *validate.Expectations) { w.Tenants = []string{otherTid} }, "tenant", "fail", "not on the list"},
	{"tenant missing", "", []string{"tid", ""}, func(w *validate.Expectations) { w.Tenants = []string{tenant} }, "tenant", "fail", "names no tenant"},
	{"tenant by domain", "", nil, func(w *validate.Expectations) { w.Tenants = []string{"contoso.com"} }, "tenant", "fail", "GUID"},
	{"tenant against issuer", "", []string{"tid", q(otherTid)}, nil, "tenant", "fail", "agrees with itself"},

	{"access token", "", nil, nil, "token-type", "pass", "access token"},
	{"ID token for an API", "", []string{"scp", "", "azp", "", "azpacr", ""}, func(w *validate.Expectations) { w.Type = validate.KindAccess },
		"token-type", "fail", "opens no API"},
	{"access token for a client", "", nil, func(w *validate.Expectations) { w.Type = validate.KindID }, "token-type", "fail", "id_token"},
	{"application for a person", "", []string{"scp", "", "idtyp", q("app")}, func(w *validate.Expectations) { w.Caller = "user" },
		"token-type", "fail", "person is wanted"},
	{"person for an application", "", nil, func(w *validate.Expectations) { w.Caller = "app" }, "token-type", "fail", "client credentials"},
	{"another type", `typ "logout+jwt"`, nil, nil, "token-type", "fail", "another purpose"},
	{"grants nothing", "", []string{"scp", ""}, nil, "token-type", "warn", "neither scopes nor roles"},
	{"caller unknown", "", []string{"scp", "", "name", "", "preferred_username", ""}, func(w *validate.Expectations) { w.Caller = "user" },
		"token-type", "not-run", "idtyp"},
	{"application and scopes", "", []string{"idtyp", q("app")}, nil, "token-type", "warn", "both"},

	{"nonce", "", []string{"nonce", q("n1")}, func(w *validate.Expectations) { w.Nonce = "n1" }, "nonce", "pass", "very request"},
	{"nonce not stated", "", []string{"nonce", q("n1")}, nil, "nonce", "not-run", "--nonce"},
	{"another nonce", "", []string{"nonce", q("n2")}, func(w *validate.Expectations) { w.Nonce = "n1" }, "nonce", "fail", "another nonce"},
	{"no nonce", "", nil, func(w *validate.Expectations) { w.Nonce = "n1" }, "nonce", "not-run", "ID token"},
	{"nonce for what must be an access token", "", nil, func(w *validate.Expectations) { w.Nonce, w.Type = "n1", validate.KindAccess }, "nonce", "fail", "ID token"},
	{"no nonce where an ID token must come", "", nil, func(w *validate.Expectations) { w.Nonce, w.Type = "n1", validate.KindID }, "nonce", "fail", "ID token"},
	{"hashed nonce", "", []string{"nonce", q("676b8bb84ce7267dd520deca4811c8f10a53e636352f06987f42fe425acedd80")},
		func(w *validate.Expectations) { w.Nonce = "n1" }, "nonce", "fail", "MSAL for Python"},

	{"scope", "", nil, func(w *validate.Expectations) { w.Scopes = []string{"Orders.ReadWrite", "Orders.Read"} }, "scope", "pass", "granted"},
	{"scope not stated", "", nil, nil, "scope", "not-run", "--scope"},
	{"scope of an ID token", "", []string{"scp", "", "azp", "", "azpacr", ""}, nil, "scope", "not-run", "only access tokens"},
	{"part of a scope", "", []string{"scp", q("Orders.ReadWrite")}, func(w *validate.Expectations) { w.Scopes = []string{"Orders.Read"} },
		"scope", "fail", "word by word"},
	{"full scope", "", nil, func(w *validate.Expectations) { w.Scopes = []string{"api://x/Orders.Read"} }, "scope", "fail", "short names"},
	{"scope in capitals", "", nil, func(w *validate.Expectations) { w.Scopes = []string{"orders.read"} }, "scope", "fail", "case counts"},
	{"no scope", "", []string{"scp", ""}, func(w *validate.Expectations) { w.Scopes = []string{"Orders.Read"} }, "scope", "fail", "no scope at all"},
	{"application without scope", "", []string{"scp", "", "idtyp", q("app")}, func(w *validate.Expectations) { w.Scopes = []string{"Orders.Read"} },
		"scope", "fail", "never scopes"},

	{"roles", "", []string{"roles", `["Admin","Editor"]`}, func(w *validate.Expectations) { w.Roles = []string{"Editor"} }, "roles", "pass", "there"},
	{"roles not stated", "", nil, nil, "roles", "not-run", "--role"},
	{"role missing", "", []string{"roles", `["Editor"]`}, func(w *validate.Expectations) { w.Roles = []string{"Admin", "Editor"} }, "roles", "fail", "Missing: Admin"},
	{"no roles", "", nil, func(w *validate.Expectations) { w.Roles = []string{"Admin"} }, "roles", "fail", "no roles"},
	{"application without roles", "", []string{"scp", "", "idtyp", q("app")}, func(w *validate.Expectations) { w.Roles = []string{"R"} },
		"roles", "fail", "without any permission"},

	{"client", "", nil, func(w *validate.Expectations) { w.ClientID = clientID }, "authorized-party", "pass", "client expected"},
	{"client not stated", "", nil, nil, "authorized-party", "not-run", "which client"},
	{"another client", "", nil, func(w *validate.Expectations) { w.ClientID = apiID }, "authorized-party", "fail", "another client"},
	{"no client", "", []string{"azp", ""}, func(w *validate.Expectations) { w.ClientID = clientID }, "authorized-party", "fail", "to which client"},
	{"two clients", "", []string{"appid", q(apiID)}, nil, "authorized-party", "fail", "agrees with itself"},

	{"no hash in an access token", "", nil, nil, "hash", "not-run", "Only ID tokens"},

	{"version", "", nil, nil, "version", "pass", "v2.0"},
	{"version 1.0", "", []string{"ver", q("1.0"), "iss", q(issuerV1)}, nil, "version", "pass", "v1.0"},
	{"version against issuer", "", []string{"ver", q("1.0")}, nil, "version", "warn", "form of v2.0"},
	{"version of Entra at another issuer", "", []string{"iss", q("https://dev-123.okta.example/oauth2/default")}, nil, "version", "warn", "none of the forms"},
	{"version and no issuer", "", []string{"iss", ""}, nil, "version", "warn", "none of the forms"},
	{"version on another host of Entra's form", "", []string{"iss", q("https://login.lab.example/" + tenant + "/v2.0")}, nil, "version", "pass", "v2.0"},
	{"version unheard of", "", []string{"ver", q("3.0")}, nil, "version", "warn", "nothing else"},
	{"no version", "", []string{"ver", ""}, nil, "version", "not-run", "no version"},

	{"lifetime", "", nil, nil, "lifetime", "pass", "lives 1 h 10 min; 60 to 90 minutes are usual"},
	{"too long", "", []string{"exp", secs(now.Add(29 * time.Hour))}, nil, "lifetime", "warn", "28 hours"},
	{"nearly over", "", []string{"exp", secs(now.Add(4 * time.Minute))}, nil, "lifetime", "warn", "five minutes"},
	{"backwards", "", []string{"iat", secs(now.Add(2 * time.Hour))}, nil, "lifetime", "warn", "before it begins"},
	{"length unknown", "", []string{"exp", ""}, nil, "lifetime", "not-run", "not known"},
}

// report makes and checks the token of a row.
func (c status) report(t *testing.T) *validate.Report {
	t.Helper()
	h := header
	if name, raw, ok := strings.Cut(c.header, " "); ok {
		h = claims(t, h, name, raw)
	}
	want := expectations()
	if c.want != nil {
		c.want(&want)
	}
	return check(t, sign(t, h, claims(t, userClaims(), c.claims...)), want)
}

func TestEveryStatus(t *testing.T) {
	for _, c := range statuses {
		t.Run(c.id+"/"+c.name, func(t *testing.T) {
			r := c.report(t)
			got := result(t, r, c.id)
			if got.Status != c.status {
				t.Fatalf("%s is %s, want %s: %s (%s)", c.id, got.Status, c.status, got.Why, got.Found)
			}
			if r.Status(c.id) != c.status {
				t.Errorf("Status(%q) = %s, want %s", c.id, r.Status(c.id), c.status)
			}
			if !strings.Contains(got.Why+" "+got.Fix, c.why) {
				t.Errorf("words do not say %q:\n%s\n%s", c.why, got.Why, got.Fix)
			}
			if got.Source == "" || got.Why == "" || (got.Fix == "") != (got.Status == validate.StatusPass) {
				t.Errorf("words are not whole: %+v", got)
			}
			if c.status == validate.StatusFail && r.Verdict != validate.Invalid {
				t.Errorf("verdict %s in spite of a failure", r.Verdict)
			}
		})
	}
}

// Each status that a check can have is in the table for it, so that no words
// are left untried.
func TestTableCoversEveryCheck(t *testing.T) {
	seen := map[string]map[validate.Status]bool{}
	for _, c := range statuses {
		if seen[c.id] == nil {
			seen[c.id] = map[validate.Status]bool{}
		}
		seen[c.id][c.status] = true
	}
	for _, id := range validate.IDs() {
		if len(seen[id]) == 0 {
			t.Errorf("no case for %q", id)
		}
	}
}

func TestVerdict(t *testing.T) {
	token := sign(t, header, userClaims())
	offline := func(w *validate.Expectations) {}
	for _, c := range []struct {
		name  string
		token string
		keys  validate.KeySource
		want  func(*validate.Expectations)
		is    validate.Verdict
		text  string
	}{
		{"good", token, sharedSource(), offline, validate.Valid, "may accept"},
		{"no keys", token, nil, offline, validate.Unverified, "key and signature"},
		{"no audience stated", token, sharedSource(), func(w *validate.Expectations) { w.Audiences = nil }, validate.Unverified, "audience"},
		{"no issuer stated", token, sharedSource(), func(w *validate.Expectations) { w.Issuer = "" }, validate.Unverified, "issuer"},
		{"no keys, but expired", token, nil, func(w *validate.Expectations) { w.Now = now.Add(9 * time.Hour) }, validate.Invalid, "expired"},
		{"warned only", sign(t, header, claims(t, userClaims(), "ver", q("1.0"))), sharedSource(), offline, validate.Valid, "may accept"},
		{"opaque", "tGzv3JOkF0XG5Qx2TlKWIA", sharedSource(), offline, validate.Unverified, "no JSON Web Token"},
		{"refresh token", "0.AXoAjtxx.AgABAAEAAAD", sharedSource(), offline, validate.Unverified, "refresh token"},
		{"encrypted", b64([]byte(`{"alg":"RSA-OAEP","enc":"A256GCM"}`)) + ".a.b.c.d", sharedSource(), offline, validate.Unverified, "encrypted"},
		{"empty", "", sharedSource(), offline, validate.Invalid, "must refuse"},
		{"Graph", sign(t, claims(t, header, "nonce", q("x")), claims(t, userClaims(), "aud", q("00000003-0000-0000-c000-000000000000"))), sharedSource(),
			func(w *validate.Expectations) { w.Audiences = []string{"00000003-0000-0000-c000-000000000000"} }, validate.Unverified, "only Graph"},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := expectations()
			c.want(&want)
			r := validate.Check(t.Context(), c.token, c.keys, want)
			if r.Verdict != c.is || !strings.Contains(r.Summary(), c.text) {
				t.Errorf("%s: %s; want %s with %q", r.Verdict, r.Summary(), c.is, c.text)
			}
		})
	}
}

// Whatever comes in, there are all checks in their order, with nil keys too.
func TestAlwaysEveryCheckInOrder(t *testing.T) {
	for _, raw := range []string{
		"", ".", "..", "...", "a.b.c", "e30.e30.", "e30..", "eyJ", "{}", "\x00", strings.Repeat(".", 99),
		"null", "Bearer x", b64([]byte("[]")) + ".e30.", b64([]byte(`{"alg":1}`)) + ".e30.AA",
		sign(t, header, userClaims()), strings.Repeat("e", validate.MaxToken+1),
	} {
		r := validate.Check(context.Background(), raw, nil, validate.Expectations{Now: now})
		got := r.Checks()
		if len(got) != 18 || r.Token == nil || r.Verdict == validate.Valid || r.Summary() == "" {
			t.Fatalf("%.40q: %d checks, %s", raw, len(got), r.Verdict)
		}
		for i, id := range validate.IDs() {
			if got[i].ID != id {
				t.Errorf("%.40q: check %d is %q, want %q", raw, i, got[i].ID, id)
			}
		}
	}
}
