package oidc

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"flowscope/engine"
)

// The ways in which a client proves itself at a token endpoint (OpenID Connect
// Core 1.0 section 9).
const (
	authNone  = "none"
	authBasic = "client_secret_basic"
	authPost  = "client_secret_post"
	authJWT   = "private_key_jwt"
)

// authentication is how the application proves itself at this issuer.
type authentication struct {
	method string
	secret string
	kind   engine.CredentialKind
	alg    string // of an assertion that is signed here
}

// chooseAuth picks the method by what the client has and what the issuer offers.
// An issuer that does not say takes client_secret_basic (OpenID Connect Discovery
// 1.0 section 3). At Entra the secret goes into the form, as in its own examples;
// elsewhere into the header, as RFC 6749 section 2.3.1 asks.
func chooseAuth(job engine.Job, m metadata) (authentication, error) {
	offered := m.AuthMethods
	if len(offered) == 0 {
		offered = []string{authBasic}
	}
	a := authentication{kind: job.CredentialKind()}
	wanted := []string{authNone}
	switch a.kind {
	case engine.NoCredential:
		a.method = authNone // seldom listed: a public client proves nothing
		return a, nil
	case engine.Secret:
		a.secret, wanted = job.Client.Secret, []string{authBasic, authPost}
		if job.Target.Is() == engine.Entra {
			wanted = []string{authPost, authBasic}
		}
	case engine.Certificate, engine.Federated:
		wanted = []string{authJWT}
	}
	for _, w := range wanted {
		if slices.Contains(offered, w) {
			a.method = w
			return a.signing(job, m)
		}
	}
	return a, fmt.Errorf("%s does not take this client's credential: its %s lists %s, and a %s needs %s",
		serverOf(job), fieldAuth, clip(join(offered)), a.kind, strings.Join(wanted, " or "))
}

// signing picks the algorithm of an assertion: the first that fits the key and
// that the issuer lists. Entra asks for PS256 (Entra: certificate credentials).
func (a authentication) signing(job engine.Job, m metadata) (authentication, error) {
	if a.kind != engine.Certificate {
		return a, nil
	}
	fits := []string{"PS256", "RS256"}
	if job.Target.Is() != engine.Entra {
		fits = []string{"RS256", "PS256"}
	}
	switch key := job.Client.Certificate.Key.(type) {
	case *rsa.PrivateKey:
	case *ecdsa.PrivateKey:
		fits = []string{curveAlgs[key.Curve]}
	default:
		return a, fmt.Errorf("the client's key is a %T: RSA or EC signs an assertion", key)
	}
	if fits[0] == "" {
		return a, errors.New("the client's key is on a curve that signs no assertion (RFC 7518 section 3.4 has P-256, P-384 and P-521)")
	}
	for _, alg := range fits {
		if len(m.AuthAlgs) == 0 || slices.Contains(m.AuthAlgs, alg) {
			a.alg = alg
			return a, nil
		}
	}
	return a, fmt.Errorf("the client's key signs %s, and the issuer takes %s", strings.Join(fits, " or "), clip(join(m.AuthAlgs)))
}

// curveAlgs are the algorithms of the curves (RFC 7518 section 3.4).
var curveAlgs = map[elliptic.Curve]string{elliptic.P256(): "ES256", elliptic.P384(): "ES384", elliptic.P521(): "ES512"}

// hashes are those of the algorithms that are signed with here.
var hashes = map[string]crypto.Hash{"RS256": crypto.SHA256, "PS256": crypto.SHA256, "ES256": crypto.SHA256, "ES384": crypto.SHA384, "ES512": crypto.SHA512}

// asserts reports whether the client proves itself with an assertion.
func (a authentication) asserts() bool { return a.method == authJWT }

// style is the same in the words of x/oauth2, which knows secrets alone.
func (a authentication) style() oauth2.AuthStyle {
	if a.method == authBasic {
		return oauth2.AuthStyleInHeader
	}
	return oauth2.AuthStyleInParams
}

