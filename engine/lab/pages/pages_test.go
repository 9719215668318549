package pages

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// TestAddress holds what people are led to against what a page may lead to.
func TestAddress(t *testing.T) {
	for _, c := range []struct{ in, want, registered string }{
		{"", "", ""},
		{"/t/oauth2/deviceauth?a=b&c=%2F#x", "/t/oauth2/deviceauth?a=b&c=%2F#x", "/t/oauth2/deviceauth?a=b&c=%2F#x"},
		{"HTTPS://app.example/cb", "HTTPS://app.example/cb", "HTTPS://app.example/cb"},
		{"a/b:c", "a/b:c", "a/b:c"},
		{"/ü x'(\")%zz", "/%c3%bc%20x%27%28%22%29%25zz", "/%c3%bc%20x%27%28%22%29%25zz"},
		{"x:%", refused, "x:%25"},
		{"javascript:alert(1)", refused, "javascript:alert%281%29"},
		{"JaVaScRiPt:1", refused, "JaVaScRiPt:1"},
		{" javascript:1", refused, "%20javascript:1"},
		{"java\tscript:1", refused, "java%09script:1"},
		{"data:text/html,x", refused, "data:text/html,x"},
		{"msal-1234://auth", refused, "msal-1234://auth"},
	} {
		if got := address(c.in); got != c.want {
			t.Errorf("address(%q) = %q, want %q", c.in, got, c.want)
		}
		if got := registered(c.in); got != c.registered {
			t.Errorf("registered(%q) = %q, want %q", c.in, got, c.registered)
		}
	}
}

// every draws each page with one text in all places.
func every(s string) map[string]func(http.ResponseWriter) error {
	form, problem := Form{s, s}, Problem{s, s}
	may := []Permission{{s, s}, {s, s}}
	write := func(p interface {
		Write(http.ResponseWriter, string) error
	}) func(http.ResponseWriter) error {
		return func(w http.ResponseWriter) error { return p.Write(w, s) }
	}
	factor := Factor{form, problem, s, s}
	return map[string]func(http.ResponseWriter) error{
		"sign-in":         write(SignIn{form, problem, s, s}),
		"accounts":        write(Accounts{form, s, []Account{{s, s, s, s}}}),
		"sign-out":        write(Accounts{form, "", []Account{{s, s, s, s}}}),
		"new password":    write(NewPassword{form, problem, s}),
		"factor":          write(factor),
		"registration":    func(w http.ResponseWriter) error { return factor.WriteRegistration(w, s) },
		"consent":         write(Consent{form, s, s, s, may, true, s, may}),
		"admin consent":   write(AdminConsent{form, s, s, s, s, may, may}),
		"consent request": write(ConsentRequest{form, problem, s, s, s, may}),
		"device code":     write(DeviceCode{form, problem, s}),
		"device confirm":  write(DeviceConfirm{form, s, s, s}),
		"signed out":      write(SignedOut{Lines: []string{s}, Frames: []string{s}, Next: s}),
		"failure":         write(Failure{s, s, s, s, s}),
		"notice":          func(w http.ResponseWriter) error { return Notice(w, 200, s, s, s) },
		"form post":       func(w http.ResponseWriter) error { return FormPost(w, s, s, []Field{{s, s}}) },
	}
}

// shape lists the elements and the names of attributes of a page and the
// addresses it leads to, and gives the text of its style and script.
func shape(t *testing.T, page string) (elements, addresses []string, style, script string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		line := n.Data
		for _, a := range n.Attr {
			line += " " + a.Key
			if a.Key == "action" || a.Key == "src" { // an href is a registered address
				addresses = append(addresses, a.Val)
			}
		}
		elements = append(elements, line)
		if n.FirstChild != nil && n.Data == "style" {
			style += n.FirstChild.Data
		}
		if n.FirstChild != nil && n.Data == "script" {
			script += n.FirstChild.Data
		}
	}
	return elements, addresses, style, script
}

// TestHostileText holds every page to the same elements whatever the text is,
// and to a policy that allows its style and its script, and no other.
func TestHostileText(t *testing.T) {
	hostile := []string{
		`"><script>alert(1)</script>`, `' onfocus='alert(1)`, "</title></style></pre></textarea><!--",
		"\x00\x1b[31m\r\n", "javascript:alert(1)", "&quot;><b>", "\xff\xfe", strings.Repeat("<p>long ", 5000),
	}
	plain := every("plain")
	for _, s := range hostile {
		for name, draw := range every(s) {
			was, is := httptest.NewRecorder(), httptest.NewRecorder()
			if err := plain[name](was); err != nil {
				t.Fatal(err)
			}
			if err := draw(is); err != nil {
				t.Fatal(err)
			}
			want, _, _, _ := shape(t, was.Body.String())
			got, addresses, style, script := shape(t, is.Body.String())
			if strings.Join(got, "\n") != strings.Join(want, "\n") {
				t.Errorf("%s changes its elements with %.40q:\n%s\nwant\n%s", name, s, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
			policy := is.Header().Get("Content-Security-Policy")
			if !strings.Contains(policy, "style-src "+source(style)+";") {
				t.Errorf("%s: the policy does not allow the style: %s", name, policy)
			}
			if (name == "form post") != (script != "") || script != "" && !strings.HasSuffix(policy, "; script-src "+source(script)) {
				t.Errorf("%s: script %q, policy %s", name, script, policy)
			}
			if name != "form post" && strings.Contains(policy, "script-src") {
				t.Errorf("%s allows a script: %s", name, policy)
			}
			if name != "form post" && strings.Contains(strings.Join(addresses, " "), "javascript:") {
				t.Errorf("%s leads to a script: %q", name, addresses)
			}
		}
	}
}
