package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"flowscope/tui/command"
)

// shelf is a configuration of its own, and the commands that work with it.
type shelf struct {
	t        *testing.T
	path     string
	out, err bytes.Buffer
}

func newShelf(t *testing.T) *shelf {
	t.Helper()
	home := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", home)
	return &shelf{t: t, path: filepath.Join(home, "flowscope", "config.toml")}
}

// run runs flowscope as a script does and wants this exit status; it gives what
// went to standard output.
func (s *shelf) run(want int, args ...string) string {
	s.t.Helper()
	s.out.Reset()
	s.err.Reset()
	got := command.Main(s.t.Context(), command.Deps{
		In: strings.NewReader(""), Out: &s.out, Err: &s.err, Getenv: os.Getenv, ReadFile: readFile, Version: "1", New: newApp, WriteNew: createNew,
	}, args)
	if got != want {
		s.t.Fatalf("flowscope %s: exit %d, want %d\nout: %s\nerr: %s", strings.Join(args, " "), got, want, s.out.String(), s.err.String())
	}
	return s.out.String()
}

// said wants words on standard error.
func (s *shelf) said(words ...string) {
	s.t.Helper()
	for _, w := range words {
		if !strings.Contains(s.err.String(), w) {
			s.t.Errorf("standard error lacks %q:\n%s", w, s.err.String())
		}
	}
}

func (s *shelf) file() string {
	s.t.Helper()
	data, err := os.ReadFile(s.path)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(data)
}

func (s *shelf) write(text string) {
	s.t.Helper()
	if err := os.MkdirAll(filepath.Dir(s.path), 0o700); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(s.path, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

const (
	appID  = "6334ecbf-b113-4222-ab81-0e919b045902"
	hidden = "s3cret~that-nobody-prints"
)

func holds(t *testing.T, text string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("it lacks %q:\n%s", w, text)
		}
	}
}

// TestProfilesLife adds, lists, shows, replaces and removes targets, and what is
// written by hand beside them stays.
func TestProfilesLife(t *testing.T) {
	s := newShelf(t)
	t.Setenv("ORDERS_SECRET", hidden)
	holds(t, s.run(0, "profiles"), "lab", "There is no profile yet", s.path)
	s.run(0, "profiles", "add", "page", "--tenant", "contoso.com", "--client-id", appID, "--client-type", "spa",
		"--redirect-uri", "http://localhost:3000", "--scopes", "User.Read Mail.Read")
	s.said("written to " + s.path)
	s.write("# mine\ntheme = \"mono\"\n\n" + s.file())
	s.run(0, "profiles", "add", "orders", "--tenant", "contoso.com", "--client-id", appID, "--client-type", "web",
		"--redirect-uri", "http://localhost:3000/cb", "--scopes", "api://orders/.default", "--secret-env", "ORDERS_SECRET")
	for _, args := range [][]string{{"profiles"}, {"profiles", "list"}} {
		holds(t, s.run(0, args...), "◉ lab", "● orders", "● page", "https://login.microsoftonline.com/contoso.com")
	}
	holds(t, s.run(0, "profiles", "show", "orders"), "secret_env", "ORDERS_SECRET", "admin-consent", "everything that it names is there")

	var list struct {
		Schema   int
		Path     string
		Profiles []struct {
			Name, Kind, Authority string
			Scopes, Flows         []string
			Credentials           []struct{ Kind, Where string }
			Ready                 bool
		}
	}
	if err := json.Unmarshal([]byte(s.run(0, "profiles", "list", "--json")), &list); err != nil {
		t.Fatal(err)
	}
	if list.Schema != 1 || list.Path != s.path || len(list.Profiles) != 2 || list.Profiles[0].Name != "orders" ||
		!list.Profiles[0].Ready || len(list.Profiles[0].Credentials) != 1 || len(list.Profiles[1].Scopes) != 2 || len(list.Profiles[1].Credentials) != 0 {
		t.Errorf("the list is %+v", list)
	}

	was := s.file()
	s.run(2, "profiles", "add", "page", "--scopes", "openid")
	s.said("--replace changes it")
	s.run(2, "profiles", "add", "other", "--replace", "--scopes", "openid")
	s.said(`there is no profile "other"`)
	if s.file() != was {
		t.Error("a mistake has changed the file")
	}
	s.run(0, "profiles", "add", "page", "--replace", "--scopes", "openid")
	holds(t, s.file(), "# mine\ntheme = \"mono\"", `scopes = ["openid"]`, `redirect_uri = "http://localhost:3000"`, "[profiles.orders]")

	s.run(0, "profiles", "remove", "page")
	s.said("removed from " + s.path)
	if text := s.file(); strings.Contains(text, "page") || !strings.Contains(text, "# mine") || !strings.Contains(text, "[profiles.orders]") {
		t.Errorf("after the removal:\n%s", text)
	}
	s.run(2, "profiles", "show", "page")
	s.said("page")
}

