// Package profile reads the configuration file: how the program looks, and the
// targets that a person has saved. It changes one target in the text of that file
// and leaves everything else, comments included, as it was written; and it reads
// credentials from where a profile says they are.
//
// A secret never stands in that file; it says only where one is kept. The
// package sends nothing, and it refuses a file with a key that it does not know:
// a misspelt key must not be a silent default.
package profile

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"flowscope/decision"
	"flowscope/engine/trace"
)

// Config is the configuration file.
type Config struct {
	Theme    string             `toml:"theme"`  // name of a theme; empty: the default
	Glyphs   string             `toml:"glyphs"` // "unicode", "ascii", or empty
	Profiles map[string]Profile `toml:"profiles"`
}

// Profile is a saved target: a tenant, or any OpenID Connect issuer, and an
// application in it.
type Profile struct {
	Cloud       string   `toml:"cloud"`       // public, us-gov or china; empty: public (Entra: national clouds)
	Tenant      string   `toml:"tenant"`      // GUID, domain, common, organizations or consumers (Entra: authority values)
	Issuer      string   `toml:"issuer"`      // in place of cloud and tenant: an issuer identifier (OpenID Connect Discovery 1.0 section 3)
	ClientID    string   `toml:"client_id"`   // with Entra the GUID of the application
	ClientType  string   `toml:"client_type"` // web, spa, native, daemon or api
	RedirectURI string   `toml:"redirect_uri"`
	LogoutURI   string   `toml:"logout_uri"` // where a sign-out may come back to
	Scopes      []string `toml:"scopes"`
	Call        string   `toml:"call"` // URL of an API that its tokens are for

	SecretEnv    string `toml:"secret_env"`    // environment variable that holds the client secret
	SecretFile   string `toml:"secret_file"`   // file that holds the client secret
	SecretPrompt bool   `toml:"secret_prompt"` // the client secret is asked for

	CertificateFile           string `toml:"certificate_file"` // certificate with its private key: PEM or PFX
	CertificatePasswordEnv    string `toml:"certificate_password_env"`
	CertificatePasswordFile   string `toml:"certificate_password_file"`
	CertificatePasswordPrompt bool   `toml:"certificate_password_prompt"`

	AssertionFile string `toml:"assertion_file"` // file with an assertion of another issuer, as AZURE_FEDERATED_TOKEN_FILE names one
	AssertionEnv  string `toml:"assertion_env"`  // environment variable with such an assertion

	Downstream     []string   `toml:"downstream"`      // of an API: scopes that it asks for on behalf of the user
	DownstreamCall string     `toml:"downstream_call"` // URL of the API behind it
	CAFile         string     `toml:"ca_file"`         // PEM file of a CA that is trusted for this target too
	Resources      []Resource `toml:"resources"`
}

// Resource is what the profile says of an API, so that its tokens can be checked.
type Resource struct {
	URI      string `toml:"uri"`      // what its scopes begin with (App ID URI)
	Audience string `toml:"audience"` // what its tokens carry in aud; empty: the same
	Version  string `toml:"version"`  // of its tokens: 1.0 or 2.0; empty: 2.0
}

// cloud is one of Entra's clouds (Entra: national clouds).
type cloud struct{ authority, graph string }

var clouds = map[string]cloud{
	"public": {"login.microsoftonline.com", "graph.microsoft.com"},
	"us-gov": {"login.microsoftonline.us", "graph.microsoft.us"},
	"china":  {"login.partner.microsoftonline.cn", "microsoftgraph.chinacloudapi.cn"},
}

// Clouds are the names of Entra's clouds, the usual one first.
func Clouds() []string { return []string{"public", "us-gov", "china"} }

// ClientTypes are the types that a client can have.
func ClientTypes() []string { return []string{"web", "spa", "native", "daemon", "api"} }

func (p Profile) cloud() cloud {
	if p.Cloud == "" {
		return clouds["public"]
	}
	return clouds[p.Cloud]
}

// Host gives the authority host of the profile's cloud.
func (p Profile) Host() string { return p.cloud().authority }

// GraphHost gives the host of Microsoft Graph in the profile's cloud.
func (p Profile) GraphHost() string { return p.cloud().graph }

