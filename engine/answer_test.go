package engine

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"flowscope/engine/trace"
)

// TestReadTokenAnswer: what counts is the captured answer, and what it is not.
func TestReadTokenAnswer(t *testing.T) {
	for _, c := range []struct {
		name    string
		purpose trace.Purpose
		status  int
		body    string
		says    string // empty: it is taken
		refused string // the check that refuses it
	}{
		{"good", trace.TokenCall, 200, `{"token_type":"bearer","access_token":"a"}`, "", ""},
		{"another type", trace.TokenCall, 200, `{"token_type":"DPoP","access_token":"a"}`, "another type", "token_type"},
		{"no type", trace.Refresh, 200, `{"access_token":"a"}`, "another type", "token_type"},
		{"an exchange may bring what is no access token", trace.TokenExchange, 200, `{"token_type":"N_A","access_token":"a"}`, "", ""},
		{"no token", trace.TokenCall, 200, `{"token_type":"Bearer"}`, "no access token", ""},
		{"an error", trace.TokenCall, 400, `{"error":"invalid_grant","error_description":"too late"}`, "invalid_grant", ""},
		{"an error with 200", trace.TokenCall, 200, `{"error":"invalid_grant"}`, "invalid_grant", ""},
		{"a page", trace.TokenCall, 200, ` <html>sign in to this network`, "a page in place of JSON", ""},
		{"a status alone", trace.TokenCall, 503, ``, "status 503", ""},
	} {
		e := trace.Exchange{Purpose: c.purpose, Step: 5, Response: &trace.Response{Status: c.status, Header: http.Header{}, Body: []byte(c.body)}}
		_, err := ReadTokenAnswer(e)
		if err == nil != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", c.name, err)
		}
		var refused *RefusedError
		if errors.As(err, &refused) != (c.refused != "") || refused != nil && (refused.Refusal.Check != c.refused || refused.Refusal.Step != 5) {
			t.Errorf("%s: refused by %+v", c.name, refused)
		}
	}
	if _, err := ReadTokenAnswer(trace.Exchange{}); !errors.Is(err, ErrNoAnswer) {
		t.Errorf("no answer: %v", err)
	}
}

// TestAnswerErrorKeepsOurRefusal: that this program refused an answer is said, not
// what the answer holds.
func TestAnswerErrorKeepsOurRefusal(t *testing.T) {
	e := trace.Exchange{Purpose: trace.Metadata, Response: &trace.Response{Status: 400, Body: []byte(`{"error":"x"}`)}}
	own := &RefusedError{Refusal: trace.Refusal{Check: "issuer"}}
	if got := AnswerError(e, own); !errors.Is(got, own) {
		t.Errorf("got %v", got)
	}
}

// TestJudgeTokens: what comes in a fragment is held to the sign-in that asked for
// it, before anything is made of it.
func TestJudgeTokens(t *testing.T) {
	// Both say nonce n; the first has the hash of "token", the second that of no
	// token. Neither is signed: signatures are for the checks of the token.
	const good = "e30.eyJub25jZSI6ICJuIiwgImF0X2hhc2giOiAiUEVhZW5XeFlkZE42UV9OVDFQaU9ZUSJ9.c2ln"
	const other = "e30.eyJub25jZSI6ICJuIiwgImF0X2hhc2giOiAieCJ9.c2ln"
	a := &Attempt{State: "s", Nonce: "n", Issuer: "https://issuer.example"}
	for _, c := range []struct{ name, fragment, check string }{
		{"state", "state=x&access_token=token&id_token=" + good, "state"},
		{"issuer", "state=s&iss=https://other.example&access_token=token&id_token=" + good, "iss"},
		{"one token", "state=s&access_token=token", "access_token"},
		{"nonce", "state=s&access_token=token&id_token=e30.eyJub25jZSI6Im0ifQ.c2ln", "nonce"},
		{"hash", "state=s&access_token=token&id_token=" + other, "at_hash"},
		{"swapped", "state=s&access_token=another&id_token=" + good, "at_hash"},
		{"good", "state=s&access_token=token&id_token=" + good, ""},
	} {
		_, _, err := a.JudgeTokens(3, trace.Request{Method: http.MethodGet, URL: "https://app.example/#" + c.fragment})
		var refused *RefusedError
		if c.check == "" && err == nil {
			continue
		}
		if !errors.As(err, &refused) || refused.Refusal.Check != c.check {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
