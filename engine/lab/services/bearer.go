package services

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"flowscope/engine/lab/conditions"
	"flowscope/engine/lab/directory"
	"flowscope/engine/lab/keys"
	"flowscope/engine/lab/tokens"
)

const (
	maxToken = 16 << 10
	skew     = 5 * time.Minute
)

// caller is what a good token says.
type caller struct {
	Aud        string   `json:"aud"`
	Iss        string   `json:"iss"`
	NotBefore  int64    `json:"nbf"`
	Expires    int64    `json:"exp"`
	Name       string   `json:"name"`
	Username   string   `json:"preferred_username"`
	UniqueName string   `json:"unique_name"`
	OID        string   `json:"oid"`
	Sub        string   `json:"sub"`
	TID        string   `json:"tid"`
	Azp        string   `json:"azp"`
	AppID      string   `json:"appid"`
	Scp        string   `json:"scp"`
	Roles      []string `json:"roles"`
	Ver        string   `json:"ver"`
	UTI        string   `json:"uti"`
	Issued     int64    `json:"iat"`
	Contexts   []string `json:"acrs"`
	Client     []string `json:"xms_cc"` // capabilities of the client
	Status     struct {
		Sub string `json:"sub"`
	} `json:"xms_st"`
}

// app reports whether the token is of an application alone.
func (c caller) app() bool { return c.Scp == "" && c.Sub == c.OID }

// hasScope compares whole names: User.Read is no part of User.ReadWrite.
func (c caller) hasScope(name string) bool { return slices.Contains(strings.Fields(c.Scp), name) }

func (c caller) hasRole(name string) bool { return slices.Contains(c.Roles, name) }

// satisfies reports whether an authentication context was satisfied.
func (c caller) satisfies(context string) bool { return slices.Contains(c.Contexts, context) }

// refusal is an answer in the words of RFC 6750 section 3.
type refusal struct {
	status             int
	code, words, scope string
	claims             string // claims challenge, a JSON text; empty for most
}

func unauthorised(words string) *refusal {
	return &refusal{status: http.StatusUnauthorized, code: "invalid_token", words: words}
}

func forbidden(scope, words string) *refusal {
	return &refusal{status: http.StatusForbidden, code: "insufficient_scope", words: words, scope: scope}
}

// write answers. A request without a token is told no error code (RFC 6750
// section 3.1).
func (n *refusal) write(w http.ResponseWriter, base string, api directory.App) {
	challenge := n.demand(base, api)
	if challenge == "" {
		challenge = `Bearer realm="", authorization_uri="` + base + "/" + api.TenantID + `/oauth2/v2.0/authorize"`
		if n.code != "" {
			challenge += `, error="` + n.code + `", error_description="` + n.words + `"`
		}
		if n.scope != "" {
			challenge += `, scope="` + n.scope + `"`
		}
	}
	w.Header().Set("WWW-Authenticate", challenge)
	respond(w, n.status, failure{n.code, n.words})
}

// caller judges the request's token for an API: one Authorization header,
// shape, algorithm, key, signature, issuer, audience, time, kind, and whether
// it still counts. Its words never repeat what the request sent.
func (s *Services) caller(r *http.Request, base string, api directory.App) (caller, *refusal) {
	var c caller
	token, no := bearer(r)
	if no != nil {
		return c, no
	}
	tenant := func() string {
		if api.ClientID == directory.GraphAppID {
			return c.TID
		}
		return api.TenantID
	}
	if claims, ok := s.mint.Opened(token); ok && api.ClientID == directory.GraphAppID {
		if err := json.Unmarshal(claims, &c); err != nil {
			return c, unauthorised("the token stands for nothing") // our own claims
		}
		return c, s.judge(c, base, tenant(), api)
	}
	if key, ok := keys.Encryption(api); ok {
		inner, err := tokens.Decrypt(key.Private, token)
		if err != nil {
			return c, unauthorised(err.Error())
		}
		token = inner
	}
	t, no := split(token)
	if no != nil {
		return c, no
	}
	if err := json.Unmarshal(t.payload, &c); err != nil {
		return c, unauthorised("the claims are not a JSON object of the expected types")
	}
	if _, ok := s.dir.Tenant(tenant()); !ok {
		return c, unauthorised("the token is of an unknown tenant")
	}
	if no := s.signature(t, tenant(), api); no != nil {
		return c, no
	}
	return c, s.judge(c, base, tenant(), api)
}

// judge is what follows the signature.
func (s *Services) judge(c caller, base, tenant string, api directory.App) *refusal {
	if no := s.claims(c, base, tenant, api); no != nil {
		return no
	}
	return s.evaluate(c)
}

