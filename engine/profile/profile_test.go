package profile

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"flowscope/decision"
	"flowscope/engine/trace"
)

const good = `
theme = "mono"
glyphs = "ascii"

[profiles.work]
tenant = "contoso.onmicrosoft.com"
client_id = "6334ecbf-b113-4222-ab81-0e919b045902"
client_type = "daemon"
scopes = ["api://orders/.default"]
secret_env = "ORDERS_SECRET"

[profiles.page]
cloud = "us-gov"
tenant = "c0f75a3e-4a12-4f0e-9d0c-3a700c302009"
client_id = "6334ecbf-b113-4222-ab81-0e919b045902"
client_type = "spa"
redirect_uri = "http://localhost:3000"
scopes = ["User.Read"]
`

func TestParse(t *testing.T) {
	c, err := Parse([]byte(good))
	if err != nil {
		t.Fatal(err)
	}
	p, err := c.Find("page")
	if err != nil {
		t.Fatal(err)
	}
	if p.Authority() != "https://login.microsoftonline.us/c0f75a3e-4a12-4f0e-9d0c-3a700c302009" || p.Flows()[0] != decision.AuthorizationCode || p.Confidential() {
		t.Errorf("got %+v, %s", p, p.Authority())
	}
	work, err := c.Find("work")
	if err != nil {
		t.Fatal(err)
	}
	if work.Flows()[0] != decision.ClientCredentials || c.Theme != "mono" || c.Glyphs != "ascii" {
		t.Errorf("got %+v", c)
	}
	if _, err := c.Find("other"); err == nil || !strings.Contains(err.Error(), "page, work") {
		t.Errorf("got %v", err)
	}
}

func TestFaultsNameLineAndKey(t *testing.T) {
	for _, tt := range []struct{ name, replace, with, says string }{
		{"syntax", `theme = "mono"`, `theme = mono`, "line 2"},
		{"unknown key", `theme = "mono"`, `colour = "mono"`, "line 2: there is no key colour"},
		{"wrong type", `glyphs = "ascii"`, `glyphs = 3`, "line 3: glyphs"},
		{"a secret in the file", `secret_env = "ORDERS_SECRET"`, `client_secret = "hunter2"`, "a secret never stands in this file"},
		{"glyphs", `"ascii"`, `"emoji"`, "glyphs: "},
		{"tenant", `tenant = "contoso.onmicrosoft.com"`, `tenant = "not a tenant"`, "profiles.work.tenant"},
		{"client id", `client_id = "6334ecbf-b113-4222-ab81-0e919b045902"`, `client_id = "orders"`, "profiles.work.client_id"},
		{"client type", `"daemon"`, `"robot"`, "profiles.work.client_type"},
		{"no secret", `secret_env = "ORDERS_SECRET"`, ``, "profiles.work.secret_env"},
		{"cloud", `"us-gov"`, `"mars"`, "profiles.page.cloud"},
		{"redirect", `"http://localhost:3000"`, `"localhost"`, "profiles.page.redirect_uri"},
		{"scopes", `scopes = ["User.Read"]`, ``, "profiles.page.scopes"},
		{"escape sequence", `"us-gov"`, `"\u001b[31m"`, "profiles.page.cloud"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text := strings.Replace(good, tt.replace, tt.with, 1)
			if text == good {
				t.Fatal("nothing was replaced")
			}
			_, err := Parse([]byte(text))
			if err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Fatalf("got %v, want %q in it", err, tt.says)
			}
			if strings.ContainsAny(err.Error(), "\x1b\n") || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("unsafe words: %q", err)
			}
		})
	}
}

func TestLoad(t *testing.T) {
	missing := func(string) ([]byte, error) { return nil, fs.ErrNotExist }
	if c, err := Load("config.toml", false, missing); err != nil || len(c.Profiles) != 0 {
		t.Errorf("got %v, %v", c, err)
	}
	if _, err := Load("config.toml", true, missing); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	broken := func(string) ([]byte, error) { return []byte("=\n"), nil }
	if _, err := Load("config.toml", false, broken); err == nil || !strings.HasPrefix(err.Error(), "config.toml: line 1") {
		t.Errorf("got %v", err)
	}
}

func TestSecret(t *testing.T) {
	from := Sources{
		Getenv: func(name string) string { return map[string]string{"S": "value"}[name] },
		Read:   func(string) ([]byte, error) { return []byte("from file\n"), nil },
		Ask:    func(question string) (string, error) { return "typed for " + question, nil },
	}
	for _, tt := range []struct {
		p    Profile
		want string
	}{
		{Profile{SecretEnv: "S"}, "value"}, {Profile{SecretFile: "f"}, "from file"}, {Profile{}, ""},
		{Profile{SecretPrompt: true}, "typed for Client secret of work"},
	} {
		if got, err := tt.p.Secret("work", from); err != nil || got != tt.want {
			t.Errorf("%+v: got %q, %v", tt.p, got, err)
		}
	}
	if _, err := (Profile{SecretEnv: "NONE"}).Secret("work", from); err == nil {
		t.Error("a missing variable is no error")
	}
	from.Ask = nil
	var ask *AskError
	if _, err := (Profile{SecretPrompt: true}).Secret("work", from); !errors.As(err, &ask) || ask.Key != "secret_prompt" {
		t.Errorf("got %v", err)
	}
	from.Told = map[string]string{"secret_prompt": "told"}
	if got, err := (Profile{SecretPrompt: true}).Secret("work", from); err != nil || got != "told" {
		t.Errorf("got %q, %v", got, err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(good)
	f.Add("a = [[[[")
	f.Add("[profiles.\"a\\u001b\"]\ntenant = \"\\u0007\"")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := Parse([]byte(text))
		if err != nil {
			if words := err.Error(); trace.Plain(words) != words {
				t.Fatalf("unsafe words: %q", words)
			}
			return
		}
		for _, name := range c.Names() {
			if problems := c.Profiles[name].Check(); len(problems) > 0 || CheckName(name) != nil {
				t.Errorf("%q was taken with %v", name, problems)
			}
		}
	})
}

// TestByteOrderMark: a file that an editor on Windows wrote is read like any other.
func TestByteOrderMark(t *testing.T) {
	const text = "[profiles.a]\n" // what it lacks is told the same way
	_, plain := Parse([]byte(text))
	if _, marked := Parse([]byte("\ufeff" + text)); fmt.Sprint(marked) != fmt.Sprint(plain) {
		t.Errorf("with a mark: %v; without: %v", marked, plain)
	}
}
