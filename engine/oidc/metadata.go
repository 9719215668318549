package oidc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"flowscope/engine"
	"flowscope/engine/trace"
)

// metadata is what is read of a discovery document (OpenID Connect Discovery 1.0
// section 3, RFC 8414 section 2, RFC 9207 section 3, OpenID Connect RP-Initiated
// Logout 1.0 section 2.1). A member of an unexpected type counts as absent.
type metadata struct {
	Issuer        string
	Authorization string
	Token         string
	Device        string
	UserInfo      string
	Introspection string
	Revocation    string
	EndSession    string
	JWKS          string
	Scopes        []string
	GrantTypes    []string
	AuthMethods   []string // of the token endpoint
	AuthAlgs      []string // of assertions at the token endpoint
	PKCE          []string // code_challenge_methods_supported
	IDTokenAlgs   []string
	NamesItself   bool // authorization_response_iss_parameter_supported
}

// The fields of a discovery document that the driver names when they are missing.
const (
	fieldAuthorization = "authorization_endpoint"
	fieldToken         = "token_endpoint"
	fieldDevice        = "device_authorization_endpoint"
	fieldUserInfo      = "userinfo_endpoint"
	fieldIntrospection = "introspection_endpoint"
	fieldRevocation    = "revocation_endpoint"
	fieldEndSession    = "end_session_endpoint"
	fieldGrants        = "grant_types_supported"
	fieldAuth          = "token_endpoint_auth_methods_supported"
	fieldPKCE          = "code_challenge_methods_supported"
)

// readMetadata reads a discovery document.
func readMetadata(body []byte) (metadata, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(body, &members); err != nil {
		return metadata{}, errors.New("the discovery document is no JSON object")
	}
	var m metadata
	for name, into := range map[string]*string{
		"issuer": &m.Issuer, fieldAuthorization: &m.Authorization, fieldToken: &m.Token, fieldDevice: &m.Device,
		fieldUserInfo: &m.UserInfo, fieldIntrospection: &m.Introspection, fieldRevocation: &m.Revocation,
		fieldEndSession: &m.EndSession, "jwks_uri": &m.JWKS,
	} {
		_ = json.Unmarshal(members[name], into) // of another type: absent
	}
	for name, into := range map[string]*[]string{
		"scopes_supported": &m.Scopes, fieldGrants: &m.GrantTypes, fieldAuth: &m.AuthMethods,
		"token_endpoint_auth_signing_alg_values_supported": &m.AuthAlgs, fieldPKCE: &m.PKCE,
		"id_token_signing_alg_values_supported": &m.IDTokenAlgs,
	} {
		_ = json.Unmarshal(members[name], into)
	}
	_ = json.Unmarshal(members["authorization_response_iss_parameter_supported"], &m.NamesItself)
	return m, nil
}

// issuerOf is the issuer that a target is asked as: its own for an OIDC target,
// that of v2.0 tokens for Entra.
func issuerOf(t engine.Target) string {
	if t.Is() == engine.Entra {
		return t.Authority + "/v2.0"
	}
	return t.Issuer
}

// discover fetches the issuer's discovery document and checks whose it is (OpenID
// Connect Discovery 1.0 section 4.3).
func (c *client) discover(ctx context.Context) error {
	asked := issuerOf(c.job.Target)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(asked, "/")+"/.well-known/openid-configuration", nil)
	if err != nil {
		return fmt.Errorf("issuer: %w", err)
	}
	req.Header.Set("Accept", "application/json")
	e, err := c.send(req, trace.Metadata)
	if err != nil {
		return err
	}
	if err := engine.AnswerError(e, nil); err != nil {
		return err
	}
	if e.Response.Status != http.StatusOK {
		return fmt.Errorf("%s has no discovery document: status %d", req.URL.Redacted(), e.Response.Status)
	}
	if c.meta, err = readMetadata(e.Response.Body); err != nil {
		return err
	}
	if !c.issuerFits(asked) {
		return &engine.RefusedError{Refusal: trace.Refusal{
			Check: "issuer", Step: c.s.Step(), Expected: asked, Found: clip(c.meta.Issuer),
			Why: "the discovery document is that of another issuer: its endpoints and keys are not those that were asked for",
		}}
	}
	if c.auth, err = chooseAuth(c.job, c.meta); err != nil {
		return err
	}
	c.admit(e)
	return c.remarks()
}

