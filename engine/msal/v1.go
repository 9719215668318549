package msal

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // x5t is defined over SHA-1 (RFC 7515 section 4.1.7)
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"flowscope/engine"
	"flowscope/engine/trace"
)

// v1 is an application at the v1.0 endpoints: it builds its requests itself.
type v1 struct {
	s        *engine.Session
	job      engine.Job
	resource string
	document []byte // the v1.0 discovery document
	issuer   string // of its ID tokens
}

// newV1 reads the v1.0 discovery document.
func newV1(ctx context.Context, s *engine.Session) (*v1, error) {
	o := &v1{s: s, job: s.Job()}
	var err error
	if o.resource, err = resourceOf(o.job.Scopes); err != nil {
		return nil, err
	}
	s.Enter(trace.Metadata)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, o.job.Target.Authority+"/.well-known/openid-configuration", nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	resp, err := s.Client().Do(req)
	if err != nil {
		return nil, err
	}
	_ = resp.Body.Close()
	e, _ := s.Exchange(trace.Metadata)
	if e.Response == nil || e.Response.Status != http.StatusOK || engine.IsPage(e) {
		return nil, answerError(s, trace.Metadata, fmt.Errorf("the discovery document was not given: HTTP %d", resp.StatusCode))
	}
	o.document, o.issuer = e.Response.Body, endpointIn(e.Response.Body, "issuer", o.job.Target.Authority+"/")
	return o, nil
}

func (o *v1) endpoint(name, path string) string {
	return endpointIn(o.document, name, o.job.Target.Authority+path)
}

func (d Driver) runCodeV1(ctx context.Context, s *engine.Session) error {
	o, err := newV1(ctx, s)
	if err != nil {
		return err
	}
	return o.signIn(ctx)
}

func (d Driver) runCredentialsV1(ctx context.Context, s *engine.Session) error {
	o, err := newV1(ctx, s)
	if err != nil {
		return err
	}
	_, err = o.token(ctx, trace.TokenCall, "app", "", []trace.Param{{Name: "grant_type", Value: "client_credentials"}})
	return err
}

func (d Driver) runRefreshV1(ctx context.Context, s *engine.Session) error {
	o, err := newV1(ctx, s)
	if err != nil {
		return err
	}
	old := o.job.Given
	if old == "" {
		if err := o.signIn(ctx); err != nil {
			return err
		}
		t, ok := s.Trace().Token(trace.RefreshToken)
		if !ok {
			return fmt.Errorf("there is nothing to refresh with, no refresh token came: %w", engine.ErrNoToken)
		}
		old = t.Value
	}
	_, err = o.token(ctx, trace.Refresh, "user", "", []trace.Param{{Name: "grant_type", Value: "refresh_token"}, {Name: "refresh_token", Value: old}})
	return err
}

// signIn is authorization code with PKCE at the v1.0 endpoints. The scope openid
// is tolerated there and asks for nothing more: an ID token comes anyway.
func (o *v1) signIn(ctx context.Context) error {
	a, err := newAttempt(ctx, o.s, o.job)
	if err != nil {
		return err
	}
	if a.address, err = a.authorizeURL(o.endpoint("authorization_endpoint", "/oauth2/authorize"), o.job); err != nil {
		return err
	}
	r := trace.Request{URL: a.address}
	params := r.QueryParams()
	for i, p := range params {
		if p.Name == "scope" {
			params[i].Name, params[i].Value = "resource", o.resource
		}
	}
	a.address = r.WithQuery(params).URL
	if err := a.signIn(ctx, o.s); err != nil {
		return err
	}
	got, err := o.token(ctx, trace.TokenCall, "user", a.Nonce, []trace.Param{
		{Name: "grant_type", Value: "authorization_code"}, {Name: "code", Value: a.Code},
		{Name: "redirect_uri", Value: a.RedirectURI}, {Name: "code_verifier", Value: a.Verifier},
	})
	if err != nil {
		return err
	}
	return a.JudgeNonce(o.s.Step(), got.IDToken)
}

