package explain

import (
	"strings"
	"testing"
)

// The words of a form are never taken for the server's.
func TestPageWords(t *testing.T) {
	form := `<form><label for="u">User name</label><input id="u"><label>Password</label><button>Sign in</button><button>Cancel</button></form>`
	for name, c := range map[string]struct{ page, code, words string }{
		"a form with an error": {`<html><body><h1>Sign in</h1><div class="problem"><p class="error">The account is off.</p><p class="code">AADSTS50057</p></div>` + form + `</body></html>`,
			"AADSTS50057", "AADSTS50057: The account is off."},
		"error first, code in it": {`<html><p class="big error">AADSTS50034: No such person.</p>` + form, "AADSTS50034", "AADSTS50034: No such person."},
		"details win":             {`<html><p class="error">Sorry</p><p class="code">AADSTS50011</p><pre class="details">AADSTS50011: The &lt;address&gt;.` + trailers + `</pre>`, "AADSTS50011", "AADSTS50011: The <address>."},
		"a code and a form":       {`<html><body>AADSTS50057` + form, "AADSTS50057", ""},
		"a code on a button":      {`<html><body><button>AADSTS50057 again</button>`, "AADSTS50057", ""},
		"no class at all":         {`<html><body><p>AADSTS50057: It is off.</p>` + form, "AADSTS50057", "AADSTS50057: It is off."},
		"broken":                  {`<html><p class="error">It is off<p class="code">AADSTS50057<`, "AADSTS50057", "AADSTS50057: It is off"},
	} {
		t.Run(name, func(t *testing.T) {
			a, ok := readPage([]byte(c.page))
			if !ok || aadsts(a.primary()) != c.code || a.words != c.words {
				t.Errorf("%v, code %d, words %q", ok, a.primary(), a.words)
			}
		})
	}
	if _, ok := readPage([]byte(strings.Repeat("<div class=details><b>", 20000))); ok {
		t.Error("a page without a code has one")
	}
}
