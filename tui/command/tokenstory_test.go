package command_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"flowscope/engine/inspect"
	"flowscope/validate"
	"flowscope/validate/validatetest"
)

const (
	webClient = "899990f6-2476-4365-85b4-827f8587cb91"
	labTenant = "c0f75a3e-4a12-4f0e-9d0c-3a700c302009"
)

func encodeStd(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// tell runs flowscope token --json on a text and gives the document.
func tell(t *testing.T, b *bench, want int, in string, args ...string) tokenShape {
	t.Helper()
	b.in = strings.NewReader(in)
	var doc tokenShape
	read(t, b.must(t, want, append([]string{"token", "--json"}, args...)...), &doc)
	return doc
}

func (r reportShape) status(id string) string {
	for _, c := range r.Checks {
		if c.ID == id {
			return c.Status
		}
	}
	return ""
}

// TestTokenCatalogue puts the catalogue of labelled tokens through the command:
// verdict and failing checks are those that the catalogue names.
func TestTokenCatalogue(t *testing.T) {
	ran := 0
	for _, c := range validatetest.Catalogue() {
		if c.Keys != validatetest.Source() || validate.Clean(c.Token) != c.Token || strings.TrimSpace(c.Token) == "" || c.Want.FrontChannel {
			continue
		}
		ran++
		t.Run(c.Name, func(t *testing.T) {
			b := newBench(t)
			b.files["keys"] = string(validatetest.KeySet())
			b.in = strings.NewReader(c.Token)
			b.run(append([]string{"token", "--json", "--jwks", "keys"}, flagsOf(b, c.Want)...)...)
			if b.out.Len() == 0 && c.Verdict == validate.Unverified {
				return // a string that is told to be no token
			}
			var doc struct { // numbers in it may be larger than any that Go has
				Verdict string
				Checks  []checkShape
			}
			if err := json.Unmarshal(b.out.Bytes(), &doc); err != nil {
				t.Fatal(err)
			}
			var failed []string
			for _, check := range doc.Checks {
				if check.Status == "fail" {
					failed = append(failed, check.ID)
				}
			}
			if c.Want.Issuer == validatetest.DomainIssuer { // with given keys nobody is asked for the tenant's GUID
				c.Verdict, c.Fails = validate.Unverified, nil
			}
			if doc.Verdict != string(c.Verdict) || !slices.Equal(failed, c.Fails) {
				t.Errorf("%s %v, want %s %v: %s", doc.Verdict, failed, c.Verdict, c.Fails, c.Lesson)
			}
		})
	}
	if ran < 100 {
		t.Errorf("only %d tokens went through the command", ran)
	}
}

// flagsOf says expectations with flags, and with files where they are secrets.
func flagsOf(b *bench, want validate.Expectations) []string {
	var out []string
	add := func(name string, values ...string) {
		for _, v := range values {
			if v != "" {
				out = append(out, "--"+name+"="+v)
			}
		}
	}
	add("issuer", want.Issuer)
	add("audience", want.Audiences...)
	add("tenant", want.Tenants...)
	add("scope", want.Scopes...)
	add("role", want.Roles...)
	add("caller", want.Caller)
	add("client", want.ClientID)
	add("nonce", want.Nonce)
	add("type", string(want.Type))
	add("alg", want.Algorithms...)
	add("now", fmt.Sprint(want.Now.Unix()))
	switch {
	case want.Skew < 0:
		add("skew", "0")
	case want.Skew > 0:
		add("skew", want.Skew.String())
	}
	if want.AccessToken != "" {
		b.files["access"] = want.AccessToken
		add("access-token", "access")
	}
	if want.Code != "" {
		b.files["code"] = want.Code
		add("code-file", "code")
	}
	return out
}

// A run's token response as it was pasted: each token is judged as what it is.
func TestSeveralTokens(t *testing.T) {
	b := newBench(t)
	all := tokens(t, b, "authorization-code", "--as", "web")
	access, id, refresh := all[0], all[1], all[2]
	response := fmt.Sprintf(`{"token_type":"Bearer","scope":"api://orders.contoso.example/access_as_user","access_token":%q,"refresh_token":%q,"id_token":%q}`, access, refresh, id)
	args := []string{"token", "--json", "--issuer", issuer, "--audience", ordersID, "--scope", "access_as_user", "--client", webClient, "--tenant", labTenant}
	b.in = strings.NewReader(response)
	var doc tokensShape
	read(t, b.must(t, 0, args...), &doc) // a refresh token can't be verified, and does not count
	var got []string
	for _, one := range doc.Tokens {
		got = append(got, one.Place+" "+one.Kind+" "+one.Verdict)
	}
	if want := []string{"access_token access valid", "refresh_token refresh unverified", "id_token id valid"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if g := doc.Tokens[0].Grants; len(g) == 0 || g[0].Name != "access_as_user" || !g[0].Granted || !g[0].Scp {
		t.Errorf("grants %+v", g)
	}
	for kind, exit := range map[string]int{"access": 0, "id": 3} { // picked, an ID token is held against all that is stated
		b.in = strings.NewReader(response)
		if out := b.must(t, exit, append(args, "--type", kind)...); strings.Contains(out, `"tokens"`) || !strings.Contains(b.err.String(), "2 tokens are of another type left out") {
			t.Errorf("--type %s: %q", kind, b.err.String())
		}
	}
	b.in = strings.NewReader(response)
	text := b.must(t, 4, args[:1]...)
	for _, want := range []string{"Token 1 of 3  access_token", "Token 2 of 3  refresh_token", "Token 3 of 3  id_token"} {
		if !strings.Contains(text, want) {
			t.Errorf("the text has no heading %q", want)
		}
	}
	b.in = strings.NewReader(response)
	b.must(t, 3, "token", "--audience", "other", "--client", webClient)
}

// at_hash is compared with the access token that came along, or with one in a
// file; c_hash with the code beside it.
func TestTokenHash(t *testing.T) {
	access := validatetest.Sign(validatetest.Header(), validatetest.UserV2())
	other := validatetest.Sign(validatetest.Header(), validatetest.AppV2())
	half := func(s string) string {
		sum := sha256.Sum256([]byte(s))
		return `"` + base64.RawURLEncoding.EncodeToString(sum[:16]) + `"`
	}
	const code = "1.AXoAuFoOh1zQ0kGtJ8Qm4y6b7nOGq1nD"
	id := validatetest.Sign(validatetest.Header(), validatetest.Claims(validatetest.IDV2(), "at_hash", half(access), "c_hash", half(code)))
	bare := validatetest.Sign(validatetest.Header(), validatetest.IDV2())
	for name, test := range map[string]struct {
		in, file string
		want     string
	}{
		"along with it":         {"https://app.example/cb#access_token=" + access + "&id_token=" + id + "&code=" + code, "", "pass"},
		"another one":           {"https://app.example/cb#access_token=" + other + "&id_token=" + id + "&code=" + code, "", "fail"},
		"another code":          {"https://app.example/cb#access_token=" + access + "&id_token=" + id + "&code=x" + code, "", "fail"},
		"one of two":            {`{"access_token":"` + other + `"}` + "\n" + `{"access_token":"` + access + `","id_token":"` + id + `"}`, "", "not-run"},
		"a response, no code":   {`{"access_token":"` + other + `","id_token":"` + id + `"}`, "", "fail"},
		"in a file":             {id, access, "not-run"},
		"another in a file":     {id, other, "fail"},
		"none in a fragment":    {"#access_token=" + access + "&id_token=" + bare, "", "fail"},
		"none in a response":    {`{"access_token":"` + access + `","id_token":"` + bare + `"}`, "", "not-run"},
		"alone in a fragment":   {"#id_token=" + bare, "", "not-run"},
		"alone, told in a file": {bare, access, "not-run"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.in, b.files["keys"] = strings.NewReader(test.in), string(validatetest.KeySet())
			args := []string{"token", "--json", "--type", "id", "--jwks", "keys", "--now", fmt.Sprint(validatetest.Now().Unix())}
			if test.file != "" {
				b.files["access.txt"] = test.file + "\n"
				args = append(args, "--access-token", "access.txt")
			}
			b.run(args...)
			var doc tokenShape
			read(t, b.out.String(), &doc)
			if got := doc.status("hash"); got != test.want {
				t.Errorf("hash %s, want %s", got, test.want)
			}
		})
	}
}

// Proofs that a client made itself do not count among tokens.
func TestProofsAreNoTokens(t *testing.T) {
	b := newBench(t)
	access := tokens(t, b, "client-credentials")[0]
	proof := encode64(`{"typ":"dpop+jwt","alg":"ES256","jwk":{"kty":"EC"}}`) + "." + encode64(`{"jti":"1","htm":"GET","htu":"https://x.example"}`) + "." + strings.Repeat("A", 86)
	tell(t, b, 0, "DPoP: "+proof+"\nAuthorization: DPoP "+access, "--issuer", issuer, "--audience", ordersID)
	if got := b.err.String(); !strings.Contains(got, "1 proof of the client left out") {
		t.Errorf("%q", got)
	}
	tell(t, b, 3, proof)
}

// A Graph token is nobody's to verify but Graph's, and that is said.
func TestGraphToken(t *testing.T) {
	b := newBench(t)
	graph := validatetest.Sign(validatetest.Claims(validatetest.Header(), "nonce", `"x"`),
		validatetest.Claims(validatetest.UserV1(), "aud", `"00000003-0000-0000-c000-000000000000"`))
	b.in, b.files["keys"] = strings.NewReader(graph), string(validatetest.KeySet())
	text := b.must(t, 4, "token", "--jwks", "keys", "--now", fmt.Sprint(validatetest.Now().Unix()))
	first, _, _ := strings.Cut(text, "\n")
	if !strings.Contains(first, "unverified  access token for Microsoft Graph") || !strings.Contains(text, "Graph alone") && !strings.Contains(text, "Only Graph") && !strings.Contains(text, "nobody but Graph") {
		t.Errorf("%.900s", text)
	}
}

func TestTokenCompare(t *testing.T) {
	b := newBench(t)
	all := tokens(t, b, "authorization-code", "--as", "web")
	b.files["id.txt"] = all[1]
	doc := tell(t, b, 0, all[0], "--compare", "id.txt", "--issuer", issuer, "--audience", ordersID)
	if doc.Comparison == nil || doc.Comparison.With.Kind != "id" || !strings.Contains(doc.Comparison.What, "one sign-in") {
		t.Fatalf("%+v", doc.Comparison)
	}
	states := map[string]string{}
	for _, r := range doc.Comparison.Rows {
		states[r.Name] = r.State
	}
	for name, want := range map[string]string{"aud": "changed", "oid": "same", "scp": "only left", "nonce": "only right"} {
		if states[name] != want {
			t.Errorf("%s: %q, want %q", name, states[name], want)
		}
	}
	b.in = strings.NewReader(all[0])
	text := b.must(t, 4, "token", "--compare", "id.txt")
	for _, want := range []string{"Compared  access token with ID token", "left    " + ordersID, "right   " + webClient, "the same"} {
		if !strings.Contains(text, want) {
			t.Errorf("the comparison does not say %q:\n%s", want, text)
		}
	}
	b.files["left.txt"], b.in = all[0], strings.NewReader(all[1])
	b.must(t, 4, "token", "left.txt", "--compare", "-")
	b.must(t, 2, "token", "--compare", "-")
	b.must(t, 1, "token", "left.txt", "--compare", "nowhere.txt")
}

func TestTokenMiddleware(t *testing.T) {
	b := newBench(t)
	access := tokens(t, b, "client-credentials")[0]
	doc := tell(t, b, 0, access, "--middleware", "--issuer", issuer, "--audience", ordersID)
	if len(doc.Middleware) == 0 {
		t.Fatal("no library answered")
	}
	for _, o := range doc.Middleware {
		if o.Wrong || o.Name == "" || o.Rule == "" {
			t.Errorf("a good token: %+v", o)
		}
	}
	b.files["keys"] = string(validatetest.KeySet())
	c := validatetest.Find("HS256 with the public key as PEM")
	doc = tell(t, b, 3, c.Token, append(flagsOf(b, c.Want), "--middleware", "--jwks", "keys")...)
	if !slices.ContainsFunc(doc.Middleware, func(o struct {
		ID, Name, Setup, Language, Version, Answer, Rule, Why string
		Wrong                                                 bool
		Harm, Fix, Source                                     string
	}) bool {
		return o.Wrong
	}) {
		t.Errorf("nobody falls for it: %+v", doc.Middleware)
	}
	soft := validatetest.Find("expired within the allowance")
	stricter := 0
	for _, o := range tell(t, b, 0, soft.Token, append(flagsOf(b, soft.Want), "--middleware", "--jwks", "keys")...).Middleware {
		if o.Wrong {
			t.Errorf("who allows less than here is wrong: %+v", o)
		}
		if o.Harm == "stricter" {
			stricter++
		}
	}
	b.in = strings.NewReader(soft.Token)
	text := b.must(t, 0, append([]string{"token", "--middleware", "--jwks", "keys"}, flagsOf(b, soft.Want)...)...)
	if stricter == 0 || !strings.Contains(text, "stricter than here") || !strings.Contains(text, "rejects, stricter") || !strings.Contains(text, "to allow") || strings.Contains(text, "wrongly") {
		t.Errorf("%d stricter\n%s", stricter, text)
	}
	b.in = strings.NewReader(c.Token)
	if text := b.must(t, 3, append([]string{"token", "--middleware", "--jwks", "keys"}, flagsOf(b, c.Want)...)...); !strings.Contains(text, "What would my API do?") || !strings.Contains(text, "accepts, wrongly") || !strings.Contains(text, " jsonwebtoken 9\n") || !strings.Contains(text, " jsonwebtoken 8\n") {
		t.Errorf("%s", text)
	}
}

// presets are what the profile "work" expects.
func presets(name string) ([]inspect.Preset, error) {
	if name != "work" {
		return nil, errors.New("there is no profile " + name)
	}
	at := func(name, audience string, kind validate.Kind) inspect.Preset {
		return inspect.Preset{Name: name, Want: validate.Expectations{Issuer: issuer, Audiences: []string{audience}, Tenants: []string{labTenant}, Type: kind}}
	}
	return []inspect.Preset{
		at("profile work: api://stock.contoso.example", "api://stock.contoso.example", validate.KindAccess),
		at("profile work: api://orders.contoso.example", ordersID, validate.KindAccess),
		at("profile work: ID tokens", webClient, validate.KindID),
	}, nil
}

func TestTokenProfile(t *testing.T) {
	b := newBench(t)
	all := tokens(t, b, "authorization-code", "--as", "web")
	for i, raw := range all[:2] {
		doc := tell(t, b, 0, raw, "--profile", "work")
		if doc.status("audience") != "pass" || doc.status("issuer") != "pass" || doc.status("tenant") != "pass" {
			t.Errorf("token %d: %+v", i, doc.Checks)
		}
	}
	tell(t, b, 0, all[0], "--profile", "work", "--api", "api://orders.contoso.example")
	if doc := tell(t, b, 3, all[0], "--profile", "work", "--api", "api://stock.contoso.example"); doc.status("audience") != "fail" {
		t.Errorf("another API of the profile: %+v", doc.Checks)
	}
	if doc := tell(t, b, 3, all[0], "--profile", "work", "--audience", "other"); doc.status("audience") != "fail" {
		t.Error("a flag does not go before the profile")
	}
	b.in = strings.NewReader(all[0])
	b.must(t, 2, "token", "--profile", "work", "--api", "api://nowhere")
	b.must(t, 2, "token", "--api", "api://orders.contoso.example")
	b.in = strings.NewReader(all[0])
	b.must(t, 1, "token", "--profile", "home")
	b.must(t, 2, "token", "--batch", "x", "--profile", "work")
}

// What people give in place of a token is told to be what it is, and never shown.
func TestNoTokens(t *testing.T) {
	const secret = "c4X8Q~abcdefghijklmnopqrstuvwxyz0123456789"
	saml := `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_1"><saml:Assertion/></samlp:Response>`
	for _, test := range []struct {
		in   string
		want int
		says string
	}{
		{"", 2, "nothing to read"},
		{" \n", 2, "nothing to read"},
		{"what is this", 1, "no token"},
		{"-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEAhidden\n-----END RSA PRIVATE KEY-----", 1, "private key"},
		{`{"kty":"RSA","n":"hidden","e":"AQAB","d":"hidden"}`, 1, "private key"},
		{`{"keys":[{"kty":"RSA","n":"hidden","e":"AQAB"}]}`, 1, "--jwks"},
		{"-----BEGIN CERTIFICATE-----\nhidden\n-----END CERTIFICATE-----", 1, "--jwks"},
		{secret, 1, "client secret"},
		{"client_id=x&client_secret=" + secret, 1, "client secret"},
		{saml, 1, "SAML"},
		{encodeStd(saml), 1, "SAML"},
		{"SAMLResponse=" + encodeStd(saml), 1, "SAML"},
		{"Authorization: Basic hiddenhiddenhidden", 1, "Basic"},
		{"http://localhost:3000/cb?code=1.AXoAhiddenhidden&state=x", 1, "authorization code"},
		{`{"error":"invalid_grant","error_description":"AADSTS70008: hidden"}`, 1, "flowscope explain"},
		{`{"iss":"https://hidden","aud":"x","exp":1}`, 1, "decoded"},
		{`{"schema":1,"flow":"client-credentials","exchanges":[],"tokens":[{"claims":{"iss":"https://hidden","aud":"x"}}]}`, 1, "report of a run"},
		{`{"issuer":"https://hidden","jwks_uri":"https://hidden/keys","claims_supported":["iss","aud"]}`, 1, "metadata of an issuer"},
		{ordersID, 1, "identifier"},
		{"https://hidden.example/path", 1, "an address"},
		{"\x00\x01hidden\xff\xfe\x80 x", 1, "no text"},
		{strings.Repeat("a b ", 2<<20), 1, "4 MiB"},
	} {
		b := newBench(t)
		b.in = strings.NewReader(test.in)
		out := b.must(t, test.want, "token") + b.err.String()
		if !strings.Contains(out, test.says) || strings.Contains(out, "hidden") || strings.Contains(out, secret) {
			t.Errorf("%.60q: %q", test.in, out)
		}
	}
}

// A token or a secret in the place of a file name is not shown in the error.
func TestNoTokenInErrors(t *testing.T) {
	const raw = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2VjcmV0c2VjcmV0c2VjcmV0"
	const opaque = "1.AXoAuFoOh1zQ0kGtJ8Qm4y6b7nOGq1nDq8pBhD0w1pQ3zR0AAA"
	for _, secret := range []string{raw, opaque} {
		for _, args := range [][]string{
			{"--access-token", secret}, {"--code-file", secret}, {"--jwks", secret}, {"--alg", secret}, {"--type", secret}, {"--now", secret},
			{"--compare", secret}, {secret, "x"}, {"--batch", secret},
		} {
			b := newBench(t)
			b.in = strings.NewReader(raw)
			b.run(append([]string{"token"}, args...)...)
			if all := b.out.String() + b.err.String(); strings.Contains(all, secret[len(secret)-16:]) {
				t.Errorf("%q shows it: %s", args[0], b.err.String())
			}
		}
	}
}

// Who may be asked only on the person's word is named, with how to say it.
func TestTokenAsks(t *testing.T) {
	b := newBench(t)
	raw := validatetest.Sign(validatetest.Header(), validatetest.Claims(validatetest.Plain(), "iss", `"https://id.fabrikam.example"`))
	doc := tell(t, b, 4, raw, "--now", fmt.Sprint(validatetest.Now().Unix()))
	if doc.Ask != "https://id.fabrikam.example" || len(doc.Requests) != 0 {
		t.Errorf("ask %q, requests %v", doc.Ask, doc.Requests)
	}
	b.in = strings.NewReader(raw)
	if text := b.must(t, 4, "token", "--now", fmt.Sprint(validatetest.Now().Unix())); !strings.Contains(text, "--issuer https://id.fabrikam.example") {
		t.Errorf("%s", text)
	}
}

// TestTokenDocument holds the document to its form and to what does not change
// when words do.
func TestTokenDocument(t *testing.T) {
	b := newBench(t)
	access := tokens(t, b, "client-credentials")[0]
	doc := tell(t, b, 0, "Authorization: Bearer "+access, "--issuer", issuer, "--audience", ordersID, "--role", "Orders.Read.All")
	requests, err := json.Marshal(doc.Requests)
	if err != nil {
		t.Fatal(err)
	}
	base := strings.TrimSuffix(issuer, "/v2.0")
	for name, pair := range map[string][2]string{
		"place":    {doc.Place, "Authorization header"},
		"subject":  {doc.SubjectKind + " " + doc.Kind + " " + doc.Version, "app access 2.0"},
		"flow":     {doc.Flow.Name + " " + doc.Flow.Confidence, "client-credentials certain"},
		"requests": {string(requests), fmt.Sprintf(`[{"Method":"GET","URL":"%s/.well-known/openid-configuration","Status":200,"MS":0,"Error":"","Note":""},{"Method":"GET","URL":"%s/discovery/v2.0/keys","Status":200,"MS":0,"Error":"","Note":""}]`, issuer, base)},
		"ask":      {doc.Ask, ""},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: %s, want %s", name, pair[0], pair[1])
		}
	}
	if doc.Key == nil || doc.Key.Bits != 2048 || doc.Key.ID != doc.Header["kid"] || doc.Key.Source != "live "+base+"/discovery/v2.0/keys" {
		t.Errorf("key %+v", doc.Key)
	}
	if doc.Clock == nil || doc.Clock.Host != "login.lab.example" || doc.Clock.AheadSeconds != 0 {
		t.Errorf("clock %+v", doc.Clock)
	}
	if len(doc.Insights) == 0 || doc.Insights[0].Topic != "audience" || len(doc.Grants) == 0 || !doc.Grants[0].Roles {
		t.Errorf("insights %+v, grants %+v", doc.Insights, doc.Grants)
	}
}