// token sends a token request with this grant, takes the tokens of the answer and
// gives it.
func (o *v1) token(ctx context.Context, p trace.Purpose, caller, nonce string, grant []trace.Param) (engine.TokenAnswer, error) {
	o.s.Enter(p)
	address := o.endpoint("token_endpoint", "/oauth2/token")
	form := append(append([]trace.Param{}, grant...),
		trace.Param{Name: "client_id", Value: o.job.Client.Registration.ClientID}, trace.Param{Name: "resource", Value: o.resource})
	if o.job.Claims != "" {
		form = append(form, trace.Param{Name: "claims", Value: o.job.Claims})
	}
	if p != trace.Poll {
		proof, err := o.proof(ctx, address)
		if err != nil {
			return engine.TokenAnswer{}, err
		}
		form = append(form, proof...)
	}
	err := o.post(ctx, address, form)
	want := ask{purpose: p, client: o.job.Client, scopes: o.job.Scopes, caller: caller, nonce: nonce, issuer: o.issuer, own: true}
	return collect(o.s, want, exhibit{}, err)
}

// post sends a form. The answer is read from the record.
func (o *v1) post(ctx context.Context, address string, form []trace.Param) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(trace.EncodePairs(form)))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	if o.job.Client.Origin != "" {
		req.Header.Set("Origin", o.job.Client.Origin)
	}
	resp, err := o.s.Client().Do(req)
	if err == nil {
		_ = resp.Body.Close()
	}
	return err
}

// proof is the client's proof of itself: a secret, or an assertion (RFC 7523
// section 2.2).
func (o *v1) proof(ctx context.Context, audience string) ([]trace.Param, error) {
	c := o.job.Client
	kind, err := credentialOf(c, o.job.Credential)
	if err != nil {
		return nil, err
	}
	assertion := ""
	switch kind {
	case engine.NoCredential:
		return nil, nil
	case engine.Secret:
		return []trace.Param{{Name: "client_secret", Value: c.Secret}}, nil
	case engine.Certificate:
		assertion, err = o.sign(audience)
	case engine.Federated:
		assertion, err = c.Federated(ctx)
	}
	return []trace.Param{
		{Name: "client_assertion_type", Value: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
		{Name: "client_assertion", Value: strings.TrimSpace(assertion)},
	}, err
}

// assertionLife is how long an assertion of our own is good.
const assertionLife = 10 * time.Minute

// sign makes a client assertion in the form of the v1.0 days: RS256, with the
// certificate's SHA-1 as x5t (Entra: certificate credentials).
func (o *v1) sign(audience string) (string, error) {
	pair := o.job.Client.Certificate
	key, ok := pair.Key.(*rsa.PrivateKey)
	if !ok || len(pair.Chain) == 0 {
		return "", errors.New("the certificate has no RSA key: Entra ID takes no other for client assertions")
	}
	id, err := o.s.Random(16)
	if err != nil {
		return "", err
	}
	thumbprint := sha1.Sum(pair.Chain[0].Raw) //nolint:gosec // as above
	now, client := o.s.Now(), o.job.Client.Registration.ClientID
	header := map[string]any{"alg": "RS256", "typ": "JWT", "x5t": base64.RawURLEncoding.EncodeToString(thumbprint[:])}
	if len(pair.Chain) > 1 { // for a registration that trusts the issuer of the certificate by its name
		var chain []string
		for _, c := range pair.Chain {
			chain = append(chain, base64.StdEncoding.EncodeToString(c.Raw)) // RFC 7515 section 4.1.6
		}
		header["x5c"] = chain
	}
	claims := map[string]any{
		"aud": audience, "iss": client, "sub": client, "jti": id, "nbf": now.Unix(), "exp": now.Add(assertionLife).Unix(),
	}
	input := ""
	for _, part := range []any{header, claims} {
		raw, err := json.Marshal(part)
		if err != nil {
			return "", err
		}
		input += base64.RawURLEncoding.EncodeToString(raw) + "."
	}
	input = strings.TrimSuffix(input, ".")
	sum := sha256.Sum256([]byte(input))
	sig, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:])
	return input + "." + base64.RawURLEncoding.EncodeToString(sig), err
}

