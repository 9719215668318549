package inspect_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"flowscope/decision"
	"flowscope/engine/enginetest"
	"flowscope/engine/inspect"
	"flowscope/engine/lab"
	"flowscope/engine/labtarget"
	"flowscope/engine/trace"
	"flowscope/engine/wire"
	"flowscope/validate"
	"flowscope/validate/jwks"
	"flowscope/validate/validatetest"
)

// hand is a clock that is moved by hand.
type hand struct {
	mu sync.Mutex
	at time.Time
}

func (h *hand) Now() time.Time { h.mu.Lock(); defer h.mu.Unlock(); return h.at }

func (h *hand) on(d time.Duration) { h.mu.Lock(); defer h.mu.Unlock(); h.at = h.at.Add(d) }

// way is a transport that is a function.
type way func(*http.Request) (*http.Response, error)

func (f way) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// bench is a checker of the lab's tokens with a clock of its own.
type bench struct {
	*enginetest.World
	*inspect.Checker
	clock *hand
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{World: enginetest.New(t), clock: &hand{at: enginetest.Instant}}
	b.Checker = inspect.NewChecker(inspect.CheckerOptions{
		Transport: labtarget.Transport(b.Lab, nil), Now: b.clock.Now, MayAsk: inspect.MayAsk(b.Target.Target),
	})
	return b
}

// token runs a flow and gives its access token, with what the run's plan says of it.
func (b *bench) token(t *testing.T, scopes ...string) (string, validate.Expectations) {
	t.Helper()
	job := b.Job(t, decision.ClientCredentials, "daemon")
	if scopes != nil {
		job = b.Job(t, decision.AuthorizationCode, "web")
		job.Scopes = scopes
	}
	s := b.Run(t, job)
	token, ok := s.Trace.Token(trace.AccessToken)
	if !ok {
		t.Fatalf("no token: %v", s.Err)
	}
	return token.Value, inspect.Expectations(token.Expect)
}

func words(r *inspect.Report, id string) validate.Result {
	for _, c := range r.Checks() {
		if c.ID == id {
			return c
		}
	}
	return validate.Result{}
}

func purposes(r *inspect.Report) string {
	var out []string
	for _, e := range r.Requests {
		out = append(out, fmt.Sprintf("%d %s", e.N, e.Purpose))
	}
	return strings.Join(out, ", ")
}

func TestRequestsAndAge(t *testing.T) {
	b := newBench(t)
	raw, want := b.token(t)
	r := b.Check(t.Context(), raw, want)
	if r.Verdict != validate.Valid || purposes(r) != "1 metadata, 2 keys" || r.Clock != (inspect.Clock{Known: true, Host: lab.Host}) {
		t.Fatalf("%s, %s, %+v: %s", r.Verdict, purposes(r), r.Clock, r.Summary())
	}
	for _, e := range r.Requests {
		if e.Response == nil || e.From != trace.App || e.To != trace.Entra || e.Channel != trace.Back || e.Started.IsZero() {
			t.Errorf("%+v", e)
		}
	}
	b.clock.on(3*time.Minute + 20*time.Second)
	r = b.Check(t.Context(), raw, want)
	if r.Verdict != validate.Valid || len(r.Requests) != 0 || !r.Clock.Known || !strings.HasSuffix(words(r, "key").Found, lab.Host+" 3 min 20 s ago") {
		t.Errorf("%s, %s, %+v: %s", r.Verdict, purposes(r), r.Clock, words(r, "key").Found)
	}
	if r := b.CheckAt(t.Context(), raw, want, enginetest.Instant.Add(48*time.Hour)); r.Status("expiry") != validate.StatusFail {
		t.Errorf("at another time: %s", r.Verdict)
	}
}

// A domain in the issuer that is expected becomes the tenant's GUID.
func TestDomainInTheExpectedIssuer(t *testing.T) {
	b := newBench(t)
	raw, want := b.token(t)
	want.Issuer = "https://" + lab.Host + "/contoso.onmicrosoft.com/v2.0"
	r := b.Check(t.Context(), raw, want)
	if r.Verdict != validate.Valid || r.Expect.Issuer != b.Target.Authority+"/v2.0" {
		t.Errorf("%s: %s", r.Verdict, r.Summary())
	}
	want.Issuer = "https://" + lab.Host + "/fabrikam.onmicrosoft.com/v2.0"
	if r := b.Check(t.Context(), raw, want); r.Verdict != validate.Invalid {
		t.Errorf("another tenant's domain: %s", r.Verdict)
	}
}

