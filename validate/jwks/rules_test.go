package jwks_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"flowscope/validate"
	"flowscope/validate/jwks"
)

const wellKnown = "/.well-known/openid-configuration"

// A key out of the cache tells its age, one that was just fetched has none.
func TestAgeOfKeys(t *testing.T) {
	srv := newServer()
	src, clk := source(srv)
	start := clk.Now()
	if k, err := src.Key(t.Context(), query("k1")); err != nil || k.Age != 0 || !k.Fetched.Equal(start) {
		t.Fatalf("%v %v: %v", k.Age, k.Fetched, err)
	}
	clk.add(3 * time.Hour)
	if k, _ := src.Key(t.Context(), query("k1")); k.Age != 3*time.Hour || !k.Fetched.Equal(start) || k.Trouble != "" {
		t.Errorf("%+v", k)
	}
}

// Old keys of an issuer that gives none say so, and since when; when it is back,
// nothing is left of it.
func TestOldKeysSaySinceWhen(t *testing.T) {
	srv := newServer()
	src, clk := source(srv)
	if _, err := src.Key(t.Context(), query("k1")); err != nil {
		t.Fatal(err)
	}
	srv.fail(errors.New("no route to host"))
	if err := src.Refresh(t.Context(), issuer); err == nil {
		t.Fatal("it answers")
	}
	if k, _ := src.Key(t.Context(), query("k1")); k.Trouble != "" {
		t.Errorf("keys that are fresh: %q", k.Trouble)
	}
	clk.add(25 * time.Hour)
	since := clk.Now().Add(-25 * time.Hour).UTC().Format("2006-01-02 15:04 UTC")
	for range 3 {
		k, err := src.Key(t.Context(), query("k1"))
		if err != nil || k.Trouble != since+" the issuer gives no keys (no route to host)" || k.Age < 25*time.Hour {
			t.Fatalf("%q, %v old: %v", k.Trouble, k.Age, err)
		}
		clk.add(time.Minute) // it is asked once more, and since when it is silent stays
	}
	srv.fail(nil)
	clk.add(time.Minute)
	if k, err := src.Key(t.Context(), query("k1")); err != nil || k.Trouble != "" || k.Age != 0 {
		t.Errorf("when it is back: %+v, %v", k, err)
	}
}

// An unknown key says when the issuer can be asked again; by hand it is at once.
func TestUnknownKeySaysWhen(t *testing.T) {
	srv := newServer()
	src, clk := source(srv)
	if _, err := src.Key(t.Context(), query("k1")); err != nil {
		t.Fatal(err)
	}
	again := clk.Now().Add(5 * time.Minute).UTC().Format("15:04:05 UTC")
	clk.add(2 * time.Minute)
	_, err := src.Key(t.Context(), query("k2"))
	if reason(err) != validate.KeyUnknown || !strings.Contains(err.Error(), "2m0s old") || !strings.Contains(err.Error(), again) {
		t.Fatal(err)
	}
	if err := src.Refresh(t.Context(), issuer); err != nil || srv.count() != 4 {
		t.Errorf("by hand: %v, %d requests", err, srv.count())
	}
}

// The issuer fails while a key is looked for that is not known: nothing is held
// against the token.
func TestUnknownKeyOfASilentIssuer(t *testing.T) {
	srv := newServer()
	src, clk := source(srv)
	if _, err := src.Key(t.Context(), query("k1")); err != nil {
		t.Fatal(err)
	}
	srv.fail(errors.New("no route to host"))
	clk.add(6 * time.Minute)
	for range 3 {
		if _, err := src.Key(t.Context(), query("k2")); reason(err) != validate.KeyUnreachable {
			t.Fatal(err)
		}
		if _, err := src.Key(t.Context(), query("k1")); err != nil {
			t.Fatal(err)
		}
	}
	if srv.count() != 3 {
		t.Errorf("%d requests, want one attempt", srv.count())
	}
}

