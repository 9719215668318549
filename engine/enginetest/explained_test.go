package enginetest

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"flowscope/engine/explain"
	"flowscope/engine/lab"
	"flowscope/engine/lab/aadsts"
	"flowscope/engine/labinfo"
	"flowscope/engine/labtarget"
)

// TestEveryLabErrorIsExplained holds the catalogue to every code that the lab
// can answer with: an error that we make ourselves and can't explain would be
// a poor teacher.
func TestEveryLabErrorIsExplained(t *testing.T) {
	codes := aadsts.Codes()
	if len(codes) == 0 {
		t.Fatal("the lab answers with no code at all")
	}
	for _, n := range codes {
		code := "AADSTS" + strconv.Itoa(n)
		e, ok := explain.Lookup(code)
		if !ok || e.Code != code {
			t.Errorf("%s has no entry", code)
			continue
		}
		found := explain.Read(aadsts.New(n).Error())
		if len(found) != 1 || found[0].Code != code || found[0].What != e.What || !found[0].Known() {
			t.Errorf("%s, as the lab writes it, is read as %+v", code, found)
		}
	}
}

// TestLabAssertionsAreDiagnosed sends the lab assertions that it refuses, as
// another program would: the finding sets what was sent beside what is
// registered.
func TestLabAssertionsAreDiagnosed(t *testing.T) {
	l := labtarget.NewLab(lab.New(lab.Options{Deterministic: true, Clock: Clock}), Clock)
	d := l.Describe()
	f := d.FederatedIssuer
	daemon := d.Apps[slices.IndexFunc(d.Apps, func(a labinfo.App) bool { return a.Name == "daemon" })]
	jwt := func(header, claims string) string {
		b := base64.RawURLEncoding
		return b.EncodeToString([]byte(header)) + "." + b.EncodeToString([]byte(claims)) + ".c2lnbmF0dXJl"
	}
	sha256 := base64.RawURLEncoding.EncodeToString(make([]byte, 32))
	for _, c := range []struct{ code, client, assertion, label, value, beside, note string }{
		{
			"AADSTS7002138", f.ClientID, jwt(`{"alg":"RS256"}`, fmt.Sprintf(`{"iss":%q,"sub":%q,"aud":%q}`, f.Issuer, strings.Replace(f.Subject, "contoso", "Contoso", 1), f.Audience)),
			"subject sent", "repo:Contoso/orders:ref:refs/heads/main", f.Subject, "letter case",
		},
		{
			"AADSTS700211", f.ClientID, jwt(`{"alg":"RS256"}`, fmt.Sprintf(`{"iss":%q,"sub":%q,"aud":%q}`, f.Issuer+"/", f.Subject, f.Audience)),
			"issuer sent", f.Issuer + "/", f.Issuer, "slash",
		},
		{
			"AADSTS700027", daemon.ClientID, jwt(`{"alg":"PS256","x5t#S256":"`+sha256+`"}`, fmt.Sprintf(`{"iss":%q,"sub":%[1]q}`, daemon.ClientID)),
			"x5t#S256 of the assertion", strings.Repeat("00", 32), "", "not registered",
		},
	} {
		form := url.Values{
			"grant_type": {"client_credentials"}, "client_id": {c.client}, "scope": {"https://graph.microsoft.com/.default"},
			"client_assertion": {c.assertion}, "client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
		}
		r := httptest.NewRequest(http.MethodPost, "https://"+lab.Host+"/"+d.TenantID+"/oauth2/v2.0/token", strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		l.Handler().ServeHTTP(httptest.NewRecorder(), r)
		entries := l.Requests().Since(0)
		found := entries[len(entries)-1].Findings()
		if len(found) != 1 || found[0].Code != c.code || found[0].Confidence != explain.Certain {
			t.Errorf("%s: %+v", c.code, found)
			continue
		}
		i := slices.IndexFunc(found[0].Evidence, func(e explain.Evidence) bool { return e.Label == c.label })
		if i < 0 {
			t.Errorf("%s shows no %q: %+v", c.code, c.label, found[0].Evidence)
			continue
		}
		if e := found[0].Evidence[i]; e.Value != c.value || e.Compare != c.beside || !strings.Contains(e.Note, c.note) {
			t.Errorf("%s: %+v", c.code, e)
		}
	}
}
