package jwks

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"flowscope/validate"
)

const (
	// maxBody bounds what an issuer may send: 1 MiB.
	maxBody = 1 << 20
	// maxRefusal bounds what is read of an answer that is an error.
	maxRefusal = 64 << 10
)

// answerError is an answer that holds no document.
type answerError struct {
	status int
	words  string
}

// Error gives host, status and what to think of it.
func (e *answerError) Error() string { return e.words }

// wayError is a request that got no answer.
type wayError struct{ err error }

// Error gives what the network said.
func (e *wayError) Error() string { return e.err.Error() }

// Unwrap gives the network's own error.
func (e *wayError) Unwrap() error { return e.err }

// Fetch gets a document from an address that a person named, under the bounds of
// key requests: no redirect is followed, and 1 MiB is the most that is read.
func Fetch(ctx context.Context, client Client, address string) ([]byte, error) {
	return get(ctx, client, address)
}

// get fetches one document over the caller's context.
func get(ctx context.Context, client Client, address string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, errors.New("the address can't be read")
	}
	req.Header.Set("Accept", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		var wrapped *url.Error
		if errors.As(err, &wrapped) {
			err = wrapped.Err // without the address, which is known
		}
		return nil, &wayError{err}
	}
	defer func() { _ = resp.Body.Close() }()
	host := clip(req.URL.Host)
	if resp.Request != nil && resp.Request.URL != nil && resp.Request.URL.Host != req.URL.Host {
		return nil, fmt.Errorf("%s led away to %s", host, clip(resp.Request.URL.Host))
	}
	if resp.StatusCode != http.StatusOK {
		return nil, refusal(host, resp)
	}
	body, err := read(resp)
	if err != nil {
		return nil, fmt.Errorf("the answer of %s %w", host, err)
	}
	if isPage(resp.Header, body) {
		return nil, &answerError{resp.StatusCode, host + " answered with a page of HTML and not with JSON; a captive portal or a proxy may have answered in its place"}
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, &answerError{resp.StatusCode, host + " answered with nothing"}
	}
	return body, nil
}

// read reads a document whole, within bounds.
func read(resp *http.Response) ([]byte, error) {
	in := io.LimitReader(resp.Body, maxBody+1)
	switch encoding := strings.ToLower(resp.Header.Get("Content-Encoding")); encoding {
	case "", "identity":
	case "gzip", "x-gzip": // sent without having been asked for (RFC 9110 section 12.5.3)
		plain, err := gzip.NewReader(in)
		if err != nil {
			return nil, errors.New("says that it is gzip, and is not")
		}
		in = io.LimitReader(plain, maxBody+1)
	default:
		return nil, fmt.Errorf("is in the encoding %q, which was not asked for", clip(encoding))
	}
	body, err := io.ReadAll(in)
	if len(body) > maxBody {
		return nil, errors.New("is larger than 1 MiB")
	}
	if err != nil {
		return nil, fmt.Errorf("broke off: %w", err)
	}
	return body, nil
}

// isPage recognises HTML where JSON belongs.
func isPage(h http.Header, body []byte) bool {
	kind, _, _ := strings.Cut(strings.ToLower(h.Get("Content-Type")), ";")
	switch strings.TrimSpace(kind) {
	case "text/html", "application/xhtml+xml":
		return true
	}
	body = plainText(body)
	return len(body) > 0 && body[0] == '<'
}

// refusal puts an error status into words: with the issuer's own, where it sent
// them (RFC 6749 section 5.2).
func refusal(host string, resp *http.Response) error {
	e := &answerError{status: resp.StatusCode, words: fmt.Sprintf("%s answered %d", host, resp.StatusCode)}
	if text := http.StatusText(resp.StatusCode); text != "" {
		e.words += " " + text
	}
	if resp.StatusCode >= 300 && resp.StatusCode < 400 {
		e.words += ", a redirect"
		if to, err := url.Parse(resp.Header.Get("Location")); err == nil && to.Host != "" {
			e.words += " to " + clip(to.Host)
		}
		e.words += "; key requests follow none, and a captive portal may be behind it"
		return e
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxRefusal))
	if err != nil {
		return e
	}
	switch o, err := validate.ParseObject(plainText(body)); {
	case isPage(resp.Header, body):
		e.words += " with a page of HTML; a proxy may have answered in its place"
	case err != nil:
	case o.String("error_description") != "":
		line, _, _ := strings.Cut(o.String("error_description"), "\n")
		e.words += ": " + clip(strings.TrimSpace(line))
	case o.String("error") != "":
		e.words += ": " + clip(o.String("error"))
	}
	if after := resp.Header.Get("Retry-After"); after != "" && (resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode == http.StatusServiceUnavailable) {
		e.words += "; it asks to be left alone until " + clip(after)
		if strings.Trim(after, "0123456789") == "" {
			e.words = strings.TrimSuffix(e.words, "until "+clip(after)) + "for " + clip(after) + " s"
		}
	}
	return e
}

// clip bounds text from outside within an error, and leaves out what is no
// printable ASCII.
func clip(s string) string {
	long := len(s) > 200
	if long {
		s = s[:200]
	}
	s = strings.Map(func(c rune) rune {
		if c < ' ' || c > '~' {
			return -1
		}
		return c
	}, s)
	if long {
		s += "..."
	}
	return s
}