// v1.0 metadata points at the keys of all tenants, which name no issuer: the
// tenant's own are taken.
func TestV1KeysAreTheTenantsOwn(t *testing.T) {
	const v1 = "https://sts.windows.net/" + tenant + "/"
	srv := newServer()
	srv.pages[host+tenant+wellKnown] = document(v1, host+"common/discovery/keys")
	srv.pages[host+"common/discovery/keys"] = `{"keys":[` + jwkOf("consumer", keys()[1], "") + `]}`
	srv.pages[host+tenant+"/discovery/keys"] = `{"keys":[` + jwkOf("k1", keys()[0], "") + `]}`
	for _, asked := range []string{v1, "https://sts.windows.net/{tenantid}/"} {
		src, _ := source(srv)
		q := validate.KeyQuery{Issuer: asked, TenantID: tenant, KeyID: "k1", Version: "1.0"}
		if k, err := src.Key(t.Context(), q); err != nil || k.Source != "live "+host+tenant+"/discovery/keys" {
			t.Errorf("%s: %+v, %v", asked, k.Source, err)
		}
		q.KeyID = "consumer"
		if _, err := src.Key(t.Context(), q); reason(err) != validate.KeyUnknown {
			t.Errorf("%s: the keys of all tenants count: %v", asked, err)
		}
	}
	src, _ := source(srv)
	if _, err := src.Key(t.Context(), validate.KeyQuery{Issuer: "https://sts.windows.net/{tenantid}/", KeyID: "k1"}); reason(err) != validate.KeyUnreachable {
		t.Errorf("without a tenant: %v", err)
	}
	for _, r := range srv.requests {
		if strings.Contains(r, "common") {
			t.Errorf("asked %s", r)
		}
	}
}

// Keys for many tenants name theirs; one that names none is taken from the
// tenant's own set.
func TestKeysOfManyTenants(t *testing.T) {
	const many = host + "{tenantid}/v2.0"
	srv := newServer()
	srv.pages[host+"common/v2.0"+wellKnown] = document(many, host+"common/discovery/v2.0/keys")
	srv.pages[host+"common/discovery/v2.0/keys"] = `{"keys":[` + jwkOf("named", keys()[1], `,"issuer":"`+many+`"`) + `,` + jwkOf("k1", keys()[1], "") + `]}`
	src, _ := source(srv)
	q := validate.KeyQuery{Issuer: many, TenantID: tenant, KeyID: "named"}
	if k, err := src.Key(t.Context(), q); err != nil || k.Issuer != many || k.MetadataIssuer != many {
		t.Errorf("%+v, %v", k, err)
	}
	q.KeyID = "k1"
	if k, err := src.Key(t.Context(), q); err != nil || k.MetadataIssuer != issuer || !keys()[0].PublicKey.Equal(k.Public) {
		t.Errorf("a key that names nobody: from %q, %v", k.MetadataIssuer, err)
	}
	q.TenantID = ""
	if _, err := src.Key(t.Context(), q); reason(err) != validate.KeyUnreachable {
		t.Errorf("of no tenant: %v", err)
	}
}

// A domain in the issuer becomes the tenant's GUID by discovery.
func TestDomainBecomesGUID(t *testing.T) {
	const byDomain = host + "contoso.onmicrosoft.com/v2.0"
	srv := newServer()
	srv.pages[byDomain+wellKnown] = document(issuer, host+tenant+"/discovery/v2.0/keys")
	src, _ := source(srv)
	for range 2 {
		if got, err := src.Resolve(t.Context(), byDomain); err != nil || got != issuer {
			t.Errorf("%s, %v", got, err)
		}
	}
	if srv.count() != 2 {
		t.Errorf("%d requests", srv.count())
	}
	for _, plain := range []string{issuer, host + "common/v2.0", "https://issuer.example/a/b", ""} {
		if jwks.NamesDomain(plain) {
			t.Errorf("%s names a domain", plain)
		}
		if got, err := src.Resolve(t.Context(), plain); got != plain || err != nil {
			t.Errorf("%s, %v", got, err)
		}
	}
	for _, found := range []string{"https://evil.example/" + tenant + "/v2.0", host + tenant + "/", host + "evil.example/v2.0", host + tenant + "/v2.0/v2.0"} {
		srv := newServer()
		srv.pages[byDomain+wellKnown] = document(found, host+tenant+"/discovery/v2.0/keys")
		src, _ := source(srv)
		if got, err := src.Resolve(t.Context(), byDomain); reason(err) != validate.KeyMetadata || got != byDomain {
			t.Errorf("%s: %s, %v", found, got, err)
		}
	}
}

