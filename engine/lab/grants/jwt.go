package grants

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"

	"flowscope/engine/lab/tokens"
)

// maxJWT bounds a JWT that a client sends.
const maxJWT = 32 << 10

// jwt is a JWT that somebody sent, taken apart. Nothing in it can be believed
// before verify. Names of members are compared exactly.
type jwt struct {
	header, claims map[string]json.RawMessage
	rawHeader      []byte
	head, payload  string // as they were sent
	signature      string // not decoded yet
}

// readJWT takes a JWT of the compact form apart (RFC 7515 section 7.1). The
// error says what is broken, in a few words.
func readJWT(text string) (jwt, error) {
	if len(text) > maxJWT {
		return jwt{}, fmt.Errorf("it is longer than %d bytes", maxJWT)
	}
	parts := strings.Split(text, ".")
	if len(parts) == 5 {
		return jwt{}, fmt.Errorf("it is encrypted (JWE), and only its API can read it")
	}
	if len(parts) != 3 {
		return jwt{}, fmt.Errorf("it has %d parts, not 3", len(parts))
	}
	t := jwt{head: parts[0], payload: parts[1], signature: parts[2]}
	var err error
	if t.rawHeader, t.header, err = members(parts[0]); err != nil {
		return jwt{}, fmt.Errorf("the header %w", err)
	}
	if _, t.claims, err = members(parts[1]); err != nil {
		return jwt{}, fmt.Errorf("the payload %w", err)
	}
	if _, critical := t.header["crit"]; critical {
		return jwt{}, fmt.Errorf("the header has crit, and nothing it could name is understood")
	}
	return t, nil
}

func members(part string) ([]byte, map[string]json.RawMessage, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(part)
	if err != nil {
		return nil, nil, fmt.Errorf("is not base64url")
	}
	var out map[string]json.RawMessage
	if json.Unmarshal(raw, &out) != nil || out == nil {
		return nil, nil, fmt.Errorf("is no JSON object")
	}
	return raw, out, nil
}

// text is a member that is a string, and empty otherwise.
func text(m map[string]json.RawMessage, name string) string {
	var s string
	if json.Unmarshal(m[name], &s) != nil {
		return ""
	}
	return s
}

// audiences lists the values of aud, which may be one string or several.
func (t jwt) audiences() []string {
	var all []string
	if json.Unmarshal(t.claims["aud"], &all) == nil {
		return all
	}
	if one := text(t.claims, "aud"); one != "" {
		return []string{one}
	}
	return nil
}

// at is a NumericDate (RFC 7519 section 2). A missing one is the start of
// 1970, as Entra's messages show it; one past all calendars counts as missing.
func (t jwt) at(name string) time.Time {
	var n float64
	if json.Unmarshal(t.claims[name], &n) != nil || n < 0 || n > 1<<36 {
		n = 0
	}
	return time.Unix(int64(math.Floor(n)), 0).UTC()
}

// asSigned is a token of the lab's own as it was signed: one for Graph over the
// SHA-256 of its nonce, every other as it is.
func (t jwt) asSigned() jwt {
	if nonce := text(t.header, "nonce"); nonce != "" {
		hashed := bytes.Replace(t.rawHeader, []byte(`"`+nonce+`"`), []byte(`"`+tokens.NonceHash(nonce)+`"`), 1)
		t.head = base64.RawURLEncoding.EncodeToString(hashed)
	}
	return t
}

// verify checks the signature, by PS256 or RS256 as the header says.
func (t jwt) verify(key *rsa.PublicKey) bool {
	sig, err := base64.RawURLEncoding.Strict().DecodeString(t.signature)
	if err != nil {
		return false
	}
	digest := sha256.Sum256([]byte(t.head + "." + t.payload))
	switch text(t.header, "alg") {
	case "PS256":
		return rsa.VerifyPSS(key, crypto.SHA256, digest[:], sig, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}) == nil
	case "RS256":
		return rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], sig) == nil
	}
	return false
}
