package validate_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"flowscope/validate"
	"flowscope/validate/validatetest"
)

// seedTokens are texts to begin with, beside the catalogue.
func seedTokens(f *testing.F) []string {
	f.Helper()
	return []string{
		sign(f, header, userClaims()), sign(f, header, idClaims()), "", ".", "..", "e30.e30.", "a.b.c.d.e", "0.AXoA.x",
		sign(f, header, `{"exp":1e400,"nbf":-1,"iat":1.5,"aud":[1],"x":{"a":[{}]}}`),
		sign(f, header, `{"tid":"a","Tid":"b","aud":["a","b"],"roles":"x"}`),
		b64([]byte(`{"alg":"none","crit":["b64"],"b64":false}`)) + "." + b64([]byte(`{"\u0061ud":"\ud83d\ude00"}`)) + ".",
	}
}

// FuzzDecode: what the strict reader and encoding/json both accept must agree.
func FuzzDecode(f *testing.F) {
	for _, s := range seedTokens(f) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		tok, err := validate.Decode(raw)
		if tok == nil || (err == nil) != (len(tok.Faults) == 0) {
			t.Fatalf("token %v, error %v", tok, err)
		}
		if err != nil {
			return
		}
		if tok.Kind != validate.KindAccess && tok.Kind != validate.KindID {
			return
		}
		parts := strings.Split(raw, ".")
		for i, o := range []*validate.Object{tok.Header, tok.Claims} {
			text, err := base64.RawURLEncoding.DecodeString(parts[i])
			if err != nil {
				t.Fatalf("segment %d is no base64url: %v", i, err)
			}
			agree(t, text, o)
		}
		sig, err := base64.RawURLEncoding.Strict().DecodeString(parts[2])
		if err != nil || !bytes.Equal(sig, tok.Signature) {
			t.Fatalf("signature: %v", err)
		}
	})
}

// agree compares an object with what encoding/json makes of the same text.
func agree(t *testing.T, text []byte, o *validate.Object) {
	t.Helper()
	var want, got map[string]any
	read := func(data []byte, into *map[string]any) {
		d := json.NewDecoder(bytes.NewReader(data))
		d.UseNumber()
		if err := d.Decode(into); err != nil {
			t.Fatalf("%q is not read by encoding/json: %v", data, err)
		}
	}
	read(text, &want)
	out, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	read(out, &got)
	if !reflect.DeepEqual(got, want) || len(want) != o.Len() {
		t.Fatalf("got %v, want %v", got, want)
	}
	for name, v := range want {
		if s, ok := v.(string); ok && o.String(name) != s {
			t.Fatalf("%q is %q, want %q", name, o.String(name), s)
		}
	}
}

// signedInputs are the signing inputs of those tokens that the keys of the
// catalogue's set have really signed; nothing else may ever verify.
func signedInputs(tokens []string) map[string]bool {
	out := map[string]bool{}
	for _, raw := range tokens {
		r := validate.Check(context.Background(), raw, validatetest.Source(), validate.Expectations{Algorithms: allAlgorithms, Now: now})
		if r.Status("signature") == validate.StatusPass {
			out[r.Token.SigningInput] = true
		}
	}
	return out
}

// sound holds what is true of every report, whatever was checked.
func sound(t *testing.T, r *validate.Report) {
	t.Helper()
	checks, verdict := r.Checks(), validate.Valid
	if len(checks) != 18 {
		t.Fatalf("%d checks", len(checks))
	}
	for i, id := range validate.IDs() {
		c := checks[i]
		if c.ID != id || c.Why == "" || c.Source == "" || (c.Fix == "") != (c.Status == validate.StatusPass) {
			t.Fatalf("check %d: %+v", i, c)
		}
		switch {
		case c.Status == validate.StatusFail:
			verdict = validate.Invalid
		case c.Status == validate.StatusNotRun && verdict == validate.Valid:
			switch id {
			case "format", "algorithm", "key", "signature", "issuer", "audience", "expiry", "token-type":
				verdict = validate.Unverified
			}
		}
		quiet(t, c.Expected, c.Found, c.Why, c.Fix)
	}
	if r.Verdict != verdict {
		t.Fatalf("verdict %s, the checks say %s", r.Verdict, verdict)
	}
	if guest, home := r.Token.Guest(); home != "" && (!guest || !validate.IsGUID(home)) {
		t.Fatalf("a guest: %v, at home in %q", guest, home)
	}
	if r.Summary() == "" {
		t.Fatal("no summary")
	}
	quiet(t, r.Summary(), r.Token.Faults.Error())
}

