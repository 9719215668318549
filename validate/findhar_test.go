package validate_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"flowscope/validate"
	"flowscope/validate/validatetest"
)

// Bodies of a HAR that are written in base64 are read, in either order of their
// members; what only looks like one is left alone.
func TestFindInHARBodies(t *testing.T) {
	access := validatetest.Sign(validatetest.Header(), validatetest.UserV2())
	id := validatetest.Sign(validatetest.Header(), validatetest.IDV2())
	coded := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	body := coded(`{"token_type":"Bearer","scope":"Orders.Read","access_token":"` + access + `","id_token":"` + id + `"}`)
	for name, test := range map[string]struct {
		in   string
		want string
	}{
		"as Chrome writes it":  {`{"response":{"content":{"size":9,"mimeType":"application/json","text":"` + body + `","encoding":"base64"}}}`, "access_token id_token"},
		"as Firefox writes it": {`{ "content": { "encoding": "base64", "text": "` + strings.ReplaceAll(body, "/", `\/`) + `" } }`, "access_token id_token"},
		"two of them":          {`[{"text":"` + coded(`{"access_token":"`+access+`"}`) + `","encoding":"base64"},{"encoding":"base64","text":"` + coded(`{"id_token":"`+id+`"}`) + `"}]`, "access_token id_token"},
		"no base64":            {`{"content":{"text":"` + body[:40] + `!","encoding":"base64"},"access_token":"` + access + `"}`, "access_token"},
		"no text":              {`{"content":{"text":"` + coded("\xff\xfe\x00") + `","encoding":"base64"},"access_token":"` + access + `"}`, "access_token"},
		"no end":               {`{"access_token":"` + access + `","content":{"text":"` + body + `","encoding":"base64"`, "access_token"},
		"another member":       {`{"text":"` + body + `","encodings":"base64"}`, ""},
	} {
		var places []string
		for _, f := range validate.Find(test.in) {
			places = append(places, f.Place)
			if f.Raw != access && f.Raw != id || f.Scope != "" && f.Scope != "Orders.Read" {
				t.Errorf("%s: %+v", name, f)
			}
		}
		if got := strings.Join(places, " "); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
	for _, hostile := range []string{strings.Repeat(`"base64"`, 1<<19), strings.Repeat(`{"text":"","encoding":"base64"}`, 1<<17), strings.Repeat("{", 1<<21) + `"encoding":"base64"` + strings.Repeat("}", 1<<21)} {
		_ = validate.Find(hostile) // ends in time
	}
}
