package profile

import (
	"strings"
	"testing"
)

// TestMistakesInPlainWords: what is said of a value names the form to write, not
// the types of the program.
func TestMistakesInPlainWords(t *testing.T) {
	for text, want := range map[string]string{
		"[profiles.a]\nscopes = \"x\"":           "scopes: this is a list",
		"[profiles.a]\ntenant = contoso.com":     "put it in quotes",
		"[profiles.a]\ntenant = 5":               "put it in quotes",
		"[profile.a]\ntenant = \"contoso.com\"":  "did you mean [profiles.a]?",
		"[profiles.a]\nsecret_prompt = \"true\"": "true or false",
	} {
		_, err := Parse([]byte(text + "\n"))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "line ") || strings.Contains(err.Error(), "struct") {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}
