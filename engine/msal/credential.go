package msal

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"

	"flowscope/engine"
	"flowscope/engine/trace"
)

// proof is what a plan says of the way in which a client proves itself.
type proof struct {
	sent   string // on the arrow, behind what else is sent; empty: nothing
	why    string // what is sent
	guards string // what it is worth
	fault  string // the fault that shows that; empty: none
}

// proofs are the ways of RFC 6749 section 2.3 and RFC 7523 section 2.2.
var proofs = map[engine.CredentialKind]proof{
	engine.Secret: {
		sent: "secret", why: "It proves itself with its client secret, which travels with the request.",
		guards: "The secret is the whole proof: whoever has it is the application, until it expires. It can be read in settings and in logs.",
		fault:  "secret",
	},
	engine.Certificate: {
		sent: "assertion", why: "It proves itself with an assertion, signed with the private key of its certificate and good for ten minutes. The key never travels.",
		guards: "Better than a secret: whoever reads the request gets an assertion for this token endpoint alone, which soon ends.",
	},
	engine.Federated: {
		sent: "assertion", why: "It proves itself with an assertion of another issuer, which Entra ID trusts for this application: the platform it runs on vouches for it.",
		guards: "Best of all: there is no secret and no key to keep, to renew or to lose. Issuer, subject and audience must be those of the registration, letter for letter.",
	},
}

// credentialWords name the kinds of credentials.
var credentialWords = map[engine.CredentialKind]string{
	engine.Secret: "a client secret", engine.Certificate: "a certificate", engine.Federated: "an assertion of another issuer",
}

// CredentialError says that a client does not have the credential that it is
// asked to prove itself with.
type CredentialError struct {
	Client string // its key
	Asked  engine.CredentialKind
	Has    []engine.CredentialKind
}

// Error says in one line what is asked for and what is there.
func (e *CredentialError) Error() string {
	var has []string
	for _, k := range e.Has {
		has = append(has, credentialWords[k])
	}
	there := "it has none at all"
	if len(has) > 0 {
		there = "it has " + strings.Join(has, " and ")
	}
	asked, ok := credentialWords[e.Asked]
	if !ok {
		asked = "a credential " + trace.Plain(string(e.Asked))
	}
	return fmt.Sprintf("the client %s is to prove itself with %s, and %s", trace.Plain(e.Client), asked, there)
}

// credentialOf gives the way in which a client proves itself: the one asked for,
// else its first. A client without credentials proves nothing; one without the
// credential asked for is an error.
func credentialOf(c engine.Client, asked engine.CredentialKind) (engine.CredentialKind, error) {
	has := c.Credentials()
	switch {
	case asked == engine.NoCredential && len(has) == 0:
		return engine.NoCredential, nil
	case asked == engine.NoCredential:
		return has[0], nil
	}
	for _, k := range has {
		if k == asked {
			return k, nil
		}
	}
	return asked, &CredentialError{Client: c.Key, Asked: asked, Has: has}
}

// needCredential is credentialOf for a client that must have one.
func needCredential(c engine.Client, asked engine.CredentialKind) (engine.CredentialKind, error) {
	kind, err := credentialOf(c, asked)
	if err == nil && kind == engine.NoCredential {
		err = errNoSecret
	}
	return kind, err
}

// newConfidential makes a confidential client of MSAL that proves itself with
// this kind of credential.
func newConfidential(job engine.Job, c engine.Client, kind engine.CredentialKind, http *doer, more ...confidential.Option) (confidential.Client, error) {
	cred, err := credential(c, kind, http)
	if err != nil {
		return confidential.Client{}, err
	}
	options := append([]confidential.Option{confidential.WithHTTPClient(http), confidential.WithInstanceDiscovery(false)}, more...)
	if kind == engine.Certificate && len(c.Certificate.Chain) > 1 {
		options = append(options, confidential.WithX5C())
	}
	return confidential.New(job.Target.Authority, c.Registration.ClientID, cred, options...)
}

var errNoAssertion = errors.New("the other issuer gave no assertion: its file or its answer is empty")

