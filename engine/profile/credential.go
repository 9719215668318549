package profile

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"software.sslmate.com/src/go-pkcs12"

	"flowscope/engine/trace"
)

// Sources are where credentials are read from.
type Sources struct {
	Getenv func(string) string
	Read   func(string) ([]byte, error)
	// Told are the answers to questions that were asked before, by the key that
	// wants them.
	Told map[string]string
	// Ask asks the person for a secret, without showing it. Nil: nobody can be
	// asked, and an *AskError says what would have been.
	Ask func(question string) (string, error)
}

// AskError says that a credential has to be asked for.
type AskError struct {
	Key      string // secret_prompt or certificate_password_prompt
	Question string // "Client secret of work"
}

// Error gives the key and what it wants.
func (e *AskError) Error() string { return e.Key + ": " + e.Question + " has to be typed" }

// maxSecret bounds a secret or an assertion, in bytes.
const maxSecret = 64 << 10

func (s Sources) ask(key, question string) (string, error) {
	if v := s.Told[key]; v != "" {
		return v, nil
	}
	if s.Ask == nil {
		return "", &AskError{key, question}
	}
	v, err := s.Ask(question)
	if err == nil && v == "" {
		err = errors.New("nothing was typed")
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w", key, err)
	}
	return v, nil
}

func (s Sources) env(key, name string) (string, error) {
	v := strings.Trim(s.Getenv(name), "\r\n")
	if v == "" {
		return "", fmt.Errorf("%s: the environment has no %s", key, trace.Plain(name))
	}
	return v, nil
}

// file reads a line from a file; line ends around it are cut off.
func (s Sources) file(key, name string) (string, error) {
	data, err := s.Read(name)
	if err != nil {
		return "", fmt.Errorf("%s: %w", key, err)
	}
	v := strings.Trim(string(data), "\r\n")
	switch {
	case v == "":
		return "", fmt.Errorf("%s: %s is empty", key, trace.Plain(name))
	case len(v) > maxSecret:
		return "", fmt.Errorf("%s: %s is larger than %d KiB", key, trace.Plain(name), maxSecret>>10)
	}
	return v, nil
}

// Secret reads the client secret from where the profile says it is, empty when
// it says nothing.
func (p Profile) Secret(name string, from Sources) (string, error) {
	switch {
	case p.SecretEnv != "":
		return from.env("secret_env", p.SecretEnv)
	case p.SecretFile != "":
		return from.file("secret_file", p.SecretFile)
	case p.SecretPrompt:
		return from.ask("secret_prompt", "Client secret of "+trace.Plain(name))
	}
	return "", nil
}

// HasAssertion reports whether the client proves itself with an assertion of
// another issuer.
func (p Profile) HasAssertion() bool { return p.AssertionFile != "" || p.AssertionEnv != "" }

// Assertion reads the assertion as it is at this moment: whoever issues it
// replaces the file before it expires (Entra: workload identity federation).
func (p Profile) Assertion(from Sources) (string, error) {
	if p.AssertionEnv != "" {
		return from.env("assertion_env", p.AssertionEnv)
	}
	return from.file("assertion_file", p.AssertionFile)
}

// KeyPair is a certificate with its private key, the certificate first.
type KeyPair struct {
	Chain []*x509.Certificate
	Key   crypto.PrivateKey
}

// Certificate reads the certificate and its private key, nil when the profile has
// none: PEM (RFC 7468), or PKCS #12 (RFC 7292), which the portal calls PFX.
func (p Profile) Certificate(name string, from Sources) (*KeyPair, error) {
	if p.CertificateFile == "" {
		return nil, nil
	}
	data, err := from.Read(p.CertificateFile)
	if err != nil {
		return nil, fmt.Errorf("certificate_file: %w", err)
	}
	pair, err := p.open(name, data, from)
	var ask *AskError
	switch {
	case errors.As(err, &ask):
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("certificate_file: %s: %w", trace.Plain(p.CertificateFile), err)
	}
	if err := pair.fits(); err != nil {
		return nil, err
	}
	return pair, nil
}