// TestProfilesShowJSON reads a profile as a script does, ready or not.
func TestProfilesShowJSON(t *testing.T) {
	s := newShelf(t)
	s.run(0, "profiles", "add", "nightly", "--tenant", "contoso.com", "--client-id", appID, "--client-type", "daemon",
		"--scopes", "https://graph.microsoft.com/.default", "--certificate-file", "gone.pfx")
	s.said("it can't be run yet", "gone.pfx")
	var doc struct {
		Schema  int
		Profile struct {
			Name        string
			ClientType  string `json:"client_type"`
			Flows       []string
			Credentials []struct{ Kind, Where string }
			Ready       bool
			Problem     string
		}
	}
	if err := json.Unmarshal([]byte(s.run(0, "profiles", "show", "nightly", "--json")), &doc); err != nil {
		t.Fatal(err)
	}
	p := doc.Profile
	if doc.Schema != 1 || p.Name != "nightly" || p.ClientType != "daemon" || len(p.Flows) != 1 || p.Flows[0] != "client-credentials" ||
		p.Ready || !strings.Contains(p.Problem, "gone.pfx") || len(p.Credentials) != 1 || p.Credentials[0].Where == "" {
		t.Errorf("the profile is %+v", doc)
	}
	holds(t, s.run(0, "profiles", "show", "nightly"), "gone.pfx", "✗")
	holds(t, s.run(0, "profiles"), "✗", "certificate_file")
}

// TestProfilesMistakes names what is wrong, and writes nothing.
func TestProfilesMistakes(t *testing.T) {
	s := newShelf(t)
	spa := []string{"--tenant", "contoso.com", "--client-id", appID, "--client-type", "spa", "--redirect-uri", "http://localhost:3000", "--scopes", "openid"}
	with := func(flag, value string) []string { // in the place of the good one
		args := append([]string{"profiles", "add", "x"}, spa...)
		args[slices.Index(args, flag)+1] = value
		return args
	}
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"profiles", "nonsense"}, "there is no profiles nonsense"},
		{[]string{"profiles", "add"}, "say how the profile is called"},
		{[]string{"profiles", "show"}, "say which profile"},
		{[]string{"profiles", "remove", "nobody"}, "nobody"},
		{[]string{"profiles", "try", "nobody"}, "nobody"},
		{append([]string{"profiles", "add", "two\nlines"}, spa...), "name"},
		{append([]string{"profiles", "add", "lab"}, spa...), "lab"},
		{append([]string{"profiles", "add", "a", "b"}, spa...), "takes one argument"},
		{append(append([]string{"profiles", "add", "x"}, spa...), "--cloud", "moon"), `--cloud: "moon" is none of public`},
		{append(append([]string{"profiles", "add", "x"}, spa...), "--secret-env", "S"), "--secret-env: a spa can keep no secret"},
		{with("--redirect-uri", "http://example.com/"), "--redirect-uri: http is for this machine alone"},
		{with("--client-id", "orders"), `--client-id: "orders" is no GUID`},
		{with("--tenant", ""), "--tenant: it is missing"},
		{append(append([]string{"profiles", "add", "x"}, spa...), "--secret-prompt", "perhaps"), "--secret-prompt"},
	} {
		s.run(2, tt.args...)
		s.said(tt.want)
		if _, err := os.Stat(s.path); err == nil {
			t.Fatalf("%v has written %s", tt.args, s.file())
		}
	}
}

