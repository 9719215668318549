package msal

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/public"

	"flowscope/engine"
	"flowscope/engine/trace"
)

// planDevice is the device authorization grant (RFC 8628).
func planDevice(job engine.Job) (engine.Plan, error) {
	if !job.Client.Registration.Public && job.Client.Registration.Known {
		return engine.Plan{}, errNotPublic
	}
	p := engine.Plan{
		Flow: job.Flow, Client: job.Client, Title: title(job, engine.NoCredential),
		Scopes: append(slices.Clone(oidcScopes), job.Scopes...),
	}
	p.Steps = append([]engine.Step{
		metadataStep("The device learns where to ask for a code and where to collect the tokens. MSAL makes the first address out of the second: token becomes devicecode."),
		{
			Title: "Ask for a code", Label: "client id, scope", From: trace.App, To: trace.Entra, Channel: trace.Back, Purpose: trace.DeviceStart,
			Why:    "Two codes come back: a short one for a person to type, and a long one that only the device knows.",
			Guards: "The short code opens nothing by itself: it names this request on Entra ID's own page, for fifteen minutes.",
			Fault:  "client-id",
		},
		{
			Title: "Open the page, type the code", Label: "user code", From: trace.You, To: trace.Entra, Channel: trace.Front, Purpose: trace.DevicePage,
			Why:    "The device has no browser, the person's telephone or computer has one. The code ties the two together.",
			Guards: "Nothing tells whose device it is. A code that somebody else sent you signs in their device as you: that is why companies block this flow (AADSTS53003).",
			Fault:  "device-blocked",
		},
		{
			Title: "Sign in, confirm the device", Label: "sign in, consent", From: trace.You, To: trace.Entra, Channel: trace.Front, Purpose: trace.SignIn,
			Why:    "The person signs in where they always do. The device sees neither name nor password.",
			Guards: "The page names the application and asks once more whether it is meant: the last chance to say no to a code that somebody else began.",
			Fault:  "device-declined",
		},
		{
			Title: "Ask whether it is done", Label: "device code, again and again", From: trace.App, To: trace.Entra, Channel: trace.Back, Purpose: trace.Poll,
			Why: "There is no way back from the page to the device, so the device asks until the person is through: authorization_pending is no failure. " +
				"MSAL Go passes over the interval of the answer: it asks after 50 ms and waits three times as long each time, up to 5 s. It writes the grant type as device_code, an older name that Entra ID knows too.",
			Guards: "Whoever sees the device code collects the tokens in place of the device: it is a secret, the user code is not.",
			Fault:  "device-code-wrong",
		},
		{
			Title: "Receive the tokens", Label: "tokens", From: trace.Entra, To: trace.App, Channel: trace.Back, Purpose: trace.Answer,
			Why:    "The same tokens as after any other sign-in. The refresh token stays marked as born on a device.",
			Guards: "No redirect, no state and no nonce: nothing ties the sign-in to this device but the code that was typed.",
		},
	}, tail(job)...)
	engine.Number(p.Steps)
	return p, nil
}

// metadataStep is the first step of every flow of MSAL's.
func metadataStep(why string) engine.Step {
	return engine.Step{
		Title: "Read the metadata", Label: "metadata", From: trace.App, To: trace.Entra, Channel: trace.Back, Purpose: trace.Metadata,
		Why: why, Guards: "A tenant that does not exist is noticed here.", Fault: "tenant",
	}
}

func (d Driver) runDevice(ctx context.Context, s *engine.Session) error {
	job := s.Job()
	wait := &waiting{doer: &doer{s: s, purpose: trace.Poll}}
	client, err := public.New(job.Client.Registration.ClientID, public.WithAuthority(job.Target.Authority),
		public.WithHTTPClient(wait), public.WithInstanceDiscovery(false))
	if err != nil {
		return err
	}
	s.Enter(trace.Metadata)
	code, err := client.AcquireTokenByDeviceCode(ctx, job.Scopes, public.WithClaims(job.Claims))
	if err != nil {
		return startError(s, err)
	}
	if err := wait.begin(ctx); err != nil {
		return err
	}
	r, err := code.AuthenticationResult(ctx)
	s.Turn(nil)
	if ended := wait.ended(ctx, err); ended != nil {
		return ended
	}
	want := ask{purpose: trace.Poll, client: job.Client, scopes: job.Scopes, caller: "user"}
	_, err = collect(s, want, exhibit{"AcquireTokenByDeviceCode", r.GrantedScopes, r.Account.PreferredUsername}, err)
	return err
}

// startError is what ended a flow before its token request: in the metadata, or
// in the request that was sent last.
func startError(s *engine.Session, err error) error {
	for _, p := range []trace.Purpose{trace.DeviceStart, trace.UserRealm} {
		if _, ok := s.Exchange(p); ok {
			return answerError(s, p, err)
		}
	}
	return answerError(s, trace.Metadata, err)
}

