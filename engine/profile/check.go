package profile

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"flowscope/engine/trace"
)

// Problem is what is wrong with one key of a profile.
type Problem struct {
	Key  string // as it stands in the file
	Text string // one sentence without a full stop
}

// Error gives key and text in one line.
func (p Problem) Error() string { return p.Key + ": " + p.Text }

// check looks at everything that TOML itself does not know. Errors name line and
// key.
func (c Config) check(data []byte) error {
	doc := scan(data)
	if c.Glyphs != "" && c.Glyphs != "unicode" && c.Glyphs != "ascii" {
		return doc.at([]string{"glyphs"}, fmt.Errorf("glyphs: %q is neither unicode nor ascii", trace.Plain(c.Glyphs)))
	}
	for _, name := range c.Names() {
		if problems := c.Profiles[name].Check(); len(problems) > 0 {
			first := problems[0]
			return doc.at([]string{"profiles", name, first.Key}, fmt.Errorf("profiles.%s.%w", trace.Plain(name), first))
		}
		if text := badName(name); text != "" {
			return doc.at([]string{"profiles", name}, fmt.Errorf("profiles.%s: %s", trace.Plain(name), text))
		}
	}
	return nil
}

// AtLine says in an error at which line of the text a key stands, where it does.
func AtLine(data []byte, key []string, err error) error { return scan(data).at(key, err) }

// maxName bounds the name of a profile, in bytes.
const maxName = 64

// badName says what is wrong with the name of a profile, nothing when it is fine.
func badName(name string) string {
	switch {
	case name == "":
		return "a profile needs a name"
	case name == "lab":
		return "the lab has this name already"
	case len(name) > maxName:
		return fmt.Sprintf("a name has no more than %d characters", maxName)
	case trace.Plain(name) != name || strings.TrimSpace(name) != name:
		return "a name has no control characters and no spaces around it"
	}
	return ""
}

// CheckName gives what is wrong with the name of a profile, nil when it is fine.
func CheckName(name string) error {
	if text := badName(name); text != "" {
		return Problem{"name", text}
	}
	return nil
}

// Check gives everything that is wrong with a profile, in the order in which the
// keys are thought of; nothing when it can be used.
func (p Profile) Check() []Problem {
	var out []Problem
	for _, check := range []func() []Problem{p.checkAuthority, p.checkClient, p.checkAddresses, p.checkSecret, p.checkCertificate, p.checkResources} {
		out = append(out, check()...)
	}
	return out
}

// CheckExpected gives what is wrong with the part of a profile that says what tokens
// must hold: who issues them, to which client, for which APIs. Where a sign-in comes
// back to, and with what the client proves itself, is none of it.
func (p Profile) CheckExpected() []Problem {
	out := p.checkAuthority()
	for _, found := range p.checkClient() {
		if found.Key == "client_id" && p.ClientID != "" {
			out = append(out, found)
		}
	}
	return append(out, p.checkResources()...)
}

func problem(key, format string, args ...any) []Problem {
	return []Problem{{key, fmt.Sprintf(format, args...)}}
}

func quoted(s string) string { return fmt.Sprintf("%q", trace.Plain(s)) }

func (p Profile) checkAuthority() []Problem {
	switch {
	case p.Issuer != "" && p.Tenant != "":
		return problem("tenant", "the issuer says where to sign in, so a tenant has no place beside it")
	case p.Issuer != "" && p.Cloud != "":
		return problem("cloud", "the issuer says where to sign in, so a cloud has no place beside it")
	case p.Issuer != "":
		if err := CheckIssuer(p.Issuer); err != nil {
			return problem("issuer", "%s", err)
		}
		return nil
	case p.Host() == "":
		return problem("cloud", "%s is none of %s", quoted(p.Cloud), strings.Join(Clouds(), ", "))
	case p.many() && (p.ClientType == "daemon" || p.ClientType == "api"):
		return problem("tenant", "%q names no tenant, and %s needs one: its GUID or domain", p.Tenant, article(p.ClientType))
	case p.Tenant == "":
		return problem("tenant", "it is missing: a GUID, a domain, or one of %s; or an issuer in its place", strings.Join(authorities, ", "))
	case !p.many() && !guid.MatchString(p.Tenant) && !domain.MatchString(p.Tenant):
		return problem("tenant", "%s is neither a GUID nor a domain, nor one of %s", quoted(p.Tenant), strings.Join(authorities, ", "))
	}
	return nil
}