// Authority gives the profile's authority, without a version; with an issuer it
// is that issuer.
func (p Profile) Authority() string {
	if p.Issuer != "" {
		return p.Issuer
	}
	return "https://" + p.Host() + "/" + p.Tenant
}

// consumersTenant is the tenant of personal accounts (Entra: authority values).
const consumersTenant = "9188040d-6c67-4c5b-b112-36a304b66dad"

// TenantID gives the tenant's GUID, empty when the profile names a domain or one
// of the authorities for many tenants: the GUID behind it is learned and not
// guessed.
func (p Profile) TenantID() string {
	switch {
	case p.Tenant == "consumers":
		return consumersTenant
	case guid.MatchString(p.Tenant):
		return strings.ToLower(p.Tenant)
	}
	return ""
}

// many reports whether the authority is not one tenant's (Entra: authority values).
func (p Profile) many() bool { return slices.Contains(authorities, p.Tenant) }

// authorities are the values that name no tenant.
var authorities = []string{"common", "organizations", "consumers"}

// Flows gives the flows that the profile's client type runs.
func (p Profile) Flows() []decision.Flow {
	flows := p.flows()
	if p.Issuer != "" {
		flows = slices.DeleteFunc(flows, func(f decision.Flow) bool {
			return f == decision.AdminConsent || f == decision.Silent || f == decision.Password
		})
		if p.Confidential() {
			flows = append(flows, decision.TokenExchange)
		}
	}
	return flows
}

func (p Profile) flows() []decision.Flow {
	signsIn := []decision.Flow{decision.AuthorizationCode, decision.RefreshToken, decision.Silent, decision.SignOut}
	switch p.ClientType {
	case "daemon":
		return []decision.Flow{decision.ClientCredentials}
	case "api":
		return []decision.Flow{decision.OnBehalfOf}
	case "web":
		return append(signsIn, decision.AdminConsent)
	case "native":
		device := []decision.Flow{decision.DeviceCode, decision.Password}
		if p.RedirectURI == "" {
			return append(device, decision.RefreshToken, decision.Silent)
		}
		return append(signsIn, device...)
	}
	return signsIn
}

// Confidential reports whether the client proves itself with a credential.
func (p Profile) Confidential() bool {
	return p.ClientType == "web" || p.ClientType == "daemon" || p.ClientType == "api"
}

// Path gives where the file is when nobody says otherwise (XDG Base Directory
// Specification): $XDG_CONFIG_HOME/flowscope/config.toml, else below ~/.config.
// It is empty when neither is known.
func Path(getenv func(string) string) string {
	if dir := getenv("XDG_CONFIG_HOME"); dir != "" {
		return filepath.Join(dir, "flowscope", "config.toml")
	}
	if home := getenv("HOME"); home != "" {
		return filepath.Join(home, ".config", "flowscope", "config.toml")
	}
	return ""
}

