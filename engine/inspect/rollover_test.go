package inspect_test

import (
	"strings"
	"testing"
	"time"

	"flowscope/decision"
	"flowscope/engine/inspect"
	"flowscope/engine/lab"
	"flowscope/engine/labtarget"
	"flowscope/engine/trace"
	"flowscope/validate"
)

func (b *bench) set(t *testing.T, id, value string) {
	t.Helper()
	if err := b.Lab.Switch(id, value); err != nil {
		t.Fatal(err)
	}
}

// fresh is a checker that knows no keys yet.
func (b *bench) fresh() *inspect.Checker {
	return inspect.NewChecker(inspect.CheckerOptions{Transport: labtarget.Transport(b.Lab, nil), Now: b.clock.Now, MayAsk: inspect.MayAsk(b.Target.Target)})
}

// The issuer changes its signing key: who has its keys notices nothing, since the
// next one was published all along, and tokens of the old key stay good.
func TestKeyRollover(t *testing.T) {
	b := newBench(t)
	before, want := b.token(t)
	if r := b.Check(t.Context(), before, want); r.Verdict != validate.Valid {
		t.Fatalf("before: %s", r.Summary())
	}
	b.set(t, "key-rollover", "on")
	after, _ := b.token(t)
	for name, raw := range map[string]string{"the new key": after, "the old key": before} {
		r := b.Check(t.Context(), raw, want)
		if r.Verdict != validate.Valid || len(r.Requests) != 0 {
			t.Errorf("%s: %s with %d requests: %s", name, r.Verdict, len(r.Requests), r.Summary())
		}
	}
	one, _ := b.Check(t.Context(), before, want).Key()
	two, _ := b.Check(t.Context(), after, want).Key()
	if one.ID == two.ID {
		t.Error("the key did not change")
	}
}

// The keys that are known come out of an old cache and lack the one that signs: the
// token is refused, it is said when the issuer is asked again, and that helps.
func TestRolloverWithStaleKeys(t *testing.T) {
	b := newBench(t)
	raw, want := b.token(t)
	b.set(t, "stale-discovery", "on")
	c := b.fresh()
	if r := c.Check(t.Context(), raw, want); r.Verdict != validate.Invalid || r.Status("key") != validate.StatusFail || purposes(r) != "1 metadata, 2 keys, 3 metadata, 4 keys" { // the application's own keys, too
		t.Fatalf("%s: %s, %s", r.Verdict, r.Summary(), purposes(r))
	}
	b.set(t, "stale-discovery", "off")
	b.clock.on(2 * time.Minute)
	r := c.Check(t.Context(), raw, want)
	if r.Status("key") != validate.StatusFail || len(r.Requests) != 0 || !strings.Contains(words(r, "key").Why, "from 10:07:00 UTC on") {
		t.Errorf("within five minutes: %s, %s: %s", r.Verdict, purposes(r), words(r, "key").Why)
	}
	b.clock.on(3 * time.Minute)
	if r := c.Check(t.Context(), raw, want); r.Verdict != validate.Valid || purposes(r) != "1 metadata, 2 keys" {
		t.Errorf("after five minutes: %s, %s: %s", r.Verdict, purposes(r), r.Summary())
	}
	// By hand it goes at once.
	b.set(t, "stale-discovery", "on")
	c = b.fresh()
	if r := c.Check(t.Context(), raw, want); r.Verdict != validate.Invalid {
		t.Fatalf("stale again: %s", r.Verdict)
	}
	b.set(t, "stale-discovery", "off")
	if err := c.Refresh(t.Context(), want.Issuer); err != nil {
		t.Fatal(err)
	}
	if r := c.Check(t.Context(), raw, want); r.Verdict != validate.Valid || purposes(r) != "1 metadata, 2 keys" {
		t.Errorf("by hand: %s, %s", r.Verdict, purposes(r))
	}
}