// waiting is MSAL's HTTP client in the device flow. Between the first poll and
// the second it lets the person do their part, where that happens in the
// program; and it tells how long there is to wait.
type waiting struct {
	*doer
	turn  engine.Turn
	visit engine.Visit
	err   error // what ended the person's part
}

// deviceAnswer is RFC 8628 section 3.2; Entra sends no verification_uri_complete.
type deviceAnswer struct {
	UserCode        string `json:"user_code"`
	VerificationURI string `json:"verification_uri"`
	ExpiresIn       int    `json:"expires_in"`
}

// maxCode and maxAddress bound what a person is asked to type and to open, in
// bytes; maxLife for how long.
const (
	maxCode    = 64
	maxAddress = 2048
	maxLife    = 24 * 60 * 60 // seconds; Entra's codes live for fifteen minutes
)

// usable reports whether a person could do what the answer asks for: it comes
// from outside and is shown, put into a QR code and handed to a browser.
func (a deviceAnswer) usable() bool {
	u, err := url.Parse(a.VerificationURI)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && len(a.VerificationURI) <= maxAddress &&
		a.UserCode != "" && len(a.UserCode) <= maxCode
}

// begin reads the answer and tells the person what to do. Where a system browser
// is to be used, and may go there, it is opened.
func (w *waiting) begin(ctx context.Context) error {
	e, ok := w.s.Exchange(trace.DeviceStart)
	if !ok || e.Response == nil {
		return errors.New("the device authorization endpoint gave no answer")
	}
	var a deviceAnswer
	if json.Unmarshal(e.Response.Body, &a) != nil || !a.usable() {
		return errNoCode
	}
	w.visit = engine.Visit{URL: a.VerificationURI, Purpose: trace.DevicePage, Fill: map[string]string{"user_code": a.UserCode}}
	address, err := w.s.Outward(ctx, a.VerificationURI)
	if err != nil {
		return err
	}
	w.turn = engine.Turn{
		What: "Open the page in a browser, on any device, and type the code there.",
		URL:  trace.Plain(address), Code: trace.Plain(a.UserCode),
	}
	if a.ExpiresIn > 0 {
		w.turn.Until = w.s.Now().Add(time.Duration(min(a.ExpiresIn, maxLife)) * time.Second)
	}
	w.tell()
	// Entra's page is on a host of its own, which the target need not name: it is
	// then for the person to open.
	if w.s.Job().Browser && w.s.Allows(w.visit.URL) == nil {
		return w.s.Agent().Visit(ctx, w.s, w.visit)
	}
	return nil
}

// Do sends one request of MSAL's; before the second poll the person has their
// turn.
func (w *waiting) Do(req *http.Request) (*http.Response, error) {
	if w.purposeOf(req.URL.Path) != trace.Poll {
		return w.doer.Do(req)
	}
	if w.turn.Asked == 1 && w.s.Job().InTurn() {
		w.s.Mark(engine.Planned) // it is not done: the answer was to ask again
		if w.err = w.s.Agent().Visit(req.Context(), w.s, w.visit); w.err != nil {
			return nil, w.err
		}
	}
	if w.turn.Asked == 2 && w.s.Job().InTurn() {
		// The pages are through, and still nobody has decided: nobody will.
		w.err = &engine.AbandonedError{Text: "the pages ended without a yes or a no; a device would ask until its code expires"}
		return nil, w.err
	}
	resp, err := w.doer.Do(req)
	w.turn.Asked++
	w.tell()
	return resp, err
}

// tell says how often the program has asked and when it asks again: MSAL's own
// waits, three times as long each time.
func (w *waiting) tell() {
	pause := firstPause
	for range w.turn.Asked {
		pause = min(3*pause, longestPause)
	}
	w.turn.Next = w.s.Now().Add(pause)
	t := w.turn
	w.s.Turn(&t)
}

// How long MSAL Go waits before the first poll, and at most.
const (
	firstPause   = 50 * time.Millisecond
	longestPause = 5 * time.Second
)

// ended is what ended the waiting, other than an answer: the person's own part,
// the end of the run, or that of the code. MSAL counts the life of the code by
// the machine's clock and gives up when it is over.
func (w *waiting) ended(ctx context.Context, libErr error) error {
	switch {
	case libErr == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case w.err != nil:
		return w.err
	case errors.Is(libErr, context.DeadlineExceeded):
		return errNobodyCame
	}
	return nil
}

// Errors of a device that waits.
var (
	errNotPublic  = errors.New("the device code flow is for public clients, and this one is confidential: choose a command line or a native app")
	errNoCode     = errors.New("the answer of the device authorization endpoint holds no code that a person could type, or no address to type it at")
	errNobodyCame = errors.New("nobody signed in before the code expired: start again, and type the new code")
)
