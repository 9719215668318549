// Package profile reads the configuration file: how the program looks, and the
// targets that a person has saved.
//
// A secret never stands in that file; it says only where one is kept. The
// package writes nothing and sends nothing, and it refuses a file with a key
// that it does not know: a misspelt key must not be a silent default.
package profile

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
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

// Profile is a saved target: a tenant and an application in it.
type Profile struct {
	Cloud       string   `toml:"cloud"`       // public, us-gov or china; empty: public (Entra: national clouds)
	Tenant      string   `toml:"tenant"`      // GUID or domain
	ClientID    string   `toml:"client_id"`   // GUID of the application
	ClientType  string   `toml:"client_type"` // web, spa, native or daemon
	RedirectURI string   `toml:"redirect_uri"`
	Scopes      []string `toml:"scopes"`
	SecretEnv   string   `toml:"secret_env"`  // environment variable that holds the client secret
	SecretFile  string   `toml:"secret_file"` // file that holds the client secret
}

// clouds are the authority hosts (Entra: national clouds).
var clouds = map[string]string{
	"": "login.microsoftonline.com", "public": "login.microsoftonline.com",
	"us-gov": "login.microsoftonline.us", "china": "login.partner.microsoftonline.cn",
}

// Host gives the authority host of the profile's cloud.
func (p Profile) Host() string { return clouds[p.Cloud] }

// Authority gives the profile's authority, without a version.
func (p Profile) Authority() string { return "https://" + p.Host() + "/" + p.Tenant }

// TenantID gives the tenant's GUID, empty when the profile names a domain: the
// GUID behind it is learned from discovery and not guessed.
func (p Profile) TenantID() string {
	if guid.MatchString(p.Tenant) {
		return strings.ToLower(p.Tenant)
	}
	return ""
}

// Flows gives the flows that the profile's client type runs.
func (p Profile) Flows() []decision.Flow {
	signsIn := []decision.Flow{decision.AuthorizationCode, decision.RefreshToken, decision.Silent, decision.SignOut}
	switch p.ClientType {
	case "daemon":
		return []decision.Flow{decision.ClientCredentials}
	case "web":
		return append(signsIn, decision.AdminConsent)
	case "native":
		return append(signsIn, decision.DeviceCode, decision.Password)
	}
	return signsIn
}

// Confidential reports whether the client proves itself with a secret.
func (p Profile) Confidential() bool { return p.ClientType == "web" || p.ClientType == "daemon" }

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
	if path == "" {
		return Config{}, nil
	}
	data, err := read(path)
	if errors.Is(err, fs.ErrNotExist) && !named {
		return Config{}, nil
	}
	if err != nil {
		return Config{}, fmt.Errorf("configuration: %w", err)
	}
	c, err := Parse(data)
	if err != nil {
		return Config{}, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

// Parse reads and checks the text of a configuration file.
func Parse(data []byte) (Config, error) {
	var c Config
	dec := toml.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&c); err != nil {
		return Config{}, explain(err)
	}
	return c, c.check()
}

// explain turns an error of the TOML library into one line with its place.
func explain(err error) error {
	var unknown *toml.StrictMissingError
	if errors.As(err, &unknown) && len(unknown.Errors) > 0 {
		e := unknown.Errors[0]
		line, _ := e.Position()
		key := strings.Join(e.Key(), ".")
		if last := e.Key()[len(e.Key())-1]; last == "secret" || last == "client_secret" || last == "password" {
			return fmt.Errorf("line %d: %s: a secret never stands in this file; say where it is with secret_env or secret_file", line, trace.Plain(key))
		}
		return fmt.Errorf("line %d: there is no key %s", line, trace.Plain(key))
	}
	var broken *toml.DecodeError
	if errors.As(err, &broken) {
		line, column := broken.Position()
		words := trace.Plain(strings.TrimPrefix(broken.Error(), "toml: "))
		if key := strings.Join(broken.Key(), "."); key != "" {
			return fmt.Errorf("line %d: %s: %s", line, trace.Plain(key), words)
		}
		return fmt.Errorf("line %d, column %d: %s", line, column, words)
	}
	return fmt.Errorf("not TOML: %w", err)
}

