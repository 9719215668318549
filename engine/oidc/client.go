package oidc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/oauth2"

	"flowscope/engine"
	"flowscope/engine/trace"
)

// client is one run of the driver: the session, what the issuer says of itself,
// and how the application proves itself there.
type client struct {
	s      *engine.Session
	job    engine.Job
	driver Driver
	meta   metadata
	auth   authentication
}

// newClient makes the client of a run; what it has to say of an answer is shown
// beside it.
func newClient(s *engine.Session, d Driver) *client {
	c := &client{s: s, job: s.Job(), driver: d}
	s.Annotate(c.about)
	return c
}

// about gives the words beside an answer.
func (c *client) about(e trace.Exchange) string {
	switch {
	case e.Response.Status != http.StatusOK:
		return ""
	case e.Purpose == trace.Metadata:
		return c.aboutDocument(e)
	case e.Purpose.AtTokenEndpoint():
		if a, err := engine.ReadTokenAnswer(e); err == nil && !readable(a.AccessToken) {
			return "the access token is opaque: only the issuer can read it, so an API asks about it by introspection, and it can't be checked here"
		}
	case e.Purpose == trace.Introspection:
		return aboutIntrospection(e)
	case e.Purpose == trace.UserInfo && isJWT(e):
		return "the answer is a JWT, signed by the issuer (OpenID Connect Core 1.0 section 5.3.2): its sub is compared, its signature is not checked here"
	}
	return ""
}

// readable reports the shape of a JWS, in three parts (RFC 7515 section 3.1).
func readable(token string) bool { return strings.Count(token, ".") == 2 }

// conn is the transport that x/oauth2 gets: the run's gate, with the run's own
// context (x/oauth2 asks for device codes without one), the step entered that the
// request belongs to, and what the library does not know how to add.
type conn struct {
	c       *client
	ctx     context.Context
	purpose trace.Purpose
}

// RoundTrip sends one request of the library's through the gate.
func (x *conn) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(x.ctx)
	x.c.s.Enter(x.purpose)
	if err := x.c.complete(req, x.purpose); err != nil {
		return nil, err
	}
	return x.c.s.Client().Do(req)
}

// library gives a context with which x/oauth2 sends through the gate and follows
// no redirect.
func (c *client) library(ctx context.Context, p trace.Purpose) context.Context {
	return context.WithValue(ctx, oauth2.HTTPClient, &http.Client{
		Transport:     &conn{c, ctx, p},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	})
}

// complete adds to a token request what a browser would (the Origin of a
// single-page app) and the client authentication that the library has no name
// for: assertions, and any at the device authorization endpoint.
func (c *client) complete(req *http.Request, p trace.Purpose) error {
	if c.job.Client.Origin != "" && req.Method == http.MethodPost {
		req.Header.Set("Origin", c.job.Client.Origin)
	}
	if req.Method != http.MethodPost || !c.auth.asserts() && p != trace.DeviceStart {
		return nil
	}
	form, err := formOf(req)
	if err != nil {
		return err
	}
	if err := c.auth.prove(req.Context(), c, form, req.Header); err != nil {
		return err
	}
	setForm(req, form)
	return nil
}

// maxForm bounds a form of our own that is read again, in bytes.
const maxForm = 1 << 20

func formOf(req *http.Request) (url.Values, error) {
	if req.Body == nil {
		return url.Values{}, nil
	}
	raw, err := io.ReadAll(io.LimitReader(req.Body, maxForm))
	if err != nil {
		return nil, fmt.Errorf("form: %w", err)
	}
	return url.ParseQuery(string(raw))
}

func setForm(req *http.Request, form url.Values) {
	text := form.Encode()
	req.Body, req.ContentLength = io.NopCloser(strings.NewReader(text)), int64(len(text))
	req.GetBody = nil
}

// config is the application as x/oauth2 knows one.
func (c *client) config(scopes []string) *oauth2.Config {
	return &oauth2.Config{
		ClientID: c.job.Client.Registration.ClientID, ClientSecret: c.auth.secret, RedirectURL: c.job.Client.RedirectURI, Scopes: scopes,
		Endpoint: oauth2.Endpoint{AuthURL: c.meta.Authorization, TokenURL: c.meta.Token, DeviceAuthURL: c.meta.Device, AuthStyle: c.auth.style()},
	}
}

// send sends a request of our own through the gate, in the current step, and
// gives the exchange as it was recorded.
func (c *client) send(req *http.Request, p trace.Purpose) (trace.Exchange, error) {
	resp, err := c.s.Client().Do(req)
	if err != nil {
		return trace.Exchange{}, err
	}
	_ = resp.Body.Close()
	e, ok := c.s.Exchange(p)
	if !ok || e.Response == nil {
		return e, engine.ErrNoAnswer
	}
	return e, nil
}

// post sends a form of our own with the client's authentication, as the step with
// this purpose.
func (c *client) post(ctx context.Context, p trace.Purpose, address string, form url.Values) (trace.Exchange, error) {
	c.s.Enter(p)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, http.NoBody)
	if err != nil {
		return trace.Exchange{}, fmt.Errorf("%s: %w", p.At(), err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	if c.job.Client.Origin != "" {
		req.Header.Set("Origin", c.job.Client.Origin)
	}
	if err := c.auth.prove(ctx, c, form, req.Header); err != nil {
		return trace.Exchange{}, err
	}
	setForm(req, form)
	return c.send(req, p)
}

// collect takes the tokens from the captured answer of a token request. What the
// library made of it is kept as a second exhibit.
func (c *client) collect(p trace.Purpose, call string, libErr error) (engine.TokenAnswer, error) {
	lib := trace.Library{Name: c.driver.Name(), Result: call + " returned a token"}
	e, ok := c.s.Exchange(p)
	if libErr != nil {
		if ok {
			libErr = shorter(engine.AnswerError(e, libErr))
		}
		lib.Result, lib.Error = "", trace.Plain(libErr.Error())
	}
	if call != "" {
		c.s.SetLibrary(lib)
	}
	if !ok || e.Response == nil {
		return engine.TokenAnswer{}, or(libErr, engine.ErrNoAnswer)
	}
	a, err := engine.ReadTokenAnswer(e)
	var said *engine.OAuthError
	var refused *engine.RefusedError
	if err != nil && libErr != nil && !errors.As(err, &said) && !errors.As(err, &refused) {
		err = libErr
	}
	if err != nil {
		return a, err
	}
	c.s.Enter(trace.Answer)
	return a, c.s.JudgeIdentity(a.IDToken, c.meta.Issuer, c.job.Client.Registration.ClientID)
}

// shorter cuts the body of an answer out of the library's words: x/oauth2 repeats
// the whole of what it could not read.
func shorter(err error) error {
	var retrieve *oauth2.RetrieveError
	if errors.As(err, &retrieve) && retrieve.ErrorCode == "" && retrieve.Response != nil {
		return fmt.Errorf("the token endpoint answered with status %d and no error that can be read", retrieve.Response.StatusCode)
	}
	return err
}

func or(first, second error) error {
	if first != nil {
		return first
	}
	return second
}
