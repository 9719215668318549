package inspect

import (
	"encoding/json"
	"strings"

	"flowscope/engine/trace"
)

// scopesOf gives the scopes that were asked for with a token, and those that the
// answer says were granted (RFC 6749 sections 3.3 and 5.1); nil where the exchanges
// do not tell.
func scopesOf(t *trace.Trace, token trace.Token) (requested, granted []string) {
	at := -1
	for i := range t.Exchanges {
		if t.Exchanges[i].N == token.Exchange {
			at = i
		}
	}
	if at < 0 {
		return nil, nil
	}
	e := t.Exchanges[at]
	if e.Purpose == trace.Redirect {
		granted = scopeParam(e.Request)
	} else {
		requested, granted = scopeParam(e.Request), scopeMember(e.Response)
	}
	// A code, a device code or an answer of the authorization endpoint stands for
	// the scopes that its own request asked for.
	for i := at - 1; i >= 0 && requested == nil; i-- {
		switch t.Exchanges[i].Purpose {
		case trace.Authorize, trace.DeviceStart:
			requested = scopeParam(t.Exchanges[i].Request)
			if requested == nil {
				return nil, granted
			}
		}
	}
	return requested, granted
}

func scopeParam(r trace.Request) []string {
	v, ok := r.Get("scope")
	if !ok {
		return nil
	}
	return plainFields(v)
}

// scopeMember reads "scope" of a token response.
func scopeMember(r *trace.Response) []string {
	if r == nil {
		return nil
	}
	var body struct {
		Scope *string `json:"scope"`
	}
	if json.Unmarshal(r.Body, &body) != nil || body.Scope == nil {
		return nil
	}
	return plainFields(*body.Scope)
}

// plainFields gives the words of a scope without control characters; not nil.
func plainFields(s string) []string {
	return append([]string{}, strings.Fields(trace.Plain(s))...)
}