// quiet fails on text that could steer a terminal.
func quiet(t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !utf8.ValidString(text) {
			t.Fatalf("not UTF-8: %q", text)
		}
		for _, c := range text {
			if unicode.Is(unicode.Cc, c) || unicode.Is(unicode.Bidi_Control, c) || c == 0x2028 || c == 0x2029 {
				t.Fatalf("%U in %q", c, text)
			}
		}
	}
}

// FuzzCheck: no input panics, the report is sound, and nothing that the keys did
// not sign verifies.
func FuzzCheck(f *testing.F) {
	tokens := seedTokens(f)
	for _, c := range validatetest.Catalogue() {
		if len(c.Token) < 8192 {
			tokens = append(tokens, c.Token)
		}
	}
	for _, raw := range tokens {
		f.Add(raw)
	}
	signed := signedInputs(tokens)
	f.Fuzz(func(t *testing.T, raw string) {
		_ = validate.Clean(raw)
		want := validatetest.WantUser()
		want.Tenants, want.Scopes, want.Roles = []string{tenant}, []string{"Orders.Read"}, []string{"R"}
		want.Nonce, want.ClientID, want.AccessToken, want.Code = "n1", clientID, "x", "y"
		for _, keys := range []validate.KeySource{nil, validatetest.Source()} {
			r := validate.Check(context.Background(), raw, keys, want)
			sound(t, r)
			if r.Verdict == validate.Valid {
				t.Fatal("valid in spite of roles and a nonce that it does not have")
			}
		}
		easy := validatetest.WantUser()
		easy.Algorithms = allAlgorithms
		r := validate.Check(context.Background(), raw, validatetest.Source(), easy)
		sound(t, r)
		if (r.Verdict == validate.Valid || r.Status("signature") == validate.StatusPass) && !signed[r.Token.SigningInput] {
			t.Fatalf("a forgery verifies: %q", raw)
		}
	})
}

// FuzzClaims signs what it is given, so that the checks behind the signature meet
// hostile text, too. A token that comes out valid says the same to encoding/json.
func FuzzClaims(f *testing.F) {
	for _, c := range validatetest.Catalogue() {
		parts := strings.Split(c.Token, ".")
		if len(parts) != 3 || len(c.Token) > 8192 {
			continue
		}
		header, _ := base64.RawURLEncoding.DecodeString(parts[0])
		body, _ := base64.RawURLEncoding.DecodeString(parts[1])
		f.Add(string(header), string(body))
	}
	key, _, _ := validatetest.EC()
	f.Fuzz(func(t *testing.T, header, body string) {
		token := validatetest.SignWith(key, "ES256", header, body)
		want := validatetest.WantUser()
		want.Algorithms = allAlgorithms
		sound(t, validate.Check(context.Background(), token, validatetest.Source(), want))

		plain := `{"alg":"ES256","kid":"` + validatetest.ECKeyID + `"}`
		want.Scopes, want.Tenants = []string{"Orders.Read"}, []string{tenant}
		r := validate.Check(context.Background(), validatetest.SignWith(key, "ES256", plain, body), validatetest.Source(), want)
		sound(t, r)
		if s := r.Status("signature"); s != validate.StatusPass && r.Token.HeaderText == plain && r.Token.Claims != nil {
			t.Fatalf("a good signature: %s", s)
		}
		if r.Verdict == validate.Valid {
			fitting(t, []byte(body))
		}
	})
}

// fitting reads claims that were found valid once more with encoding/json.
func fitting(t *testing.T, body []byte) {
	t.Helper()
	var c struct {
		Iss, Tid, Scp string
		Aud           any
		Exp           json.Number
	}
	if err := json.Unmarshal(body, &c); err != nil {
		t.Fatalf("valid, and encoding/json cannot read it: %v", err)
	}
	_, many := c.Aud.([]any)
	exp, err := c.Exp.Float64()
	if c.Iss != issuerV2 || !strings.EqualFold(c.Tid, tenant) || c.Aud != apiID && !many || err != nil || exp < float64(now.Unix())-300 ||
		!strings.Contains(" "+c.Scp+" ", " Orders.Read ") && c.Scp != "" {
		t.Fatalf("valid: %+v", c)
	}
}
