package validate_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"flowscope/validate"
)

// aged has one key, as k says, or none, as err says.
type aged struct {
	k   validate.Key
	err error
	ask *validate.KeyQuery
}

func (a aged) Key(_ context.Context, q validate.KeyQuery) (validate.Key, error) {
	if a.ask != nil {
		*a.ask = q
	}
	a.k.Public, a.k.ID = &keys().rsa.PublicKey, q.KeyID
	return a.k, a.err
}

func (aged) Verify(string, validate.Key, []byte, []byte) error { return nil }

func keyResult(t *testing.T, src validate.KeySource, want validate.Expectations) (*validate.Report, validate.Result) {
	t.Helper()
	r := validate.Check(t.Context(), sign(t, header, userClaims()), src, want)
	for _, c := range r.Checks() {
		if c.ID == "key" {
			return r, c
		}
	}
	t.Fatal("no check of the key")
	return nil, validate.Result{}
}

// The age of a cached key is told, and keys that are old because their issuer is
// silent are a warning that blocks nothing.
func TestKeyAge(t *testing.T) {
	k := validate.Key{Source: "cache https://login.example/keys", MetadataIssuer: expectations().Issuer, Fetched: time.Unix(1, 0), Age: 3*time.Hour + 5*time.Minute}
	if _, c := keyResult(t, aged{k: k}, expectations()); c.Status != validate.StatusPass || !strings.HasSuffix(c.Found, "fetched from login.example 3 h 5 min ago") {
		t.Errorf("%+v", c)
	}
	k.Trouble = "2026-11-20 10:02 UTC the issuer gives no answer"
	r, c := keyResult(t, aged{k: k}, expectations())
	if r.Verdict != validate.Valid || c.Status != validate.StatusWarn || !strings.Contains(c.Why, "since 2026-11-20 10:02 UTC") {
		t.Errorf("%s: %+v", r.Verdict, c)
	}
}

// Why an unknown key is not asked for again at once is told.
func TestUnknownKeySaysWhen(t *testing.T) {
	e := &validate.KeyError{Reason: validate.KeyUnknown}
	if _, c := keyResult(t, aged{err: e}, expectations()); c.Status != validate.StatusFail || c.Why != "None of the issuer's keys has this identifier." {
		t.Errorf("%+v", c)
	}
	e.Err = errors.New("the issuer is asked again at 10:07:00 UTC")
	if _, c := keyResult(t, aged{err: e}, expectations()); !strings.HasSuffix(c.Why, "; the issuer is asked again at 10:07:00 UTC.") {
		t.Errorf("%+v", c)
	}
}

// The keys of an application of its own are asked for by the id that is stated,
// also where the token calls the application by another name that is stated.
func TestKeyQueryNamesTheApplication(t *testing.T) {
	aud := expectations().Audiences[0]
	const other = "dddddddd-0000-4000-8000-00000000000d"
	for _, c := range []struct {
		stated []string
		want   string
	}{
		{[]string{aud}, aud}, {[]string{other, aud}, aud}, {[]string{aud, other}, aud}, {[]string{other}, ""}, {nil, ""},
	} {
		var q validate.KeyQuery
		want := expectations()
		want.Audiences = c.stated
		keyResult(t, aged{ask: &q}, want)
		if q.AppID != c.want {
			t.Errorf("%v: asked for %q", c.stated, q.AppID)
		}
	}
	claims := strings.Replace(userClaims(), aud, "api://orders", 1)
	var q validate.KeyQuery
	want := expectations()
	want.Audiences = []string{"api://orders", other}
	validate.Check(t.Context(), sign(t, header, claims), aged{ask: &q}, want)
	if q.AppID != other {
		t.Errorf("by its URI: asked for %q", q.AppID)
	}
}