// Where the tenant's GUID could not be looked up, a token that names one is neither
// right nor wrong; what differs besides is wrong all the same.
func TestDomainThatCannotBeLookedUp(t *testing.T) {
	b := newBench(t)
	raw, want := b.token(t)
	want.Issuer = "https://" + lab.Host + "/contoso.onmicrosoft.com/v2.0"
	down := inspect.CheckerOptions{Now: b.clock.Now, MayAsk: inspect.MayAsk(b.Target.Target), Transport: way(func(*http.Request) (*http.Response, error) {
		return nil, &wire.NetError{NetError: trace.NetError{Kind: trace.NoName, Host: lab.Host}, Err: errors.New("dial tcp")}
	})}
	offline := down
	offline.MayAsk = func(string) error { return jwks.ErrOffline }
	set := b.Check(t.Context(), raw, want).Requests[1].Response.Body
	for name, c := range map[string]struct {
		o    inspect.CheckerOptions
		keys []byte
		why  string
	}{
		"no network": {o: down, why: "can't be looked up"},
		"offline":    {o: offline, why: "Could not look up the tenant's GUID, by which a token names it: nobody was asked: offline."},
		"given keys": {o: down, keys: set, why: "the keys were given"},
	} {
		checker := inspect.NewChecker(c.o)
		if _, err := checker.UseKeys(c.keys); err != nil {
			t.Fatal(err)
		}
		r := checker.Check(t.Context(), raw, want)
		got := words(r, "issuer")
		if r.Verdict != validate.Unverified || got.Status != validate.StatusNotRun || !strings.Contains(got.Why, c.why) || !strings.Contains(got.Fix, "GUID") {
			t.Errorf("%s: %s, %+v", name, r.Verdict, got)
		}
		for _, issuer := range []string{"https://" + lab.Host + "/contoso.onmicrosoft.com/", "https://login.example/contoso.onmicrosoft.com/v2.0"} {
			other := want
			other.Issuer = issuer
			if r := checker.Check(t.Context(), raw, other); r.Status("issuer") != validate.StatusFail {
				t.Errorf("%s, %s: %s", name, issuer, r.Status("issuer"))
			}
		}
	}
	checker := inspect.NewChecker(offline)
	if r := checker.Check(t.Context(), raw, want); r.Ask != "" || !strings.Contains(words(r, "key").Why, "nobody was asked: offline") {
		t.Errorf("ask %q: %+v", r.Ask, words(r, "key"))
	}
}

// A check that waits for the requests of another one shows them with a remark.
func TestRequestsOfAnotherCheck(t *testing.T) {
	b := newBench(t)
	raw, want := b.token(t)
	inside := labtarget.Transport(b.Lab, nil)
	arrived, open := make(chan struct{}, 8), make(chan struct{})
	c := inspect.NewChecker(inspect.CheckerOptions{Now: b.clock.Now, MayAsk: inspect.MayAsk(b.Target.Target), Transport: way(func(r *http.Request) (*http.Response, error) {
		arrived <- struct{}{}
		<-open
		return inside.RoundTrip(r)
	})})
	reports := make(chan *inspect.Report)
	for range 8 {
		go func() { reports <- c.Check(context.Background(), raw, want) }()
	}
	<-arrived
	close(open)
	own, noted := 0, 0
	for range 8 {
		r := <-reports
		if r.Verdict != validate.Valid {
			t.Errorf("%s: %s", r.Verdict, r.Summary())
		}
		switch {
		case len(r.Requests) == 0: // it came later, and found the keys in the cache
			if k, _ := r.Key(); !strings.HasPrefix(k.Source, "cache ") {
				t.Errorf("no requests, and a key that is %s", k.Source)
			}
		case r.Requests[0].Note == "":
			own++
		default:
			noted++
			if purposes(r) != "1 metadata, 2 keys" {
				t.Errorf("of another check: %s", purposes(r))
			}
		}
	}
	if own != 1 {
		t.Errorf("%d checks asked, %d waited", own, noted)
	}
}

