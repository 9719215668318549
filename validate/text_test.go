package validate_test

import (
	"context"
	"strings"
	"testing"

	"flowscope/validate"
)

// Reasons are sentences; fixes are not, and no words name a key of the screen.
func TestFullStops(t *testing.T) {
	for _, c := range statuses {
		for _, got := range c.report(t).Checks() {
			if !strings.HasSuffix(got.Why, ".") || strings.HasSuffix(got.Fix, ".") || strings.Contains(got.Why+got.Fix, "press o") {
				t.Errorf("%s, %s: %q, %q", c.name, got.ID, got.Why, got.Fix)
			}
		}
	}
}

// sourced has one key, which it says to come from somewhere.
type sourced struct{ from string }

func (s sourced) Key(_ context.Context, q validate.KeyQuery) (validate.Key, error) {
	return validate.Key{Public: &keys().rsa.PublicKey, ID: q.KeyID, Source: s.from}, nil
}

func (sourced) Verify(string, validate.Key, []byte, []byte) error { return nil }

// Where the key comes from is said in words, with the host alone.
func TestKeySource(t *testing.T) {
	for source, want := range map[string]string{
		"live https://login.example/t/keys?x=1": "fetched from login.example just now",
		"cache https://login.example/t/keys":    "fetched from login.example earlier",
		"live":                                  "fetched just now",
		"file":                                  "from the key set given",
		"a test":                                "a test",
		"live \x1b[2J":                          "fetched just now",
	} {
		r := validate.Check(t.Context(), sign(t, header, userClaims()), sourced{source}, expectations())
		for _, c := range r.Checks() {
			if c.ID == "key" && !strings.HasSuffix(c.Found, " bits, "+want) {
				t.Errorf("%q: found %q", source, c.Found)
			}
		}
	}
}

// A token that is cut off says where it breaks, once; all else is brief.
func TestBrokenFormat(t *testing.T) {
	r := validate.Check(t.Context(), strings.Split(sign(t, header, userClaims()), ".")[0], nil, expectations())
	if got := r.Summary(); !strings.HasPrefix(got, "The API must refuse it: the copy ends too early: claims and signature are missing") || strings.Contains(got, "segment") {
		t.Errorf("summary %q", got)
	}
	for _, c := range r.Checks() {
		if c.ID == "issuer" && c.Why != "Not run: the format is broken." {
			t.Errorf("%s: %q", c.ID, c.Why)
		}
	}
}

// An audience with something in it that can't be seen does not look like the one
// that is expected.
func TestInvisibleCharacters(t *testing.T) {
	for _, r := range []rune{0xad, 0x34f, 0x61c, 0x115f, 0x1160, 0x17b5, 0x180b, 0x180f, 0x200b, 0x202e, 0x2060, 0x206f, 0x2800, 0x3164, 0xfe0f, 0xfeff, 0xffa0, 0xfff8, 0x1d173, 0xe0041, 0xe01ef} {
		token := sign(t, header, claims(t, userClaims(), "aud", `"api://orders`+string(r)+`"`))
		want := expectations()
		want.Audiences = []string{"api://orders"}
		for _, c := range validate.Check(t.Context(), token, sharedSource(), want).Checks() {
			if c.ID == "audience" && (c.Status != validate.StatusFail || c.Expected == c.Found || strings.ContainsRune(c.Found+c.Why+c.Fix, r) || !strings.Contains(c.Found, `\u`)) {
				t.Errorf("U+%04X: %s: expected %q, found %q: %s", r, c.Status, c.Expected, c.Found, c.Why)
			}
		}
	}
}
