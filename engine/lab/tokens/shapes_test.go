package tokens

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jwe"

	"flowscope/engine/lab/conditions"
	"flowscope/engine/lab/directory"
	"flowscope/engine/lab/ids"
	"flowscope/engine/lab/keys"
)

const base = "https://lab.example"

var (
	now   = time.Date(2026, time.March, 4, 10, 0, 0, 0, time.UTC)
	dir   = directory.Seed()
	first = []string{"aud", "iss", "iat", "nbf", "exp"}
)

func mint() *Mint {
	clock := func() time.Time { return now }
	return &Mint{Keys: keys.New(true, clock, conditions.New()), IDs: ids.Seeded(), Clock: clock}
}

func app(key string) directory.App {
	a, ok := dir.App(key)
	if !ok {
		panic("no application " + key)
	}
	return a
}

func user(name string) directory.User {
	for _, u := range dir.Users {
		if strings.EqualFold(u.Username, name) {
			return u
		}
	}
	panic("no user " + name)
}

// taken is a token taken apart.
type taken struct {
	header, claims map[string]any
	order          []string
	parts          []string
}

func takeApart(t *testing.T, token string) taken {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("no JWT: %q", token)
	}
	out := taken{parts: parts}
	for i, into := range []*map[string]any{&out.header, &out.claims} {
		raw, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(raw, into); err != nil {
			t.Fatalf("%v: %s", err, raw)
		}
		if i == 1 {
			out.order = members(t, raw)
		}
	}
	return out
}

func members(t *testing.T, raw []byte) []string {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(raw))
	if _, err := d.Token(); err != nil {
		t.Fatal(err)
	}
	var names []string
	for d.More() {
		name, err := d.Token()
		if err != nil {
			t.Fatal(err)
		}
		var skip json.RawMessage
		if err := d.Decode(&skip); err != nil {
			t.Fatal(err)
		}
		names = append(names, name.(string))
	}
	return names
}

// fits checks the signature over header and payload as they stand.
func (k taken) fits(key keys.Key) bool {
	sig, err := base64.RawURLEncoding.DecodeString(k.parts[2])
	sum := sha256.Sum256([]byte(k.parts[0] + "." + k.parts[1]))
	return err == nil && rsa.VerifyPKCS1v15(&key.Private.PublicKey, crypto.SHA256, sum[:], sig) == nil
}

func with(a directory.App, change func(*directory.App)) directory.App {
	change(&a)
	return a
}

func person(name, api string, change ...func(*Access)) Access {
	a := Access{
		Base: base, TenantID: user(name).TenantID, Region: "EU", Resource: app(api), Audience: app(api).AppIDURI, Client: app("web"), Proof: ProofSecret,
		User: user(name), Profile: true, Scopes: []string{"a", "b"}, IP: "127.0.0.1", Life: time.Hour,
		Methods: []string{"pwd", "mfa"}, AuthTime: now.Add(-time.Minute), SID: "sid-1",
	}
	for _, c := range change {
		c(&a)
	}
	return a
}

const ginaHere = "Gina_fabrikam.example#EXT#@contoso.onmicrosoft.com"

var everyAccess = []string{"acct", "auth_time", "email", "family_name", "given_name", "idtyp", "ipaddr", "preferred_username", "sid", "tenant_region_scope", "upn", "wids", "acrs", "xms_cc"}

