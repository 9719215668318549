package enginetest

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"

	"flowscope/engine"
	"flowscope/engine/trace"
)

// demands holds every request of a run to what the standards demand of one.
func demands(t *testing.T, job engine.Job, tr *trace.Trace) {
	var sent trace.Request // the authorization request that is under way
	device := ""
	for _, e := range tr.Exchanges {
		addressIsClean(t, e)
		switch {
		case e.Purpose == trace.AdminConsent:
			sent = e.Request
		case e.Purpose == trace.Authorize:
			sent = e.Request
			authorizeDemands(t, e)
		case e.Purpose == trace.Redirect:
			if a, b := value(sent, "state"), value(e.Request, "state"); a != b {
				t.Errorf("exchange %d brings back the state %q, sent was %q", e.N, b, a)
			}
			if token := value(e.Request, "id_token"); token != "" && claim(token, "nonce") != value(sent, "nonce") {
				t.Errorf("exchange %d brings an ID token with the nonce %q, sent was %q", e.N, claim(token, "nonce"), value(sent, "nonce"))
			}
		case e.Purpose == trace.DeviceStart:
			device = member(e, "device_code")
		case e.Purpose.AtTokenEndpoint():
			tokenDemands(t, job, e, sent, device)
		case e.Purpose.AtAPI():
			if !strings.HasPrefix(e.Request.Header.Get("Authorization"), "Bearer ") {
				t.Errorf("exchange %d carries no bearer token in its header (RFC 6750 section 2.1)", e.N)
			}
		}
	}
}

// inAddress are the parameters that no query may carry: addresses are kept in
// histories and logs (RFC 6749 section 2.3.1, RFC 6750 section 2.3).
var inAddress = []string{"client_secret", "client_assertion", "refresh_token", "access_token", "code_verifier", "password", "assertion", "subject_token", "device_code", "id_token"}

func addressIsClean(t *testing.T, e trace.Exchange) {
	u, err := url.Parse(e.Request.URL)
	if err != nil {
		t.Errorf("exchange %d: %v", e.N, err)
		return
	}
	if e.Purpose != trace.Redirect && e.Purpose != trace.SignedOut && u.Scheme != "https" {
		t.Errorf("exchange %d goes to %s in the clear", e.N, u.Host)
	}
	for _, p := range e.Request.QueryParams() {
		if slices.Contains(inAddress, p.Name) {
			t.Errorf("exchange %d (%s) has %s in its address", e.N, e.Purpose, p.Name)
		}
		if strings.HasPrefix(p.Value, "ey") && strings.Count(p.Value, ".") == 2 && p.Name != "id_token_hint" {
			t.Errorf("exchange %d (%s) has a token in its address, as %s", e.N, e.Purpose, p.Name)
		}
	}
}

// authorizeDemands are RFC 7636 section 4.3, RFC 6749 section 10.12 and OpenID
// Connect Core 1.0 section 3.1.2.1.
func authorizeDemands(t *testing.T, e trace.Exchange) {
	kind := value(e.Request, "response_type")
	if kind == "" || value(e.Request, "client_id") == "" || value(e.Request, "redirect_uri") == "" {
		t.Errorf("exchange %d: response_type, client_id or redirect_uri is missing", e.N)
	}
	if len(value(e.Request, "state")) < 22 {
		t.Errorf("exchange %d: the state %q can be guessed", e.N, value(e.Request, "state"))
	}
	openID := slices.Contains(strings.Fields(value(e.Request, "scope")), "openid")
	if openID && len(value(e.Request, "nonce")) < 22 {
		t.Errorf("exchange %d: the nonce %q can be guessed", e.N, value(e.Request, "nonce"))
	}
	if !slices.Contains(strings.Fields(kind), "code") {
		return
	}
	if value(e.Request, "code_challenge_method") != "S256" || len(value(e.Request, "code_challenge")) != 43 {
		t.Errorf("exchange %d: the challenge is %q by %q", e.N, value(e.Request, "code_challenge"), value(e.Request, "code_challenge_method"))
	}
}

// tokenDemands are RFC 6749 sections 2.3, 3.2 and 4.1.3, RFC 7636 section 4.5 and
// RFC 8628 section 3.4.
func tokenDemands(t *testing.T, job engine.Job, e trace.Exchange, sent trace.Request, device string) {
	r := e.Request
	if r.Method != "POST" || !r.IsForm() || value(r, "grant_type") == "" {
		t.Errorf("exchange %d is no token request: %s, grant_type %q", e.N, r.Method, value(r, "grant_type"))
	}
	if value(r, "grant_type") == "authorization_code" {
		sum := sha256.Sum256([]byte(value(r, "code_verifier")))
		if base64.RawURLEncoding.EncodeToString(sum[:]) != value(sent, "code_challenge") {
			t.Errorf("exchange %d: the verifier does not fit the challenge", e.N)
		}
		if value(r, "redirect_uri") != value(sent, "redirect_uri") {
			t.Errorf("exchange %d: redirect_uri is %q, sent was %q", e.N, value(r, "redirect_uri"), value(sent, "redirect_uri"))
		}
		if nonce := claim(member(e, "id_token"), "nonce"); nonce != value(sent, "nonce") {
			t.Errorf("exchange %d: the ID token's nonce is %q, sent was %q", e.N, nonce, value(sent, "nonce"))
		}
	}
	if got := value(r, "device_code"); got != "" && got != device {
		t.Errorf("exchange %d polls for another device code", e.N)
	}
	proofs := 0
	for _, has := range []bool{value(r, "client_secret") != "", value(r, "client_assertion") != "", strings.HasPrefix(r.Header.Get("Authorization"), "Basic ")} {
		if has {
			proofs++
		}
	}
	client := job.Client
	if first, ok := job.SignsIn(); ok && value(r, "client_id") == first.Registration.ClientID {
		client = first
	}
	id := value(r, "client_id")
	if id == "" && !strings.HasPrefix(r.Header.Get("Authorization"), "Basic ") {
		t.Errorf("exchange %d does not say which client asks", e.N)
	}
	switch {
	case proofs > 1:
		t.Errorf("exchange %d proves the client in %d ways (RFC 6749 section 2.3 allows one)", e.N, proofs)
	case proofs == 0 && len(client.Credentials()) > 0 && (id == "" || id == client.Registration.ClientID):
		t.Errorf("exchange %d brings no credential though the client has one", e.N)
	}
	if client.Origin != "" && id == client.Registration.ClientID && r.Header.Get("Origin") != client.Origin {
		t.Errorf("exchange %d has the Origin %q, a browser would send %q", e.N, r.Header.Get("Origin"), client.Origin)
	}
}

func value(r trace.Request, name string) string {
	v, _ := r.Get(name)
	return v
}

// member gives a text of an answer's JSON object.
func member(e trace.Exchange, name string) string {
	var m map[string]any
	if e.Response == nil || json.Unmarshal(e.Response.Body, &m) != nil {
		return ""
	}
	s, _ := m[name].(string)
	return s
}

func claim(token, name string) string {
	var m map[string]any
	if engine.Peek(token, &m) != nil {
		return ""
	}
	s, _ := m[name].(string)
	return s
}
