package oidc_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/oidc"
	"flowscope/engine/trace"
	"flowscope/engine/wire"
)

const issuer = "https://issuer.example"

// start is where the clock of these tests begins.
var start = time.Date(2026, time.November, 20, 10, 2, 0, 0, time.UTC)

// fake is an issuer that says what a test tells it to.
type fake struct {
	mu       sync.Mutex
	metadata map[string]any
	answers  map[string][]string // by path, in order; the last one stays
	forms    map[string][]url.Values
	headers  map[string][]http.Header
}

func newFake() *fake {
	return &fake{
		metadata: map[string]any{
			"issuer": issuer, "authorization_endpoint": issuer + "/authorize", "token_endpoint": issuer + "/token",
			"device_authorization_endpoint": issuer + "/device", "jwks_uri": issuer + "/keys", "userinfo_endpoint": issuer + "/userinfo",
			"token_endpoint_auth_methods_supported": []string{"client_secret_basic", "none"}, "code_challenge_methods_supported": []string{"S256"},
		},
		answers: map[string][]string{}, forms: map[string][]url.Values{}, headers: map[string][]http.Header{},
	}
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	if strings.HasSuffix(r.URL.Path, "/.well-known/openid-configuration") {
		_ = json.NewEncoder(w).Encode(f.metadata)
		return
	}
	_ = r.ParseForm()
	f.forms[r.URL.Path] = append(f.forms[r.URL.Path], r.PostForm)
	f.headers[r.URL.Path] = append(f.headers[r.URL.Path], r.Header.Clone())
	list := f.answers[r.URL.Path]
	if len(list) == 0 {
		http.NotFound(w, r)
		return
	}
	answer := list[0]
	if len(list) > 1 {
		f.answers[r.URL.Path] = list[1:]
	}
	if strings.HasPrefix(answer, "ey") {
		w.Header().Set("Content-Type", "application/jwt")
	}
	if strings.Contains(answer, `"error"`) {
		w.WriteHeader(http.StatusBadRequest)
	}
	_, _ = w.Write([]byte(answer))
}

// world is a runner against the fake, whose clock moves only when somebody waits.
type world struct {
	*fake
	runner *engine.Runner
	target engine.Target
	waits  []time.Duration
	agent  *agent
}

// agent answers an authorization request at once, with what the test adds to it.
type agent struct {
	visited []engine.Visit
	with    func(url.Values) // changes the redirect's parameters
	sent    url.Values
}

func (a *agent) Authorize(ctx context.Context, s *engine.Session, leg engine.Leg) error {
	u, err := url.Parse(leg.AuthorizeURL)
	if err != nil {
		return err
	}
	a.sent = u.Query()
	q := url.Values{"state": {a.sent.Get("state")}, "code": {"the-code"}}
	if a.with != nil {
		a.with(q)
	}
	s.Enter(trace.Redirect)
	leg.Receive(trace.Request{Method: "GET", URL: leg.RedirectURI + "?" + q.Encode()})
	return ctx.Err()
}

func (a *agent) Visit(_ context.Context, _ *engine.Session, v engine.Visit) error {
	a.visited = append(a.visited, v)
	return nil
}

func newWorld() *world {
	w := &world{fake: newFake(), agent: &agent{}}
	now := start
	w.runner = &engine.Runner{
		Drivers: []engine.Driver{oidc.Driver{}}, Agent: w.agent, Rand: engine.FixedRandom(),
		Now: func() time.Time { return now },
		Wait: func(ctx context.Context, d time.Duration) error {
			w.waits, now = append(w.waits, d), now.Add(d)
			return ctx.Err()
		},
	}
	w.target = engine.Target{
		Name: "fake", Kind: engine.OIDC, Issuer: issuer, Hosts: []string{"issuer.example"},
		Transport: &wire.HandlerTransport{Host: "issuer.example", Handler: w.fake},
	}
	return w
}

func (w *world) job(flow decision.Flow, c engine.Client) engine.Job {
	c.Registration.ClientID = "client"
	c.Flows = decision.Flows()
	return engine.Job{Flow: flow, Client: c, Target: w.target, Scopes: []string{"orders.read"}}
}

func (w *world) run(t *testing.T, job engine.Job) engine.State {
	t.Helper()
	run, err := w.runner.Start(context.Background(), job)
	if err != nil {
		t.Fatal(err)
	}
	return run.Wait()
}

// idToken writes an ID token for this client that nobody has signed.
func idToken(claims map[string]any) string {
	enc := func(v any) string {
		raw, err := json.Marshal(v)
		if err != nil {
			panic(err)
		}
		return base64.RawURLEncoding.EncodeToString(raw)
	}
	whole := map[string]any{"iss": issuer, "aud": "client", "exp": 1 << 33}
	maps.Copy(whole, claims)
	claims = whole
	return enc(map[string]any{"alg": "RS256"}) + "." + enc(claims) + ".c2ln"
}

func tokens(more string) string {
	return fmt.Sprintf(`{"token_type":"Bearer","access_token":"opaque","refresh_token":"renew","expires_in":3600%s}`, more)
}
