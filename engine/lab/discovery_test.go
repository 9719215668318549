package lab

import (
	"encoding/base64"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // x5t is defined over SHA-1
	"crypto/x509"
	"encoding/json"

	"github.com/lestrrat-go/jwx/v2/jwk"

	"flowscope/engine/lab/directory"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, name, got string) {
	t.Helper()
	var pretty strings.Builder
	e := json.NewEncoder(&pretty)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(json.RawMessage(got)); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(pretty.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if pretty.String() != string(want) {
		t.Errorf("%s changed:\n%s", name, pretty.String())
	}
}

func TestDiscoveryDocuments(t *testing.T) {
	w := newWorld(t)
	const known = "/.well-known/openid-configuration"
	for file, path := range map[string]string{
		"v2-tenant.json": "/" + directory.ContosoID + "/v2.0" + known, "v2-common.json": "/common/v2.0" + known,
		"v2-organizations.json": "/organizations/v2.0" + known, "v1-common.json": "/common" + known,
		"v2-consumers.json": "/consumers/v2.0" + known, "v1-tenant.json": "/" + directory.ContosoID + known,
		"instance.json": "/common/discovery/instance?api-version=1.1&authorization_endpoint=https%3A%2F%2Flogin.lab.example%2Fcontoso.example%2Foauth2%2Fv2.0%2Fauthorize",
	} {
		a := w.get(labBase + path)
		golden(t, file, a.body)
		for name, want := range map[string]string{
			"Cache-Control": "max-age=86400, private", "Content-Type": "application/json; charset=utf-8",
			"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Methods": "GET, OPTIONS",
			"X-Content-Type-Options": "nosniff", "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
		} {
			if got := a.header.Get(name); got != want {
				t.Errorf("%s: header %s is %q, want %q", file, name, got, want)
			}
		}
		var cookies []string
		for _, line := range a.header.Values("Set-Cookie") {
			name, _, _ := strings.Cut(line, "=")
			cookies = append(cookies, name)
		}
		if !slices.Equal(cookies, []string{"fpc", "x-ms-gateway-slice", "stsservicecookie"}) {
			t.Errorf("%s: cookies %v", file, cookies)
		}
	}
	if a, b := w.get(labBase+"/contoso.example/v2.0"+known).body, w.get(labBase+"/"+directory.ContosoID+"/v2.0"+known).body; a != b {
		t.Error("the domain gives another document than the GUID")
	}
}

func TestDiscoveryErrors(t *testing.T) {
	w := newWorld(t)
	for path, want := range map[string][2]any{
		"/nowhere.example/v2.0/.well-known/openid-configuration": {"invalid_tenant", 90002},
		"/nix/discovery/v2.0/keys":                               {"invalid_request", 900023},
		"/common/discovery/instance":                             {"invalid_request", 900144},
		"/common/discovery/instance?api-version=1.1&authorization_endpoint=https://evil.example/common/oauth2/authorize": {"invalid_instance", 50049},
	} {
		a := w.get(labBase + path)
		if e, _ := object(t, a.body); a.status != http.StatusBadRequest || e["error"] != want[0] || codeOf(e) != want[1] {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
}

func TestKeyDocuments(t *testing.T) {
	w := newWorld(t)
	tenant := labBase + "/" + directory.ContosoID + "/v2.0"
	template, personal := labBase+"/{tenantid}/v2.0", labBase+"/"+directory.ConsumersTenantID+"/v2.0"
	for path, issuers := range map[string][]any{
		"/" + directory.ContosoID + "/discovery/v2.0/keys?appid=x": {tenant, tenant, tenant},
		"/common/discovery/v2.0/keys":                              {template, template, template, personal},
		"/organizations/discovery/v2.0/keys":                       {template, template, template},
		"/consumers/discovery/v2.0/keys":                           {personal},
		"/" + directory.ContosoID + "/discovery/keys":              {nil, nil, nil},
	} {
		body := w.get(labBase + path).body
		if _, err := jwk.Parse([]byte(body)); err != nil {
			t.Errorf("%s: %v", path, err)
		}
		doc, _ := object(t, body)
		var got []any
		for _, k := range doc["keys"].([]any) {
			k := k.(map[string]any)
			got = append(got, k["issuer"])
			checkKey(t, k)
		}
		if !slices.Equal(got, issuers) {
			t.Errorf("%s: issuers %v, want %v", path, got, issuers)
		}
		first := strings.SplitN(body, "}", 2)[0]
		at := -1
		for _, name := range []string{"kty", "use", "kid", "x5t", "n", "e", "x5c", "cloud_instance_name"} {
			next := strings.Index(first, `"`+name+`":`)
			if next <= at {
				t.Errorf("%s: member %s out of order", path, name)
			}
			at = next
		}
	}
}

func checkKey(t *testing.T, k map[string]any) {
	t.Helper()
	der, err := base64.StdEncoding.DecodeString(k["x5c"].([]any)[0].(string))
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha1.Sum(der) //nolint:gosec // as above
	key, ok := cert.PublicKey.(*rsa.PublicKey)
	switch {
	case k["kid"] != base64.RawURLEncoding.EncodeToString(sum[:]) || k["kid"] != k["x5t"] || len(k["kid"].(string)) != 27:
		t.Errorf("kid %v, x5t %v", k["kid"], k["x5t"])
	case !ok || base64.RawURLEncoding.EncodeToString(key.N.Bytes()) != k["n"] || k["e"] != "AQAB" || key.N.BitLen() != 2048:
		t.Errorf("the certificate does not hold the key %v", k["kid"])
	case cert.Subject.CommonName != "accounts.accesscontrol.windows.net" || !cert.NotAfter.Equal(cert.NotBefore.AddDate(5, 0, 0)):
		t.Errorf("certificate of %s until %s", cert.Subject, cert.NotAfter)
	case k["use"] != "sig" || k["alg"] != nil:
		t.Errorf("use %v, alg %v", k["use"], k["alg"])
	}
}

// TestHostIsFollowed asks by other names: issuer and endpoints must agree with
// what was asked.
func TestHostIsFollowed(t *testing.T) {
	w := newWorld(t)
	a := w.get("http://localhost:8123/common/v2.0/.well-known/openid-configuration")
	doc, _ := object(t, a.body)
	if doc["issuer"] != "http://localhost:8123/{tenantid}/v2.0" || doc["token_endpoint"] != "http://localhost:8123/common/oauth2/v2.0/token" {
		t.Errorf("document %v", doc)
	}
	if a.header.Get("Strict-Transport-Security") != "" {
		t.Error("HSTS on localhost would force every local port to https")
	}
	r, err := http.NewRequest(http.MethodGet, labBase+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = `evil"<host>`
	if a := w.do(r); a.status != http.StatusBadRequest {
		t.Errorf("a host that is none: %d", a.status)
	}
}
