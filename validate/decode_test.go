package validate_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"flowscope/validate"
)

func TestObjectKeepsWhatWasWritten(t *testing.T) {
	const text = `{"b":1.10e+2,"a":12345678901234567890123,"s":"\u00e9\n\ud83d\ude00","l":["x",{"y":null}],"t":true}`
	o, err := validate.ParseObject([]byte(" " + text + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	if compact(t, out) != text {
		t.Errorf("got %s, want %s", out, text)
	}
	if o.String("s") != "é\n😀" || o.String("a") != "" || o.Len() != 5 || o.At(1).Name != "a" {
		t.Errorf("members are not as written: %q, %d", o.String("s"), o.Len())
	}
	l, _ := o.Get("l")
	if list, ok := l.Array(); !ok || len(list) != 2 || list[1].Type != validate.TypeObject {
		t.Errorf("array: %v, %v", list, ok)
	}
	if _, ok := l.Strings(); ok {
		t.Error("an array with an object counts as strings")
	}
	v, _ := o.Get("t")
	if !v.Bool() {
		t.Error("true is not true")
	}
	var none *validate.Object
	if none.Len() != 0 || none.Has("x") || none.Members() != nil || none.String("x") != "" {
		t.Error("a nil object has members")
	}
}

func TestParseObjectRefuses(t *testing.T) {
	for _, text := range []string{
		"", "[]", "null", "{", "{}x", `{"a"}`, `{"a":}`, `{"a":1,}`, `{,}`, `{"a":01}`, `{"a":1.}`, `{"a":.5}`,
		`{"a":+1}`, `{"a":1e}`, `{"a":-}`, `{"a":tru}`, `{"a":"\x"}`, `{"a":"\u12"}`, `{"a":"\udc00"}`, `{"a":"x`,
		`{a:1}`, `{'a':1}`, `{"a":1 "b":2}`, `{"a":[1,]}`, `{"a":[1 2]}`, `{"a":NaN}`, "{\"a\":\"\t\"}", `{"a":1,"a":1}`,
		"\ufeff{}", `{"a":{"b":1,"b":2}}`, `{"a":[[[{"b":1,"\u0062":2}]]]}`,
	} {
		if o, err := validate.ParseObject([]byte(text)); err == nil {
			t.Errorf("%q was read as %v", text, o.Members())
		}
	}
}

// Many names must not make finding duplicates slow, nor blind.
func TestManyMembers(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"first":0`)
	for i := range 60000 {
		fmt.Fprintf(&b, `,"n%d":0`, i)
	}
	start := b.String()
	if _, err := validate.ParseObject([]byte(start + "}")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"first", "n7", "n59999"} {
		_, err := validate.ParseObject([]byte(start + `,"` + name + `":1}`))
		if err == nil || !strings.Contains(err.Error(), "twice") {
			t.Errorf("%s twice: %v", name, err)
		}
	}
}

// Dates are read exactly, whatever way a number is written.
func TestDates(t *testing.T) {
	for _, raw := range []string{
		"0", "1", "1772370600", "1772370600.25", "1.7723706e9", "17723706E+2", "177237060000e-2", "0.5",
		"1772370600.000000001", "1e-9", "0e99999", "253402300799", "0.0000001e16", "0000", "00.5",
	} {
		body := claims(t, userClaims(), "iat", "1", "exp", raw)
		tok, err := validate.Decode(sign(t, header, body))
		if strings.HasPrefix(raw, "00") {
			if err == nil {
				t.Errorf("%s is no number of JSON and was read", raw)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", raw, err)
			continue
		}
		exact, _ := new(big.Rat).SetString(raw)
		nanos := new(big.Rat).Mul(exact, big.NewRat(int64(time.Second), 1))
		whole := new(big.Int).Quo(nanos.Num(), nanos.Denom())
		sec, nano := new(big.Int).QuoRem(whole, big.NewInt(int64(time.Second)), new(big.Int))
		end := time.Unix(sec.Int64(), nano.Int64())
		want := validate.Expectations{Skew: -1, Now: end}
		at := validate.Check(t.Context(), tok.Raw, nil, want).Status("expiry")
		want.Now = end.Add(-1)
		before := validate.Check(t.Context(), tok.Raw, nil, want).Status("expiry")
		if at != validate.StatusFail || before == validate.StatusFail {
			t.Errorf("%s ends at %s: at the end %s, a nanosecond before %s", raw, end.UTC(), at, before)
		}
	}
	for raw, problem := range map[string]string{
		"253402300800": "9999", "1e400": "9999", "-1": "negative", "-0": "negative", "1772370600123": "milliseconds",
		"1772370600123456": "microseconds", "1772370600123456789": "nanoseconds", "1e99999999999999999999": "9999",
		`"1"`: "a string", "null": "null", "[1]": "an array",
	} {
		_, err := validate.Decode(sign(t, header, claims(t, userClaims(), "nbf", raw)))
		if err == nil || !strings.Contains(err.Error(), problem) {
			t.Errorf("%s: %v; want %q", raw, err, problem)
		}
	}
}

func TestClean(t *testing.T) {
	token := sign(t, header, userClaims())
	second := sign(t, header, idClaims())
	wrapped := func(width int, sep string) string {
		var b strings.Builder
		for i := 0; i < len(token); i += width {
			b.WriteString(token[i:min(i+width, len(token))] + sep)
		}
		return b.String()
	}
	for name, raw := range map[string]string{
		"as it is":            token,
		"white space":         "  \t" + token + "\r\n",
		"quotation marks":     `"` + token + `"`,
		"Bearer":              "Bearer " + token,
		"bearer":              "bearer  " + token,
		"header":              "Authorization: Bearer " + token,
		"curl":                `'Authorization: Bearer ` + token + `'`,
		"response":            `{"token_type":"Bearer","expires_in":3599,"access_token":"` + token + `","id_token":"` + second + `"}`,
		"ID token only":       `{"id_token":"` + token + `"}`,
		"response and more":   `{"access_token":"` + token + `"} trailing`,
		"fragment":            "https://app.example/#access_token=" + token + "&token_type=Bearer",
		"form":                "state=x&id_token=" + token,
		"wrapped":             wrapped(76, "\n"),
		"wrapped and shifted": wrapped(64, "\r\n    "),
		"in pieces":           strings.ReplaceAll(token, ".", " . "),
		"two tokens":          token + "\n" + second,
		"words after it":      token + " is the token",
		"byte order mark":     "\ufeff" + token,
	} {
		if got := validate.Clean(raw); got != token {
			t.Errorf("%s: got %.60q… (%d bytes), want the token (%d bytes)", name, got, len(got), len(token))
		}
	}
	for raw, want := range map[string]string{
		"": "", "   ": "", "opaque": "opaque", `"opaque"`: "opaque", "{}": "{}", "what is this": "what", "äöü": "äöü",
	} {
		if got := validate.Clean(raw); got != want {
			t.Errorf("%q: got %q, want %q", raw, got, want)
		}
	}
}

// What is left of a broken token is still shown.
func TestDecodeKeepsWhatItCan(t *testing.T) {
	tok, err := validate.Decode(b64([]byte(header)) + "." + b64([]byte(`{"iss":"x","aud":"y","exp":`)) + ".!")
	if err == nil || len(tok.Faults) != 2 {
		t.Fatalf("faults: %v", err)
	}
	if tok.Header.String("kid") != keyID || tok.Claims.String("aud") != "y" || tok.ClaimsText == "" {
		t.Errorf("header %v, claims %v", tok.Header.Members(), tok.Claims.Members())
	}
	if !bytes.HasPrefix([]byte(tok.Raw), []byte(tok.SigningInput)) || strings.Count(tok.SigningInput, ".") != 1 {
		t.Errorf("signing input %q", tok.SigningInput)
	}
}