// The issuer falls silent: the last known keys go on, with a warning; whoever has
// none can't tell, and is told why.
func TestSilentIssuer(t *testing.T) {
	b := newBench(t)
	raw, want := b.token(t)
	if r := b.Check(t.Context(), raw, want); r.Verdict != validate.Valid {
		t.Fatal(r.Summary())
	}
	for condition, words1 := range map[string]string{"outage": "503", "captive-portal": "captive portal"} {
		b.set(t, condition, "on")
		r := b.fresh().Check(t.Context(), raw, want)
		if r.Verdict != validate.Unverified || !strings.Contains(words(r, "key").Why, words1) || len(r.Requests) != 1 {
			t.Errorf("%s, no keys: %s, %s: %s", condition, r.Verdict, purposes(r), words(r, "key").Why)
		}
		b.clock.on(25 * time.Hour)
		r = b.CheckAt(t.Context(), raw, want, b.clock.Now().Add(-25*time.Hour))
		since := "since " + b.clock.Now().Format("2006-01-02 15:04 UTC")
		if r.Verdict != validate.Valid || r.Status("key") != validate.StatusWarn || len(r.Requests) != 1 || !strings.Contains(words(r, "key").Why, since) {
			t.Errorf("%s, old keys: %s, %s: %s", condition, r.Verdict, purposes(r), words(r, "key").Why)
		}
		b.set(t, condition, "off")
		b.clock.on(-25*time.Hour + time.Minute)
		if err := b.Refresh(t.Context(), want.Issuer); err != nil {
			t.Fatal(err)
		}
		if r := b.Check(t.Context(), raw, want); r.Status("key") != validate.StatusPass {
			t.Errorf("%s is over: %s", condition, words(r, "key").Why)
		}
	}
}

// An API of v1.0 tokens has the tenant's own keys, and one with a signing key of
// its own has that.
func TestOtherKeySets(t *testing.T) {
	b := newBench(t)
	raw, want := b.token(t, "api://inventory.contoso.example/stock.read")
	if want.Issuer != b.Target.Authority+"/" {
		t.Fatalf("expected of v1.0: %s", want.Issuer)
	}
	r := b.Check(t.Context(), raw, want)
	if r.Verdict != validate.Valid || r.Version != "1.0" || !strings.HasSuffix(r.Requests[1].Request.URL, "/"+b.Target.TenantID+"/discovery/keys") {
		t.Errorf("v1.0: %s, %s: %s", r.Verdict, purposes(r), r.Summary())
	}
	want.Issuer = "https://" + lab.Host + "/{tenantid}/"
	if r := b.fresh().Check(t.Context(), raw, want); r.Verdict != validate.Valid || !strings.HasSuffix(r.Requests[1].Request.URL, "/"+b.Target.TenantID+"/discovery/keys") {
		t.Errorf("v1.0 of many tenants: %s, %s: %s", r.Verdict, purposes(r), r.Summary())
	}
	raw, want = b.token(t, "api://badges.contoso.example/badges.read")
	r = b.Check(t.Context(), raw, want)
	if r.Verdict != validate.Valid || !strings.HasSuffix(r.Requests[len(r.Requests)-1].Request.URL, "?appid="+want.Audiences[0]) {
		t.Errorf("own key: %s, %s: %s", r.Verdict, purposes(r), r.Summary())
	}
	if r := b.Check(t.Context(), raw, want); r.Verdict != validate.Valid || len(r.Requests) != 0 {
		t.Errorf("own key, again: %s, %s", r.Verdict, purposes(r))
	}
	want.Audiences = nil
	if r := b.Check(t.Context(), raw, want); r.Status("key") != validate.StatusFail {
		t.Errorf("own key of an audience that nobody stated: %s", r.Status("key"))
	}
}