// accessCases are all kinds of access tokens: their members in order after the
// first five, and some of their values.
var accessCases = []struct {
	name   string
	access Access
	order  string
	values map[string]any
}{
	{
		"v2.0 of a person, plain", person("ada@contoso.example", "reports-api"), "aio azp azpacr name oid preferred_username rh scp sub tid uti ver",
		map[string]any{"aud": app("reports-api").ClientID, "iss": base + "/" + directory.ContosoID + "/v2.0", "scp": "a b", "ver": "2.0", "azpacr": "1"},
	},
	{
		"v2.0 without profile", person("ada@contoso.example", "reports-api", func(a *Access) { a.Profile = false }),
		"aio azp azpacr oid rh scp sub tid uti ver", nil,
	},
	{
		"v2.0 with all optional claims", person("ada@contoso.example", "reports-api", func(a *Access) {
			a.Resource = with(a.Resource, func(r *directory.App) { r.Optional.Access = everyAccess })
			a.Capabilities, a.Contexts, a.Roles = []string{"cp1"}, []string{"c1"}, []string{"Viewer"}
		}),
		"acct acrs aio auth_time azp azpacr email family_name given_name ipaddr name oid preferred_username rh roles scp sid sub tenant_region_scope tid upn uti ver wids xms_cc",
		map[string]any{"acct": 0.0, "auth_time": float64(now.Add(-time.Minute).Unix()), "sid": "sid-1", "email": "ada@contoso.example", "ipaddr": "127.0.0.1", "acrs": "[c1]", "xms_cc": "[cp1]"},
	},
	{"capability without opting in", person("ada@contoso.example", "reports-api", func(a *Access) { a.Capabilities, a.Contexts = []string{"cp1"}, []string{"c1"} }), "aio azp azpacr name oid preferred_username rh scp sub tid uti ver", nil},
	{"opting in without capability", person("ada@contoso.example", "orders-api", func(a *Access) { a.Capabilities = []string{"cp2"} }), "aio azp azpacr name oid preferred_username rh scp sub tid uti ver", nil},
	{
		"v1.0 of a person", person("ada@contoso.example", "inventory-api"),
		"acr aio amr appid appidacr family_name given_name ipaddr name oid rh scp sub tid unique_name upn uti ver",
		map[string]any{"aud": "api://inventory.contoso.example", "iss": base + "/" + directory.ContosoID + "/", "amr": "[pwd mfa]", "acr": "1", "unique_name": "ada@contoso.example", "upn": "ada@contoso.example"},
	},
	{
		"v1.0 of a guest", person(ginaHere, "inventory-api"),
		"acr aio amr appid appidacr email family_name given_name idp ipaddr name oid rh scp sub tid unique_name upn uti ver",
		map[string]any{"idp": base + "/" + directory.FabrikamID + "/", "upn": ginaHere, "unique_name": "gina@fabrikam.example", "email": "gina@fabrikam.example", "tid": directory.ContosoID},
	},
	{
		"v2.0 of a guest", person(ginaHere, "reports-api", func(a *Access) {
			a.Resource = with(a.Resource, func(r *directory.App) { r.Optional.Access = []string{"acct"} })
		}),
		"acct aio azp azpacr idp name oid preferred_username rh scp sub tid uti ver",
		map[string]any{"acct": 1.0, "preferred_username": "gina@fabrikam.example", "idp": base + "/" + directory.FabrikamID + "/"},
	},
	{
		"v1.0 of a guest with a personal account", person(ginaHere, "inventory-api", func(a *Access) { a.User.HomeTenantID = directory.ConsumersTenantID }),
		"acr aio amr appid appidacr email family_name given_name idp ipaddr name oid rh scp sub tid unique_name upn uti ver",
		map[string]any{"idp": "live.com", "unique_name": "live.com#gina@fabrikam.example"},
	},
	{
		"v2.0 of a personal account", person("pat@outlook.example", "reports-api"), "aio azp azpacr name oid preferred_username rh scp sub tid uti ver",
		map[string]any{"iss": base + "/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0", "tid": directory.ConsumersTenantID},
	},
	{
		"Graph", person("ada@contoso.example", "graph", func(a *Access) { a.Capabilities = []string{"cp1"} }),
		"acr aio amr app_displayname appid appidacr family_name given_name ipaddr name oid rh scp sub tenant_region_scope tid unique_name upn uti ver wids xms_cc xms_st",
		map[string]any{"aud": "https://graph.microsoft.com", "app_displayname": "Contoso Orders Web", "wids": "[" + widUser + "]", "tenant_region_scope": "EU"},
	},
	{
		"v2.0 of an application", Access{Base: base, TenantID: directory.ContosoID, Resource: app("orders-api"), Client: app("daemon"), Proof: ProofAssertion, ClientOf: "sp", Roles: []string{"r"}},
		"aio azp azpacr oid rh roles sub tid uti ver xms_ftd", map[string]any{"oid": "sp", "sub": "sp", "azpacr": "2"},
	},
	{
		"v2.0 of an application, idtyp", Access{Base: base, TenantID: directory.ContosoID, Resource: with(app("orders-api"), func(r *directory.App) { r.Optional.Access = everyAccess }), Client: app("daemon"), ClientOf: "sp", Capabilities: []string{"cp1"}},
		"aio azp azpacr idtyp oid rh sub tid uti ver xms_ftd", map[string]any{"idtyp": "app"},
	},
	{
		"v1.0 of an application", Access{Base: base, TenantID: directory.ContosoID, Resource: with(app("inventory-api"), func(r *directory.App) { r.Optional.Access = []string{"idtyp"} }), Audience: "x", Client: app("daemon"), ClientOf: "sp", Roles: []string{"r"}},
		"aio appid appidacr idp idtyp oid rh roles sub tid uti ver", map[string]any{"idp": base + "/" + directory.ContosoID + "/", "aud": "x", "idtyp": "app"},
	},
}

