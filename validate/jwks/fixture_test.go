package jwks_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"strings"
	"sync"
	"time"

	"flowscope/validate"
	"flowscope/validate/jwks"
)

const (
	tenant = "11111111-2222-4333-8444-555555555555"
	host   = "https://login.microsoftonline.com/"
	issuer = host + tenant + "/v2.0"
)

var keys = sync.OnceValue(func() []*rsa.PrivateKey {
	var out []*rsa.PrivateKey
	for range 2 {
		k, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		out = append(out, k)
	}
	return out
})

func jwkOf(kid string, k *rsa.PrivateKey, extra string) string {
	e := base64.RawURLEncoding.EncodeToString
	return fmt.Sprintf(`{"kty":"RSA","kid":%q,"n":%q,"e":%q%s}`, kid, e(k.N.Bytes()), e(big.NewInt(int64(k.E)).Bytes()), extra)
}

// tenantServer plays an issuer: documents by address, requests counted.
type tenantServer struct {
	mu       sync.Mutex
	pages    map[string]string
	requests []string
	reached  []string // hosts
	err      error
	gate     chan struct{} // when set, each request waits for one element
	// answers take the place of pages.
	answers map[string]func() *http.Response
}

func newServer() *tenantServer {
	s := &tenantServer{pages: map[string]string{}}
	s.pages[issuer+"/.well-known/openid-configuration"] = document(issuer, host+tenant+"/discovery/v2.0/keys")
	s.setKeys(jwkOf("k1", keys()[0], ""))
	return s
}

func document(issuer, keys string) string {
	return fmt.Sprintf(`{"issuer":%q,"jwks_uri":%q,"cloud_instance_name":"microsoftonline.com",`+
		`"id_token_signing_alg_values_supported":["RS256","ES256","none","HS256"]}`, issuer, keys)
}

func (s *tenantServer) setKeys(keys ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pages[host+tenant+"/discovery/v2.0/keys"] = `{"keys":[` + strings.Join(keys, ",") + `]}`
}

func (s *tenantServer) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
}

func (s *tenantServer) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.requests)
}

func (s *tenantServer) hosts() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reached
}

// Do answers as the issuer would, and honours the request's context.
func (s *tenantServer) Do(r *http.Request) (*http.Response, error) {
	if s.gate != nil {
		select {
		case <-s.gate:
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests, s.reached = append(s.requests, r.URL.String()), append(s.reached, r.URL.Host)
	if s.err != nil {
		return nil, s.err
	}
	if answer := s.answers[r.URL.String()]; answer != nil {
		return answer(), nil
	}
	body, ok := s.pages[r.URL.String()]
	status := http.StatusOK
	if !ok {
		status = http.StatusNotFound
	}
	return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

// clock is moved by hand.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.now }
func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func source(s *tenantServer) (*jwks.Source, *clock) {
	c := &clock{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	return jwks.New(jwks.Options{Client: s, Clock: c.Now}), c
}

func query(kid string) validate.KeyQuery {
	return validate.KeyQuery{Issuer: issuer, TenantID: tenant, Version: "2.0", KeyID: kid}
}

// reason is what a key error comes down to; "" for no error.
func reason(err error) validate.KeyReason {
	var e *validate.KeyError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &e):
		return e.Reason
	}
	return validate.KeyReason("another error: " + err.Error())
}
