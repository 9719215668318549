package msal

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"

	"flowscope/engine"
	"flowscope/engine/trace"
)

// What MSAL takes as it comes, and a client must not: answers are checked here
// before anything is made of them.

// checkIssuer refuses metadata of another issuer (OpenID Connect Discovery 1.0
// section 4.3). Of Entra's the host decides: the tenant may have been asked for
// by a domain, or by an alias for all of them.
func checkIssuer(step int, req *http.Request, resp *http.Response) error {
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(body))
	var doc struct {
		Issuer string `json:"issuer"`
	}
	if err != nil || json.Unmarshal(body, &doc) != nil || doc.Issuer == "" {
		return nil // no discovery document: for MSAL to say
	}
	u, err := url.Parse(doc.Issuer)
	if err == nil && u.Scheme == "https" && strings.EqualFold(u.Host, req.URL.Host) {
		return nil
	}
	return &engine.RefusedError{Refusal: trace.Refusal{
		Check: "issuer", Step: step, Expected: "https://" + req.URL.Host, Found: trace.Plain(doc.Issuer),
		Why: "the discovery document names another issuer than the one that was asked",
	}}
}