func article(clientType string) string {
	if clientType == "api" {
		return "an api"
	}
	return "a " + clientType
}

// CheckIssuer gives what is wrong with an issuer identifier: it is an https URL
// without query and fragment (OpenID Connect Discovery 1.0 section 3), or http
// where it is this machine.
func CheckIssuer(issuer string) error {
	u, err := url.Parse(issuer)
	switch {
	case err != nil || u.Host == "" || u.Opaque != "":
		return fmt.Errorf("%s is no address", quoted(issuer))
	case u.User != nil:
		return fmt.Errorf("an issuer has no user name in it")
	case u.Scheme == "http" && !onThisMachine(u):
		return fmt.Errorf("%s is not https; http is for this machine alone (localhost, 127.0.0.1)", quoted(issuer))
	case u.Scheme != "https" && u.Scheme != "http":
		return fmt.Errorf("%s is not https", quoted(issuer))
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return fmt.Errorf("an issuer has no query and no fragment")
	case strings.HasSuffix(u.Path, "/.well-known/openid-configuration"):
		return fmt.Errorf("that is its discovery document; the issuer is what stands before /.well-known")
	}
	return nil
}

func onThisMachine(u *url.URL) bool {
	return u.Hostname() == "localhost" || u.Hostname() == "127.0.0.1" || u.Hostname() == "::1"
}

// maxID bounds a client id that is no GUID, in bytes.
const maxID = 512

func (p Profile) checkClient() []Problem {
	var out []Problem
	switch {
	case p.ClientID == "":
		out = problem("client_id", "it is missing")
	case p.Issuer == "" && !guid.MatchString(p.ClientID):
		out = problem("client_id", "%s is no GUID; it is the Application (client) ID of the portal", quoted(p.ClientID))
	case trace.Plain(p.ClientID) != p.ClientID || len(p.ClientID) > maxID:
		out = problem("client_id", "%s is no client id", quoted(p.ClientID[:min(len(p.ClientID), 40)]))
	}
	if !slices.Contains(ClientTypes(), p.ClientType) {
		out = append(out, problem("client_type", "%s is none of %s", quoted(p.ClientType), strings.Join(ClientTypes(), ", "))...)
	}
	if p.ClientType == "api" && p.Issuer != "" {
		out = append(out, problem("client_type", "on-behalf-of is Entra's; with an issuer a web client exchanges tokens")...)
	}
	if len(p.Scopes) == 0 && p.ClientType != "api" {
		out = append(out, problem("scopes", "at least one is needed")...)
	}
	out = append(out, checkScopes("scopes", p.Scopes)...)
	if p.ClientType == "api" && len(p.Downstream) == 0 {
		out = append(out, problem("downstream", "say which scopes the api asks for on behalf of the user")...)
	}
	if p.ClientType != "api" && (len(p.Downstream) > 0 || p.DownstreamCall != "") {
		out = append(out, problem("downstream", "it is for client_type api: what an API asks for on behalf of the user")...)
	}
	return append(out, checkScopes("downstream", p.Downstream)...)
}

// checkScopes holds scopes to the characters that one may have (RFC 6749 section
// 3.3).
func checkScopes(key string, scopes []string) []Problem {
	for _, s := range scopes {
		if s == "" || strings.ContainsFunc(s, func(r rune) bool { return r <= 0x20 || r >= 0x7f || r == '"' || r == '\\' }) {
			return problem(key, "%s is no scope: each stands by itself, without spaces", quoted(s))
		}
	}
	return nil
}