// TestABrokenFileIsLeftAlone: it is told with line and key, and never written to.
func TestABrokenFileIsLeftAlone(t *testing.T) {
	add := []string{"profiles", "add", "page", "--tenant", "contoso.com", "--client-id", appID, "--client-type", "spa", "--redirect-uri", "http://localhost:3000", "--scopes", "openid"}
	for name, tt := range map[string]struct {
		text string
		want []string
	}{
		"no TOML":        {"theme = \"mono\"\n[profiles.work\n", []string{"line 2"}},
		"misspelt key":   {"[profiles.work]\ntenant = \"contoso.com\"\nclient_idd = \"x\"\n", []string{"line 3", "client_idd"}},
		"wrong value":    {"[profiles.work]\ntenant = \"contoso.com\"\nclient_id = \"" + appID + "\"\nclient_type = \"toaster\"\nscopes = [\"openid\"]\n", []string{"line 4", "client_type"}},
		"secret as name": {"[profiles.work]\ntenant = \"contoso.com\"\nclient_id = \"" + appID + "\"\nclient_type = \"daemon\"\nscopes = [\"a/.default\"]\nsecret_env = \"" + hidden + "\"\n", []string{"line 6", "secret_env"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShelf(t)
			s.write(tt.text)
			for _, args := range [][]string{{"profiles"}, {"profiles", "show", "work"}, {"profiles", "remove", "work"}, {"profiles", "try", "work", "--yes"}, add} {
				s.run(1, args...)
				s.said(append(tt.want, s.path)...)
				if strings.Contains(s.out.String()+s.err.String(), hidden) {
					t.Errorf("%v repeats what may be a secret: %s", args, s.err.String())
				}
			}
			if s.file() != tt.text {
				t.Errorf("the file was changed:\n%s", s.file())
			}
		})
	}
}