// foreign is an unsigned token of an issuer; its signature is never looked at
// before there are keys.
func foreign(iss string) string {
	enc := base64.RawURLEncoding.EncodeToString
	return enc([]byte(`{"alg":"RS256","kid":"k1"}`)) + "." + enc(fmt.Appendf(nil, `{"iss":%q,"aud":"a","sub":"s","exp":4102444800,"scp":"x"}`, iss)) + "." + enc(make([]byte, 256))
}

// site answers for hosts by address, and remembers who was asked.
type site struct {
	mu    sync.Mutex
	pages map[string]string
	asked []string
}

func (s *site) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, r.URL.String())
	body, ok := s.pages[r.URL.String()]
	status := http.StatusOK
	if !ok {
		status = http.StatusNotFound
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

// An issuer that only a token names is asked on the person's word alone, and so is
// another host that it keeps its keys on.
func TestAskAndAllow(t *testing.T) {
	const iss, keysAt = "https://issuer.example", "https://keys.example/jwks"
	s := &site{pages: map[string]string{
		iss + "/.well-known/openid-configuration": `{"issuer":"` + iss + `","jwks_uri":"` + keysAt + `"}`, keysAt: `{"keys":[]}`,
	}}
	c := inspect.NewChecker(inspect.CheckerOptions{Transport: s, Now: enginetest.Clock})
	r := c.Check(t.Context(), foreign(iss), validate.Expectations{})
	if r.Ask != iss || len(s.asked) != 0 || len(r.Requests) != 0 || r.Status("key") != validate.StatusNotRun {
		t.Fatalf("ask %q, asked %v", r.Ask, s.asked)
	}
	c.Allow(r.Ask)
	for range 2 {
		r = c.Check(t.Context(), foreign(iss), validate.Expectations{})
		if r.Ask != keysAt || len(s.asked) != 1 || r.Status("key") != validate.StatusNotRun || !strings.Contains(words(r, "key").Why, "keys.example") {
			t.Fatalf("ask %q, asked %v: %s", r.Ask, s.asked, words(r, "key").Why)
		}
	}
	c.Allow(r.Ask)
	if r = c.Check(t.Context(), foreign(iss), validate.Expectations{}); r.Ask != "" || purposes(r) != "1 metadata, 2 keys" || r.Status("key") != validate.StatusFail {
		t.Errorf("ask %q, %s, key %s", r.Ask, purposes(r), r.Status("key"))
	}
	for bad, stated := range map[string]string{
		"http://issuer2.example": "", "https://127.0.0.1/x": "https://127.0.0.1/x", "https://localhost": "https://localhost",
		"https://issuer2.example:8443": "https://issuer2.example:8443", "https://u@issuer2.example": "", "not an address": "", "": "",
	} {
		if r := c.Check(t.Context(), foreign(bad), validate.Expectations{}); r.Ask != "" {
			t.Errorf("%q: asks for %q because a token names it", bad, r.Ask)
		}
		if r := c.Check(t.Context(), foreign(bad), validate.Expectations{Issuer: bad}); r.Ask != stated {
			t.Errorf("%q: asks for %q because it is expected, want %q", bad, r.Ask, stated)
		}
	}
	if len(s.asked) != 3 {
		t.Errorf("asked %v", s.asked)
	}
}

// A name that only a token has leads to no private address; one that was stated does.
func TestPrivateAddress(t *testing.T) {
	const iss = "https://127.0.0.1:1"
	limits := wire.Limits{Connect: 5 * time.Second, TLS: 5 * time.Second, Header: 5 * time.Second, Body: 5 * time.Second}
	out := wire.NewOutside(nil, nil, limits, enginetest.Clock)
	defer out.CloseIdleConnections()
	c := inspect.NewChecker(inspect.CheckerOptions{Transport: out, Now: enginetest.Clock})
	c.Allow(iss)
	r := c.Check(t.Context(), foreign(iss), validate.Expectations{})
	if len(r.Requests) != 1 || r.Requests[0].Refused == "" || !strings.Contains(words(r, "key").Why, "not public") {
		t.Errorf("%+v: %s", r.Requests, words(r, "key").Why)
	}
	c.Allow(iss)
	r = c.Check(t.Context(), foreign(iss), validate.Expectations{Issuer: iss})
	if len(r.Requests) != 1 || r.Requests[0].Refused != "" || !strings.Contains(words(r, "key").Why, "nothing listens at 127.0.0.1:1") {
		t.Errorf("stated: %+v: %s", r.Requests, words(r, "key").Why)
	}
}

// Keys that the person hands in are used for every token until they are taken back.
func TestUseKeys(t *testing.T) {
	b := newBench(t)
	raw, want := b.token(t)
	set := b.Check(t.Context(), raw, want).Requests[1].Response.Body
	c := inspect.NewChecker(inspect.CheckerOptions{Now: enginetest.Clock})
	if n, err := c.UseKeys(set); err != nil || n != 3 {
		t.Fatalf("%d keys: %v", n, err)
	}
	if r := c.Check(t.Context(), raw, want); r.Verdict != validate.Valid || !strings.HasSuffix(words(r, "key").Found, "from the key set given") {
		t.Errorf("%s: %s", r.Verdict, words(r, "key").Found)
	}
	if _, err := c.UseKeys([]byte("{}")); err == nil {
		t.Error("no keys are keys")
	}
	if r := c.Check(t.Context(), raw, want); r.Verdict != validate.Valid {
		t.Errorf("what could not be used took the place of what could: %s", r.Verdict)
	}
	if n, err := c.UseKeys(nil); n != 0 || err != nil {
		t.Error(n, err)
	}
	if r := c.Check(t.Context(), raw, want); r.Verdict != validate.Unverified {
		t.Errorf("taken back: %s", r.Verdict)
	}
	if _, err := c.UseKeysAt(t.Context(), "https://keys.example/set"); err == nil {
		t.Error("offline, and fetched")
	}
	s := &site{pages: map[string]string{"https://keys.example/set": string(set)}}
	c = inspect.NewChecker(inspect.CheckerOptions{Now: enginetest.Clock, Transport: s})
	if n, err := c.UseKeysAt(t.Context(), "https://keys.example/set"); err != nil || n != 3 {
		t.Fatalf("%d keys: %v", n, err)
	}
	if r := c.Check(t.Context(), raw, want); r.Verdict != validate.Valid || purposes(r) != "1 keys" || !strings.Contains(words(r, "key").Found, "fetched from keys.example") {
		t.Errorf("%s, %s: %s", r.Verdict, purposes(r), words(r, "key").Found)
	}
	if r := c.Check(t.Context(), raw, want); len(r.Requests) != 0 || len(s.asked) != 1 {
		t.Errorf("again: %s, %v", purposes(r), s.asked)
	}
	if _, err := c.UseKeysAt(t.Context(), "https://keys.example/none"); err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("nothing there: %v", err)
	}
}