// deviceV1 is the answer of the v1.0 device authorization endpoint: strings all.
type deviceV1 struct {
	UserCode        string `json:"user_code"`
	DeviceCode      string `json:"device_code"`
	VerificationURL string `json:"verification_url"`
	ExpiresIn       string `json:"expires_in"`
	Interval        string `json:"interval"`
}

// shown is the part of the answer that a person is shown.
func (a deviceV1) shown() deviceAnswer {
	return deviceAnswer{UserCode: a.UserCode, VerificationURI: a.VerificationURL}
}

func (d Driver) runDeviceV1(ctx context.Context, s *engine.Session) error {
	o, err := newV1(ctx, s)
	if err != nil {
		return err
	}
	s.Enter(trace.DeviceStart)
	err = o.post(ctx, o.endpoint("device_authorization_endpoint", "/oauth2/devicecode"), []trace.Param{
		{Name: "client_id", Value: o.job.Client.Registration.ClientID}, {Name: "resource", Value: o.resource},
	})
	if err != nil {
		return err
	}
	e, _ := s.Exchange(trace.DeviceStart)
	var a deviceV1
	if e.Response == nil || json.Unmarshal(e.Response.Body, &a) != nil || a.DeviceCode == "" || !a.shown().usable() {
		return answerError(s, trace.DeviceStart, errNoCode)
	}
	defer s.Turn(nil)
	turn, err := o.turn(ctx, a)
	if err != nil {
		return err
	}
	return o.poll(ctx, a, turn)
}

// turn tells the person what to do; inside the program they do it now.
func (o *v1) turn(ctx context.Context, a deviceV1) (*engine.Turn, error) {
	visit := engine.Visit{URL: a.VerificationURL, Purpose: trace.DevicePage, Fill: map[string]string{"user_code": a.UserCode}}
	address, err := o.s.Outward(ctx, a.VerificationURL)
	if err != nil {
		return nil, err
	}
	turn := &engine.Turn{
		What: "Open the page in a browser, on any device, and type the code there.",
		URL:  trace.Plain(address), Code: trace.Plain(a.UserCode),
	}
	if life, err := time.ParseDuration(a.ExpiresIn + "s"); err == nil && life > 0 {
		turn.Until = o.s.Now().Add(life)
	}
	o.s.Turn(turn)
	if o.job.InTurn() || o.job.Browser && o.s.Allows(visit.URL) == nil {
		return turn, o.s.Agent().Visit(ctx, o.s, visit)
	}
	return turn, nil
}

// Bounds of the interval between two polls (RFC 8628 section 3.5: five seconds
// where the server names none, five more at each slow_down).
const (
	usualInterval = 5 * time.Second
	maxInterval   = 2 * time.Minute
)

// poll asks until the person is through.
func (o *v1) poll(ctx context.Context, a deviceV1, turn *engine.Turn) error {
	interval, err := time.ParseDuration(a.Interval + "s")
	if err != nil || interval <= 0 {
		interval = usualInterval
	}
	for {
		_, err := o.token(ctx, trace.Poll, "user", "", []trace.Param{{Name: "grant_type", Value: "device_code"}, {Name: "device_code", Value: a.DeviceCode}})
		var oauth *engine.OAuthError
		if !errors.As(err, &oauth) || oauth.Code != "authorization_pending" && oauth.Code != "slow_down" {
			return err
		}
		if oauth.Code == "slow_down" {
			interval += usualInterval
		}
		interval = min(interval, maxInterval)
		turn.Asked++
		turn.Next = o.s.Now().Add(interval)
		t := *turn
		o.s.Turn(&t)
		if !turn.Until.IsZero() && turn.Next.After(turn.Until) {
			return errNobodyCame
		}
		if err := o.s.Wait(ctx, interval); err != nil {
			return err
		}
	}
}