func (p Profile) checkAddresses() []Problem {
	var out []Problem
	unattended := p.ClientType == "daemon" || p.ClientType == "api"
	switch {
	case unattended && p.RedirectURI != "":
		out = problem("redirect_uri", "%s is not come back to", article(p.ClientType))
	case unattended, p.RedirectURI == "" && p.ClientType == "native":
	case p.RedirectURI == "":
		out = problem("redirect_uri", "it is missing: where a sign-in comes back to, as it is registered")
	default:
		u, err := url.Parse(p.RedirectURI)
		switch {
		case err != nil || u.Scheme == "" || (u.Host == "" && u.Opaque == "" && u.Path == ""), trace.Plain(p.RedirectURI) != p.RedirectURI:
			out = problem("redirect_uri", "%s is no address", quoted(p.RedirectURI))
		case u.Host == "" && p.ClientType != "native":
			out = problem("redirect_uri", "%s is no address", quoted(p.RedirectURI))
		case u.Fragment != "" || strings.Contains(p.RedirectURI, "#"):
			out = problem("redirect_uri", "it has no fragment (RFC 6749 section 3.1.2)")
		case u.Scheme == "http" && !onThisMachine(u):
			out = problem("redirect_uri", "http is for this machine alone; elsewhere it is https")
		}
	}
	if p.LogoutURI != "" && unattended {
		out = append(out, problem("logout_uri", "nobody signs in to %s, so nobody signs out", article(p.ClientType))...)
	} else if p.LogoutURI != "" {
		out = append(out, checkURL("logout_uri", p.LogoutURI)...)
	}
	if p.Call != "" {
		out = append(out, checkURL("call", p.Call)...)
	}
	if p.DownstreamCall != "" {
		out = append(out, checkURL("downstream_call", p.DownstreamCall)...)
	}
	return out
}

// checkURL wants https, or http where it is this machine: a token must not travel
// in the clear.
func checkURL(key, address string) []Problem {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "" || trace.Plain(address) != address:
		return problem(key, "%s is no address", quoted(address))
	case u.User != nil:
		return problem(key, "an address has no user name and no password in it")
	case u.Scheme != "https" && (u.Scheme != "http" || !onThisMachine(u)):
		return problem(key, "%s is not https; http is for this machine alone", quoted(address))
	}
	return nil
}

// place is one way to say where something secret is.
type place struct {
	key string
	set bool
}

// given lists the keys that are set.
func given(places ...place) []string {
	var out []string
	for _, p := range places {
		if p.set {
			out = append(out, p.key)
		}
	}
	return out
}

func (p Profile) checkSecret() []Problem {
	secret := given(place{"secret_env", p.SecretEnv != ""}, place{"secret_file", p.SecretFile != ""}, place{"secret_prompt", p.SecretPrompt})
	assertion := given(place{"assertion_file", p.AssertionFile != ""}, place{"assertion_env", p.AssertionEnv != ""})
	all := append(append(slices.Clone(secret), given(place{"certificate_file", p.CertificateFile != ""})...), assertion...)
	var out []Problem
	switch {
	case len(secret) > 1:
		out = problem(secret[1], "the secret is in one place, and %s names another", secret[0])
	case len(assertion) > 1:
		out = problem(assertion[1], "the assertion is in one place, and %s names another", assertion[0])
	case p.Confidential() && len(all) == 0:
		out = problem("secret_env", "%s proves itself, so say with what: secret_env, secret_file, secret_prompt, certificate_file, assertion_file or assertion_env", article(p.ClientType))
	case !p.Confidential() && len(all) > 0 && slices.Contains(ClientTypes(), p.ClientType):
		out = problem(all[0], "%s can keep no secret", article(p.ClientType))
	}
	for _, v := range []place{{"secret_env", badVar(p.SecretEnv)}, {"assertion_env", badVar(p.AssertionEnv)}, {"certificate_password_env", badVar(p.CertificatePasswordEnv)}} {
		if v.set {
			// the value is not repeated: somebody may have put the secret there
			out = append(out, problem(v.key, "that is no name of an environment variable")...)
		}
	}
	return out
}

func badVar(name string) bool { return name != "" && !envVar.MatchString(name) }

func (p Profile) checkCertificate() []Problem {
	words := given(place{"certificate_password_env", p.CertificatePasswordEnv != ""}, place{"certificate_password_file", p.CertificatePasswordFile != ""},
		place{"certificate_password_prompt", p.CertificatePasswordPrompt})
	switch {
	case len(words) > 1:
		return problem(words[1], "the password is in one place, and %s names another", words[0])
	case len(words) > 0 && p.CertificateFile == "":
		return problem(words[0], "there is no certificate_file that it opens")
	}
	return nil
}

func (p Profile) checkResources() []Problem {
	for _, r := range p.Resources {
		switch {
		case r.URI == "" && r.Audience == "":
			return problem("resources", "a resource needs its uri or its audience")
		case r.Version != "" && r.Version != "1.0" && r.Version != "2.0":
			return problem("resources", "version %s is neither 1.0 nor 2.0", quoted(r.Version))
		}
	}
	return nil
}