// What goes wrong on the way is told in words, and the token is unverified.
func TestWordsOfTheWay(t *testing.T) {
	b := newBench(t)
	raw, want := b.token(t)
	for _, c := range []struct {
		e    trace.NetError
		want string
	}{
		{trace.NetError{Kind: trace.NoName}, "the name login.example can't be looked up"},
		{trace.NetError{Kind: trace.NoRoute}, "there is no way to login.example"},
		{trace.NetError{Kind: trace.Untrusted, Signer: "CN=Proxy"}, "a proxy that looks into TLS does this (it is signed by CN=Proxy)"},
		{trace.NetError{Kind: trace.WrongName, Names: []string{"a.example", "b.example"}}, "is for other names: a.example, b.example"},
		{trace.NetError{Kind: trace.OutOfTime}, "look at this machine's clock"},
		{trace.NetError{Kind: trace.NoTLS}, "no TLS could be agreed on"},
		{trace.NetError{Kind: trace.TimedOut, Limit: 10 * time.Second, Phase: trace.AtHeader}, "login.example took longer than 10s (header)"},
		{trace.NetError{Kind: trace.NoProxy}, "the proxy login.example can't be reached"},
		{trace.NetError{Kind: trace.ProxyDenied}, "the proxy login.example refused to connect"},
		{trace.NetError{Kind: trace.CutOff}, "ended before the answer did"},
		{trace.NetError{Kind: trace.BadAnswer}, "can't be read as HTTP"},
	} {
		c.e.Host = "login.example"
		checker := inspect.NewChecker(inspect.CheckerOptions{Now: b.clock.Now, MayAsk: inspect.MayAsk(b.Target.Target), Transport: way(func(*http.Request) (*http.Response, error) {
			return nil, &wire.NetError{NetError: c.e, Err: errors.New("dial tcp")}
		})})
		r := checker.Check(t.Context(), raw, want)
		if r.Verdict != validate.Unverified || !strings.Contains(words(r, "key").Why, c.want) || strings.Contains(words(r, "key").Why, "?.") || len(r.Requests) != 1 || r.Requests[0].Err == "" {
			t.Errorf("%s: %s, %s", c.e.Kind, r.Verdict, words(r, "key").Why)
		}
	}
}