// Load reads and checks the file. A file that is not there is an empty
// configuration, unless it was named by hand. Errors name file, line and key.
func Load(path string, named bool, read func(string) ([]byte, error)) (Config, error) {
	c, data, err := load(path, named, read)
	if err != nil {
		return Config{}, err
	}
	if err := c.check(data); err != nil {
		return Config{}, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

// Read is Load without a look at what the profiles say: whoever takes a part of
// one checks that part, as CheckExpected does.
func Read(path string, named bool, read func(string) ([]byte, error)) (Config, error) {
	c, _, err := load(path, named, read)
	return c, err
}

// load reads the file and gives its text too.
func load(path string, named bool, read func(string) ([]byte, error)) (Config, []byte, error) {
	if path == "" {
		return Config{}, nil, nil
	}
	data, err := read(path)
	if errors.Is(err, fs.ErrNotExist) && !named {
		return Config{}, nil, nil
	}
	if err != nil {
		return Config{}, nil, fmt.Errorf("configuration: %w", err)
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")) // as editors on Windows begin a file
	c, err := decode(data)
	if err != nil {
		return Config{}, nil, fmt.Errorf("%s: %w", path, err)
	}
	return c, data, nil
}

// Parse reads and checks the text of a configuration file. Errors name line and
// key.
func Parse(data []byte) (Config, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")) // as editors on Windows begin a file
	c, err := decode(data)
	if err != nil {
		return Config{}, err
	}
	if err := c.check(data); err != nil {
		return Config{}, err
	}
	return c, nil
}

func decode(data []byte) (Config, error) {
	var c Config
	dec := toml.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&c); err != nil {
		return Config{}, explain(err)
	}
	return c, nil
}

// explain turns an error of the TOML library into one line with its place.
func explain(err error) error {
	var unknown *toml.StrictMissingError
	if errors.As(err, &unknown) && len(unknown.Errors) > 0 {
		e := unknown.Errors[0]
		line, _ := e.Position()
		key := trace.Plain(strings.Join(e.Key(), "."))
		last := e.Key()[len(e.Key())-1]
		if where, ok := secretKeys[last]; ok {
			return fmt.Errorf("line %d: %s: a secret never stands in this file; say where it is with %s", line, key, where)
		}
		if rest, ok := strings.CutPrefix(key, "profile."); ok {
			name, _, _ := strings.Cut(rest, ".")
			return fmt.Errorf("line %d: there is no key %s; did you mean [profiles.%s]?", line, key, name)
		}
		return fmt.Errorf("line %d: there is no key %s%s", line, key, meant(last))
	}
	var broken *toml.DecodeError
	if errors.As(err, &broken) {
		line, column := broken.Position()
		words := plainWords(trace.Plain(strings.TrimPrefix(broken.Error(), "toml: ")))
		if key := strings.Join(broken.Key(), "."); key != "" {
			return fmt.Errorf("line %d: %s: %s", line, trace.Plain(key), words)
		}
		return fmt.Errorf("line %d, column %d: %s", line, column, words)
	}
	return fmt.Errorf("not TOML: %w", err)
}

// plainWords puts what the TOML library says of a value into words that name the
// form to write, without those of its own language.
func plainWords(s string) string {
	switch {
	case strings.Contains(s, "of type []string"):
		return "this is a list, such as [\"one\", \"two\"]"
	case strings.Contains(s, "of type string"):
		return "this is a text: put it in quotes, such as \"one\""
	case strings.Contains(s, "of type bool"):
		return "this is true or false, without quotes"
	case strings.Contains(s, "of type"):
		return "the value is not of the form that this key takes"
	case strings.Contains(s, "expected value") || strings.Contains(s, "incomplete number") || strings.Contains(s, "unexpected character") || strings.Contains(s, "expected 'true'") || strings.Contains(s, "expected 'false'") || strings.Contains(s, "invalid character at start of value"):
		return "this value can't be read: put it in quotes (" + s + ")"
	}
	return s
}

// secretKeys are the names under which somebody might write a secret down, with
// the keys that are for it.
var secretKeys = map[string]string{
	"secret": "secret_env, secret_file or secret_prompt", "client_secret": "secret_env, secret_file or secret_prompt",
	"password":             "secret_env or secret_file",
	"certificate_password": "certificate_password_env, certificate_password_file or certificate_password_prompt",
	"assertion":            "assertion_file or assertion_env", "client_assertion": "assertion_file or assertion_env",
	"refresh_token": "nothing: flowscope asks for it", "private_key": "certificate_file",
}

// meant names the key that was perhaps meant by a misspelt one: the one with the
// same letters and digits, or with the same beginning.
func meant(key string) string {
	plain := func(s string) string { return strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(s)) }
	for _, k := range Keys() {
		if plain(k) == plain(key) || len(key) > 4 && strings.HasPrefix(k, key[:5]) {
			return "; there is " + k
		}
	}
	return ""
}

var (
	guid   = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
	domain = regexp.MustCompile(`^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$`)
	envVar = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
)

// Names gives the names of the profiles, in order.
func (c Config) Names() []string { return slices.Sorted(maps.Keys(c.Profiles)) }

// Find gives the profile with this name. It fails with the names that there are.
func (c Config) Find(name string) (Profile, error) {
	p, ok := c.Profiles[name]
	if ok {
		return p, nil
	}
	if len(c.Profiles) == 0 {
		return p, fmt.Errorf("there is no profile %q: the configuration has none", trace.Plain(name))
	}
	return p, fmt.Errorf("there is no profile %q; there are %s", trace.Plain(name), trace.Plain(strings.Join(c.Names(), ", ")))
}
