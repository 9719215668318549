package loopback

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"flowscope/engine"
	"flowscope/engine/trace"
	"flowscope/engine/wire"
)

// Paste is the user agent where no browser can be opened: it shows the address,
// the person opens it in a browser on any machine, and pastes the address that
// the sign-in ended at. Its zero value is ready.
type Paste struct{}

// What the page that takes the redirect is made of.
const (
	pasteField = "redirect" // the field for the pasted redirect
	pasteGo    = "Go on"
	pasteLeave = "Give up"
)

// Authorize shows the authorization request's address and waits for the redirect
// to be pasted, which is handed to the leg. What is pasted and is no redirect is
// explained and asked for again. It fails with *engine.AbandonedError when the
// person gives up.
func (Paste) Authorize(ctx context.Context, s *engine.Session, leg engine.Leg) error {
	shown, err := hand(ctx, s, purposeOr(leg.Purpose, trace.Authorize), leg.AuthorizeURL, nil)
	if err != nil {
		return err
	}
	s.Enter(trace.SignIn)
	s.Turn(&engine.Turn{What: "Open this address in a browser, on any machine, and sign in", URL: shown})
	defer s.Turn(nil)
	r, err := askRedirect(ctx, s, shown, redirectOf(s, leg))
	if err != nil {
		return err
	}
	s.Turn(nil)
	_, err = Deliver(ctx, s, r, leg)
	return err
}

// Visit shows a page's address and does not wait for what the person does there.
func (Paste) Visit(ctx context.Context, s *engine.Session, v engine.Visit) error {
	shown, err := hand(ctx, s, v.Purpose, v.URL, nil)
	if err == nil {
		s.Turn(&engine.Turn{What: "Open this address in a browser, on any machine", URL: shown, Code: v.Fill["user_code"]})
	}
	return err
}

// hand lets a request pass the gate for a browser that is elsewhere, and gives the
// address as it left. A nil open shows it only.
func hand(ctx context.Context, s *engine.Session, p trace.Purpose, address string, open func(string) error) (string, error) {
	s.Enter(p)
	shown := ""
	opener := roundTrip(func(req *http.Request) (*http.Response, error) {
		target, err := browserURL(ctx, s.Job().Target, req.URL)
		if err != nil {
			return nil, err
		}
		shown = target
		if open != nil {
			if err := open(target); err != nil {
				return nil, err
			}
		}
		return nil, wire.ErrElsewhere
	})
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return "", fmt.Errorf("address of the page: %w", err)
	}
	if _, err := s.Guarded(opener).Do(req); !errors.Is(err, wire.ErrElsewhere) {
		return shown, err
	}
	return shown, nil
}

// redirectOf is the redirect URI as the request asked for it: the person may have
// changed it on the way.
func redirectOf(s *engine.Session, leg engine.Leg) string {
	name := "redirect_uri"
	p := purposeOr(leg.Purpose, trace.Authorize)
	if p == trace.SignOut {
		name = "post_logout_redirect_uri"
	}
	if e, ok := s.Exchange(p); ok {
		if uri, ok := e.Request.Get(name); ok && uri != "" {
			return uri
		}
	}
	return leg.RedirectURI
}

// askRedirect asks until what is pasted is a redirect.
func askRedirect(ctx context.Context, s *engine.Session, shown, redirectURI string) (trace.Request, error) {
	problem := ""
	for {
		answer, err := s.Ask(ctx, pastePage(shown, redirectURI, problem))
		if err != nil {
			return trace.Request{}, err
		}
		if answer.Button == pasteLeave {
			return trace.Request{}, &engine.AbandonedError{Text: "no redirect was pasted"}
		}
		r, err := ParseRedirect(answer.Values[pasteField], redirectURI)
		if err == nil {
			return r, nil
		}
		problem = err.Error()
	}
}

