package validate_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"flowscope/validate"
	"flowscope/validate/validatetest"
)

// lastKnown gives the issuer's keys while the issuer itself is silent.
type lastKnown struct{ validate.KeySource }

func (l lastKnown) Key(ctx context.Context, q validate.KeyQuery) (validate.Key, error) {
	k, err := l.KeySource.Key(ctx, q)
	k.Trouble = "2026-02-28 10:02 UTC the issuer gives no answer"
	return k, err
}

// never is a token, and what must not be said of it.
type never struct {
	name   string
	claims string
	want   validate.Expectations
	how    func(*validate.Expectations)
	keys   validate.KeySource
	id     string   // a check, or "summary"
	says   string   // what is said in its place
	not    []string // what must not be said
}

// neverSaid is long because every sentence that was once said of the wrong token
// stands here: of another kind, of somebody else's key, of another time.
func neverSaid() []never {
	vt := validatetest.Claims
	fresh := validatetest.Metadata{KeySource: validatetest.Source(), Issuer: validatetest.IssuerTemplate}
	user, app := validatetest.UserV2(), validatetest.AppV2()
	id := validatetest.IDV2()
	want, wantID, wantV1 := validatetest.WantUser(), validatetest.WantID(), validatetest.WantV1()
	unknownCaller := vt(app, "sub", `"x"`)
	at := func(d time.Duration) string { return secs(now.Add(d)) }
	over := []string{"exp", at(-time.Hour), "iat", at(-2 * time.Hour), "nbf", at(-2 * time.Hour)}
	life := func(d time.Duration) []string { return []string{"exp", at(d - 10*time.Minute)} }
	v1 := func(w *validate.Expectations) { w.Issuer = validatetest.IssuerV1 }
	v2 := func(w *validate.Expectations) { w.Issuer = validatetest.IssuerV2 }
	role := func(w *validate.Expectations) { w.Roles = []string{"Orders.Approve"} }
	skew := func(d time.Duration) func(*validate.Expectations) {
		return func(w *validate.Expectations) { w.Skew = d }
	}
	scopes := func(s ...string) func(*validate.Expectations) {
		return func(w *validate.Expectations) { w.Scopes = s }
	}
	return []never{
		// What the summary promises.
		{"expired within the allowance", vt(user, "exp", at(-200*time.Second)), want, nil, fresh, "summary", "it has expired, by less than the allowance", []string{"in time"}},
		{"expired within a wide allowance", vt(user, "exp", at(-2*time.Hour), "iat", at(-3*time.Hour), "nbf", at(-3*time.Hour)), want, skew(24 * time.Hour), fresh, "summary", "only an allowance of 24 h keeps it", []string{"in time"}},
		{"begins in a moment", vt(user, "nbf", at(time.Minute)), want, nil, fresh, "summary", "it begins a moment from now", []string{"in time"}},
		{"issued in a moment", vt(user, "nbf", "", "iat", at(time.Minute)), want, nil, fresh, "summary", "it is issued a moment from now", []string{"in time"}},
		{"ends before it begins", vt(user, "exp", at(time.Minute), "nbf", at(2*time.Minute)), want, nil, fresh, "summary", "it ends before it begins", []string{"in time"}},
		{"keys that were given", user, want, nil, nil, "summary", "signed with the key that was given", []string{"genuine", "issuer"}},
		{"last known keys", user, want, nil, lastKnown{fresh}, "summary", "the issuer gives no new keys", []string{"genuine"}},
		{"audience with a slash", vt(validatetest.UserV1(), "aud", `"`+validatetest.APIURI+`/"`), wantV1, nil, fresh, "summary", "the audience differs by a slash", nil},
		{"expired within the allowance, nothing stated", vt(user, "exp", at(-200*time.Second)), validate.Expectations{Now: now}, nil, nil, "summary", "it has expired, by less than the allowance", []string{"Nothing speaks against it"}},
		{"nothing stated, nothing to remark", user, validate.Expectations{Now: now}, nil, nil, "summary", "Nothing speaks against it", nil},
		{"nothing to remark", user, want, nil, fresh, "summary", "genuine, in time and made for what was expected", []string{"but"}},
		// Whose key it was.
		{"signature with keys that were given", user, want, nil, nil, "signature", "the key that was given", []string{"issuer"}},
		{"signature with last known keys", user, want, nil, lastKnown{fresh}, "signature", "last known keys", []string{"the issuer's key,"}},
		{"signature with the issuer's key", user, want, nil, fresh, "signature", "made with the issuer's key", []string{"given"}},
		{"no such key among those given", user, want, nil, givenWithout(), "key", "keys that were given", []string{"None of the issuer's keys"}},
		// What decides the version.
		{"ID token, v1.0 issuer expected", id, wantID, v1, nil, "issuer", "version of the endpoint that was asked", []string{"registration", "requestedAccessTokenVersion", "not the endpoint"}},
		{"ID token of v1.0, v2.0 issuer expected", validatetest.IDV1(), wantID, v2, nil, "issuer", "version of the endpoint that was asked", []string{"registration", "not the endpoint"}},
		{"access token, v1.0 issuer expected", user, want, v1, nil, "issuer", "registration decides", []string{"Sign in at the endpoint"}},
		{"ID token, ver and issuer differ", vt(id, "ver", `"1.0"`), wantID, nil, nil, "version", "the endpoint that was asked decides it", []string{"registration"}},
		{"access token, ver and issuer differ", vt(user, "ver", `"1.0"`), want, nil, nil, "version", "registration decides it", []string{"endpoint"}},
		{"ID token of v1.0", validatetest.IDV1(), wantID, v1, nil, "version", "v1.0 ID token", []string{"registration"}},
		{"ID token, its audience with api://", id, wantID, func(w *validate.Expectations) { w.Audiences = []string{"api://" + validatetest.Client} }, nil, "audience", "without api://", []string{"same API", "v1.0 tokens"}},
		// How long it lives.
		{"lives 27 hours", vt(user, life(27*time.Hour)...), want, nil, nil, "lifetime", "lives 27 h;", []string{"as long as such", "minutes are usual."}},
		{"lives 24 hours", vt(app, life(24*time.Hour)...), want, nil, nil, "lifetime", "lives 24 h;", []string{"minutes are usual."}},
		{"ID token lives a day", vt(id, life(24*time.Hour)...), wantID, nil, nil, "lifetime", "a day with personal accounts", []string{"managed identity", "continuous access"}},
		{"ID token lives a year", vt(id, life(365*24*time.Hour)...), wantID, nil, nil, "lifetime", "longer than 28 hours", []string{"refresh token"}},
		{"exp in the year 9999", vt(user, "exp", "253402300799"), want, nil, nil, "expiry", "in 7973 years", []string{"106751"}},
		{"life until the year 9999", vt(user, "exp", "253402300799"), want, nil, nil, "lifetime", "7973 years", []string{"106751"}},
		{"a wide allowance", user, want, skew(3 * time.Hour), nil, "expiry", "the allowance for clocks is 3 h", nil},
		{"an allowance of an hour", user, want, skew(time.Hour), nil, "expiry", "has not expired.", []string{"allowance for clocks is"}},
		// How another one is had.
		{"application's token is over", vt(app, over...), want, nil, nil, "expiry", "client credentials", []string{"refresh token", "sign", "Sign"}},
		{"ID token is over", vt(id, over...), wantID, nil, nil, "expiry", "Sign in again", []string{"refresh token", "client credentials"}},
		{"person's token is over", vt(user, over...), want, nil, nil, "expiry", "refresh token", []string{"client credentials"}},
		{"somebody's token is over", vt(unknownCaller, over...), want, nil, nil, "expiry", "in which this one was got", []string{"refresh token", "client credentials"}},
		// Who gives a role.
		{"application lacks a role", app, want, role, nil, "roles", "application permission", []string{"Assign", "enterprise application"}},
		{"application without roles", vt(app, "roles", ""), want, role, nil, "roles", "application permission", []string{"Assign", "enterprise application"}},
		{"person lacks a role", vt(user, "roles", `["Orders.Process"]`), want, role, nil, "roles", "enterprise application", []string{"application permission", "/.default"}},
		{"person without roles", user, want, role, nil, "roles", "the person or the group", []string{"application permission", "/.default"}},
		{"somebody lacks a role", unknownCaller, want, role, nil, "roles", "or grant the application permission", []string{"/.default"}},
		{"somebody without roles", vt(unknownCaller, "roles", ""), want, role, nil, "roles", "or grant the application permission", []string{"/.default"}},
		// Scopes in one text.
		{"two scopes in one text", user, want, scopes("Orders.Read Orders.ReadWrite"), nil, "scope", "Every scope required is granted", []string{"Not granted"}},
		{"two scopes in one text, a tab between", user, want, scopes("Orders.Read\tOrders.ReadWrite "), nil, "scope", "Every scope required is granted", []string{"Not granted"}},
		{"two scopes in one text, one is lacking", user, want, scopes("Orders.Read Orders.Delete"), nil, "scope", "Not granted: Orders.Delete.", []string{"Orders.Read Orders.Delete."}},
		{"a scope of white space", user, want, scopes("Orders.Read", "  "), nil, "scope", "Not granted", []string{"is granted"}},
		// What a hash and a nonce prove.
		{"another access token", vt(id, "at_hash", `"AAAAAAAAAAAAAAAAAAAAAA"`), wantID, func(w *validate.Expectations) { w.AccessToken = "another" }, nil, "hash", "is not the one that came with", nil},
		{"another nonce", id, wantID, func(w *validate.Expectations) { w.Nonce = "n2" }, nil, "nonce", "that nonce is not the one sent", []string{"than the one sent;"}},
		{"ID token without an audience", vt(id, "aud", "", "idtyp", ""), wantID, nil, nil, "audience", "nobody may take it", []string{"no API"}},
	}
}

