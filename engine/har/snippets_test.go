package har_test

import (
	"context"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"flowscope/decision"
	"flowscope/engine/har"
)

// calls are every flow as every kind of client.
func calls() map[string]har.Call {
	out := map[string]har.Call{}
	for _, flow := range decision.Flows() {
		c := har.Call{
			Flow: flow, Authority: "https://login.microsoftonline.com/contoso.onmicrosoft.com", ClientID: "11111111-2222-3333-4444-555555555555",
			RedirectURI: "http://localhost:3000/back", Scopes: []string{"api://orders/access_as_user"}, Downstream: []string{"api://stock/stock.read"},
		}
		name := string(flow)
		native, spa := c, c
		spa.SinglePage = true
		out[name+" native"], out[name+" spa"] = native, spa
		for _, credential := range []string{"secret", "certificate", "federated"} {
			web := c
			web.Confidential, web.Credential = true, credential
			out[name+" web "+credential] = web
		}
	}
	return out
}

// TestSnippetsAreFilledIn: no mark is left, and each flow has code or says why
// not.
func TestSnippetsAreFilledIn(t *testing.T) {
	for name, c := range calls() {
		list := har.Snippets(c)
		for _, s := range list {
			if strings.Contains(s.Code, "$") || strings.TrimSpace(s.Code) == "" {
				t.Errorf("%s in %s: %s", name, s.Language, s.Code)
			}
			for _, bad := range []string{"eyJ", "secret: \""} {
				if strings.Contains(s.Code, bad) {
					t.Errorf("%s in %s holds a secret", name, s.Language)
				}
			}
		}
	}
	for _, tt := range []struct {
		name string
		call string
		want []string
	}{
		{"a page", "authorization-code spa", []string{"browser"}},
		{"a web app", "authorization-code web certificate", []string{"go", "node", "python", "dotnet"}},
		{"a native app", "authorization-code native", []string{"go", "node", "python", "dotnet"}},
		{"a daemon", "client-credentials web federated", []string{"go", "node", "python", "dotnet"}},
		{"a device", "device-code native", []string{"go", "node", "python", "dotnet"}},
		{"an API in the middle", "on-behalf-of web certificate", []string{"go", "node", "python", "dotnet"}},
		{"refresh", "refresh-token native", []string{"go", "node", "python", "dotnet"}},
		{"refresh in a page", "refresh-token spa", []string{"browser"}},
		{"silent", "silent web secret", []string{"go", "node", "python", "dotnet"}},
		{"silent in a page", "silent spa", []string{"browser"}},
		{"password", "password native", []string{"go", "node", "python", "dotnet"}},
		{"managed identity", "managed-identity native", []string{"go", "node", "python", "dotnet"}},
		{"sign-out", "sign-out web secret", []string{"go", "node", "python", "dotnet"}},
		{"sign-out in a page", "sign-out spa", []string{"browser"}},
		{"admin consent", "admin-consent web secret", []string{"go", "node", "python", "dotnet"}},
		{"implicit", "implicit native", []string{"none"}},
		{"implicit in a page", "implicit spa", []string{"browser"}},
		{"token exchange", "token-exchange web secret", []string{"none"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, s := range har.Snippets(calls()[tt.call]) {
				got = append(got, s.ID)
			}
			if strings.Join(got, " ") != strings.Join(tt.want, " ") {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestSnippetsStayText: a value of a profile never ends its string.
func TestSnippetsStayText(t *testing.T) {
	for _, s := range har.Snippets(har.Call{Flow: decision.ClientCredentials, Confidential: true, ClientID: `x"; os.Exit(1); "` + "\n\x1b", Authority: `https://h/\`, Scopes: []string{`a", "b`}}) {
		for _, bad := range []string{`x";`, "\x1b", `a", "b`, `h/\"`} {
			if strings.Contains(s.Code, bad) && !strings.Contains(s.Code, `\`+strings.TrimPrefix(bad, "x")) {
				t.Errorf("%s: %q is in\n%s", s.Language, bad, s.Code)
			}
		}
	}
}

// around is the program that a snippet for Go stands in: what it takes for given.
const around = `package snippet

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"
	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/managedidentity"
	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/public"
)

var (
	code, verifier, userToken, accountID string
	errSignInFirst                       = errors.New("sign in first")
)

func redirect(string)         {}
func use(string) error        { return nil }
func signInAgain(error) error { return nil }

var _, _, _, _, _ = fmt.Println, os.Getenv, confidential.New, public.New, managedidentity.New

func _(ctx context.Context) error {
%s
	return nil
}
`

// TestGoSnippetsCompile type-checks each snippet for Go against MSAL Go.
func TestGoSnippetsCompile(t *testing.T) {
	set := token.NewFileSet()
	imp := importer.ForCompiler(set, "gc", exportData(t))
	seen := map[string]bool{}
	for name, c := range calls() {
		for _, s := range har.Snippets(c) {
			if s.ID != "go" || seen[s.Code] {
				continue
			}
			seen[s.Code] = true
			text := fmt.Sprintf(around, s.Code)
			file, err := parser.ParseFile(set, name, text, 0)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			config := types.Config{Importer: imp, Error: func(err error) {
				if e, ok := err.(types.Error); !ok || !e.Soft {
					t.Errorf("%s: %v\n%s", name, err, s.Code)
				}
			}}
			_, _ = config.Check("snippet", set, []*ast.File{file}, nil) // its errors were told above
		}
	}
	if len(seen) < 20 {
		t.Errorf("only %d snippets were checked", len(seen))
	}
}

// exportData asks the go command for what the compiler knows of MSAL Go: it is in
// the build cache already.
func exportData(t *testing.T) func(string) (io.ReadCloser, error) {
	t.Helper()
	const msal = "github.com/AzureAD/microsoft-authentication-library-for-go/apps/"
	ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, "go", "list", "-export", "-deps", "-f", "{{.ImportPath}}\t{{.Export}}",
		msal+"confidential", msal+"public", msal+"managedidentity", "errors", "fmt", "os", "context").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	files := map[string]string{}
	for line := range strings.Lines(string(out)) {
		path, file, _ := strings.Cut(strings.TrimSpace(line), "\t")
		files[path] = file
	}
	return func(path string) (io.ReadCloser, error) { return os.Open(files[path]) }
}

// TestOtherSnippetsParse lets Node and Python read theirs, where they are
// installed.
func TestOtherSnippetsParse(t *testing.T) {
	for _, tt := range []struct {
		tool string
		ids  []string
		ext  string
		args []string
	}{
		{"node", []string{"node", "browser"}, ".mjs", []string{"--check"}},
		{"python3", []string{"python"}, ".py", []string{"-c", "import ast,sys\nfor f in sys.argv[1:]: ast.parse(open(f).read(), f)"}},
	} {
		t.Run(tt.tool, func(t *testing.T) {
			if _, err := exec.LookPath(tt.tool); err != nil {
				t.Skipf("%s is not installed", tt.tool)
			}
			files := written(t, tt.ids, tt.ext)
			if tt.tool == "python3" {
				parse(t, tt.tool, append(tt.args, files...))
				return
			}
			for _, f := range files {
				parse(t, tt.tool, append(tt.args, f))
			}
		})
	}
}

// written writes the snippets of some languages into files, each text once.
func written(t *testing.T, ids []string, ext string) []string {
	t.Helper()
	dir := t.TempDir()
	if d := os.Getenv("FLOWSCOPE_EXPORTS"); d != "" { // to look at them
		dir = d
	}
	seen := map[string]bool{}
	var files []string
	for name, c := range calls() {
		for _, s := range har.Snippets(c) {
			if seen[s.Code] || !strings.Contains(" "+strings.Join(ids, " ")+" ", " "+s.ID+" ") {
				continue
			}
			seen[s.Code] = true
			file := filepath.Join(dir, strings.ReplaceAll(name, " ", "-")+"-"+s.ID+ext)
			if err := os.WriteFile(file, []byte(s.Code), 0o600); err != nil {
				t.Fatal(err)
			}
			files = append(files, file)
		}
	}
	return files
}

func parse(t *testing.T, tool string, args []string) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), tool, args...).CombinedOutput(); err != nil {
		t.Errorf("%s: %v\n%s", args[len(args)-1], err, out)
	}
}