func TestAccessTokenMembers(t *testing.T) {
	for _, c := range accessCases {
		t.Run(c.name, func(t *testing.T) {
			m := mint()
			got := takeApart(t, m.Access(c.access))
			if want := append(slices.Clone(first), strings.Fields(c.order)...); !slices.Equal(got.order, want) {
				t.Errorf("members\n%v, want\n%v", got.order, want)
			}
			compare(t, got, c.values)
			v1 := c.access.Resource.AccessTokenVersion == 1
			if _, has := got.header["x5t"]; has != v1 {
				t.Errorf("x5t in the header: %v", has)
			}
			if graph := c.access.graph(); got.fits(m.Keys.Signing(c.access.TenantID)) == graph || (got.header["nonce"] != nil) != graph {
				t.Errorf("signature and nonce: %v", got.header)
			}
		})
	}
}

func compare(t *testing.T, got taken, values map[string]any) {
	t.Helper()
	for name, want := range values {
		have := got.claims[name]
		if list, ok := have.([]any); ok {
			have = fmt.Sprint(list)
		}
		if have != want {
			t.Errorf("%s is %v, want %v", name, have, want)
		}
	}
}

func identity(name string, change ...func(*ID)) ID {
	i := ID{
		Base: base, TenantID: user(name).TenantID, Client: app("spa"), User: user(name), Nonce: "n", Profile: true, Email: true,
		Methods: []string{"pwd"}, AuthTime: now, SID: "sid-1", IP: "127.0.0.1",
	}
	for _, c := range change {
		c(&i)
	}
	return i
}

func every(i *ID) {
	i.Client = with(i.Client, func(a *directory.App) {
		a.Optional.ID = []string{"acct", "auth_time", "email", "family_name", "given_name", "ipaddr", "login_hint", "preferred_username", "sid", "upn"}
	})
}

// idCases are all kinds of ID tokens, as accessCases.
var idCases = []struct {
	name, order string
	id          ID
	life        float64
	values      map[string]any
}{
	{"v2.0", "aio email name nonce oid preferred_username rh sub tid uti ver", identity("ada@contoso.example"), 3900, map[string]any{"ver": "2.0", "nonce": "n"}},
	{"v2.0 of openid alone", "aio rh sub uti ver", identity("ada@contoso.example", func(i *ID) { i.Profile, i.Email, i.Nonce = false, false, "" }), 3900, nil},
	{
		"v2.0 with all optional claims", "acct aio auth_time email family_name given_name ipaddr login_hint name nonce oid preferred_username rh sid sub tid upn uti ver",
		identity("ada@contoso.example", every), 3900, map[string]any{"login_hint": LoginHint(user("ada@contoso.example")), "sid": "sid-1", "acct": 0.0},
	},
	{"optional claims need profile", "aio rh sub uti ver", identity("ada@contoso.example", func(i *ID) {
		i.Profile, i.Email, i.Nonce = false, false, ""
		i.Client = with(i.Client, func(a *directory.App) { a.Optional.ID = []string{"family_name", "upn"} })
	}), 3900, nil},
	{
		"v2.0 from the front", "aio at_hash c_hash email name nonce oid preferred_username rh sub tid uti ver",
		identity("ada@contoso.example", func(i *ID) {
			i.Front, i.Code, i.AccessToken = true, "Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk", "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"
		}),
		3900, map[string]any{"c_hash": "LDktKdoQak3Pk0cnXxCltA", "at_hash": "77QmUPtjPfzWtF2AnpK9RQ"}, // the examples of OpenID Connect Core A.3 and A.4
	},
	{"v2.0 of a guest", "aio email idp name nonce oid preferred_username rh sub tid uti ver", identity(ginaHere), 3900, map[string]any{"preferred_username": "gina@fabrikam.example"}},
	{"personal", "aio email name nonce oid preferred_username rh sub tid uti ver", identity("pat@outlook.example"), 86700, map[string]any{"iss": base + "/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0"}},
	{
		"v1.0", "aio amr family_name given_name ipaddr name nonce oid rh sub tid unique_name upn uti ver", identity("ada@contoso.example", func(i *ID) { i.V1 = true }),
		3900, map[string]any{"ver": "1.0", "iss": base + "/" + directory.ContosoID + "/", "amr": "[pwd]", "aud": app("spa").ClientID},
	},
	{"v1.0 of a guest", "aio amr email family_name given_name idp ipaddr name nonce oid rh sub tid unique_name upn uti ver", identity(ginaHere, func(i *ID) { i.V1 = true }), 3900, map[string]any{"upn": ginaHere}},
}