// TestProfilesPrintNoSecret: neither from the environment nor from a file.
func TestProfilesPrintNoSecret(t *testing.T) {
	s := newShelf(t)
	at := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(at, []byte(hidden+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("ORDERS_SECRET", hidden)
	server := newIssuer(t, nil)
	web := []string{"--client-id", "me", "--client-type", "web", "--redirect-uri", "http://localhost:8400/cb", "--scopes", "openid", "--issuer", server.URL}
	s.run(0, append([]string{"profiles", "add", "by-env", "--secret-env", "ORDERS_SECRET"}, web...)...)
	s.run(0, append([]string{"profiles", "add", "by-file", "--secret-file", at}, web...)...)
	if strings.Contains(s.file(), hidden) {
		t.Error("the secret is in the file")
	}
	for _, args := range [][]string{{"profiles"}, {"profiles", "--json"}, {"profiles", "show", "by-env"}, {"profiles", "show", "by-file", "--json"}, {"profiles", "try", "by-env", "--yes"}, {"profiles", "try", "by-file", "--yes", "--json"}} {
		if out := s.run(0, args...); strings.Contains(out+s.err.String(), hidden) {
			t.Errorf("%v prints the secret:\n%s%s", args, out, s.err.String())
		}
	}
}

// issuer is an OpenID Connect issuer on loopback that has a discovery document
// and nothing else.
type issuer struct {
	*httptest.Server
	asked atomic.Int32
	wrong atomic.Value // what is there besides the one request it may be asked
}

func newIssuer(t *testing.T, answer http.HandlerFunc) *issuer {
	t.Helper()
	i := &issuer{}
	i.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i.asked.Add(1)
		if r.Method != http.MethodGet || r.URL.Path != "/.well-known/openid-configuration" || r.URL.RawQuery != "" || r.Header.Get("Authorization") != "" {
			i.wrong.Store(r.Method + " " + r.URL.String())
		}
		if answer != nil {
			answer(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"issuer":%q,"authorization_endpoint":%[1]q,"token_endpoint":%[1]q,"jwks_uri":%[1]q,"token_endpoint_auth_methods_supported":["private_key_jwt\u001b[31m"]}`, i.URL)
	}))
	t.Cleanup(func() {
		i.Close()
		if w := i.wrong.Load(); w != nil {
			t.Errorf("the issuer was asked for %v", w)
		}
	})
	return i
}

// TestProfilesTry fetches the discovery document of an issuer on loopback, after
// a yes alone.
func TestProfilesTry(t *testing.T) {
	s := newShelf(t)
	good := newIssuer(t, nil)
	page := newIssuer(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprint(w, "<html>Sign in to the guest network</html>")
	})
	other := newIssuer(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprint(w, `{"issuer":"https://somebody.example"}`)
	})
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	for name, url := range map[string]string{"good": good.URL, "page": page.URL, "other": other.URL, "closed": closed.URL} {
		s.run(0, "profiles", "add", name, "--issuer", url, "--client-id", "me", "--client-type", "native", "--redirect-uri", "http://localhost:8400/cb", "--scopes", "openid")
	}
	s.run(2, "profiles", "try", "good")
	s.said("GET "+good.URL+"/.well-known/openid-configuration", "nothing was sent", "--yes")
	if n := good.asked.Load(); n != 0 {
		t.Fatalf("%d requests were sent without a yes", n)
	}
	out := s.run(0, "profiles", "try", "good", "--yes")
	holds(t, out, "it answers as "+good.URL, "offers sign-in", "offers no sign-out", "offers no device code", "offers keys", "private_key_jwt")
	if strings.Contains(out, "\x1b[31m") {
		t.Error("a control sequence of the issuer has reached the terminal")
	}
	if n := good.asked.Load(); n != 1 {
		t.Errorf("%d requests were sent, not one", n)
	}
	holds(t, s.run(1, "profiles", "try", "page", "--yes"), "✗")
	holds(t, s.run(1, "profiles", "try", "other", "--yes"), "✗", "somebody.example")
	holds(t, s.run(1, "profiles", "try", "closed", "--yes"), "connection refused")

	type tried struct {
		Schema   int
		Name     string
		URL      string
		Works    bool
		Found    []struct{ Text string }
		Findings []struct{ Code string }
	}
	for name, works := range map[string]bool{"good": true, "closed": false} {
		want := 1
		if works {
			want = 0
		}
		var d tried
		if err := json.Unmarshal([]byte(s.run(want, "profiles", "try", name, "--yes", "--json")), &d); err != nil {
			t.Fatal(err)
		}
		if d.Schema != 1 || d.Name != name || d.Works != works || (len(d.Found) > 0) != works || (len(d.Findings) > 0) == works || !strings.HasSuffix(d.URL, "/.well-known/openid-configuration") {
			t.Errorf("try %s --json: %+v", name, d)
		}
	}
}

// TestProfilesTryWithoutItsCredential: the discovery document needs none.
func TestProfilesTryWithoutItsCredential(t *testing.T) {
	s := newShelf(t)
	server := newIssuer(t, nil)
	s.run(0, "profiles", "add", "web", "--issuer", server.URL, "--client-id", "me", "--client-type", "web", "--redirect-uri", "http://localhost:8400/cb", "--scopes", "openid", "--secret-env", "NOT_THERE_AT_ALL")
	s.said("it can't be run yet", "NOT_THERE_AT_ALL")
	holds(t, s.run(0, "profiles", "try", "web", "--yes"), "it answers as")
	s.said("without its credential")
}

// TestALiveRunWantsAYes: without a terminal nothing is sent to a live target.
func TestALiveRunWantsAYes(t *testing.T) {
	s := newShelf(t)
	server := newIssuer(t, nil)
	t.Setenv("ORDERS_SECRET", hidden)
	s.run(0, "profiles", "add", "job", "--issuer", server.URL, "--client-id", "me", "--client-type", "daemon", "--scopes", "orders", "--secret-env", "ORDERS_SECRET")
	s.run(2, "run", "client-credentials", "--profile", "job")
	s.said("nothing was sent", "--yes")
	if n := server.asked.Load(); n != 0 {
		t.Errorf("%d requests were sent without a yes", n)
	}
}
