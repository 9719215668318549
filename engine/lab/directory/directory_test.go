package directory

import "testing"

func TestRedirect(t *testing.T) {
	app := App{Platforms: []Platform{
		{Type: PlatformWeb, RedirectURIs: []string{"https://app.example/cb", "https://app.example/q?a=b", "http://localhost:3000/auth"}},
		{Type: PlatformNative, RedirectURIs: []string{"http://localhost", "http://127.0.0.1/done", "msal1://auth", "urn:x:oob"}},
	}}
	for uri, want := range map[string]string{
		"https://app.example/cb":          PlatformWeb,
		"https://APP.example/cb":          PlatformWeb,
		"https://app.example:443/cb":      PlatformWeb,
		"https://app.example/CB":          "",
		"https://app.example/cb/":         "",
		"http://app.example/cb":           "",
		"https://app.example/cb?a=b":      "",
		"https://app.example/cb?":         "",
		"https://app.example/q?a=b":       PlatformWeb,
		"https://app.example/cb#f":        "",
		"https://u@app.example/cb":        "",
		"https://app.example.evil/cb":     "",
		"https://app.example/../cb":       "",
		"https://app.example/%63b":        "",
		"http://localhost:9/auth":         PlatformWeb,
		"http://localhost":                PlatformNative,
		"http://localhost:51234":          PlatformNative,
		"http://localhost:51234/":         PlatformNative,
		"http://localhost/other":          "",
		"https://localhost":               "",
		"http://localhost:1@evil.example": "",
		"http://localhost:1\\@evil/":      "",
		"http://127.0.0.1:8/done":         PlatformNative,
		"http://127.0.0.1:8/":             "",
		"http://[::1]/done":               "",
		"msal1://auth":                    PlatformNative,
		"msal1://auth2":                   "",
		"urn:x:oob":                       PlatformNative,
		"urn:x:oob2":                      "",
		"":                                "",
		"http://localhost:51234/\r\nX: y": "",
		"http://localho\u017ft:9/auth":    "",
		"http://localho%C5%BFt:9/auth":    "",
		"http://%6Cocalhost:9/auth":       "",
		"https://app.example/cb\u00e9":    "",
		"http://localhost:99999999/auth":  "",
		"http://localhost:65536/auth":     "",
		"http://localhost:65535/auth":     PlatformWeb,
		"http://localhost:0/auth":         "",
		"http://localhost:09/auth":        "",
		"http://localhost:/auth":          "",
		"http://localhost:-1/auth":        "",
		"http://LOCALHOST:9/auth":         PlatformWeb,
	} {
		p, ok := app.Redirect(uri)
		if p.Type != want || ok != (want != "") {
			t.Errorf("%q is of platform %q, want %q", uri, p.Type, want)
		}
	}
}

// TestRedirectPrefersTheExactOne has two registrations that differ by the port
// alone, on two platforms.
func TestRedirectPrefersTheExactOne(t *testing.T) {
	app := App{Platforms: []Platform{
		{Type: PlatformSPA, RedirectURIs: []string{"http://localhost:5173"}},
		{Type: PlatformNative, RedirectURIs: []string{"http://localhost"}},
	}}
	for uri, want := range map[string]string{"http://localhost": PlatformNative, "http://localhost:5173": PlatformSPA, "http://localhost:9": PlatformSPA} {
		if p, _ := app.Redirect(uri); p.Type != want {
			t.Errorf("%s is of platform %s, want %s", uri, p.Type, want)
		}
	}
}

// TestRedirectFoldsNothing has a registration outside ASCII: it matches itself
// alone.
func TestRedirectFoldsNothing(t *testing.T) {
	app := App{Platforms: []Platform{{Type: PlatformWeb, RedirectURIs: []string{"https://app.conto\u017fo.example/cb"}}}}
	for uri, want := range map[string]bool{
		"https://app.conto\u017fo.example/cb":   true,
		"https://app.contoso.example/cb":        false,
		"https://app.conto%C5%BFo.example/cb":   false,
		"https://APP.conto\u017fo.example/cb":   false,
		"https://app.conto\u017fo.example:0/cb": false,
	} {
		if _, ok := app.Redirect(uri); ok != want {
			t.Errorf("%q matches: %v", uri, ok)
		}
	}
}

func TestAuthority(t *testing.T) {
	d := Seed()
	for segment, want := range map[string]string{
		ContosoID: ContosoID, "CONTOSO.example": ContosoID, "contoso.onmicrosoft.com": ContosoID,
		"common": Common, "Organizations": Organizations, "consumers": ConsumersTenantID, ConsumersTenantID: ConsumersTenantID,
	} {
		if a, ok := d.Authority(segment); !ok || a.Key() != want {
			t.Errorf("%q is %q, %v; want %q", segment, a.Key(), ok, want)
		}
	}
	if _, ok := d.Authority("nowhere"); ok {
		t.Error("an unknown segment is taken for a tenant")
	}
}

func TestForms(t *testing.T) {
	for s, want := range map[string]bool{ContosoID: true, "C0F75A3E-4A12-4F0E-9D0C-3A700C302009": true, "": false, "x0f75a3e-4a12-4f0e-9d0c-3a700c302009": false, "c0f75a3e44a12-4f0e-9d0c-3a700c302009": false} {
		if IsGUID(s) != want {
			t.Errorf("IsGUID(%q) is %v", s, !want)
		}
	}
	for s, want := range map[string]bool{"a.example": true, "example": false, "a..b": false, ".a": false, "a b.c": false} {
		if IsDomain(s) != want {
			t.Errorf("IsDomain(%q) is %v", s, !want)
		}
	}
}

func FuzzRedirect(f *testing.F) {
	app := native()
	f.Add("http://localhost:1/")
	f.Add("http://localhost:1@x/")
	f.Add("http://localho\u017ft/")
	f.Add("http://localho%C5%BFt/")
	f.Fuzz(func(t *testing.T, uri string) {
		if _, ok := app.Redirect(uri); !ok {
			return
		}
		if uri == app.Platforms[0].RedirectURIs[1] {
			return
		}
		if !printable(uri) {
			t.Fatalf("%q is accepted and is not ASCII", uri)
		}
		if len(uri) > len("http://localhost:65535/")+40 {
			t.Fatalf("%q is taken for http://localhost", uri)
		}
	})
}
