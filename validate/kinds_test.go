package validate_test

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"

	"flowscope/validate"
)

// idClaims are those of a v2.0 ID token.
func idClaims() string {
	return fmt.Sprintf(`{"aud":%q,"iss":%q,"iat":%d,"nbf":%d,"exp":%d,"name":"Ada Lovelace","nonce":"n1","oid":%q,`+
		`"preferred_username":"ada@contoso.example","rh":"x","sub":"s","tid":%q,"uti":"u","ver":"2.0"}`,
		clientID, issuerV2, issued, issued, issued+3900, userOID, tenant)
}

func TestKinds(t *testing.T) {
	app := claims(t, userClaims(), "scp", "", "name", "", "preferred_username", "", "sub", q(userOID))
	foreign := func(extra string) string {
		return `{"iss":"https://issuer.example","aud":"api","sub":"s","exp":1` + extra + `}`
	}
	for _, c := range []struct {
		name, header, body string
		kind               validate.Kind
		subject, version   string
	}{
		{"v2.0 for a person", header, userClaims(), validate.KindAccess, "user", "2.0"},
		{"v2.0 application", header, app, validate.KindAccess, "app", "2.0"},
		{"v1.0 application", header, claims(t, app, "azp", "", "appid", q(clientID), "ver", q("1.0")), validate.KindAccess, "app", "1.0"},
		{"managed identity", header, claims(t, app, "sub", q("x"), "xms_mirid", q("/x")), validate.KindAccess, "app", "2.0"},
		{"idtyp user", header, claims(t, app, "idtyp", q("user")), validate.KindAccess, "user", "2.0"},
		{"ID token", header, idClaims(), validate.KindID, "user", "2.0"},
		{"ID token with azp", header, claims(t, idClaims(), "azp", q(clientID)), validate.KindID, "user", "2.0"},
		{"RFC 9068", claims(t, header, "typ", q("at+jwt")), foreign(""), validate.KindAccess, "unknown", ""},
		{"client_id", header, foreign(`,"client_id":"c","scope":"a b"`), validate.KindAccess, "unknown", ""},
		{"ID token elsewhere", header, foreign(`,"email":"a@b"`), validate.KindID, "user", ""},
		{"nothing to tell by", header, foreign(""), validate.KindAccess, "unknown", ""},
		{"a version as a number elsewhere", header, foreign(`,"ver":1,"scp":["a","b"],"client_id":"s"`), validate.KindAccess, "app", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			tok, err := validate.Decode(sign(t, c.header, c.body))
			if err != nil {
				t.Fatal(err)
			}
			got := fmt.Sprint(tok.Kind, tok.SubjectKind, tok.Version)
			want := fmt.Sprint(c.kind, c.subject, c.version)
			if c.name == "client_id" {
				want = fmt.Sprint(c.kind, "user", c.version)
			}
			if got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

func TestIDToken(t *testing.T) {
	want := validate.Expectations{
		Issuer: issuerV2, Audiences: []string{clientID}, Nonce: "n1", Type: validate.KindID, ClientID: clientID,
		AccessToken: "the access token", Code: "the code", Now: now,
	}
	half := func(s string) string {
		sum := sha256.Sum256([]byte(s))
		return q(b64(sum[:16]))
	}
	for _, c := range []struct {
		name   string
		body   string
		id     string
		status validate.Status
	}{
		{"whole", idClaims(), "authorized-party", "pass"},
		{"no hashes", idClaims(), "hash", "not-run"},
		{"hashes", claims(t, idClaims(), "at_hash", half("the access token"), "c_hash", half("the code")), "hash", "pass"},
		{"another access token", claims(t, idClaims(), "at_hash", half("another")), "hash", "fail"},
		{"another code", claims(t, idClaims(), "at_hash", half("the access token"), "c_hash", half("another")), "hash", "fail"},
		{"another audience", claims(t, idClaims(), "aud", q(apiID)), "authorized-party", "fail"},
		{"several audiences", claims(t, idClaims(), "aud", `["x",`+q(clientID)+`]`), "authorized-party", "fail"},
		{"several audiences with azp", claims(t, idClaims(), "aud", `["x",`+q(clientID)+`]`, "azp", q(clientID)), "authorized-party", "pass"},
		{"another azp", claims(t, idClaims(), "azp", q(apiID)), "authorized-party", "fail"},
		{"no nonce", claims(t, idClaims(), "nonce", ""), "nonce", "fail"},
		{"no iat", claims(t, idClaims(), "iat", ""), "issued-at", "warn"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := check(t, sign(t, header, c.body), want)
			if got := result(t, r, c.id); got.Status != c.status {
				t.Errorf("%s is %s, want %s: %s", c.id, got.Status, c.status, got.Why)
			}
		})
	}
	want.AccessToken, want.ClientID = "", ""
	r := check(t, sign(t, header, claims(t, idClaims(), "at_hash", half("x"), "aud", `["x",`+q(clientID)+`]`)), want)
	if r.Status("hash") != validate.StatusNotRun || r.Status("authorized-party") != validate.StatusWarn {
		t.Errorf("nothing stated: hash %s, authorized-party %s", r.Status("hash"), r.Status("authorized-party"))
	}
}

// An ID token need not hold more than OpenID Connect Core 1.0 section 2 requires;
// one with the marks of an access token, or for another client, is none.
func TestBareIDToken(t *testing.T) {
	bare := fmt.Sprintf(`{"iss":%q,"sub":"ada","aud":%q,"iat":%d,"exp":%d}`, issuerV2, clientID, issued, issued+3600)
	want := validate.Expectations{Issuer: issuerV2, Audiences: []string{clientID}, Type: validate.KindID, Caller: "user", ClientID: clientID, Now: now}
	for _, c := range []struct {
		name, body string
		status     validate.Status
	}{
		{"bare", bare, "pass"},
		{"with a scope", claims(t, bare, "scope", q("orders.read")), "fail"},
		{"with roles", claims(t, bare, "roles", `["Admin"]`), "fail"},
		{"of an application", claims(t, bare, "client_id", q(clientID)), "fail"},
		{"for another client", claims(t, bare, "aud", q(apiID)), "fail"},
	} {
		r := check(t, sign(t, header, c.body), want)
		if got := result(t, r, "token-type"); got.Status != c.status {
			t.Errorf("%s: %s, want %s: %s", c.name, got.Status, c.status, got.Why)
		}
	}
	if r := check(t, sign(t, `{"alg":"RS256","kid":"`+keyID+`","typ":"at+jwt"}`, bare), want); r.Status("token-type") != validate.StatusFail {
		t.Error("the media type of an access token is passed over")
	}
}

// A v1.0 token is signed with a key that carries the v2.0 form of its issuer.
func TestKeyIssuerOfV1Token(t *testing.T) {
	want := expectations()
	want.Issuer = issuerV1
	v1 := claims(t, userClaims(), "ver", q("1.0"), "iss", q(issuerV1))
	if r := check(t, sign(t, header, v1), want); r.Verdict != validate.Valid {
		t.Errorf("v1.0: %s", r.Summary())
	}
	crossed := claims(t, v1, "iss", q(strings.Replace(issuerV1, tenant, otherTid, 1)))
	if s := check(t, sign(t, header, crossed), want).Status("key"); s != validate.StatusFail {
		t.Errorf("key of another tenant: %s", s)
	}
}

// A personal account's key never signs for a company, nor the other way round.
func TestConsumerKey(t *testing.T) {
	const consumers = "9188040d-6c67-4c5b-b112-36a304b66dad"
	body := strings.ReplaceAll(userClaims(), tenant, consumers)
	want := expectations()
	want.Issuer = strings.Replace(issuerV2, tenant, consumers, 1)
	want.Tenants = []string{tenant}
	r := check(t, sign(t, claims(t, header, "kid", q("consumers")), body), want)
	if r.Status("key") != validate.StatusPass || !strings.Contains(result(t, r, "tenant").Why, "personal") {
		t.Errorf("key %s; tenant: %s", r.Status("key"), result(t, r, "tenant").Why)
	}
}

func TestOpaqueShapes(t *testing.T) {
	jwe := b64([]byte(`{"alg":"dir","enc":"A128GCM"}`)) + "..iv.text.tag"
	for raw, kind := range map[string]validate.Kind{
		"opaque": validate.KindOpaque, "exQ7mZ0pLw3vT9-aKc81XyBnUeRd5sGf2hJiOqNbVtE": validate.KindOpaque, "e_Zk.5sGf2hJi": validate.KindOpaque, "ya29.a0Af": validate.KindOpaque, "0.AXoA.AgAB": validate.KindRefresh,
		"1.AUsA_x.AgABAw": validate.KindRefresh, "M.C5xx_BAY.0.U.x": validate.KindRefresh, jwe: validate.KindEncrypted,
	} {
		tok, err := validate.Decode(raw)
		if err != nil || tok.Kind != kind {
			t.Errorf("%q: %s, %v; want %s", raw, tok.Kind, err, kind)
		}
	}
	for _, raw := range []string{"", "two words", "a.b.c", "eyJhbGciOiJub25lIn0", b64([]byte("{ \n\t\"alg\":1}")), "tab\there", b64([]byte(`{"alg":"dir"}`)) + ".a.b.c.d"} {
		if _, err := validate.Decode(raw); err == nil {
			t.Errorf("%q has no fault", raw)
		}
	}
}
