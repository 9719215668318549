package inspect

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"flowscope/engine/trace"
)

// Clock is the difference between two clocks.
type Clock struct {
	Known bool
	Ahead time.Duration // of this clock, in whole seconds; negative when it is behind
	Host  string        // that told the time (RFC 9110 section 6.6.1)
}

// maxAge bounds the age of an answer out of a cache by which a clock is set still.
const maxAge = 48 * time.Hour

// clockOf compares this clock with that of the server of an exchange: halfway
// between question and answer it was what the answer's Date says. That has whole
// seconds, so that what the two clocks may differ by for that reason, and for the
// time that the answer took, counts as nothing. An answer out of a cache is as much
// younger as its Age says (RFC 9111 section 4.2.3).
func clockOf(e trace.Exchange) (Clock, bool) {
	answer := e.Response
	if e.OriginalResponse != nil {
		answer = e.OriginalResponse
	}
	if answer == nil || e.Started.IsZero() || e.Took < 0 {
		return Clock{}, false
	}
	at, err := http.ParseTime(answer.Header.Get("Date"))
	if err != nil {
		return Clock{}, false
	}
	const half = time.Second / 2
	slack := half + e.Took/2
	if text := answer.Header.Get("Age"); text != "" {
		n, err := strconv.Atoi(text)
		age := time.Duration(n) * time.Second
		if err != nil || n < 0 || age > maxAge {
			return Clock{}, false
		}
		at, slack = at.Add(age), slack+half
	}
	ahead := e.Started.Add(e.Took / 2).Sub(at.Add(half))
	if ahead.Abs() <= slack {
		ahead = 0
	}
	whole := (ahead.Abs() - 1).Round(time.Second) // of two as good the smaller one
	if ahead < 0 {
		whole = -whole
	}
	return Clock{Known: true, Ahead: whole, Host: e.Host()}, true
}

// clockIn gives what the latest of some exchanges says of the clock, that a server
// answered and no browser was in between for.
func clockIn(list []trace.Exchange) Clock {
	for i := len(list) - 1; i >= 0; i-- {
		if e := list[i]; e.Channel == trace.Back && e.To == trace.Entra {
			if c, ok := clockOf(e); ok {
				return c
			}
		}
	}
	return Clock{}
}

// sourceHost is the host that a key came from, "" when it was given.
func sourceHost(source string) string {
	_, address, _ := strings.Cut(source, " ")
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}
