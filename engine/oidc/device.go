package oidc

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"time"

	"flowscope/engine"
	"flowscope/engine/trace"
)

// deviceGrant is the grant type of a poll (RFC 8628 section 3.4).
const deviceGrant = "urn:ietf:params:oauth:grant-type:device_code"

// device is a device authorization response (RFC 8628 section 3.2).
type device struct {
	DeviceCode      string         `json:"device_code"`
	UserCode        string         `json:"user_code"`
	VerificationURI string         `json:"verification_uri"`
	Complete        string         `json:"verification_uri_complete"`
	ExpiresIn       engine.Seconds `json:"expires_in"`
	Interval        engine.Seconds `json:"interval"`
}

// slower is what slow_down adds to the interval (RFC 8628 section 3.5).
const slower = 5 * time.Second

// Bounds of what an issuer may ask for: a day of validity, ten minutes between
// two polls; and of what a person is shown, in bytes.
const (
	maxUserCode = 64
	maxAddress  = 2000
	maxValid    = 24 * 60 * 60
	maxInterval = 10 * 60
)

// runDevice is the device authorization grant (RFC 8628).
func (c *client) runDevice(ctx context.Context) error {
	g, err := c.deviceSignIn(ctx)
	if err != nil {
		return err
	}
	return c.keep(g, trace.Poll)
}

// deviceSignIn asks for a code, sends the person to its page and polls.
func (c *client) deviceSignIn(ctx context.Context) (grant, error) {
	if _, err := c.need(fieldDevice, c.meta.Device, "device code"); err != nil {
		return grant{}, err
	}
	if err := c.offered(deviceGrant); err != nil {
		return grant{}, err
	}
	d, err := c.startDevice(ctx)
	if err != nil {
		return grant{}, err
	}
	turn := engine.Turn{
		What: "Open the page on any device and type the code", URL: d.VerificationURI, Code: trace.Plain(d.UserCode),
		Until: c.s.Now().Add(time.Duration(d.ExpiresIn) * time.Second),
	}
	if d.Complete != "" {
		turn.What, turn.URL = "Open the page on any device and compare the code", d.Complete
	}
	if turn.URL, err = c.s.Outward(ctx, turn.URL); err != nil {
		return grant{}, err
	}
	c.tell(turn)
	defer c.s.Turn(nil)
	if c.job.Browser { // it is opened, and the program goes on
		if err := c.visit(ctx, d); err != nil {
			return grant{}, err
		}
	}
	return c.poll(ctx, d, turn)
}

// visit takes the person's part, where the page is on a host of the target;
// elsewhere it is for the person to open.
func (c *client) visit(ctx context.Context, d device) error {
	v := engine.Visit{URL: d.VerificationURI, Purpose: trace.DevicePage, Fill: map[string]string{"user_code": d.UserCode}}
	if c.job.Browser {
		v.URL = cmp.Or(d.Complete, d.VerificationURI)
	}
	if c.s.Allows(v.URL) != nil {
		return nil
	}
	return c.s.Agent().Visit(ctx, c.s, v)
}

func (c *client) tell(turn engine.Turn) { c.s.Turn(&turn) }

// startDevice asks for the code (RFC 8628 section 3.1). The captured answer is
// read: x/oauth2 counts its end from the system's clock.
func (c *client) startDevice(ctx context.Context) (device, error) {
	c.s.Enter(trace.DeviceStart)
	_, libErr := c.config(c.scopes(true)).DeviceAuth(c.library(ctx, trace.DeviceStart))
	e, ok := c.s.Exchange(trace.DeviceStart)
	if !ok || e.Response == nil {
		return device{}, or(libErr, engine.ErrNoAnswer)
	}
	if err := engine.AnswerError(e, nil); err != nil {
		return device{}, err
	}
	d := device{Interval: 5, ExpiresIn: 15 * 60}
	if json.Unmarshal(e.Response.Body, &d) != nil || d.DeviceCode == "" || d.VerificationURI == "" {
		return device{}, or(libErr, errors.New("the device authorization endpoint gave no device code and page"))
	}
	if len(d.UserCode) > maxUserCode || len(d.VerificationURI) > maxAddress || len(d.Complete) > maxAddress {
		return device{}, errors.New("the code or the page of the device authorization endpoint is longer than any person could use")
	}
	d.ExpiresIn, d.Interval = min(max(d.ExpiresIn, 1), maxValid), min(max(d.Interval, 1), maxInterval)
	if err := c.mayShow(d); err != nil {
		return device{}, err
	}
	return d, nil
}

// mayShow refuses pages that are no web address: the person is asked to open it.
func (c *client) mayShow(d device) error {
	for _, address := range []string{d.VerificationURI, d.Complete} {
		if address == "" {
			continue
		}
		u, err := url.Parse(address)
		if err != nil || u.Host == "" || (u.Scheme != "https" && c.s.Allows(address) != nil) {
			return &engine.RefusedError{Refusal: trace.Refusal{
				Check: "verification_uri", Step: c.s.Step(), Expected: "an https address", Found: clip(address),
				Why: "the person is asked to open this address",
			}}
		}
	}
	return nil
}

// poll asks for the tokens until the person is through: at least the interval
// apart, five seconds more after every slow_down, and not beyond the code's end
// (RFC 8628 sections 3.4 and 3.5).
func (c *client) poll(ctx context.Context, d device, turn engine.Turn) (grant, error) {
	interval := time.Duration(d.Interval) * time.Second
	for {
		asked := c.s.Now()
		e, err := c.post(ctx, trace.Poll, c.meta.Token, url.Values{"grant_type": {deviceGrant}, "device_code": {d.DeviceCode}})
		if err != nil {
			return grant{}, err
		}
		turn.Asked++
		err = engine.AnswerError(e, nil)
		var said *engine.OAuthError
		switch {
		case err == nil:
			answer, err := c.collect(trace.Poll, "", nil)
			return grant{TokenAnswer: answer}, err
		case !errors.As(err, &said):
			return grant{}, err
		case said.Code == "slow_down":
			interval += slower
		case said.Code != "authorization_pending":
			return grant{}, err
		}
		turn.Next = asked.Add(interval)
		c.tell(turn)
		if err := c.pause(ctx, d, turn); err != nil {
			return grant{}, err
		}
	}
}

// pause lets the time until the next poll pass: the person's own part takes some
// of it, where that happens in the program.
func (c *client) pause(ctx context.Context, d device, turn engine.Turn) error {
	if turn.Asked == 1 && c.job.InTurn() { // the first poll was too early
		if err := c.visit(ctx, d); err != nil {
			return err
		}
	}
	if !turn.Next.Before(turn.Until) {
		return &engine.OAuthError{Code: "expired_token", Description: "the code ended before the person was through; ask for a new one"}
	}
	if left := turn.Next.Sub(c.s.Now()); left > 0 {
		return c.s.Wait(ctx, left)
	}
	return ctx.Err()
}