// assertionType says that client_assertion is a JWT (RFC 7523 section 2.2).
const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// prove adds the client's authentication to a form.
func (a authentication) prove(ctx context.Context, c *client, form url.Values, h http.Header) error {
	id := c.job.Client.Registration.ClientID
	switch a.method {
	case authBasic:
		// Both halves are form-encoded first (RFC 6749 section 2.3.1).
		pair := url.QueryEscape(id) + ":" + url.QueryEscape(a.secret)
		h.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(pair)))
		return nil
	case authPost:
		form.Set("client_secret", a.secret)
	case authJWT:
		assertion, err := a.assertion(ctx, c)
		if err != nil {
			return err
		}
		form.Set("client_assertion_type", assertionType)
		form.Set("client_assertion", assertion)
	}
	form.Set("client_id", id)
	return nil
}

// assertionLife is how long an assertion of ours is good: it is used at once.
const assertionLife = 5 * time.Minute

// assertion gives what the client proves itself with: one of another issuer, or
// one signed with its own key (RFC 7523 section 3, Entra: certificate
// credentials).
func (a authentication) assertion(ctx context.Context, c *client) (string, error) {
	if a.kind == engine.Federated {
		text, err := c.job.Client.Federated(ctx)
		if err != nil {
			return "", fmt.Errorf("assertion of the other issuer: %w", err)
		}
		return text, nil
	}
	pair := c.job.Client.Certificate
	if pair == nil || len(pair.Chain) == 0 {
		return "", errors.New("the certificate of the client is missing")
	}
	id, err := c.s.Random(16)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(pair.Chain[0].Raw)
	now := c.s.Now()
	client := c.job.Client.Registration.ClientID
	header := map[string]any{"alg": a.alg, "typ": "JWT", "x5t#S256": base64.RawURLEncoding.EncodeToString(sum[:])}
	claims := map[string]any{
		"iss": client, "sub": client, "aud": c.meta.Token, "jti": id,
		"iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(assertionLife).Unix(),
	}
	return sign(pair.Key, a.alg, header, claims, randomness{c.s})
}

// sign makes a JWS in compact form (RFC 7515 section 3.1).
func sign(key crypto.PrivateKey, alg string, header, claims map[string]any, random io.Reader) (string, error) {
	h, err := json.Marshal(header)
	if err != nil {
		return "", err
	}
	b, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	enc := base64.RawURLEncoding
	input := enc.EncodeToString(h) + "." + enc.EncodeToString(b)
	hash := hashes[alg].New()
	hash.Write([]byte(input))
	var sig []byte
	switch k := key.(type) {
	case *rsa.PrivateKey:
		if alg == "PS256" {
			sig, err = rsa.SignPSS(random, k, crypto.SHA256, hash.Sum(nil), &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
			break
		}
		sig, err = rsa.SignPKCS1v15(random, k, crypto.SHA256, hash.Sum(nil))
	case *ecdsa.PrivateKey:
		sig, err = signEC(k, hash.Sum(nil), random)
	default:
		err = fmt.Errorf("a key of the type %T signs no assertion", key)
	}
	return input + "." + enc.EncodeToString(sig), err
}

// signEC gives r and s side by side (RFC 7518 section 3.4).
func signEC(k *ecdsa.PrivateKey, digest []byte, random io.Reader) ([]byte, error) {
	r, s, err := ecdsa.Sign(random, k, digest)
	if err != nil {
		return nil, err
	}
	size := (k.Curve.Params().BitSize + 7) / 8
	out := make([]byte, 2*size)
	r.FillBytes(out[:size])
	s.FillBytes(out[size:])
	return out, nil
}

// randomness is the session's randomness as a reader.
type randomness struct{ s *engine.Session }

// Read fills b.
func (r randomness) Read(b []byte) (int, error) {
	text, err := r.s.Random(len(b))
	if err != nil {
		return 0, err
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	return copy(b, raw), err
}
