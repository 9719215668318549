package validate

import (
	"math"
	"slices"
	"time"
)

// Printable makes text from outside fit for a sentence, as the words of the
// checks are: control characters are dropped, what can't be seen is written as an
// escape, and no more than limit characters stay.
func Printable(s string, limit int) string { return printable(s, limit) }

// Span writes a duration in at most two units ("1 h 10 min"), a negative one
// by its length. What is too long for a Duration is told from one that is not.
func Span(d time.Duration) string {
	if d == math.MaxInt64 || d == math.MinInt64 { // Time.Sub stops there
		return "more than 292 years"
	}
	return span(d.Abs().Round(time.Second))
}

// Date reads v as a NumericDate (RFC 7519 section 2); false when it is no
// number, or no moment between 1970 and the year 9999.
func (v Value) Date() (time.Time, bool) {
	if v.Type != TypeNumber {
		return time.Time{}, false
	}
	d, _ := parseDate(v.Raw)
	return d.time(), d.ok
}

// Client is the application that the token was issued to: "azp", "appid" or
// "client_id" (RFC 9068 section 2.2); "" where it names none.
func (t *Token) Client() string { return t.c.client() }

// Audiences are the values of "aud", one or several (RFC 7519 section 4.1.3).
func (t *Token) Audiences() []string { return words(t.c.aud, false) }

// Scopes are the words of "scp", or of "scope" where another issuer writes that.
func (t *Token) Scopes() []string { return words(t.c.scp, true) }

// Roles are the elements of "roles".
func (t *Token) Roles() []string { return slices.Clone(words(t.c.roles, false)) }