func (p Profile) open(name string, data []byte, from Sources) (*KeyPair, error) {
	if bytes.Contains(data, []byte("-----BEGIN ")) {
		return readPEM(data)
	}
	password, err := p.password(name, from)
	if err != nil {
		return nil, err
	}
	key, cert, others, err := pkcs12.DecodeChain(data, password)
	switch {
	case errors.Is(err, pkcs12.ErrIncorrectPassword):
		return nil, fmt.Errorf("the password does not open it (%s)", p.passwordWords())
	case err != nil:
		return nil, errors.New("it is neither PEM nor PFX, or a PFX without one key and its certificate")
	}
	return &KeyPair{Chain: append([]*x509.Certificate{cert}, others...), Key: key}, nil
}

func (p Profile) passwordWords() string {
	switch {
	case p.CertificatePasswordEnv != "":
		return "certificate_password_env"
	case p.CertificatePasswordFile != "":
		return "certificate_password_file"
	case p.CertificatePasswordPrompt:
		return "certificate_password_prompt"
	}
	return "the profile names none: certificate_password_env, certificate_password_file or certificate_password_prompt"
}

func (p Profile) password(name string, from Sources) (string, error) {
	switch {
	case p.CertificatePasswordEnv != "":
		return from.env("certificate_password_env", p.CertificatePasswordEnv)
	case p.CertificatePasswordFile != "":
		return from.file("certificate_password_file", p.CertificatePasswordFile)
	case p.CertificatePasswordPrompt:
		return from.ask("certificate_password_prompt", "Password of the certificate of "+trace.Plain(name))
	}
	return "", nil
}

// readPEM takes certificates and one private key out of a PEM file.
func readPEM(data []byte) (*KeyPair, error) {
	pair := &KeyPair{}
	for {
		var block *pem.Block
		block, data = pem.Decode(data)
		if block == nil {
			break
		}
		switch {
		case block.Type == "CERTIFICATE":
			c, err := x509.ParseCertificate(block.Bytes)
			if err != nil {
				return nil, errors.New("a certificate in it can't be read")
			}
			pair.Chain = append(pair.Chain, c)
		case block.Type == "ENCRYPTED PRIVATE KEY" || block.Headers["DEK-Info"] != "":
			return nil, errors.New("its private key is encrypted; a PFX may have a password, a PEM file may not")
		case strings.HasSuffix(block.Type, "PRIVATE KEY") && pair.Key == nil:
			key, err := parseKey(block)
			if err != nil {
				return nil, err
			}
			pair.Key = key
		}
	}
	if len(pair.Chain) == 0 {
		return nil, errors.New("there is no certificate in it")
	}
	if pair.Key == nil {
		return nil, errors.New("there is no private key in it; put it into the same file")
	}
	return pair, nil
}

func parseKey(block *pem.Block) (crypto.PrivateKey, error) {
	var key crypto.PrivateKey
	var err error
	switch block.Type {
	case "RSA PRIVATE KEY":
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	case "EC PRIVATE KEY":
		key, err = x509.ParseECPrivateKey(block.Bytes)
	default:
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	}
	if err != nil {
		return nil, errors.New("its private key can't be read")
	}
	return key, nil
}

// fits puts the certificate first that belongs to the key, and refuses keys that
// client assertions are not signed with (Entra: certificate credentials are RSA).
func (k *KeyPair) fits() error {
	rsaKey, ok := k.Key.(*rsa.PrivateKey)
	if !ok {
		return errors.New("certificate_file: the private key is no RSA key, and client assertions are signed with one")
	}
	for i, c := range k.Chain {
		if pub, ok := c.PublicKey.(*rsa.PublicKey); ok && pub.Equal(rsaKey.Public()) {
			k.Chain[0], k.Chain[i] = k.Chain[i], k.Chain[0]
			return nil
		}
	}
	return errors.New("certificate_file: the private key does not belong to the certificate")
}

// Roots gives the certificates that are trusted for this target: those of the
// machine and the CA of the profile. Nil: those of the machine alone.
func (p Profile) Roots(from Sources) (*x509.CertPool, error) {
	if p.CAFile == "" {
		return nil, nil
	}
	data, err := from.Read(p.CAFile)
	if err != nil {
		return nil, fmt.Errorf("ca_file: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(data) {
		return nil, fmt.Errorf("ca_file: %s holds no certificate in PEM", trace.Plain(p.CAFile))
	}
	return pool, nil
}