// Many tenants: the document of all, whose keys name the token's own.
func TestManyTenants(t *testing.T) {
	b := newBench(t)
	raw, want := b.token(t)
	want.Issuer, want.Tenants = "https://"+lab.Host+"/{tenantid}/v2.0", nil
	r := b.Check(t.Context(), raw, want)
	k, _ := r.Key()
	if r.Verdict != validate.Valid || !strings.Contains(r.Requests[0].Request.URL, "/common/v2.0/") || k.Issuer != want.Issuer {
		t.Errorf("%s, %s, key of %q: %s", r.Verdict, purposes(r), k.Issuer, r.Summary())
	}
}

// The clock of the lab is moved: a check tells by how much this one differs.
func TestClockOfTheIssuer(t *testing.T) {
	b := newBench(t)
	raw, want := b.token(t)
	b.set(t, "clock", "+90s")
	if r := b.Check(t.Context(), raw, want); r.Clock != (inspect.Clock{Known: true, Ahead: -90 * time.Second, Host: lab.Host}) {
		t.Errorf("%+v", r.Clock)
	}
	s := b.Run(t, b.Job(t, decision.ClientCredentials, "daemon"))
	for _, r := range inspect.All(s) {
		if r.Clock != (inspect.Clock{Known: true, Ahead: -90 * time.Second, Host: lab.Host}) {
			t.Errorf("of a run: %+v", r.Clock)
		}
	}
}

// What a run asked for and what it was granted stands by each of its tokens, and
// what came with an ID token is held against its hashes.
func TestTokensOfARun(t *testing.T) {
	b := newBench(t)
	for _, c := range []struct {
		flow               decision.Flow
		client             string
		requested, granted string
	}{
		{decision.AuthorizationCode, "web", "api://orders.contoso.example/access_as_user openid", "api://orders.contoso.example/"},
		{decision.DeviceCode, "cli", "openid", "api://orders.contoso.example/"},
		{decision.ClientCredentials, "daemon", "/.default", ""},
		{decision.RefreshToken, "web", "openid", "api://orders.contoso.example/"},
		{decision.Implicit, "legacy", "openid profile", "api://orders.contoso.example/"},
	} {
		job := b.Job(t, c.flow, c.client)
		s := b.Run(t, job)
		all := inspect.All(s)
		if len(all) == 0 {
			t.Errorf("%s: %v", c.flow, s.Err)
		}
		for i, r := range all {
			requested, granted := strings.Join(r.Requested, " "), strings.Join(r.Granted, " ")
			if !strings.Contains(requested, c.requested) || !strings.Contains(granted, c.granted) || (c.granted == "") != (r.Granted == nil) {
				t.Errorf("%s, %s: requested %q, granted %q", c.flow, s.Trace.Tokens[i].Kind, requested, granted)
			}
			if c.flow == decision.Implicit && s.Trace.Tokens[i].Kind == trace.IDToken && r.Status("hash") != validate.StatusPass {
				t.Errorf("%s: hash %+v", c.flow, words(r, "hash"))
			}
		}
	}
}

// What fetching by hand took is in the next report; with keys that were handed in
// nobody is asked.
func TestRefreshIsRecorded(t *testing.T) {
	b := newBench(t)
	raw, want := b.token(t)
	if err := b.Refresh(t.Context(), want.Issuer); err != nil {
		t.Fatal(err)
	}
	r := b.Check(t.Context(), raw, want)
	if r.Verdict != validate.Valid || purposes(r) != "1 metadata, 2 keys" {
		t.Errorf("%s, %s", r.Verdict, purposes(r))
	}
	if again := b.Check(t.Context(), raw, want); len(again.Requests) != 0 {
		t.Errorf("twice: %s", purposes(again))
	}
	if _, err := b.UseKeys(r.Requests[1].Response.Body); err != nil {
		t.Fatal(err)
	}
	if err := b.Refresh(t.Context(), want.Issuer); err == nil {
		t.Error("fetched, though keys were handed in")
	}
}
