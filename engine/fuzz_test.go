package engine

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"flowscope/engine/trace"
)

// FuzzReadTokenAnswer: an answer is a Bearer token or an error, and never a token
// out of an answer that is not a success.
func FuzzReadTokenAnswer(f *testing.F) {
	for _, x := range []struct {
		status int
		body   string
	}{
		{200, `{"access_token":"a","token_type":"Bearer","expires_in":"3599"}`}, {200, `{"access_token":"a","token_type":"mac"}`},
		{400, `{"error":"invalid_grant","error_description":"AADSTS70000: \u001b[31m"}`}, {200, `{"error":"slow_down","access_token":"a","token_type":"bearer"}`},
		{200, `<html>`}, {500, ``}, {200, `{"access_token":["a"],"expires_in":1e300}`}, {200, `{"access_token":"a","token_type":"Bearer","expires_in":-1}`},
	} {
		f.Add(x.status, []byte(x.body), false)
		f.Add(x.status, []byte(x.body), true)
	}
	f.Fuzz(func(t *testing.T, status int, body []byte, exchange bool) {
		e := trace.Exchange{Purpose: trace.TokenCall, Response: &trace.Response{Status: status, Header: http.Header{}, Body: body}}
		if exchange {
			e.Purpose = trace.TokenExchange
		}
		a, err := ReadTokenAnswer(e)
		var oauth *OAuthError
		switch {
		case err != nil:
			if errors.As(err, &oauth) && oauth.Code == "" {
				t.Errorf("an error without a code: %v", err)
			}
		case status != http.StatusOK || a.AccessToken == "":
			t.Errorf("status %d gives the token %q", status, a.AccessToken)
		}
		if d := a.Lifetime(); d < 0 || d > maxSeconds*time.Second {
			t.Errorf("a token lives for %s", d)
		}
	})
}
