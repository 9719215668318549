package profile

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const byHand = `# My targets. Do not sort.
theme = "mono"   # for the beamer

[profiles.work]          # the one at work
tenant = "contoso.com"   # home
client_id = "6334ecbf-b113-4222-ab81-0e919b045902"
# asked IT for this one
client_type = "web"
redirect_uri = "http://localhost:3000/cb"
scopes = [
  "User.Read",   # who
  "Mail.Read",
]
secret_env = "WORK_SECRET"

# the second one
[profiles."night job"]
tenant = "c0f75a3e-4a12-4f0e-9d0c-3a700c302009"
client_id = "6334ecbf-b113-4222-ab81-0e919b045902"
client_type = "daemon"
scopes = ["api://orders/.default"]
secret_file = "/run/secrets/orders"

[[profiles."night job".resources]]
uri = "api://orders"
version = "1.0"

# the end
`

// TestEditTouchesOnlyWhatChanges holds the text around a change, byte for byte.
func TestEditTouchesOnlyWhatChanges(t *testing.T) {
	c, err := Parse([]byte(byHand))
	if err != nil {
		t.Fatal(err)
	}
	work := c.Profiles["work"]
	work.Tenant, work.Scopes, work.SecretEnv, work.SecretPrompt, work.Call = "fabrikam.com", []string{"User.Read"}, "", true, "https://api.example.com/x"
	out, err := Edit([]byte(byHand), "work", work)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.NewReplacer(`tenant = "contoso.com"   # home`, `tenant = "fabrikam.com"   # home`,
		"scopes = [\n  \"User.Read\",   # who\n  \"Mail.Read\",\n]", `scopes = ["User.Read"]`,
		"secret_env = \"WORK_SECRET\"\n", "call = \"https://api.example.com/x\"\nsecret_prompt = true\n").Replace(byHand)
	if string(out) != want {
		t.Errorf("got\n%s\nwant\n%s", out, want)
	}
	night := c.Profiles["night job"]
	night.Resources = nil
	out, err = Edit([]byte(byHand), "night job", night)
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.Replace(byHand, "[[profiles.\"night job\".resources]]\nuri = \"api://orders\"\nversion = \"1.0\"\n", "", 1); string(out) != want {
		t.Errorf("got\n%s", out)
	}
	out, err = Remove([]byte(byHand), "night job")
	if err != nil {
		t.Fatal(err)
	}
	from, to := strings.Index(byHand, "[profiles.\"night"), strings.Index(byHand, "# the end")
	if want := byHand[:from] + byHand[to:]; string(out) != want {
		t.Errorf("got\n%s\nwant\n%s", out, want)
	}
	if same, err := Edit([]byte(byHand), "work", c.Profiles["work"]); err != nil || string(same) != byHand {
		t.Errorf("a change that changes nothing: %v\n%s", err, same)
	}
}

// TestEditRefuses what it can't do without touching more than it may.
func TestEditRefuses(t *testing.T) {
	p := someProfile(rand.New(rand.NewPCG(1, 2)))
	for name, tt := range map[string]struct{ text, says string }{
		"no TOML":        {"theme = [", "line 1"},
		"a secret in it": {"[profiles.work]\nclient_secret = \"hunter2\"\n", "a secret never stands in this file"},
		"inline":         {`profiles = { work = { tenant = "a.b", client_id = "6334ecbf-b113-4222-ab81-0e919b045902", client_type = "spa", redirect_uri = "http://localhost", scopes = ["a"] } }`, "by hand"},
		"dotted keys":    {"profiles.work.tenant = \"a.b\"\n", "by hand"},
		"below profiles": {"[profiles]\nwork.tenant = \"a.b\"\n", "by hand"},
	} {
		out, err := Edit([]byte(tt.text), "work", p)
		if err == nil || !strings.Contains(err.Error(), tt.says) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v, %s", name, err, out)
		}
	}
	if _, err := Edit(nil, "lab", p); err == nil {
		t.Error("the lab's name is taken")
	}
	if _, err := Edit(nil, "x", Profile{}); err == nil {
		t.Error("a profile that does not pass its checks was written")
	}
	if _, err := Remove([]byte(byHand), "nobody"); err == nil {
		t.Error("what is not there was removed")
	}
}