// givenWithout is a set that somebody gave, without the key of the tests.
func givenWithout() validate.KeySource {
	return aged{err: &validate.KeyError{Reason: validate.KeyUnknown, Given: true}}
}

// Of some tokens some things must not be said, whatever else is.
func TestNeverSaid(t *testing.T) {
	cases := neverSaid()
	for _, c := range cases {
		if c.how != nil {
			c.how(&c.want)
		}
		if c.keys == nil {
			c.keys = validatetest.Source()
		}
		r := validate.Check(t.Context(), validatetest.Sign(validatetest.Header(), c.claims), c.keys, c.want)
		said := r.Summary()
		if c.id != "summary" {
			k := result(t, r, c.id)
			said = k.Why + " / " + k.Fix + " / " + k.Expected + " / " + k.Found
		} else if (r.Verdict == validate.Valid) != (c.want.Issuer != "") || r.Verdict == validate.Invalid {
			t.Errorf("%s: %s: %s", c.name, r.Verdict, said)
		}
		if !strings.Contains(said, c.says) {
			t.Errorf("%s: %q is not said of it: %s", c.name, c.says, said)
		}
		for _, not := range c.not {
			if strings.Contains(said, not) {
				t.Errorf("%s: %q is said of it: %s", c.name, not, said)
			}
		}
	}
	t.Logf("%d cases", len(cases))
}

// Spans beyond what a Duration holds are not told as if they were measured.
func TestSpansThatAreTooLong(t *testing.T) {
	far := time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		d    time.Duration
		want string
	}{
		{far.Sub(now), "more than 292 years"}, {now.Sub(far), "more than 292 years"},
		{100 * 366 * 24 * time.Hour, "100 years"}, {99 * 365 * 24 * time.Hour, "36135 d"},
	} {
		if got := validate.Span(c.d); got != c.want {
			t.Errorf("%s: %s, want %s", c.d, got, c.want)
		}
	}
}

// A set that was given says so itself when it lacks a key, and an issuer's does not.
func TestGivenKeysSayWhose(t *testing.T) {
	token := validatetest.Sign(validatetest.Header("kid", `"nobody"`), validatetest.UserV2())
	r := validate.Check(t.Context(), token, validatetest.Source(), validatetest.WantUser())
	if k := result(t, r, "key"); k.Why != "None of the keys that were given has this identifier." {
		t.Errorf("%+v", k)
	}
}
