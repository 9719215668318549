package services

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strconv"

	"flowscope/engine/lab/conditions"
	"flowscope/engine/lab/directory"
)

// insufficient is a claims challenge (Entra: claims-challenge). A token that is
// good for other calls is not good enough for this one, or not any more.
func insufficient(words, claims string) *refusal {
	return &refusal{status: http.StatusUnauthorized, code: "insufficient_claims", words: words, claims: claims}
}

// stepUp demands an authentication context.
func stepUp(context string) *refusal {
	return insufficient("this path needs the authentication context "+context+": sign in again with the claims of the challenge",
		`{"access_token":{"acrs":{"essential":true,"value":"`+context+`"}}}`)
}

// demand is the WWW-Authenticate header of a claims challenge, in Entra's
// shape; it is empty for every other refusal.
func (n *refusal) demand(base string, api directory.App) string {
	if n.claims == "" {
		return ""
	}
	return `Bearer realm="", authorization_uri="` + base + `/common/oauth2/authorize", client_id="` + api.ClientID +
		`", error="insufficient_claims", claims="` + base64.StdEncoding.EncodeToString([]byte(n.claims)) + `"`
}

// evaluate is continuous access evaluation: a token whose client can handle
// challenges (xms_cc holds cp1) is refused as soon as the person's sessions are
// revoked, the account is disabled or deleted, or the place is blocked. Tokens
// of other clients stay good until they expire: nobody asks Entra again.
func (s *Services) evaluate(c caller) *refusal {
	if c.app() || !slices.Contains(c.Client, "cp1") {
		return nil
	}
	from := s.clock()
	reason := ""
	u, ok := s.dir.Person(c.TID, c.OID)
	revoked, some := s.policies.RevokedAt(u)
	switch {
	case !ok:
		reason = "the account of the token does not exist"
	case s.policies.Account(u) != nil:
		reason = "the account was disabled or deleted"
	case some && s.mint.Since(c.UTI, c.Issued).Before(revoked):
		from, reason = revoked, "the sessions were revoked after this sign-in"
	case s.switches.On(conditions.LocationBlocked):
		reason = "a policy blocks the place of the caller"
	default:
		return nil
	}
	return insufficient(reason, `{"access_token":{"nbf":{"essential":true,"value":"`+strconv.FormatInt(from.Unix(), 10)+`"}}}`)
}