// TestTokenAsText holds the text to a width of 80 columns, without colours in a pipe.
func TestTokenAsText(t *testing.T) {
	b := newBench(t)
	all := tokens(t, b, "authorization-code", "--as", "web")
	for _, args := range [][]string{{}, {"--audience", "other"}, {"--ascii", "--middleware"}} {
		b.in = strings.NewReader(all[0] + "\n" + all[1])
		b.run(append([]string{"token"}, args...)...)
		text := b.out.String()
		if strings.Contains(text, "\x1b") {
			t.Errorf("%v: colours in a pipe", args)
		}
		for line := range strings.SplitSeq(text, "\n") {
			if n := len([]rune(line)); n > 80 && !slices.ContainsFunc(strings.Fields(line), func(w string) bool { return len(w) > 40 }) { // values stay whole
				t.Errorf("%v: %d columns: %s", args, n, line)
			}
			if slices.Contains(args, "--ascii") && strings.ContainsAny(line, "✓✗–•·") {
				t.Errorf("not ASCII: %s", line)
			}
		}
		for _, want := range []string{"Worth knowing", "Permissions", "Checks", "Claims", "Requests", "speaks for Ada Moreau", "exp is 1 h"} {
			if !strings.Contains(text, want) {
				t.Errorf("%v: the text does not say %q", args, want)
			}
		}
	}
	b.in = strings.NewReader(all[0])
	open := b.must(t, 4, "token")
	says, checks, insights := strings.Index(open, "say --issuer and --audience"), strings.Index(open, "\nChecks"), strings.Index(open, "Worth knowing")
	if says < 0 || says > checks || checks > insights {
		t.Errorf("which flags an unverified token lacks does not come first:\n%s", open)
	}
	if !strings.Contains(open, "How the client proved itself (v2.0): a secret.") {
		t.Errorf("a code among the claims is not explained:\n%s", open)
	}
	b.in = strings.NewReader(all[0])
	text := b.must(t, 3, "token", "--audience", "other")
	if strings.Index(text, "✗ audience") > strings.Index(text, "Worth knowing") {
		t.Error("what is wrong does not come first")
	}
}
