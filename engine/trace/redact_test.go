package trace

import (
	"net/http"
	"strings"
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

// TestRedactOrdinaryWords: so is a longer ordinary word; in a body, in a field
// of a page and in quotes it is still found.
func TestRedactOrdinaryWords(t *testing.T) {
	for _, word := range []string{"application", "undefined", "password", "whatever", "wrong"} {
		r := NewRedactor(nil)
		r.Request(Request{Method: "POST", URL: "https://login.example/token", Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, Body: []byte("client_secret=" + word)})
		body := Response{Body: []byte(`{"code":"` + word + `","note": "` + word + `"}`)}
		for in, want := range map[string]string{
			"It is registered for the " + word + ".":   "It is registered for the " + word + ".",
			"POST client_secret=" + word + "&x=y":      "POST client_secret=masked:A&x=y",
			"The value '" + word + "' is not the one.": "The value 'masked:A' is not the one.",
			`<input name="code" value="` + word + `">`: `<input name="code" value="masked:A">`,
			string(r.Response(body).Body):              `{"code":"masked:A","note": "` + word + `"}`,
		} {
			if got := r.Text(in); got != want {
				t.Errorf("%s: %q, want %q", word, got, want)
			}
		}
	}
	r := NewRedactor(nil)
	for _, secret := range []string{"Application", "applicationsecret", "applic4tion", "pass-word"} {
		if r.Value("client_secret", secret); r.Text("the "+secret+" there") == "the "+secret+" there" {
			t.Errorf("%q is no ordinary word and must be found everywhere", secret)
		}
	}
}

// TestRedactTokenExchange: what is handed in at a token exchange opens as much as
// any other token.
func TestRedactTokenExchange(t *testing.T) {
	r := NewRedactor(nil)
	req := Request{
		Method: "POST", URL: "https://login.example/token", Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
		Body: []byte("subject_token=opaque-subject-1&actor_token=opaque-actor-22&subject_token_type=urn:x"),
	}
	body := string(r.Request(req).Body)
	if strings.Contains(body, "opaque-") || !strings.Contains(body, "subject_token_type=urn:x") {
		t.Errorf("the form is %q", body)
	}
}

// TestRedactMachineHeaders masks what a machine gives to a program so that it may
// ask for the managed identity: as header, and wherever an error repeats it.
func TestRedactMachineHeaders(t *testing.T) {
	for _, name := range []string{"X-Identity-Header", "Secret"} {
		e := Exchange{
			Request:  Request{Method: "GET", URL: "http://127.0.0.1:41/msi/token?resource=x", Header: http.Header{name: {"853B9A84-machine"}, "Metadata": {"true"}}},
			Response: &Response{Status: 401, Header: http.Header{}, Body: []byte(`{"message":"853B9A84-machine is not known"}`)},
		}
		got := NewRedactor(nil).Exchange(e)
		if v := got.Request.Header.Get(name); v != "masked:A" {
			t.Errorf("%s is shown as %q", name, v)
		}
		if strings.Contains(string(got.Response.Body), "853B9A84") || got.Request.Header.Get("Metadata") != "true" {
			t.Errorf("%s: %s", name, got.Response.Body)
		}
	}
}

// TestUserOfURL: what stands before the host of an address is masked.
func TestUserOfURL(t *testing.T) {
	for _, raw := range []string{"https://user:p4ssw0rd@api.example/x?y=1", "https://user:p4ssw0rd@api.example"} {
		if got := NewRedactor(nil).URL(raw); strings.Contains(got, "p4ss") || !strings.Contains(got, "@api.example") {
			t.Errorf("%s became %s", raw, got)
		}
	}
}
