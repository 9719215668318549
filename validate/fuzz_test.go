package validate_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"flowscope/validate"
)

func seeds(f *testing.F) {
	f.Helper()
	for _, s := range []string{
		sign(f, header, userClaims()), sign(f, header, idClaims()), "", ".", "..", "e30.e30.", "a.b.c.d.e", "0.AXoA.x",
		sign(f, header, `{"exp":1e400,"nbf":-1,"iat":1.5,"aud":[1],"x":{"a":[{}]}}`),
		sign(f, header, `{"tid":"a","Tid":"b","aud":["a","b"],"roles":"x"}`),
		b64([]byte(`{"alg":"none","crit":["b64"],"b64":false}`)) + "." + b64([]byte(`{"\u0061ud":"\ud83d\ude00"}`)) + ".",
	} {
		f.Add(s)
	}
}

// FuzzDecode: what the strict reader and encoding/json both accept must agree.
func FuzzDecode(f *testing.F) {
	seeds(f)
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

// FuzzCheck: no input panics, and none that the key did not sign is valid.
func FuzzCheck(f *testing.F) {
	seeds(f)
	good := sign(f, header, userClaims())
	source := sharedSource()
	f.Fuzz(func(t *testing.T, raw string) {
		_ = validate.Clean(raw)
		want := expectations()
		want.Tenants, want.Scopes, want.Roles = []string{tenant}, []string{"Orders.Read"}, []string{"R"}
		want.Nonce, want.ClientID, want.AccessToken, want.Code = "n1", clientID, "x", "y"
		for _, keys := range []validate.KeySource{nil, source} {
			r := validate.Check(context.Background(), raw, keys, want)
			checks := r.Checks()
			if len(checks) != 18 || r.Summary() == "" {
				t.Fatalf("%d checks, summary %q", len(checks), r.Summary())
			}
			for i, id := range validate.IDs() {
				if checks[i].ID != id || checks[i].Why == "" {
					t.Fatalf("check %d: %+v", i, checks[i])
				}
			}
			if r.Verdict == validate.Valid {
				t.Fatal("valid in spite of roles and a nonce that it does not have")
			}
		}
		if r := validate.Check(context.Background(), raw, source, expectations()); r.Verdict == validate.Valid && raw != good &&
			r.Token.SigningInput != good[:strings.LastIndexByte(good, '.')] {
			t.Fatalf("a forgery is valid: %q", raw)
		}
	})
}
