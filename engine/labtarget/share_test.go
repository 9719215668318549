package labtarget_test

import (
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // kid is the SHA-1 thumbprint
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"flowscope/engine/lab"
	"flowscope/engine/labinfo"
	"flowscope/engine/labtarget"
	"flowscope/engine/observe"
)

// shared is a lab with fixed keys.
func shared(t *testing.T) *labtarget.Lab {
	t.Helper()
	s := labtarget.NewLab(lab.New(lab.Options{Deterministic: true}), time.Now)
	t.Cleanup(s.Unshare)
	return s
}

// TestDescribe looks at what other programs rely on.
func TestDescribe(t *testing.T) {
	d := shared(t).Describe()
	if d.Served() || !strings.HasPrefix(d.Authority, "https://"+lab.Host+"/") {
		t.Errorf("not served, and yet %s, CA %q", d.Authority, d.CAPEM)
	}
	if d.Users[0].Username != "ada@contoso.example" || d.Users[0].Password == "" {
		t.Errorf("the first user is %+v", d.Users[0])
	}
	guest := d.Users[slices.IndexFunc(d.Users, func(u labinfo.User) bool { return u.Guest })]
	if strings.Contains(guest.Username, "#EXT#") || guest.Password == "" || guest.TenantID != d.TenantID {
		t.Errorf("a guest can't sign in as %+v", guest)
	}
	f := d.FederatedIssuer
	cert, _ := pem.Decode([]byte(lab.FederationCertificate()))
	key, _ := pem.Decode([]byte(f.PrivateKeyPEM))
	if cert == nil || key == nil {
		t.Fatal("no certificate or no key")
	}
	sum := sha1.Sum(cert.Bytes) //nolint:gosec // as above
	if f.KID != base64.RawURLEncoding.EncodeToString(sum[:]) {
		t.Errorf("kid %s", f.KID)
	}
	parsed, err := x509.ParseCertificate(cert.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.ParsePKCS8PrivateKey(key.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	if k, ok := private.(*rsa.PrivateKey); !ok || !k.PublicKey.Equal(parsed.PublicKey) {
		t.Error("key and certificate do not belong together")
	}
	if f.Subject != "repo:contoso/orders:ref:refs/heads/main" || f.Audience != "api://AzureADTokenExchange" || f.Issuer+"/keys" != f.JWKSURI {
		t.Errorf("%+v", f)
	}
	for _, a := range d.Apps {
		if a.CertificatePEM == "" {
			continue
		}
		if _, err := tls.X509KeyPair([]byte(a.CertificatePEM), []byte(a.PrivateKeyPEM)); err != nil {
			t.Errorf("%s: %v", a.Name, err)
		}
	}
}

// TestShare serves, once, and ends; each snippet names what is served.
func TestShare(t *testing.T) {
	s := shared(t)
	if _, err := s.Share(t.Context(), labinfo.Addresses{HTTPS: "0.0.0.0:0"}); !errors.As(err, new(*labinfo.AddressError)) {
		t.Errorf("0.0.0.0: %v", err)
	}
	d, err := s.Share(t.Context(), labinfo.Addresses{})
	if err != nil {
		t.Fatal(err)
	}
	again, err := s.Share(t.Context(), labinfo.Addresses{HTTP: "127.0.0.1:0"})
	if err != nil || again.HTTPAuthority != d.HTTPAuthority || !d.Served() {
		t.Errorf("%s and %s, %v", d.HTTPAuthority, again.HTTPAuthority, err)
	}
	for _, sn := range labinfo.Snippets(d, "ca.pem") {
		if !strings.Contains(sn.Code, d.Authority) && !strings.Contains(sn.Code, d.HTTPAuthority) || sn.About == "" {
			t.Errorf("%s names no authority", sn.Title)
		}
		for _, left := range []string{"AUTHORITY", "CA_FILE", "WEB_", "SPA_", "DISCOVERY", "ORDERS_", `"HOST"`} {
			if strings.Contains(sn.Code, left) {
				t.Errorf("%s: %s was not filled in", sn.Title, left)
			}
		}
	}
	if err := s.Switch("clock", "2h"); err != nil {
		t.Error(err)
	}
	resp, err := http.Get(d.HTTPAuthority + "/discovery/v2.0/keys")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if at, err := http.ParseTime(resp.Header.Get("Date")); err != nil || time.Until(at) < time.Hour {
		t.Errorf("the clock did not move: %v", at)
	}
	s.Unshare() // waits for the answers under way, and so for what is noted after them
	s.Unshare()
	if n := len(s.Requests().Since(0)); n != 1 {
		t.Errorf("%d requests were seen", n)
	}
	if s.Describe().Served() {
		t.Error("it is served still")
	}
}

// TestShareAgain stops and serves once more: addresses and CA stay, and a port
// that another program took meanwhile is named as that.
func TestShareAgain(t *testing.T) {
	for _, at := range []labinfo.Addresses{{}, {HTTP: "127.0.0.1:0", HTTPS: "127.0.0.1:0"}} {
		s := shared(t)
		d, err := s.Share(t.Context(), at)
		if err != nil {
			t.Fatal(err)
		}
		s.Unshare()
		again, err := s.Share(t.Context(), labinfo.Addresses{})
		if err != nil || again.Authority != d.Authority || again.HTTPAuthority != d.HTTPAuthority || again.CAPEM != d.CAPEM {
			t.Fatalf("%s and %s, then %s and %s, %v", d.Authority, d.HTTPAuthority, again.Authority, again.HTTPAuthority, err)
		}
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM([]byte(d.CAPEM))
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}
		resp, err := client.Get(again.JWKSURI)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		client.CloseIdleConnections()
		s.Unshare()
		u, err := url.Parse(d.HTTPAuthority)
		if err != nil {
			t.Fatal(err)
		}
		taken, err := net.Listen("tcp", "127.0.0.1:"+u.Port())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Share(t.Context(), labinfo.Addresses{}); err == nil || !strings.Contains(err.Error(), "taken a port of the lab meanwhile") {
			t.Errorf("the port is taken: %v", err)
		}
		_ = taken.Close()
	}
}

// post sends a token request through the handler that other programs reach, and
// gives what was noted of it.
func post(t *testing.T, s *labtarget.Lab, form url.Values) observe.Entry {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "http://localhost/"+s.Describe().TenantID+"/oauth2/v2.0/token", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	s.Handler().ServeHTTP(httptest.NewRecorder(), r)
	all := s.Requests().Since(0)
	return all[len(all)-1]
}

// TestExpiredSecret hands the last expired secret of an application out that has
// no other, and says so; with it comes the error that it is there for.
func TestExpiredSecret(t *testing.T) {
	s := shared(t)
	d := s.Describe()
	a, _ := d.App("expired")
	if a.ClientSecret == "" || !a.SecretExpired {
		t.Fatalf("%+v", a)
	}
	if w, _ := d.App("web"); w.ClientSecret == "" || w.SecretExpired {
		t.Errorf("%+v", w)
	}
	e := post(t, s, url.Values{"grant_type": {"client_credentials"}, "client_id": {a.ClientID}, "client_secret": {a.ClientSecret}, "scope": {"api://orders.contoso.example/.default"}})
	if f := e.Findings(); len(f) != 1 || f[0].Code != "AADSTS7000222" {
		t.Errorf("%+v", f)
	}
}

// TestConditionsAreNoted keeps with each request what was switched on when it
// came, and lets the registration agree with it.
func TestConditionsAreNoted(t *testing.T) {
	s := shared(t)
	d := s.Describe()
	a, _ := d.App("daemon")
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {a.ClientID}, "client_secret": {a.ClientSecret}, "scope": {"api://orders.contoso.example/.default"}}
	if e := post(t, s, form); e.While != nil || e.Failed() || e.Got != "audience orders-api" {
		t.Errorf("%v, %q: %+v", e.While, e.Got, e.Findings())
	}
	if err := s.Switch("secret-expired", "daemon"); err != nil {
		t.Fatal(err)
	}
	if err := s.Switch("clock", "0s"); err != nil {
		t.Fatal(err)
	}
	e := post(t, s, form)
	if !slices.Equal(e.While, []string{"secret-expired daemon", "clock 0s"}) {
		t.Errorf("%q", e.While)
	}
	f := e.Findings()
	if len(f) != 1 || f[0].Code != "AADSTS7000222" {
		t.Fatalf("%+v", f)
	}
	expired := false
	for _, seen := range f[0].Evidence {
		expired = expired || seen.Note == "expired"
		if strings.Contains(seen.Value, "2099") {
			t.Errorf("it says of an expired secret: %s", seen.Value)
		}
	}
	if !expired {
		t.Errorf("%+v", f[0].Evidence)
	}
}