// The keys of an application of its own need no refresh of the usual ones first.
func TestOwnKeysComeBeforeARefresh(t *testing.T) {
	const app = "aaaaaaaa-0000-4000-8000-000000000001"
	srv := newServer()
	src, clk := source(srv)
	if _, err := src.Key(t.Context(), query("k1")); err != nil {
		t.Fatal(err)
	}
	srv.pages[issuer+wellKnown+"?appid="+app] = document(issuer, host+tenant+"/discovery/v2.0/keys?appid="+app)
	srv.pages[host+tenant+"/discovery/v2.0/keys?appid="+app] = `{"keys":[` + jwkOf("own", keys()[1], "") + `]}`
	clk.add(time.Hour)
	q := query("own")
	q.AppID = app
	for range 3 {
		if _, err := src.Key(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	if srv.count() != 4 {
		t.Errorf("%d requests: %v", srv.count(), srv.requests)
	}
	q.KeyID = "nobody's"
	for range 3 {
		if _, err := src.Key(t.Context(), q); reason(err) != validate.KeyUnknown {
			t.Fatal(err)
		}
	}
	if srv.count() != 6 {
		t.Errorf("%d requests, want one refresh of the usual keys: %v", srv.count(), srv.requests)
	}
}

// Each of Entra's clouds is asked at its own host.
func TestNationalClouds(t *testing.T) {
	for asked, want := range map[string]string{
		"https://login.microsoftonline.us/" + tenant + "/v2.0":         "https://login.microsoftonline.us/" + tenant + "/v2.0",
		"https://login.partner.microsoftonline.cn/" + tenant + "/v2.0": "https://login.partner.microsoftonline.cn/" + tenant + "/v2.0",
		"https://sts.chinacloudapi.cn/" + tenant + "/":                 "https://login.partner.microsoftonline.cn/" + tenant,
		"https://sts.windows.net/" + tenant + "/":                      "https://login.microsoftonline.us/" + tenant,
	} {
		srv := &tenantServer{pages: map[string]string{want + wellKnown: document(asked, want+"/keys"), want + "/keys": `{"keys":[` + jwkOf("k1", keys()[0], "") + `]}`}}
		src, _ := source(srv)
		if _, err := src.Key(t.Context(), validate.KeyQuery{Issuer: asked, KeyID: "k1"}); err != nil {
			t.Errorf("%s: %v (%v)", asked, err, srv.requests)
		}
	}
}

// Metadata sends nobody to another host, unless the person agreed.
func TestKeysOnAnotherHost(t *testing.T) {
	const iss = "https://issuer.example"
	for address, allowed := range map[string]bool{
		"https://issuer.example/keys": true, "https://keys.issuer.example/keys": true, "https://ISSUER.example/keys": true,
		"https://other.example/keys": false, "https://notissuer.example/keys": false, "https://issuer.example:8443/keys": false,
		"https://169.254.169.254/keys": false, "https://login.microsoftonline.com/keys": false,
	} {
		srv := &tenantServer{pages: map[string]string{iss + wellKnown: document(iss, address), address: `{"keys":[` + jwkOf("k1", keys()[0], "") + `]}`}}
		src := jwks.New(jwks.Options{Client: srv, MayAsk: func(string) error { return nil }})
		_, err := src.Key(t.Context(), validate.KeyQuery{Issuer: iss, KeyID: "k1"})
		var elsewhere *jwks.ElsewhereError
		if allowed && err != nil || !allowed && (reason(err) != validate.KeyElsewhere || !errors.As(err, &elsewhere) || elsewhere.Address != address || srv.count() != 1) {
			t.Errorf("%s: %v, %v", address, err, srv.requests)
		}
	}
	// From one host of Entra to another is as Entra has it.
	srv := newServer()
	srv.pages[issuer+wellKnown] = document(issuer, "https://login.windows.net/common/discovery/v2.0/keys")
	srv.pages["https://login.windows.net/common/discovery/v2.0/keys"] = `{"keys":[` + jwkOf("k1", keys()[0], "") + `]}`
	src, _ := source(srv)
	if _, err := src.Key(t.Context(), query("k1")); err != nil {
		t.Error(err)
	}
}

// What was refused can be asked for again at once when the person agrees.
func TestAgain(t *testing.T) {
	const iss = "https://issuer.example"
	srv := &tenantServer{pages: map[string]string{iss + wellKnown: document(iss, "https://other.example/keys"), "https://other.example/keys": `{"keys":[` + jwkOf("k1", keys()[0], "") + `]}`}}
	var agreed bool
	src := jwks.New(jwks.Options{Client: srv, MayAsk: func(string) error { return nil }, MayFetch: func(issuer, address string) error {
		if agreed {
			return nil
		}
		return jwks.OwnSite(issuer, address)
	}})
	q := validate.KeyQuery{Issuer: iss, KeyID: "k1"}
	for range 3 {
		if _, err := src.Key(t.Context(), q); reason(err) != validate.KeyElsewhere {
			t.Fatal(err)
		}
	}
	agreed = true
	src.Again()
	if _, err := src.Key(t.Context(), q); err != nil || srv.count() != 3 {
		t.Errorf("%v, %v", err, srv.requests)
	}
}

// Every answer that holds no keys is told in words that help.
func TestWordsOfAnswers(t *testing.T) {
	answer := func(status int, body string, header ...string) func() *http.Response {
		return func() *http.Response {
			h := http.Header{}
			for i := 0; i < len(header); i += 2 {
				h.Set(header[i], header[i+1])
			}
			return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body))}
		}
	}
	for name, c := range map[string]struct {
		answer func() *http.Response
		want   string
	}{
		"redirect":     {answer(302, "", "Location", "http://portal.example/login"), "redirect to portal.example; key requests follow none, and a captive portal"},
		"portal":       {answer(200, "<html>Welcome to the hotel", "Content-Type", "text/html; charset=utf-8"), "page of HTML and not with JSON; a captive portal"},
		"HTML as JSON": {answer(200, "\xef\xbb\xbf <!doctype html>", "Content-Type", "application/json"), "page of HTML"},
		"proxy":        {answer(502, "<html>", "Content-Type", "text/html"), "502 Bad Gateway with a page of HTML; a proxy"},
		"no tenant":    {answer(400, `{"error":"invalid_tenant","error_description":"AADSTS90002: Tenant 'x' not found.\r\nTrace ID: 1"}`), "400 Bad Request: AADSTS90002: Tenant 'x' not found."},
		"escape":       {answer(500, `{"error":"\u001b[2J"}`), "500 Internal Server Error: [2J"},
		"throttled":    {answer(429, "", "Retry-After", "17"), "429 Too Many Requests; it asks to be left alone for 17 s"},
		"broken JSON":  {answer(200, `{"issuer":`), "metadata of"},
		"empty":        {answer(200, " \n"), "answered with nothing"},
		"no gzip":      {answer(200, "{}", "Content-Encoding", "gzip"), "says that it is gzip, and is not"},
		"other coding": {answer(200, "{}", "Content-Encoding", "br"), `in the encoding "br"`},
		"too large":    {answer(200, strings.Repeat(" ", 1<<20+1)), "larger than 1 MiB"},
		"gzip bomb":    {answer(200, zipped(t, strings.Repeat(" ", 8<<20)), "Content-Encoding", "gzip"), "larger than 1 MiB"},
	} {
		srv := newServer()
		srv.answers = map[string]func() *http.Response{issuer + wellKnown: c.answer}
		src, _ := source(srv)
		_, err := src.Key(t.Context(), query("k1"))
		if reason(err) != validate.KeyUnreachable || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if strings.ContainsAny(fmt.Sprint(err), "\x1b\r\n") {
			t.Errorf("%s: control characters: %q", name, err)
		}
	}
	srv := newServer()
	page := srv.pages[issuer+wellKnown]
	srv.answers = map[string]func() *http.Response{issuer + wellKnown: answer(200, zipped(t, "\xef\xbb\xbf"+page), "Content-Encoding", "gzip")}
	src, _ := source(srv)
	if _, err := src.Key(t.Context(), query("k1")); err != nil {
		t.Errorf("gzip with a byte order mark: %v", err)
	}
}