// Middleware is asked about a token without a request: not even where the check had
// looked for no key.
func TestJudgeAsksNobody(t *testing.T) {
	b := newBench(t)
	raw, want := b.token(t)
	asked := 0
	inside := labtarget.Transport(b.Lab, nil)
	counting := func() *inspect.Checker {
		return inspect.NewChecker(inspect.CheckerOptions{Now: b.clock.Now, MayAsk: inspect.MayAsk(b.Target.Target), Transport: way(func(r *http.Request) (*http.Response, error) {
			asked++
			return inside.RoundTrip(r)
		})})
	}
	c := counting()
	_, rest, _ := strings.Cut(raw, ".")
	kid := c.Check(t.Context(), raw, want).Token.Header.String("kid")
	before := asked
	for _, header := range []string{`{"alg":"none","kid":%q}`, `{"alg":"HS256","kid":%q}`, `{"alg":"RS256","kid":%q,"crit":["x"]}`, `{"alg":"RS256","kid":%q,"jku":"https://evil.example/k"}`} {
		forged := base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, header, kid)) + "." + rest
		for name, fresh := range map[string]*inspect.Checker{"its keys at hand": c, "no keys": counting()} {
			r := fresh.Check(t.Context(), forged, want)
			if opinions := fresh.Judge(t.Context(), r); len(opinions) == 0 || len(r.Requests) != 0 {
				t.Errorf("%s, %s: %d opinions, %s", header, name, len(opinions), purposes(r))
			}
			if r := fresh.Check(t.Context(), forged, want); len(r.Requests) != 0 {
				t.Errorf("%s, %s: later %s", header, name, purposes(r))
			}
		}
	}
	if asked != before {
		t.Errorf("%d requests", asked-before)
	}
}

// An issuer that may be asked in any case may be on a private network; one that the
// person let be asked on a token's word may not.
func TestPrivateIssuerOfAProfile(t *testing.T) {
	var base string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/keys" {
			_, _ = fmt.Fprint(w, `{"keys":[`+validatetest.JWK("k", &validatetest.RSA().PublicKey, "")+`]}`)
			return
		}
		_, _ = fmt.Fprintf(w, `{"issuer":%q,"jwks_uri":%q}`, base, base+"/keys")
	}))
	defer srv.Close()
	base = srv.URL
	raw := validatetest.Sign(validatetest.Header("kid", `"k"`), validatetest.Claims(validatetest.Plain(), "iss", fmt.Sprintf("%q", base)))
	for _, saved := range []bool{true, false} {
		c := inspect.NewChecker(inspect.CheckerOptions{
			Transport: wire.NewOutside(nil, nil, wire.Usual, time.Now), Now: validatetest.Now,
			MayAsk: func(issuer string) error {
				if saved && issuer == base {
					return nil
				}
				return errors.New("no")
			},
		})
		if !saved {
			c.Allow(base)
		}
		r := c.Check(t.Context(), raw, validate.Expectations{})
		if got := r.Status("signature") == validate.StatusPass; got != saved {
			t.Errorf("saved %v: %s", saved, words(r, "key").Why)
		}
	}
}