func TestIDTokenMembers(t *testing.T) {
	for _, c := range idCases {
		t.Run(c.name, func(t *testing.T) {
			m := mint()
			got := takeApart(t, m.ID(c.id))
			if want := append(slices.Clone(first), strings.Fields(c.order)...); !slices.Equal(got.order, want) {
				t.Errorf("members\n%v, want\n%v", got.order, want)
			}
			compare(t, got, c.values)
			if life := got.claims["exp"].(float64) - got.claims["iat"].(float64); life != c.life {
				t.Errorf("exp - iat is %v", life)
			}
			if _, x5t := got.header["x5t"]; x5t != c.id.V1 || got.header["nonce"] != nil || !got.fits(m.Keys.Signing(c.id.TenantID)) {
				t.Errorf("header %v, or the signature", got.header)
			}
		})
	}
}

func TestGroups(t *testing.T) {
	gus := user("gus@contoso.example")
	source := "map[src1:map[endpoint:https://graph.windows.net/" + directory.ContosoID + "/users/" + gus.ObjectID + "/getMemberObjects]]"
	for _, c := range []struct {
		n       int
		front   bool
		claims  string
		sources string
	}{
		{0, false, "", ""},
		{200, false, "groups", ""},
		{201, false, "_claim_names _claim_sources", source},
		{6, true, "groups", ""},
		{7, true, "hasgroups", ""},
		{250, true, "hasgroups", ""},
	} {
		u := gus
		u.Groups = u.Groups[:c.n]
		access := person("gus@contoso.example", "orders-api", func(a *Access) { a.User, a.FrontChannel = u, c.front })
		id := ID{Base: base, TenantID: u.TenantID, Client: app("legacy"), User: u, Front: c.front, Profile: true}
		m := mint()
		for _, got := range []taken{takeApart(t, m.Access(access)), takeApart(t, m.ID(id))} {
			var found []string
			for _, name := range []string{"_claim_names", "_claim_sources", "groups", "hasgroups"} {
				if _, has := got.claims[name]; has {
					found = append(found, name)
				}
			}
			if !slices.IsSorted(got.order[5:]) || strings.Join(found, " ") != c.claims {
				t.Errorf("%d groups, front %v: %v", c.n, c.front, got.order)
			}
			if list, ok := got.claims["groups"].([]any); ok && (len(list) != c.n || list[0] != u.Groups[0]) {
				t.Errorf("%d groups: the claim has %d", c.n, len(list))
			}
			if c.sources != "" && (fmt.Sprint(got.claims["_claim_sources"]) != c.sources || fmt.Sprint(got.claims["_claim_names"]) != "map[groups:src1]") {
				t.Errorf("sources %v", got.claims["_claim_sources"])
			}
		}
		if access.Resource.GroupMembershipClaims = ""; strings.Contains(fmt.Sprint(takeApart(t, m.Access(access)).order), "group") {
			t.Error("groups without being asked")
		}
	}
}

