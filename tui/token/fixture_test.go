package token

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/muesli/termenv"

	"flowscope/engine/inspect"
	"flowscope/themes"
	"flowscope/tui/screen"
	"flowscope/tui/tuitest/frame"
	"flowscope/validate"
	"flowscope/validate/jwks"
	"flowscope/validate/middleware"
)

// The parties of the test tokens.
const (
	tenantID = "c0f7a1de-2222-4333-8444-5555555555a2"
	ordersID = "7d1e0c44-0000-4000-8000-0000000051ab"
	webID    = "3f0c2a71-0000-4000-8000-000000009be1"
	personID = "b1b0160f-0000-4000-8000-000000003978"
	issuer   = "https://login.microsoftonline.com/" + tenantID + "/v2.0"
	keyID    = "lab-2026-11"
)

var now = time.Date(2026, 11, 20, 10, 2, 11, 0, time.UTC)

// signingKey is made once: it takes its time.
var signingKey = sync.OnceValue(func() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return k
})

// oneKey is a KeySource with one key, which it verifies with itself.
type oneKey struct{ key *rsa.PrivateKey }

func (o oneKey) Key(_ context.Context, q validate.KeyQuery) (validate.Key, error) {
	if q.KeyID != keyID {
		return validate.Key{}, &validate.KeyError{Reason: validate.KeyUnknown, Issuer: q.Issuer}
	}
	from := issuer
	if strings.HasPrefix(q.Issuer, "https://sts.windows.net/") {
		from = q.Issuer
	}
	return validate.Key{Public: &o.key.PublicKey, ID: keyID, Use: "sig", Issuer: from, Bits: 2048, Declared: []string{"RS256"},
		MetadataIssuer: from, Source: "live"}, nil
}

func (o oneKey) Verify(_ string, _ validate.Key, input, signature []byte) error {
	sum := sha256.Sum256(input)
	if rsa.VerifyPKCS1v15(&o.key.PublicKey, crypto.SHA256, sum[:], signature) != nil {
		return validate.ErrSignature
	}
	return nil
}

// claimSet is the claims of an access token of a person; changes come over it.
func claimSet(changes map[string]any) map[string]any {
	m := map[string]any{
		"aud": ordersID, "iss": issuer, "iat": now.Add(-50 * time.Minute).Unix(), "nbf": now.Add(-50 * time.Minute).Unix(),
		"exp": now.Add(21 * time.Minute).Unix(), "aio": "AXQAi8TAAAAJ1Zs0l3hP0kLk2fJrS9pV5u3mWlq7bGdO8yTn1cE4xHv",
		"azp": webID, "azpacr": "1", "name": "Ada Contoso", "oid": personID, "preferred_username": "ada@contoso.example",
		"scp": "Orders.Read Orders.ReadWrite", "sub": "K9fHyWadeOouYlitjrI-KffTm222X5rrV3xDqfKdE", "tid": tenantID,
		"uti": "fqiBqXLPj0eQa82S-IYFAA", "ver": "2.0",
	}
	for name, v := range changes {
		if v == nil {
			delete(m, name)
		} else {
			m[name] = v
		}
	}
	return m
}

func sign(t testing.TB, claims map[string]any) string {
	t.Helper()
	body, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	enc := base64.RawURLEncoding.EncodeToString
	input := enc([]byte(`{"typ":"JWT","alg":"RS256","kid":"`+keyID+`"}`)) + "." + enc(body)
	sum := sha256.Sum256([]byte(input))
	sig, err := rsa.SignPKCS1v15(rand.Reader, signingKey(), crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return input + "." + enc(sig)
}

func expectations() validate.Expectations {
	return validate.Expectations{Issuer: issuer, Audiences: []string{ordersID}, Now: now}
}

func report(t testing.TB, raw string, want validate.Expectations) *inspect.Report {
	t.Helper()
	want.Now = now
	return inspect.Check(t.Context(), raw, oneKey{signingKey()}, want)
}

// shell is a shell without colours and with a clock that stands still.
func shell(glyphs themes.Glyphs, copied *string) *screen.Shell {
	return frame.Shell(glyphs, termenv.Ascii, "mono", now, copied)
}

// checker checks with the one key, at once, or as check says.
type checker struct {
	check   func(ctx context.Context, raw string, want validate.Expectations) *inspect.Report
	presets []inspect.Preset
	allowed []string             // issuers
	asked   []string             // issuers whose keys were refreshed
	refresh error                // what refreshing comes to
	judged  []middleware.Opinion // what Judge gives in place of the libraries' rules
	given   [][]byte             // what UseKeys was handed, in order
}

func (c *checker) Check(ctx context.Context, raw string, want validate.Expectations) *inspect.Report {
	if c.check != nil {
		return c.check(ctx, raw, want)
	}
	return inspect.Check(ctx, raw, oneKey{signingKey()}, want)
}

func (c *checker) CheckAt(ctx context.Context, raw string, want validate.Expectations, at time.Time) *inspect.Report {
	want.Now = at
	return inspect.Check(ctx, raw, oneKey{signingKey()}, want)
}

func (c *checker) Judge(ctx context.Context, r *inspect.Report) []middleware.Opinion {
	if c.judged != nil {
		return c.judged
	}
	return middleware.Judge(ctx, r.Report, oneKey{signingKey()})
}

func (c *checker) Allow(issuer string)       { c.allowed = append(c.allowed, issuer) }
func (c *checker) Presets() []inspect.Preset { return c.presets }

func (c *checker) Refresh(_ context.Context, issuer string) error {
	c.asked = append(c.asked, issuer)
	return c.refresh
}

func (c *checker) UseKeys(data []byte) (int, error) {
	c.given = append(c.given, data)
	if data == nil {
		return 0, nil
	}
	keys, err := jwks.Given(data)
	if err != nil {
		return 0, err
	}
	return keys.Len(), nil
}

func deps() Deps { return Deps{Checker: &checker{}} }

// press sends keys by name and runs what they ask for, depth first; the last
// message that was not for the screen is given back.
func press(t testing.TB, s *Token, keys ...string) tea.Msg {
	t.Helper()
	var last tea.Msg
	for _, k := range keys {
		if out := settle(s, s.Update(frame.Key(k))); out != nil {
			last = out
		}
	}
	return last
}

func settle(s *Token, cmd tea.Cmd) (last tea.Msg) {
	for cmd != nil {
		msg := cmd()
		if all, ok := msg.(tea.BatchMsg); ok {
			for _, c := range all {
				if out := settle(s, c); out != nil {
					last = out
				}
			}
			return last
		}
		last = msg
		cmd = s.Update(msg)
	}
	return last
}

// draw gives the screen at a size, after making sure that it has that size.
func draw(t testing.TB, s *Token, w, h int) string {
	t.Helper()
	s.Resize(w, h)
	view := s.View()
	frame.Fills(t, view, w, h)
	return view
}

func base64url(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
