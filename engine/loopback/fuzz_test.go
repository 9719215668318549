package loopback

import (
	"net/url"
	"strings"
	"testing"

	"flowscope/engine/trace"
)

// FuzzParseRedirect: whatever is pasted, what comes of it is a redirect to the
// address that was asked for, or words that can be shown.
func FuzzParseRedirect(f *testing.F) {
	for _, pasted := range []string{
		"http://localhost:8400/callback?code=abc&state=x", "code=abc&state=x", "?error=access_denied", "#access_token=x&state=y",
		"http://localhost:8400/call\n back?code=abc", "https://login.example/authorize?response_type=code", "\"http://LOCALHOST:8400/callback?code=%zz\"",
		"javascript://localhost:8400/callback?code=1", "http://localhost:8400@evil.example/callback?code=1", "://", "\x1b[31m?code=1",
	} {
		f.Add(pasted)
	}
	const asked = "http://localhost:8400/callback"
	f.Fuzz(func(t *testing.T, pasted string) {
		r, err := ParseRedirect(pasted, asked)
		if err != nil {
			if trace.Plain(err.Error()) != err.Error() {
				t.Fatalf("unsafe words: %q", err)
			}
			return
		}
		u, err := url.Parse(r.URL)
		if err != nil {
			t.Fatalf("%q: %v", r.URL, err)
		}
		if u.Scheme != "http" || !strings.EqualFold(u.Host, "localhost:8400") || strings.TrimSuffix(u.EscapedPath(), "/") != "/callback" {
			t.Errorf("%q became %q, and it leads elsewhere", pasted, r.URL)
		}
		if _, asks := r.Get("response_type"); asks {
			t.Errorf("%q is the request, and was taken for the answer", pasted)
		}
		if !isAnswer(r) && !inFragment(u) {
			t.Errorf("%q became %q, which holds no answer", pasted, r.URL)
		}
	})
}