func zipped(t *testing.T, s string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(s)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// What only a token names has to be a public https host without a port.
func TestWhatATokenMayName(t *testing.T) {
	for iss, ok := range map[string]bool{
		"https://issuer.example/a": true, "https://accounts.google.com": true, "http://issuer.example": false, "http://localhost": false,
		"https://issuer.example:8443": false, "https://user@issuer.example": false, "https://127.0.0.1": false, "https://[::1]/": false,
		"https://localhost": false, "https://a.localhost": false, "https://intranet": false, "https://db.internal": false, "https://printer.local": false,
		"https://169.254.169.254/latest": false, "https://2130706433": false, "https://0x7f.1": false, "https://issuer.example?x=y": false, "": false,
	} {
		if err := jwks.FromToken(iss); (err == nil) != ok {
			t.Errorf("%q: %v", iss, err)
		}
	}
	for a, ok := range map[string]bool{
		"8.8.8.8": true, "2606:4700::1111": true, "10.0.0.1": false, "127.0.0.1": false, "169.254.169.254": false, "192.168.1.1": false, "172.16.0.1": false,
		"100.64.0.1": false, "0.0.0.0": false, "255.255.255.255": false, "224.0.0.1": false, "::1": false, "fe80::1": false, "fd00::1": false, "::": false,
		"::ffff:127.0.0.1": false, "64:ff9b::7f00:1": false, "64:ff9b::808:808": true, "2002:7f00:1::": false, "198.18.0.1": false, "192.0.0.8": false,
	} {
		if jwks.PublicAddress(netip.MustParseAddr(a)) != ok {
			t.Errorf("%s is public: %v", a, !ok)
		}
	}
	if jwks.PublicAddress(netip.Addr{}) {
		t.Error("no address is public")
	}
}

// Who waits for another caller's request is told to whom it belongs.
func TestSharedIsTold(t *testing.T) {
	srv := newServer()
	srv.gate = make(chan struct{})
	type who struct{}
	var mu sync.Mutex
	var told []string
	src := jwks.New(jwks.Options{Client: srv, Shared: func(asked, waited context.Context) {
		mu.Lock()
		defer mu.Unlock()
		told = append(told, fmt.Sprint(asked.Value(who{}), " for ", waited.Value(who{})))
	}})
	first := make(chan error)
	go func() {
		_, err := src.Key(context.WithValue(t.Context(), who{}, "a"), query("k1"))
		first <- err
	}()
	srv.gate <- struct{}{} // a has its turn
	second := make(chan error)
	go func() {
		_, err := src.Key(context.WithValue(t.Context(), who{}, "b"), query("k1"))
		second <- err
	}()
	srv.gate <- struct{}{}
	if err := errors.Join(<-first, <-second); err != nil || srv.count() != 2 {
		t.Fatalf("%v, %d requests", err, srv.count())
	}
	if len(told) > 1 || len(told) == 1 && told[0] != "a for b" {
		t.Errorf("%q", told)
	}
}

// Many issuers on one host that can't be reached do not find out one by one, and
// no file of tokens makes any number of requests.
func TestManyIssuers(t *testing.T) {
	srv := newServer()
	srv.fail(errors.New("no route to host"))
	src, clk := source(srv)
	at := func(i int) validate.KeyQuery {
		return validate.KeyQuery{Issuer: fmt.Sprintf("%s11111111-2222-4333-8444-%012d/v2.0", host, i), KeyID: "k1"}
	}
	for i := range 50 {
		if _, err := src.Key(t.Context(), at(i)); reason(err) != validate.KeyUnreachable || !strings.Contains(err.Error(), "no route") {
			t.Fatal(err)
		}
	}
	if srv.count() != 1 {
		t.Errorf("%d requests to a host that is away", srv.count())
	}
	if err := src.Refresh(t.Context(), issuer); err == nil || srv.count() != 2 {
		t.Errorf("by hand: %v, %d requests", err, srv.count())
	}
	srv.fail(nil)
	clk.add(time.Minute)
	if _, err := src.Key(t.Context(), query("k1")); err != nil {
		t.Errorf("when it is back: %v", err)
	}
	for i := range 2000 {
		if _, err := src.Key(t.Context(), at(i)); reason(err) != validate.KeyUnreachable {
			t.Fatal(err)
		}
	}
	if n := srv.count(); n > 1030 {
		t.Errorf("%d requests for 2000 issuers that nobody knows", n)
	}
	if _, err := src.Key(t.Context(), query("k1")); err != nil {
		t.Errorf("an issuer that is known: %v", err)
	}
}
