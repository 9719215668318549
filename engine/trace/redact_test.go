package trace

import (
	"net/http"
	"testing"
)

// TestRedactWords: a secret that is a short word is masked where it stands, and
// leaves the sentences about it alone.
func TestRedactWords(t *testing.T) {
	r := NewRedactor(nil)
	req := Request{Method: "POST", URL: "https://login.example/token", Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, Body: []byte("client_id=a&client_secret=wrong&grant_type=x")}
	if got := string(r.Request(req).Body); got != "client_id=a&client_secret=masked:A&grant_type=x" {
		t.Errorf("the body is %q", got)
	}
	if got := r.Text("The client secret is wrong."); got != "The client secret is wrong." {
		t.Errorf("the sentence is %q", got)
	}
	if got, masked := r.Value("client_secret", "wrong"); !masked || got != "masked:A" {
		t.Errorf("the value is %q", got)
	}
	req.Body = []byte("client_secret=wr0ng&x=y")
	if r.Request(req); r.Text("wr0ng") == "wr0ng" {
		t.Error("a secret that is no word is found everywhere")
	}
}