func credential(c engine.Client, kind engine.CredentialKind, http *doer) (confidential.Credential, error) {
	if _, err := needCredential(c, kind); err != nil {
		return confidential.Credential{}, err
	}
	switch kind {
	case engine.Certificate:
		cred, err := confidential.NewCredFromCert(c.Certificate.Chain, c.Certificate.Key)
		if err != nil {
			return cred, fmt.Errorf("certificate %s: %w", trace.Plain(c.Certificate.Name), err)
		}
		http.key = c.Certificate.Key
		return cred, nil
	case engine.Federated:
		return confidential.NewCredFromAssertionCallback(func(ctx context.Context, _ confidential.AssertionRequestOptions) (string, error) {
			assertion, err := c.Federated(ctx)
			if err != nil {
				return "", fmt.Errorf("assertion of the other issuer: %w", err)
			}
			if assertion = strings.TrimSpace(assertion); assertion == "" {
				return "", errNoAssertion
			}
			return assertion, nil
		}), nil
	}
	cred, err := confidential.NewCredFromSecret(c.Secret)
	if err != nil {
		return cred, fmt.Errorf("client secret: %w", err)
	}
	return cred, nil
}

// drift is how far the run's clock may be from the machine's before an
// assertion that MSAL has dated by the machine's is dated anew.
const drift = time.Minute

// redate signs MSAL's assertion anew where the run has a clock of its own: MSAL
// dates it by the machine's, and takes its id from the machine's randomness. In
// a run by the machine's clock nothing is touched.
func (d *doer) redate(req *http.Request) error {
	key, ok := d.key.(*rsa.PrivateKey)
	if !ok || req.Body == nil || req.Header.Get("Content-Type") == "" {
		return nil
	}
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return fmt.Errorf("request body: %w", err)
	}
	_ = req.Body.Close()
	r := trace.Request{Header: req.Header, Body: body}
	params := r.FormParams()
	for i, p := range params {
		if p.Name != "client_assertion" {
			continue
		}
		fresh, changed, err := d.resign(key, p.Value)
		if err != nil {
			return err
		}
		if params[i].Value = fresh; changed {
			body = r.WithForm(params).Body
		}
	}
	req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return nil
}

// resign gives the assertion with the run's own time and id, and whether that
// makes a difference.
func (d *doer) resign(key *rsa.PrivateKey, assertion string) (string, bool, error) {
	parts := strings.Split(assertion, ".")
	if len(parts) != 3 {
		return assertion, false, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return assertion, false, nil
	}
	var claims struct {
		Audience string `json:"aud"`
		Ends     int64  `json:"exp"`
		Issuer   string `json:"iss"`
		ID       string `json:"jti"`
		Begins   int64  `json:"nbf"`
		Subject  string `json:"sub"`
	}
	if json.Unmarshal(raw, &claims) != nil {
		return assertion, false, nil
	}
	now := d.s.Now()
	if off := now.Sub(time.Unix(claims.Begins, 0)); off < drift && off > -drift {
		return assertion, false, nil
	}
	if claims.ID, err = d.s.Random(16); err != nil {
		return "", false, err
	}
	claims.Begins, claims.Ends = now.Unix(), now.Unix()+claims.Ends-claims.Begins
	if raw, err = json.Marshal(claims); err != nil {
		return "", false, err
	}
	input := parts[0] + "." + base64.RawURLEncoding.EncodeToString(raw)
	sum := sha256.Sum256([]byte(input))
	sig, err := rsa.SignPSS(entropy{d.s}, key, crypto.SHA256, sum[:], &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
	if err != nil {
		return "", false, fmt.Errorf("assertion: %w", err)
	}
	return input + "." + base64.RawURLEncoding.EncodeToString(sig), true, nil
}

// entropy reads the run's own randomness.
type entropy struct{ s *engine.Session }

func (e entropy) Read(p []byte) (int, error) {
	text, err := e.s.Random(len(p))
	if err != nil {
		return 0, err
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	return copy(p, raw), err
}