func (c Config) check() error {
	if c.Glyphs != "" && c.Glyphs != "unicode" && c.Glyphs != "ascii" {
		return fmt.Errorf("glyphs: %q is neither unicode nor ascii", trace.Plain(c.Glyphs))
	}
	for _, name := range slices.Sorted(maps.Keys(c.Profiles)) {
		if err := c.Profiles[name].check(); err != nil {
			return fmt.Errorf("profiles.%s.%w", trace.Plain(name), err)
		}
	}
	return nil
}

var (
	guid   = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
	domain = regexp.MustCompile(`^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$`)
)

func (p Profile) check() error {
	types := []string{"web", "spa", "native", "daemon"}
	switch {
	case p.Host() == "":
		return fmt.Errorf("cloud: %q is none of public, us-gov, china", trace.Plain(p.Cloud))
	case !guid.MatchString(p.Tenant) && !domain.MatchString(p.Tenant):
		return fmt.Errorf("tenant: %q is neither a GUID nor a domain", trace.Plain(p.Tenant))
	case !guid.MatchString(p.ClientID):
		return fmt.Errorf("client_id: %q is no GUID; it is the Application (client) ID of the portal", trace.Plain(p.ClientID))
	case !slices.Contains(types, p.ClientType):
		return fmt.Errorf("client_type: %q is none of %s", trace.Plain(p.ClientType), strings.Join(types, ", "))
	case len(p.Scopes) == 0:
		return errors.New("scopes: at least one is needed")
	case p.SecretEnv != "" && p.SecretFile != "":
		return errors.New("secret_env: the secret is in one place, and secret_file names another")
	case p.Confidential() && p.SecretEnv == "" && p.SecretFile == "":
		return fmt.Errorf("secret_env: a %s proves itself, so say where its secret is: secret_env or secret_file", p.ClientType)
	case !p.Confidential() && (p.SecretEnv != "" || p.SecretFile != ""):
		return fmt.Errorf("secret_env: a %s can keep no secret", p.ClientType)
	}
	return p.checkRedirect()
}

func (p Profile) checkRedirect() error {
	if p.ClientType == "daemon" {
		if p.RedirectURI != "" {
			return errors.New("redirect_uri: a daemon is not come back to")
		}
		return nil
	}
	u, err := url.Parse(p.RedirectURI)
	if err != nil || u.Scheme == "" || u.Host == "" {
		return fmt.Errorf("redirect_uri: %q is no address", trace.Plain(p.RedirectURI))
	}
	return nil
}

// Find gives the profile with this name. It fails with the names that there are.
func (c Config) Find(name string) (Profile, error) {
	p, ok := c.Profiles[name]
	if ok {
		return p, nil
	}
	if len(c.Profiles) == 0 {
		return p, fmt.Errorf("there is no profile %q: the configuration has none", trace.Plain(name))
	}
	return p, fmt.Errorf("there is no profile %q; there are %s", trace.Plain(name), strings.Join(slices.Sorted(maps.Keys(c.Profiles)), ", "))
}

// Secret reads the client secret from where the profile says it is. Line ends
// around it are cut off.
func (p Profile) Secret(getenv func(string) string, read func(string) ([]byte, error)) (string, error) {
	if p.SecretEnv != "" {
		if v := getenv(p.SecretEnv); v != "" {
			return v, nil
		}
		return "", fmt.Errorf("secret_env: the environment has no %s", trace.Plain(p.SecretEnv))
	}
	if p.SecretFile == "" {
		return "", nil
	}
	data, err := read(p.SecretFile)
	if err != nil {
		return "", fmt.Errorf("secret_file: %w", err)
	}
	secret := strings.Trim(string(data), "\r\n")
	if secret == "" {
		return "", fmt.Errorf("secret_file: %s is empty", trace.Plain(p.SecretFile))
	}
	return secret, nil
}
