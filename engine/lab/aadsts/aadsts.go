// Package aadsts holds the errors that the lab can answer with: AADSTS code,
// OAuth 2.0 error value, HTTP status and the words.
//
// An error is a value that travels up to one writer; nothing here writes. The
// words are our own, but carry the same variable parts as Entra's. The package
// refuses to guess: a code that is not in its table can't be made.
package aadsts

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"
)

// Error is one failure of a request, ready to be written as JSON, as a
// redirect or as a page.
type Error struct {
	Code     int           // numeric part of AADSTSn
	OAuth    string        // RFC 6749 error value, or one of Microsoft's
	Status   int           // HTTP status at the token endpoint
	Message  string        // without code and trailers
	Suberror string        // empty for most
	NoURI    bool          // Entra has no look-up page for the code
	Claims   string        // claims challenge, a JSON text; empty for most
	Delay    time.Duration // Retry-After of a throttled or unavailable answer

	ChangeURL string // password_change_url, of 50055 at the v1.0 endpoint

	// Kept aside and never sent: the true reason, and the request parameter
	// at fault.
	Reason, Field string
}

// Error gives code and message, as the start of error_description does.
func (e *Error) Error() string { return fmt.Sprintf("AADSTS%d: %s", e.Code, e.Message) }

// Because keeps the true reason and the parameter at fault aside.
func (e *Error) Because(field, format string, args ...any) *Error {
	e.Field, e.Reason = field, fmt.Sprintf(format, args...)
	return e
}

// Named replaces the OAuth error value, for the codes that carry another one in
// another place.
func (e *Error) Named(oauth string) *Error {
	e.OAuth = oauth
	return e
}

// Demanding adds a claims challenge, which the client passes back as the
// claims parameter (Entra: claims-challenge).
func (e *Error) Demanding(claims string) *Error {
	e.Claims = claims
	return e
}

// After sets how long a client must wait before it tries again, and the status
// that goes with it: 429 for a client that asks too often, 503 for an outage.
func (e *Error) After(status int, d time.Duration) *Error {
	e.Status, e.Delay = status, d
	return e
}

// Suffering replaces the suberror.
func (e *Error) Suffering(suberror string) *Error {
	e.Suberror = suberror
	return e
}

// Description is the error_description: code, message and the three trailers,
// separated by single spaces as Entra has written them since 2023.
func (e *Error) Description(traceID, correlationID string, at time.Time) string {
	return fmt.Sprintf("%s Trace ID: %s Correlation ID: %s Timestamp: %s", e.Error(), traceID, correlationID, Timestamp(at))
}

// Timestamp writes a time as Entra's error bodies do.
func Timestamp(at time.Time) string { return at.UTC().Format("2006-01-02 15:04:05Z") }

// Codes lists the numbers of all codes in the table, in ascending order.
func Codes() []int { return slices.Sorted(maps.Keys(known)) }

// New makes the error of a code; args fill the variable parts of its message
// in the order of the table. It panics on a code that is not in the table,
// which no input from outside can cause.
func New(code int, args ...any) *Error {
	k, ok := known[code]
	if !ok {
		panic(fmt.Sprintf("aadsts: code %d is not in the table", code))
	}
	status := http.StatusBadRequest
	if k.oauth == InvalidClient {
		status = http.StatusUnauthorized
	}
	return &Error{Code: code, OAuth: k.oauth, Status: status, Message: fmt.Sprintf(k.words, args...), Suberror: k.suberror, NoURI: k.noURI}
}