func pastePage(shown, redirectURI, problem string) engine.Page {
	return engine.Page{
		URL: shown, Title: "Sign in with a browser elsewhere", Error: problem, Person: true,
		Text: []engine.PageText{
			{Item: true, Text: "Open the address in a browser, on this machine or any other, and sign in there."},
			{Item: true, Text: "The browser ends at " + trace.Plain(redirectURI) + ", perhaps with the word that it can't be reached: nothing needs to be there."},
			{Item: true, Text: "Copy the whole address from its address bar and paste it here, soon: a code lives for minutes."},
		},
		Fields:  []engine.PageField{{Name: pasteField, Label: "Redirect"}},
		Buttons: []engine.PageButton{{Label: pasteGo}, {Label: pasteLeave}},
	}
}

// ParseRedirect makes a request of a redirect that was pasted: the whole address,
// its query, or its fragment (RFC 6749 sections 4.1.2 and 4.2.2). It fails, with
// words for the person, for anything else.
func ParseRedirect(pasted, redirectURI string) (trace.Request, error) {
	text := strings.Trim(strings.TrimSpace(pasted), "\"'<>")
	if strings.Contains(text, "://") { // an address bar has no line breaks, a terminal that wraps it has
		text = strings.Join(strings.Fields(text), "")
	}
	switch {
	case text == "":
		return trace.Request{}, errors.New("nothing was pasted")
	case len(text) > maxRedirect:
		return trace.Request{}, fmt.Errorf("that is longer than %d KiB, and no redirect is", maxRedirect>>10)
	case strings.ContainsFunc(text, func(r rune) bool { return r <= 0x20 || r == 0x7f }):
		return trace.Request{}, errors.New("that is no address: there are spaces in it")
	}
	base, err := url.Parse(redirectURI)
	if err != nil {
		return trace.Request{}, fmt.Errorf("redirect URI: %w", err)
	}
	address := text
	if !strings.Contains(text, "://") {
		address = onRedirect(redirectURI, text)
	}
	u, err := url.Parse(address)
	if err != nil {
		return trace.Request{}, errors.New("that is no address")
	}
	r := trace.Request{Method: http.MethodGet, URL: u.String(), Header: http.Header{"Accept": {"text/html"}}}
	return r, judge(u, base, r)
}

// onRedirect puts a pasted query or fragment behind the redirect URI.
func onRedirect(redirectURI, text string) string {
	switch {
	case strings.HasPrefix(text, "#"):
		return redirectURI + text
	case strings.Contains(redirectURI, "?"):
		return redirectURI + "&" + strings.TrimPrefix(text, "?")
	}
	return redirectURI + "?" + strings.TrimPrefix(text, "?")
}

// judge says what is wrong with a pasted address.
func judge(u, base *url.URL, r trace.Request) error {
	_, asks := r.Get("response_type")
	_, challenged := r.Get("code_challenge")
	switch {
	case asks || challenged:
		return errors.New("that is the address to open; paste the one that the browser ends at")
	case !strings.EqualFold(u.Scheme, base.Scheme) || !strings.EqualFold(u.Host, base.Host) ||
		strings.TrimSuffix(u.EscapedPath(), "/") != strings.TrimSuffix(base.EscapedPath(), "/"):
		return fmt.Errorf("that leads to %s, and the sign-in ends at %s: go on in the browser until it is there", trace.Plain(u.Scheme+"://"+u.Host+u.Path), trace.Plain(base.String()))
	case !isAnswer(r) && !inFragment(u):
		return errors.New("there is neither a code nor an error in it; copy the whole address, with what stands behind the question mark")
	}
	return nil
}

// inFragment reports an answer behind the number sign (OAuth 2.0 Multiple Response
// Types, section 2.1).
func inFragment(u *url.URL) bool {
	values, err := url.ParseQuery(u.Fragment)
	if err != nil {
		return false
	}
	for _, name := range []string{"access_token", "id_token", "code", "error", "state"} {
		if values.Has(name) {
			return true
		}
	}
	return false
}
