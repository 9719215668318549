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
	if !issuerFits(c.job.Target, c.meta.Issuer) {
		return &engine.RefusedError{Refusal: trace.Refusal{
			Check: "issuer", Step: c.s.Step(), Expected: asked, Found: clip(c.meta.Issuer),
			Why: "the discovery document is that of another issuer: its endpoints and keys are not those that were asked for",
		}}
	}
	if c.auth, err = chooseAuth(c.job, c.meta); err != nil {
		return err
	}
	c.s.Admit(c.furtherHosts(c.meta, e)...)
	return c.protected()
}

// issuerFits compares the document's issuer with the one asked, letter by letter.
// Entra answers for a domain with the tenant's GUID, and for the authorities of
// many tenants with a placeholder (Entra: OpenID Connect on the identity
// platform); host and ending are compared all the same.
func issuerFits(t engine.Target, found string) bool {
	asked := issuerOf(t)
	if found == asked {
		return true
	}
	if t.Is() != engine.Entra || t.TenantID != "" {
		return false
	}
	f, err := url.Parse(found)
	if err != nil {
		return false
	}
	a, err := url.Parse(asked)
	return err == nil && f.Scheme == a.Scheme && f.Host == a.Host && strings.Count(f.Path, "/") == 2 && strings.HasSuffix(f.Path, "/v2.0")
}

// furtherHosts are the hosts of the endpoints that the document names beyond the
// target's: the document of the stated issuer, fetched over https, says which
// hosts are the issuer's. None for Entra, whose hosts are known, and none when the
// answer was changed on its way.
func (c *client) furtherHosts(m metadata, e trace.Exchange) []string {
	if c.job.Target.Is() == engine.Entra || len(e.AnswerChanges) > 0 || !strings.HasPrefix(e.Request.URL, "https://") {
		return nil
	}
	var hosts []string
	for _, address := range []string{m.Authorization, m.Token, m.Device, m.UserInfo, m.Introspection, m.Revocation, m.EndSession, m.JWKS} {
		u, err := url.Parse(address)
		if err == nil && u.Scheme == "https" && c.s.Allows(address) != nil && !slices.Contains(hosts, u.Host) {
			hosts = append(hosts, u.Host)
		}
	}
	return hosts
}

// protected refuses what would leave a public client without its one protection
// (RFC 9700 section 2.1.1).
func (c *client) protected() error {
	if !c.goesThroughBrowser() || c.auth.method != authNone || len(c.meta.PKCE) == 0 || slices.Contains(c.meta.PKCE, s256) {
		return nil
	}
	return &engine.RefusedError{Refusal: trace.Refusal{
		Check: fieldPKCE, Step: c.s.Step(), Expected: s256 + " among them", Found: clip(join(c.meta.PKCE)),
		Why: "without S256 nothing but the code stands between a public client's tokens and whoever saw the redirect",
	}}
}

func (c *client) goesThroughBrowser() bool { return signsIn(c.job) }

// s256 is the challenge method that protects (RFC 7636 section 4.2).
const s256 = "S256"

// aboutDocument says what is unusual about a discovery document, and what Entra's
// leaves out.
func (c *client) aboutDocument(e trace.Exchange) string {
	m, err := readMetadata(e.Response.Body)
	if err != nil || !issuerFits(c.job.Target, m.Issuer) {
		return ""
	}
	var out []string
	switch {
	case !c.goesThroughBrowser() || slices.Contains(m.PKCE, s256):
	case len(m.PKCE) > 0:
		out = append(out, fieldPKCE+" has no S256: the challenge is sent all the same, and the client's credential has to do")
	case c.job.Target.Is() == engine.Entra:
		out = append(out, "no "+fieldPKCE+": Microsoft Entra ID takes S256 without saying so")
	default:
		out = append(out, "no "+fieldPKCE+": whether the verifier is looked at can't be known, so it is sent in any case")
	}
	if len(m.IDTokenAlgs) > 0 && !slices.ContainsFunc(m.IDTokenAlgs, checkable) {
		out = append(out, "ID tokens are signed with "+clip(join(m.IDTokenAlgs))+" alone, which can't be checked here")
	}
	if m.NamesItself && c.goesThroughBrowser() {
		out = append(out, "redirects of this issuer name it (iss): one that does not is refused")
	}
	if left := leftOut(c.job, m); len(left) > 0 {
		out = append(out, "scopes_supported has no "+join(left)+", so it is not asked for")
	}
	if hosts := c.furtherHosts(m, e); len(hosts) > 0 {
		out = append(out, "the issuer names further hosts of its own, which may be asked now: "+clip(strings.Join(hosts, ", ")))
	}
	return strings.Join(out, "; ")
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