// someProfile makes a profile that passes its checks.
func someProfile(r *rand.Rand) Profile {
	words := []string{"a", "b.c", `api://x/y`, "User.Read", "ünï", "https://x.example/s"}
	list := func() []string {
		var out []string
		for range 1 + r.IntN(3) {
			if w := words[r.IntN(len(words))]; w != "ünï" {
				out = append(out, w)
			}
		}
		return append(out, "openid")
	}
	p := Profile{Cloud: []string{"", "public", "us-gov", "china"}[r.IntN(4)], Tenant: []string{"a.example", "c0f75a3e-4a12-4f0e-9d0c-3a700c302009"}[r.IntN(2)],
		ClientID: "6334ecbf-b113-4222-ab81-0e919b045902", ClientType: ClientTypes()[r.IntN(4)], Scopes: list()}
	if p.ClientType != "daemon" {
		p.RedirectURI = []string{"http://localhost", "https://app.example/cb?x=1", "http://127.0.0.1:3000/ü"}[r.IntN(3)]
	}
	if p.Confidential() {
		switch r.IntN(4) {
		case 0:
			p.SecretEnv = "SECRET"
		case 1:
			p.SecretFile = `C:\secrets\"mine".txt`
		case 2:
			p.SecretPrompt = true
		case 3:
			p.CertificateFile, p.CertificatePasswordPrompt = "/tmp/täst.pfx", r.IntN(2) == 0
		}
	}
	if r.IntN(2) == 0 {
		p.Resources = []Resource{{URI: "api://x", Version: "1.0"}, {Audience: "y"}}
	}
	return p
}

// TestEditKeepsTheRest is the property of every change: what was meant can be read
// back, and all lines of others are there, byte for byte and in order.
func TestEditKeepsTheRest(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 11))
	for _, nl := range []string{"\n", "\r\n"} {
		text := []byte(strings.ReplaceAll(byHand, "\n", nl))
		for i := range 400 {
			name := []string{"work", "night job", "new", "x.y", "ü"}[r.IntN(5)]
			c, err := Parse(text)
			if err != nil {
				t.Fatalf("round %d: %v\n%s", i, err, text)
			}
			_, there := c.Profiles[name]
			others := withoutProfile(t, text, name)
			var out []byte
			if there && r.IntN(4) == 0 {
				out, err = Remove(text, name)
			} else {
				p := someProfile(r)
				out, err = Edit(text, name, p)
				if back, parseErr := Parse(out); err == nil && (parseErr != nil || !same(back.Profiles[name], p)) {
					t.Fatalf("round %d: %v, read back %+v, want %+v\n%s", i, parseErr, back.Profiles[name], p, out)
				}
			}
			if err != nil {
				t.Fatalf("round %d, %s: %v\n%s", i, name, err, text)
			}
			_, stays := mustParse(t, out).Profiles[name]
			if stays && !slices.Equal(comments(out), comments(text)) {
				t.Fatalf("round %d, %s: a comment is lost\n%s", i, name, out)
			}
			got := withoutProfile(t, out, name)
			if !stays { // a comment behind its last key is not its own, and stays
				got = slices.DeleteFunc(got, func(l string) bool { return strings.HasPrefix(l, "#") && !slices.Contains(others, l) })
			}
			if !slices.Equal(got, others) {
				t.Fatalf("round %d, %s: the rest changed\n%s\n---\n%s", i, name, strings.Join(others, "\n"), strings.Join(got, "\n"))
			}
			text = out
		}
	}
}

func mustParse(t *testing.T, text []byte) Config {
	t.Helper()
	c, err := Parse(text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return c
}

// comments are the lines that hold nothing else.
func comments(text []byte) []string {
	var out []string
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") {
			out = append(out, line)
		}
	}
	return out
}

// withoutProfile gives the lines that belong to others: headings, keys and the
// comments outside the profile.
func withoutProfile(t *testing.T, text []byte, name string) []string {
	t.Helper()
	var out []string
	mine := false
	for line := range strings.Lines(string(text)) {
		bare := strings.TrimSpace(line)
		if strings.HasPrefix(bare, "[") && !strings.HasSuffix(bare, ",") {
			heading := strings.Trim(strings.SplitN(bare, "#", 2)[0], "[] ")
			key := strings.TrimPrefix(heading, "profiles.")
			mine = key == keyText(name) || strings.HasPrefix(key, keyText(name)+".")
		}
		if bare == "" || mine {
			continue
		}
		out = append(out, line)
	}
	return out
}

// TestWrite writes whole or not at all, for the owner alone, and never over what
// somebody else has written meanwhile.
func TestWrite(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "made", "config.toml")
	if err := Write(path, nil, []byte("one")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v", info.Mode(), err)
	}
	if err := Write(path, []byte("one"), []byte("two")); err != nil {
		t.Fatal(err)
	}
	for _, was := range [][]byte{[]byte("one"), nil} {
		if err := Write(path, was, []byte("three")); !errors.Is(err, ErrChanged) {
			t.Errorf("%s: %v", was, err)
		}
	}
	if got, _ := os.ReadFile(path); string(got) != "two" {
		t.Errorf("got %s", got)
	}
	if err := Write(filepath.Join(dir, "gone.toml"), []byte("x"), []byte("y")); !errors.Is(err, ErrChanged) {
		t.Errorf("a file that is gone: %v", err)
	}
	link := filepath.Join(dir, "link.toml")
	if err := os.Symlink(path, link); err == nil {
		if err := Write(link, []byte("two"), []byte("by the link")); err != nil {
			t.Fatal(err)
		}
		if got, _ := os.ReadFile(path); string(got) != "by the link" {
			t.Errorf("the link was replaced: %s", got)
		}
	}
	left, _ := filepath.Glob(filepath.Join(dir, "made", ".config-*"))
	if len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestGetAndSet go back and forth for every key.