// TestEncrypted opens a token with another implementation.
func TestEncrypted(t *testing.T) {
	m, api := mint(), app("vault-api")
	token := m.Access(person("ada@contoso.example", "vault-api"))
	key, _ := keys.Encryption(api)
	parts := strings.Split(token, ".")
	header, err := base64.RawURLEncoding.DecodeString(parts[0])
	if want := `{"typ":"JWT","alg":"RSA-OAEP","enc":"A256GCM","kid":"` + key.ID + `","cty":"JWT"}`; err != nil || string(header) != want || len(key.ID) != 27 {
		t.Errorf("header %s", header)
	}
	inner, err := jwe.Decrypt([]byte(token), jwe.WithKey(jwa.RSA_OAEP, key.Private))
	if err != nil {
		t.Fatal(err)
	}
	if got := takeApart(t, string(inner)); !got.fits(m.Keys.Signing(directory.ContosoID)) || got.claims["aud"] != api.ClientID {
		t.Errorf("inside: %v", got.claims)
	}
	if ours, err := Decrypt(key.Private, token); err != nil || ours != string(inner) {
		t.Errorf("our own reader: %v", err)
	}
	for i, p := range parts {
		at := len(p) / 2
		c := byte('A')
		if p[at] == c {
			c = 'B'
		}
		bad := slices.Clone(parts)
		bad[i] = p[:at] + string(c) + p[at+1:]
		if _, err := Decrypt(key.Private, strings.Join(bad, ".")); err == nil {
			t.Errorf("part %d was changed, and the token still opens", i)
		}
	}
}

func FuzzDecrypt(f *testing.F) {
	key, _ := keys.Encryption(app("vault-api"))
	f.Add(mint().Access(person("ada@contoso.example", "vault-api")))
	f.Add("e30....")
	f.Fuzz(func(_ *testing.T, token string) { _, _ = Decrypt(key.Private, token) })
}

func TestOwnKey(t *testing.T) {
	m, api := mint(), app("badges-api")
	got := takeApart(t, m.Access(person("ada@contoso.example", "badges-api")))
	if !got.fits(m.Keys.For(directory.ContosoID, api)) || got.fits(m.Keys.Signing(directory.ContosoID)) {
		t.Error("the token is not signed with the application's own key")
	}
	if _, known := m.Keys.Public(directory.ContosoID, got.header["kid"].(string)); known {
		t.Error("the application's own key is among the usual ones")
	}
}

func TestOpaque(t *testing.T) {
	m := mint()
	var tokens []string
	for range maxRemembered + 1 {
		tokens = append(tokens, m.Access(person("pat@outlook.example", "graph")))
	}
	if !strings.HasPrefix(tokens[1], "EwB") || strings.Contains(tokens[1], ".") {
		t.Errorf("token %q", tokens[1])
	}
	if _, known := m.Opened(tokens[0]); known {
		t.Error("the oldest opaque token is still kept")
	}
	claims, known := m.Opened(tokens[1])
	if !known || !strings.Contains(string(claims), `"upn":"pat@outlook.example"`) || len(m.memory.opaques.byKey) != maxRemembered {
		t.Errorf("%v %s, %d kept", known, claims, len(m.memory.opaques.byKey))
	}
}

func TestKeptIsBounded(t *testing.T) {
	var k kept[int]
	for i := range 3 * maxRemembered {
		k.put(fmt.Sprint(i), i)
	}
	if len(k.byKey) != maxRemembered || len(k.order) != maxRemembered || k.byKey[fmt.Sprint(2*maxRemembered)] == 0 {
		t.Errorf("%d are kept, %d in order; the newest must be among them", len(k.byKey), len(k.order))
	}
}

func TestSince(t *testing.T) {
	m := mint()
	at := now.Add(-10 * time.Millisecond)
	got := takeApart(t, m.Access(person("ada@contoso.example", "orders-api", func(a *Access) { a.Capabilities, a.AuthTime = []string{"cp1"}, at })))
	if since := m.Since(got.claims["uti"].(string), 0); !since.Equal(at) {
		t.Errorf("since %s, want %s", since, at)
	}
	if since := m.Since("unknown", now.Add(-5*time.Minute).Unix()); !since.Equal(now) {
		t.Errorf("a token that is not kept: since %s, want %s", since, now)
	}
}

func TestClientInfoAndLoginHint(t *testing.T) {
	gina, here := user("gina@fabrikam.example"), user(ginaHere)
	if a, b := ClientInfo(gina), ClientInfo(here); a != b {
		t.Errorf("client_info of a guest %q, at home %q", b, a)
	}
	hints := map[string]string{}
	for _, u := range dir.Users {
		h := LoginHint(u)
		home := dir.Home(u).Username
		if other, again := hints[h]; again && other != home {
			t.Errorf("%s and %s have the same login hint", other, home)
		}
		hints[h] = home
	}
	if LoginHint(gina) != LoginHint(here) {
		t.Error("a guest's login hint differs from the one at home")
	}
}