// issuerFits compares the document's issuer with the one asked, letter by letter.
// Entra answers for a domain with the tenant's GUID, and for the authorities of
// many tenants with a placeholder (Entra: OpenID Connect on the identity
// platform); host and ending are compared all the same.
func (c *client) issuerFits(asked string) bool {
	found := c.meta.Issuer
	if found == asked {
		return true
	}
	if c.job.Target.Is() != engine.Entra || c.job.Target.TenantID != "" {
		return false
	}
	f, err := url.Parse(found)
	if err != nil {
		return false
	}
	a, err := url.Parse(asked)
	return err == nil && f.Scheme == a.Scheme && f.Host == a.Host && strings.Count(f.Path, "/") == 2 && strings.HasSuffix(f.Path, "/v2.0")
}

// admit lets the run reach the endpoints that the document names on other hosts:
// the document of the stated issuer, fetched over https, says which hosts are the
// issuer's. Not for Entra, whose hosts are known, and not when the answer was
// changed on its way.
func (c *client) admit(e trace.Exchange) {
	if c.job.Target.Is() == engine.Entra || len(e.AnswerChanges) > 0 || !strings.HasPrefix(e.Request.URL, "https://") {
		return
	}
	var hosts []string
	for _, address := range []string{c.meta.Authorization, c.meta.Token, c.meta.Device, c.meta.UserInfo, c.meta.Introspection, c.meta.Revocation, c.meta.EndSession, c.meta.JWKS} {
		if u, err := url.Parse(address); err == nil && u.Scheme == "https" {
			hosts = append(hosts, u.Host)
		}
	}
	if fresh := c.s.Admit(hosts...); len(fresh) > 0 {
		c.s.Remark(trace.Metadata, "the issuer names further hosts of its own, which may be asked now: "+clip(strings.Join(fresh, ", ")))
	}
}

// remarks notes beside the document what is unusual about it, and refuses what
// would leave a public client without its one protection.
func (c *client) remarks() error {
	var out []string
	switch entra := c.job.Target.Is() == engine.Entra; {
	case slices.Contains(c.meta.PKCE, "S256"):
	case len(c.meta.PKCE) > 0 && c.auth.method == authNone && signsIn(c.job):
		return &engine.RefusedError{Refusal: trace.Refusal{
			Check: fieldPKCE, Step: c.s.Step(), Expected: "S256 among them", Found: clip(join(c.meta.PKCE)),
			Why: "without S256 nothing but the code stands between a public client's tokens and whoever saw the redirect",
		}}
	case len(c.meta.PKCE) > 0:
		out = append(out, fieldPKCE+" has no S256: the challenge is sent all the same, and the client's credential has to do")
	case entra:
		out = append(out, "no "+fieldPKCE+": Microsoft Entra ID takes S256 without saying so")
	case signsIn(c.job):
		out = append(out, "no "+fieldPKCE+": whether the verifier is looked at can't be known, so it is sent in any case")
	}
	if len(c.meta.IDTokenAlgs) > 0 && !slices.ContainsFunc(c.meta.IDTokenAlgs, checkable) {
		out = append(out, "ID tokens are signed with "+clip(join(c.meta.IDTokenAlgs))+" alone, which can't be checked here")
	}
	if c.meta.NamesItself {
		out = append(out, "redirects of this issuer name it (iss): one that does not is refused")
	}
	if len(out) > 0 {
		c.s.Remark(trace.Metadata, strings.Join(out, "; "))
	}
	return nil
}

// checkable reports whether signatures of this algorithm can be checked: RSA and
// EC as RFC 7518 has them, not EdDSA (RFC 8037).
func checkable(alg string) bool {
	return len(alg) == 5 && slices.Contains([]string{"RS", "PS", "ES"}, alg[:2])
}

// need gives an endpoint of the document, or says which field is missing.
func (c *client) need(field, address, what string) (string, error) {
	if address == "" {
		return "", fmt.Errorf("%s offers no %s: its discovery document has no %s", c.server(), what, field)
	}
	return address, nil
}

// server is what the authorization server is called in a sentence.
func (c *client) server() string { return serverOf(c.job) }

func serverOf(job engine.Job) string {
	if job.Target.Is() == engine.Entra {
		return "Microsoft Entra ID"
	}
	return "the issuer"
}

func join(list []string) string { return strings.Join(list, " ") }

// maxShown bounds what is repeated of a document, in runes.
const maxShown = 300

// clip makes a text from outside fit to be shown: without control characters, and
// not longer than a sentence or two.
func clip(s string) string {
	n := 0
	for i := range s {
		if n == maxShown {
			return trace.Plain(s[:i]) + "…"
		}
		n++
	}
	return trace.Plain(s)
}