func TestGetAndSet(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 5))
	for range 100 {
		p := someProfile(r)
		var back Profile
		for _, key := range Keys() {
			if err := back.Set(key, p.Get(key)); err != nil {
				t.Fatal(err)
			}
		}
		if !same(p, back) {
			t.Fatalf("got %+v, want %+v", back, p)
		}
	}
	var p Profile
	for _, bad := range [][2]string{{"nothing", "x"}, {"secret_prompt", "perhaps"}, {"resources", "name=x"}} {
		if err := p.Set(bad[0], bad[1]); err == nil {
			t.Errorf("%v was taken", bad)
		}
	}
}

// TestSemanticFaultsNameLineAndKey: what TOML does not know is found in its line.
func TestSemanticFaultsNameLineAndKey(t *testing.T) {
	for _, tt := range []struct {
		replace, with string
		line          int
		says          string
	}{
		{`theme = "mono"   # for the beamer`, `glyphs = "emoji"`, 2, "glyphs: "},
		{`"contoso.com"`, `"not a tenant"`, 5, "profiles.work.tenant: "},
		{`"contoso.com"`, `"common"` + "\n" + `cloud = "mars"`, 6, "profiles.work.cloud: "},
		{`"web"`, `"robot"`, 8, "profiles.work.client_type: "},
		{`"http://localhost:3000/cb"`, `"http://app.example/cb"`, 9, "profiles.work.redirect_uri: http is for this machine"},
		{`"Mail.Read",`, `"Mail Read",`, 10, "profiles.work.scopes: "},
		{`secret_env = "WORK_SECRET"`, `secret_env = "hunter2!"`, 14, "profiles.work.secret_env: that is no name"},
		{`secret_env = "WORK_SECRET"`, `secret_env = "A"` + "\n" + `secret_file = "b"`, 15, "profiles.work.secret_file: "},
		{`secret_env = "WORK_SECRET"`, ``, 4, "profiles.work.secret_env: a web proves itself"},
		{`secret_env = "WORK_SECRET"`, `certificate_password_env = "A"` + "\nsecret_env = \"B\"", 14, "profiles.work.certificate_password_env: "},
		{`tenant = "c0f75a3e-4a12-4f0e-9d0c-3a700c302009"`, `tenant = "common"`, 18, `"common" names no tenant, and a daemon needs one`},
		{`tenant = "contoso.com"`, `issuer = "http://idp.example.com"`, 5, "profiles.work.issuer: "},
		{`tenant = "contoso.com"`, `issuer = "https://idp.example.com"` + "\n" + `tenant = "contoso.com"`, 6, "profiles.work.tenant: the issuer says"},
		{`version = "1.0"`, `version = "3"`, 24, "resources: version"},
		{`secret_env = "WORK_SECRET"`, `secret = "hunter2"`, 14, "a secret never stands in this file"},
		{`secret_env = "WORK_SECRET"`, `certificate_password = "hunter2"`, 14, "certificate_password_env"},
		{`secret_env = "WORK_SECRET"`, `secretenv = "X"`, 14, "there is no key profiles.work.secretenv; there is secret_env"},
	} {
		text := strings.Replace(byHand, tt.replace, tt.with, 1)
		if text == byHand {
			t.Fatalf("nothing was replaced: %s", tt.replace)
		}
		_, err := Parse([]byte(text))
		want := fmt.Sprintf("line %d: ", tt.line)
		if err == nil || !strings.HasPrefix(err.Error(), want) || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %v; want %s%s", tt.with, err, want, tt.says)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("a secret comes out: %v", err)
		}
	}
}

func FuzzEdit(f *testing.F) {
	f.Add([]byte(byHand), "work")
	f.Add([]byte("[profiles.a]\n[profiles.a.resources]"), "a")
	f.Fuzz(func(t *testing.T, text []byte, name string) {
		p := someProfile(rand.New(rand.NewPCG(1, 1)))
		out, err := Edit(text, name, p)
		if err != nil {
			return
		}
		back, err := decode(out)
		if err != nil || !same(back.Profiles[name], p) {
			t.Fatalf("%v\n%s", err, out)
		}
		again, err := Edit(out, name, p)
		if err != nil || !bytes.Equal(again, out) {
			t.Fatalf("the second time: %v\n%s", err, again)
		}
	})
}
