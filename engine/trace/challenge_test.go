package trace

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
)

func TestClaimsChallenge(t *testing.T) {
	const want = `{"access_token":{"acrs":{"essential":true,"value":"c1?>"}}}`
	std, raw := base64.StdEncoding.EncodeToString([]byte(want)), base64.RawURLEncoding.EncodeToString([]byte(want))
	if !strings.ContainsAny(std, "+/=") {
		t.Fatal("the text tells the alphabets not apart")
	}
	for _, c := range []struct {
		status int
		header []string
		claims string
	}{
		{401, []string{`Bearer realm="", authorization_uri="https://x/authorize", client_id="a", error="insufficient_claims", claims="` + std + `"`}, want},
		{403, []string{`bearer error=insufficient_claims,claims=` + raw}, want},
		{401, []string{`Basic realm="a, b"`, `Bearer realm="a \"b\", c=d",error="insufficient_claims", cc_type="authcontext" ,  claims="` + raw + `"`}, want},
		{401, []string{`Bearer error="insufficient_claims", claims="` + strings.TrimRight(std, "=") + `"`}, want},
		{200, []string{`Bearer error="insufficient_claims", claims="` + std + `"`}, ""},
		{401, []string{`Bearer error="invalid_token", claims="` + std + `"`}, ""},
		{401, []string{`DPoP error="insufficient_claims", claims="` + std + `"`}, ""},
		{401, []string{`Bearer error="insufficient_claims", claims="W10="`}, ""},
		{401, []string{`Bearer error="insufficient_claims", claims="%%%"`}, ""},
		{401, []string{`Bearer error="insufficient_claims", claims="` + strings.Repeat("A", maxChallenge+1) + `"`}, ""},
		{401, []string{`Bearer error="insufficient_claims", claims="`}, ""},
		{401, []string{`Bearer`}, ""},
		{401, nil, ""},
	} {
		got, ok := ClaimsChallenge(Response{Status: c.status, Header: http.Header{"Www-Authenticate": c.header}})
		if got != c.claims || ok != (c.claims != "") {
			t.Errorf("%d %q: %q %v", c.status, c.header, got, ok)
		}
	}
}

func FuzzClaimsChallenge(f *testing.F) {
	f.Add(`Bearer realm="", error="insufficient_claims", claims="e30="`)
	f.Fuzz(func(t *testing.T, header string) {
		claims, ok := ClaimsChallenge(Response{Status: 401, Header: http.Header{"Www-Authenticate": {header}}})
		if ok && !strings.HasPrefix(claims, "{") || !ok && claims != "" {
			t.Errorf("%q: %q", header, claims)
		}
	})
}

// TestFragment: what travels behind the # is read, changed and masked like all
// else.
func TestFragment(t *testing.T) {
	jwt := "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJlc2lnbmF0dXJl"
	r := Request{Method: "GET", URL: "http://localhost:3000/portal#access_token=" + jwt + "&state=st%2Fate-1&expires_in=3599"}
	if v, ok := r.Get("access_token"); !ok || v != jwt {
		t.Errorf("access_token is %q", v)
	}
	if p := r.FragmentParams(); len(p) != 3 || p[1] != (Param{Fragment, "state", "st/ate-1"}) || len(r.QueryParams()) != 0 {
		t.Errorf("fragment %v, query %v", p, r.QueryParams())
	}
	if p := (Request{URL: "https://learn.example/page?a=b#section"}).FragmentParams(); p != nil {
		t.Errorf("a place on a page is %v", p)
	}
	changed := Change{Ops: []Op{{Verb: Set, Place: Fragment, Name: "state", Value: "x y"}, {Verb: Drop, Place: Fragment, Name: "expires_in"}}}.Apply(r)
	if want := "http://localhost:3000/portal#access_token=" + jwt + "&state=x+y"; changed.URL != want {
		t.Errorf("changed to %s", changed.URL)
	}
	masked := NewRedactor(nil).Exchange(Exchange{Request: r, Original: &changed})
	for _, u := range []string{masked.Request.URL, masked.Original.URL} {
		for _, secret := range []string{"c2lnbmF0dXJl", "st%2Fate-1", "st/ate-1"} {
			if strings.Contains(u, secret) {
				t.Errorf("%s shows %s", u, secret)
			}
		}
		if !strings.Contains(u, "eyJzdWIiOiJhIn0") {
			t.Errorf("%s hides the claims", u)
		}
	}
}
