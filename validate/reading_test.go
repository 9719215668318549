package validate_test

import (
	"slices"
	"testing"
	"time"

	"flowscope/validate"
)

func TestReading(t *testing.T) {
	tok, _ := validate.Decode(b64([]byte(header)) + "." + b64([]byte(claims(t, userClaims(), "roles", `["Admin"]`))) + ".c2ln")
	if got := tok.Audiences(); !slices.Equal(got, []string{apiID}) {
		t.Errorf("audiences %q", got)
	}
	if got := tok.Scopes(); !slices.Equal(got, []string{"Orders.Read", "Orders.ReadWrite"}) {
		t.Errorf("scopes %q", got)
	}
	if got := tok.Roles(); !slices.Equal(got, []string{"Admin"}) {
		t.Errorf("roles %q", got)
	}
	if tok.Client() != clientID {
		t.Errorf("client %q", tok.Client())
	}
	v, _ := tok.Claims.Get("iat")
	if at, ok := v.Date(); !ok || at.Unix() != issued {
		t.Errorf("iat %v %v", at, ok)
	}
	opaque, _ := validate.Decode("opaque")
	if opaque.Audiences() != nil || opaque.Scopes() != nil || opaque.Roles() != nil || opaque.Client() != "" {
		t.Error("an opaque token says something")
	}
}

func TestDateOfAValue(t *testing.T) {
	for raw, ok := range map[string]bool{"1772366400": true, "1.5": true, "-1": false, "1e400": false, `"1772366400"`: false, "null": false, "99999999999999": false} {
		o, _ := validate.ParseObject([]byte(`{"x":` + raw + `}`))
		v, _ := o.Get("x")
		if _, got := v.Date(); got != ok {
			t.Errorf("%s is a date: %v", raw, got)
		}
	}
}

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 s", 90 * time.Second: "1 min 30 s", -90 * time.Second: "1 min 30 s", 28 * time.Hour: "28 h", 400 * time.Millisecond: "0 s",
	} {
		if got := validate.Span(d); got != want {
			t.Errorf("%s: %s, want %s", d, got, want)
		}
	}
}

func TestPrintable(t *testing.T) {
	for _, c := range []struct {
		in, out string
		limit   int
	}{{"plain", "plain", 10}, {"a\x1b[31mb\u202ec\n", "a[31mb\\u202ec", 20}, {"123456", "1234…", 4}} {
		if got := validate.Printable(c.in, c.limit); got != c.out {
			t.Errorf("%q: %q", c.in, got)
		}
	}
}

// An agent identity as itself may carry the empty scope "/".
func TestAnAgentIdentityIsAnApplication(t *testing.T) {
	for scp, subject := range map[string]string{`"/"`: validate.SubjectApp, `""`: validate.SubjectApp, `"Orders.Read"`: validate.SubjectUnknown} {
		tok, _ := validate.Decode(b64([]byte(header)) + "." + b64([]byte(claims(t, userClaims(), "scp", scp, "idtyp", `"app"`))) + ".c2ln")
		if tok.SubjectKind != subject {
			t.Errorf("scp %s: %s, want %s", scp, tok.SubjectKind, subject)
		}
	}
}