// bearer takes the token out of a request (RFC 6750 section 2.1).
func bearer(r *http.Request) (string, *refusal) {
	headers := r.Header.Values("Authorization")
	if len(headers) == 0 {
		return "", &refusal{status: http.StatusUnauthorized, words: "a bearer token is required"}
	}
	scheme, token, _ := strings.Cut(headers[0], " ")
	if len(headers) > 1 || !strings.EqualFold(scheme, "Bearer") {
		return "", &refusal{status: http.StatusBadRequest, code: "invalid_request", words: "exactly one Authorization header of scheme Bearer is expected"}
	}
	if len(token) > maxToken {
		return "", unauthorised("the token is not a JWT of three parts")
	}
	return token, nil
}

// compact is a token taken apart.
type compact struct {
	header, payload, signature []byte
	text                       string // the first two segments as received
	alg, kid, nonce            string
}

func split(token string) (compact, *refusal) {
	parts := strings.Split(token, ".")
	if len(token) > maxToken || len(parts) != 3 {
		return compact{}, unauthorised("the token is not a JWT of three parts")
	}
	var raw [3][]byte
	for i, p := range parts {
		b, err := base64.RawURLEncoding.Strict().DecodeString(p)
		if err != nil {
			return compact{}, unauthorised("a part of the token is not base64url without padding")
		}
		raw[i] = b
	}
	var h struct {
		Alg   string          `json:"alg"`
		Typ   string          `json:"typ"`
		KID   string          `json:"kid"`
		Nonce string          `json:"nonce"`
		Crit  json.RawMessage `json:"crit"`
	}
	if json.Unmarshal(raw[0], &h) != nil || h.Crit != nil || !strings.EqualFold(h.Typ, "JWT") {
		return compact{}, unauthorised("the token's header is not acceptable")
	}
	return compact{
		header: raw[0], payload: raw[1], signature: raw[2], text: parts[0] + "." + parts[1],
		alg: h.Alg, kid: h.KID, nonce: h.Nonce,
	}, nil
}

func (s *Services) signature(t compact, tenant string, api directory.App) *refusal {
	if t.alg != "RS256" {
		return unauthorised("the token is not signed with RS256")
	}
	key, no := s.key(t.kid, tenant, api)
	if no != nil {
		return no
	}
	signed := []byte(t.text)
	if api.ClientID == directory.GraphAppID && t.nonce != "" {
		header := bytes.Replace(t.header, []byte(t.nonce), []byte(tokens.NonceHash(t.nonce)), 1)
		_, payload, _ := strings.Cut(t.text, ".")
		signed = append(base64.RawURLEncoding.AppendEncode(nil, header), "."+payload...)
	}
	digest := sha256.Sum256(signed)
	if rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], t.signature) != nil {
		return unauthorised("the signature does not fit the token")
	}
	return nil
}

// key finds the key that a token names among those that the API knows.
func (s *Services) key(kid, tenant string, api directory.App) (*rsa.PublicKey, *refusal) {
	switch known := s.mint.Keys.First(); {
	case api.CustomSigningKey:
		if own := s.mint.Keys.For(tenant, api); own.ID == kid {
			return &own.Private.PublicKey, nil
		}
		return nil, unauthorised("the token names a key that is not this application's own")
	case api.Key == ordersKey && s.switches.On(conditions.APIStaleKeys):
		if known.ID == kid {
			return &known.Private.PublicKey, nil
		}
		return nil, unauthorised("the token names a key that this API has not read yet")
	}
	if key, ok := s.mint.Keys.Public(tenant, kid); ok {
		return key, nil
	}
	return nil, unauthorised("the token names a key that is not published")
}

func (s *Services) claims(c caller, base, tenant string, api directory.App) *refusal {
	issuer, version := tokens.IssuerV1(base, tenant), "1.0"
	if api.AccessTokenVersion == 2 {
		issuer, version = tokens.IssuerV2(base, tenant), "2.0"
	}
	careless := api.Key == ordersKey && s.switches.On(conditions.APIAudienceOff)
	if careless && c.Ver == "1.0" { // such an API takes both issuers as well
		issuer, version = tokens.IssuerV1(base, tenant), "1.0"
	}
	now := s.clock()
	switch {
	case c.Iss != issuer || c.Ver != version:
		return unauthorised("the issuer is not the expected one for tokens of version " + version)
	case !careless && !audience(c.Aud, api):
		return unauthorised("the token is for another audience")
	case !now.Before(time.Unix(c.Expires, 0).Add(skew)):
		return unauthorised("the token has expired")
	case now.Before(time.Unix(c.NotBefore, 0).Add(-skew)):
		return unauthorised("the token is not valid yet")
	case c.TID != tenant || c.OID == "" || c.Azp == "" && c.AppID == "":
		return unauthorised("this is not an access token")
	}
	return nil
}

// audience takes the GUID alone for v2.0 tokens, and the App ID URI with or
// without a slash at the end as well for v1.0 ones.
func audience(aud string, api directory.App) bool {
	if aud == api.ClientID {
		return true
	}
	return api.AccessTokenVersion != 2 && strings.TrimSuffix(aud, "/") == api.AppIDURI
}
