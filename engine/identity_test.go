package engine

import (
	"encoding/base64"
	"errors"
	"testing"
	"time"
)

// TestJudgeIdentity: an ID token that is plainly not ours is refused for the
// claim that says so.
func TestJudgeIdentity(t *testing.T) {
	b := base64.RawURLEncoding.EncodeToString
	make := func(alg, claims string) string {
		return b([]byte(`{"alg":"`+alg+`"}`)) + "." + b([]byte(claims)) + "." + b([]byte("signature"))
	}
	want := Identity{Issuer: "https://op.example", ClientID: "app", Now: time.Unix(1000, 0)}
	const good = `{"iss":"https://op.example","aud":"app","exp":2000}`
	for _, c := range []struct{ token, check string }{
		{"", ""}, {make("RS256", good), ""}, {make("none", good), "alg"}, {make("", good), "alg"}, {"what?", "alg"},
		{make("RS256", `{"iss":"https://op.example","aud":["x","app"],"azp":"app","exp":2000.5}`), ""},
		{make("RS256", `{"iss":"https://evil.example","aud":"app","exp":2000}`), "iss"},
		{make("RS256", `{"iss":"https://op.example","aud":"other","exp":2000}`), "aud"},
		{make("RS256", `{"iss":"https://op.example","aud":{"a":1},"exp":2000}`), "aud"},
		{make("RS256", `{"iss":"https://op.example","aud":["x","app"],"azp":"x","exp":2000}`), "azp"},
		{make("RS256", `{"iss":"https://op.example","aud":"app","exp":699}`), "exp"},
		{make("RS256", `{"iss":"https://op.example","aud":"app","exp":701}`), ""},
		{make("RS256", `{"iss":"https://op.example","aud":"app"}`), "exp"},
	} {
		err := JudgeIdentity(1, c.token, want)
		var refused *RefusedError
		if c.check == "" && err != nil || c.check != "" && (!errors.As(err, &refused) || refused.Refusal.Check != c.check) {
			t.Errorf("%q: %v, want %q", c.token, err, c.check)
		}
	}
	want.Issuer = "https://login.example/{tenantid}/v2.0"
	if err := JudgeIdentity(1, make("RS256", `{"iss":"https://login.example/t1/v2.0","tid":"t1","aud":"app","exp":2000}`), want); err != nil {
		t.Error(err)
	}
}
