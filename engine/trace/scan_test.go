package trace

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// planted are bodies of every kind that hold secrets, each with PLANT in it.
var planted = map[string]string{
	"json":             `{"access_token":"PLANTACCESS","refresh_token":"PLANTREFRESH"}`,
	"cut off":          `{"access_token":"PLANTACCESS","refresh_token":"PLANTREFRESH77"`,
	"cut in a value":   `{"access_token":"PLANTACCESS","refresh_token":"PLANTREFR`,
	"form":             `access_token=PLANTACCESS&token_type=bearer&refresh_token=PLANTREFRESH`,
	"form, encoded":    `refresh%5Ftoken=PLANT%2BREFRESH%3Dxy&x=1`,
	"byte order mark":  "\ufeff" + `{"refresh_token":"PLANTREFRESH"}`,
	"space":            "\n " + `{"error":"invalid_grant","refresh_token":"PLANTREFRESH"}`,
	"words":            "upstream failed: access_token=PLANTACCESS refresh_token: PLANTREFRESH, client_secret = 'PLANT one'",
	"twice":            `{"refresh_token":"PLANTREFRESH1","access_token":"PLANT1","access_token":"zzzzz1234","refresh_token":"PLANTREFRESH2"}`,
	"escaped value":    `{"refresh_token":"\u0050LANTREFRESH","access_token":"PLANT\u0041CCESS"}`,
	"escaped name":     `{"refresh\u005ftoken":"PLANTREFRESH"}`,
	"deep":             strings.Repeat(`{"a":`, 30) + `{"refresh_token":"PLANTREFRESH"}` + strings.Repeat("}", 30),
	"page":             `<html><input type=hidden name=refresh_token value=PLANTREFRESH></html>`,
	"page, open":       `<html><input name="refresh_token" value="PLANTREFRESH`,
	"JSON in JSON":     `{"body":"{\"refresh_token\":\"PLANTREFRESH\",\"a\":1}"}`,
	"JSON in a page":   `<div data-x="{&quot;refresh_token&quot;:&quot;PLANTREFRESH&quot;}">`,
	"form in JSON":     `{"m":"sent\nrefresh_token=PLANTREFRESH\u0026client_secret=PLANTSECRET"}`,
	"list":             `{"refresh_token":["PLANTONE","PLANTTWO"]`,
	"element":          `<r><refresh_token>PLANTREFRESH</refresh_token></r>`,
	"no quotes":        `{refresh_token: PLANTREFRESH, password: PLANT}`,
	"cut escape":       `{"refresh_token":"PLANT\u00`,
	"key of a gateway": `{"api_key":"PLANTKEY"}`,
}

// TestPlanted: no secret of any body gets through, and the body stays readable.
func TestPlanted(t *testing.T) {
	for name, body := range planted {
		r := NewRedactor(nil)
		got := string(r.Response(Response{Status: 200, Header: http.Header{}, Body: []byte(body)}).Body)
		if strings.Contains(got, "PLANT") || strings.Contains(got, "LANTREFRESH") || strings.Contains(got, "CCESS") || !strings.Contains(got, "masked:") {
			t.Errorf("%s: %s", name, got)
		}
		if got := r.Text("it was " + strings.TrimPrefix(body, "\ufeff")); strings.Contains(got, "PLANT") {
			t.Errorf("%s in another text: %s", name, got)
		}
	}
}

// TestNotPlanted: what only looks like a secret stays.
func TestNotPlanted(t *testing.T) {
	for _, body := range []string{
		`{"error":{"code":400,"message":"Wrong state: nothing to do"}}`, `the code: AADSTS50058, token: none`,
		`input[type=password]{color:red}`, `{"refresh_token":null}`, `{"token_type":"Bearer","expires_in":3600}`, `<code>what is said</code>`,
		`parameter 'client_secret' or "client_assertion" is missing`,
	} {
		if got := string(NewRedactor(nil).Response(Response{Body: []byte(body)}).Body); got != body {
			t.Errorf("%s became %s", body, got)
		}
	}
}

// hostile are bodies of about n bytes that make a careless search slow.
func hostile(n int) map[string]string {
	var members, secrets strings.Builder
	for i := range n / 14 {
		fmt.Fprintf(&members, `"k%d":1,`, i)
	}
	for i := range n / 28 {
		fmt.Fprintf(&secrets, `"refresh_token":"s%08d",`, i)
	}
	return map[string]string{
		"members": "{" + members.String(), "secrets": "{" + secrets.String() + `"refresh_token":"s-the-last-one"`, "names": strings.Repeat("refresh_token", n/13),
		"pairs": strings.Repeat("code=", n/5), "quotes": strings.Repeat(`"code":"`, n/8), "slashes": strings.Repeat(`\`, n), "tags": strings.Repeat("<input ", n/7),
	}
}

// TestHostileSize: a body with more secrets than can be looked for is not shown,
// and none takes the square of its length, which would not end here.
func TestHostileSize(t *testing.T) {
	for name, body := range hostile(1 << 20) {
		got := NewRedactor(nil).Response(Response{Body: []byte(body)})
		if name == "secrets" && strings.Contains(string(got.Body), "s-the-last-one") {
			t.Error("a secret beyond the bound is shown")
		}
	}
}

// BenchmarkHostileBody is what the longest body costs that is kept.
func BenchmarkHostileBody(b *testing.B) {
	for name, body := range hostile(8 << 20) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				NewRedactor(nil).Response(Response{Body: []byte(body)})
			}
		})
	}
}

// FuzzPlanted: a value behind a name is never in what is shown, whatever stands
// around it.
func FuzzPlanted(f *testing.F) {
	for _, s := range []string{"", `{"a":"b",`, "\ufeff \n", `<p "`, `x=1&`, `{"a":"\"`, "%", "&#", `\`} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, before, behind string) {
		const value = "Qx7PLANTed9"
		for _, pair := range []string{`"refresh_token":"` + value + `"`, ` refresh_token=` + value + `&`} {
			got := NewRedactor(nil).Response(Response{Body: []byte(before + pair + behind)}).Body
			if strings.Contains(string(got), value) {
				t.Errorf("%q%s%q: %q", before, pair, behind, got)
			}
		}
	})
}
