package engine

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"flowscope/engine/trace"
)

// Identity is what an ID token must say before anything is done with it.
type Identity struct {
	Issuer   string    // iss; "{tenantid}" stands for the token's own tid; empty: not compared
	ClientID string    // must be in aud, and be azp where that is stated
	Now      time.Time // the run's clock; zero: exp is not compared
}

// idSkew is the difference of clocks that is allowed at exp.
const idSkew = 5 * time.Minute

// audience is one name or several (RFC 7519 section 4.1.3).
type audience []string

// UnmarshalJSON reads both forms; anything else names nobody.
func (a *audience) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*a = audience{one}
		return nil
	}
	_ = json.Unmarshal(b, (*[]string)(a)) // what is no list names nobody
	return nil
}

// JudgeIdentity refuses an ID token that is plainly not this client's: of another
// issuer, for somebody else, ended, or signed by nobody (OpenID Connect Core 1.0
// sections 3.1.3.7 and 12.2). It fails with *RefusedError. The signature itself is
// for the checks of the token. An answer without an ID token has nothing to judge.
func JudgeIdentity(step int, idToken string, want Identity) error {
	if idToken == "" {
		return nil
	}
	var header struct {
		Alg string `json:"alg"`
	}
	first, _, _ := strings.Cut(idToken, ".")
	if raw, err := base64.RawURLEncoding.DecodeString(first); err == nil {
		_ = json.Unmarshal(raw, &header) // what can't be read names no algorithm
	}
	var claims struct {
		Issuer   string   `json:"iss"`
		Audience audience `json:"aud"`
		Party    string   `json:"azp"`
		Ends     float64  `json:"exp"`
		Tenant   string   `json:"tid"`
	}
	_ = Peek(idToken, &claims) // what can't be read says nothing
	issuer := strings.ReplaceAll(want.Issuer, "{tenantid}", claims.Tenant)
	end := time.Unix(int64(min(max(claims.Ends, 0), 1<<40)), 0).UTC()
	none := func(s string) string { return trace.Plain(cmp.Or(s, "none")) }
	switch {
	case header.Alg == "" || strings.EqualFold(header.Alg, "none"):
		return refused("alg", step, "a signature", none(header.Alg), "the ID token is signed by nobody, so anyone can have written it")
	case issuer != "" && claims.Issuer != issuer:
		return refused("iss", step, issuer, none(claims.Issuer), "the ID token is of another issuer than the one that was asked")
	case !slices.Contains(claims.Audience, want.ClientID):
		return refused("aud", step, want.ClientID, none(strings.Join(claims.Audience, " ")), "the ID token was issued to another application")
	case claims.Party != "" && claims.Party != want.ClientID:
		return refused("azp", step, want.ClientID, none(claims.Party), "the ID token was issued on request of another application")
	case !want.Now.IsZero() && !want.Now.Before(end.Add(idSkew)):
		return refused("exp", step, "later than "+want.Now.UTC().Format(time.RFC3339), end.Format(time.RFC3339), "the ID token has ended")
	}
	return nil
}

// JudgeIdentity refuses an ID token of this run that is plainly not ours. The lab
// can set its own clock back for a sign-in of long ago, so that exp is compared at
// live targets only; at the lab the checks of the token tell.
func (s *Session) JudgeIdentity(idToken, issuer, clientID string) error {
	want := Identity{Issuer: issuer, ClientID: clientID}
	if s.run.Job.Target.Live {
		want.Now = s.Now()
	}
	return JudgeIdentity(s.Step(), idToken, want)
}
