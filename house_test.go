package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// rule says what a package of the house may import, and why nothing else.
type rule struct {
	pkg   string   // a package, or a tree when it ends in /...
	allow []string // packages of ours it may import; those ending in /... are trees
	why   string
}

// rules are the directions of the house. The first that fits a package counts.
var rules = []rule{
	{"flowscope/decision", nil, "the flow follows from the client, and from nothing else in this program"},
	{"flowscope/validate/infer", []string{"flowscope/validate", "flowscope/validate/claims", "flowscope/decision"}, "it names flows and reads tokens, nothing more"},
	{"flowscope/validate/jwks", []string{"flowscope/validate"}, "keys serve the checks; they know no run"},
	{"flowscope/validate/claims", []string{"flowscope/validate"}, "a glossary"},
	{"flowscope/validate/validatetest", []string{"flowscope/validate", "flowscope/validate/..."}, "it stands under tests: tokens of every kind, each with what must be said of it"},
	{"flowscope/validate/insight", []string{"flowscope/validate", "flowscope/validate/claims"}, "it reads tokens for people and judges none"},
	{"flowscope/validate/diff", []string{"flowscope/validate", "flowscope/validate/claims"}, "two tokens are compared by what stands in them"},
	{"flowscope/validate/middleware", []string{"flowscope/validate"}, "other people's rules beside ours; they reach keys as ours do"},
	{"flowscope/validate", nil, "a token must be checked in the same way whoever asks"},
	{"flowscope/engine/trace", []string{"flowscope/decision"}, "plain data that everybody reads"},
	{"flowscope/engine/wire", []string{"flowscope/engine/trace"}, "the gate records; it knows no flow"},
	{"flowscope/engine/compare", []string{"flowscope/decision", "flowscope/engine/trace"}, "two runs are compared by what was recorded, and by nothing else"},
	{"flowscope/engine/har", []string{"flowscope/engine/trace", "flowscope/decision"}, "exports are made from the trace alone"},
	{"flowscope/engine/lab/...", []string{"flowscope/engine/lab/..."}, "two independent readings of a standard expose each other's mistakes: the lab shares no code with what runs against it or judges it"},
	{"flowscope/engine/loopback", []string{"flowscope/engine", "flowscope/engine/trace", "flowscope/engine/wire"}, "the redirect is delivered to a run"},
	{"flowscope/engine/signin", []string{"flowscope/engine", "flowscope/engine/trace", "flowscope/engine/loopback"}, "a user agent of a run"},
	{"flowscope/engine/msal", []string{"flowscope/engine", "flowscope/engine/trace", "flowscope/engine/loopback", "flowscope/decision"}, "a driver knows the engine; the engine knows no driver"},
	{"flowscope/engine/oidc", []string{"flowscope/engine", "flowscope/engine/trace", "flowscope/engine/loopback", "flowscope/decision"}, "a driver knows the engine; the engine knows no driver, and no driver the other"},
	{"flowscope/engine/scenario", []string{"flowscope/engine", "flowscope/engine/trace", "flowscope/engine/fault", "flowscope/decision"}, "a scenario is runs with faults, told before it is run"},
	{"flowscope/engine/fault", []string{"flowscope/engine", "flowscope/engine/trace", "flowscope/decision"}, "faults are edits of our own requests; the lab is not in reach"},
	{"flowscope/engine/explain", []string{"flowscope/decision", "flowscope/engine/trace", "flowscope/validate"}, "an explanation rests on the trace, never on what the lab keeps aside"},
	{"flowscope/engine/inspect", []string{"flowscope/decision", "flowscope/engine", "flowscope/engine/trace", "flowscope/engine/wire", "flowscope/validate", "flowscope/validate/..."}, "it joins a run's tokens with their checks, and with the flow that made each"},
	{"flowscope/engine/labtarget", []string{"flowscope/engine", "flowscope/engine/trace", "flowscope/engine/wire", "flowscope/engine/lab", "flowscope/engine/labinfo", "flowscope/engine/labserver", "flowscope/engine/observe", "flowscope/decision"}, "the one place where engine and lab meet"},
	{"flowscope/engine/labserver", []string{"flowscope/engine/labinfo"}, "it serves any handler, on loopback alone"},
	{"flowscope/engine/labinfo", nil, "plain data about the lab, so that nobody who shows it needs the lab"},
	{"flowscope/engine/observe", []string{"flowscope/engine/trace", "flowscope/engine/explain"}, "another program's requests are explained from what travelled, as our own are"},
	{"flowscope/engine/probe", []string{"flowscope/engine", "flowscope/engine/trace", "flowscope/engine/wire"}, "it asks a target one question, through the gate's own parts"},
	{"flowscope/engine/profile", []string{"flowscope/decision", "flowscope/engine/trace"}, "a saved target is plain data; main makes a target of it"},
	{"flowscope/engine/enginetest", []string{"flowscope/..."}, "it stands under tests, which use everything"},
	{"flowscope/engine", []string{"flowscope/decision", "flowscope/engine/trace", "flowscope/engine/wire"}, "drivers, lab and checks are handed in"},
	{"flowscope/themes", nil, "colours know no meaning but their roles"},
	{"flowscope/tui/dark", nil, "it must be initialised before Bubble Tea, so it imports Lip Gloss alone"},
	{"flowscope/tui/qr", nil, "it draws text and knows nothing of what it says"},
	{"flowscope/tui/screen", []string{"flowscope/decision", "flowscope/engine", "flowscope/engine/explain", "flowscope/engine/inspect", "flowscope/engine/trace", "flowscope/themes"}, "a contract names what is passed on, and draws nothing"},
	{"flowscope/tui/widget", []string{"flowscope/engine", "flowscope/engine/trace", "flowscope/tui/screen", "flowscope/themes"}, "a widget knows how things look, never what they mean"},
	{"flowscope/tui/command", []string{"flowscope/decision", "flowscope/engine", "flowscope/engine/compare", "flowscope/engine/explain", "flowscope/engine/fault", "flowscope/engine/har", "flowscope/engine/inspect", "flowscope/engine/labinfo", "flowscope/engine/observe", "flowscope/engine/probe", "flowscope/engine/profile", "flowscope/engine/scenario", "flowscope/engine/trace", "flowscope/engine/wire", "flowscope/themes", "flowscope/tui/qr", "flowscope/validate", "flowscope/validate/..."}, "a command never opens a screen by itself, and gets drivers and the lab from main"},
	{"flowscope/tui/tuitest/frame", []string{"flowscope/engine/trace", "flowscope/themes", "flowscope/tui/screen"}, "it stands under tests inside the screens too, so it knows none"},
	{"flowscope/tui/tuitest", []string{"flowscope/..."}, "it stands under tests, which use everything"},
	{"flowscope/tui", []string{"flowscope/decision", "flowscope/engine", "flowscope/engine/explain", "flowscope/engine/inspect", "flowscope/engine/labinfo", "flowscope/engine/observe", "flowscope/engine/probe", "flowscope/engine/profile", "flowscope/engine/trace", "flowscope/themes", "flowscope/tui/...", "flowscope/validate"}, "the root knows the screens; drivers and the lab are handed in"},
	{"flowscope/tui/...", []string{"flowscope/decision", "flowscope/engine", "flowscope/engine/compare", "flowscope/engine/explain", "flowscope/engine/fault", "flowscope/engine/har", "flowscope/engine/inspect", "flowscope/engine/labinfo", "flowscope/engine/observe", "flowscope/engine/probe", "flowscope/engine/profile", "flowscope/engine/scenario", "flowscope/engine/trace", "flowscope/themes", "flowscope/tui/qr", "flowscope/tui/screen", "flowscope/tui/widget", "flowscope/validate", "flowscope/validate/claims", "flowscope/validate/diff", "flowscope/validate/infer", "flowscope/validate/insight", "flowscope/validate/middleware"}, "screens never import each other, a driver or the lab"},
	{"flowscope", []string{"flowscope/..."}, "main wires everything"},
}

const methodsByName = "templates call methods by name, so the linker then keeps every exported method of every type: 2.5 MB of the stripped program"

// bans are libraries that only some packages may use.
var bans = []struct {
	path    string
	allowed []string
	why     string
}{
	{"github.com/charmbracelet", []string{"flowscope", "flowscope/tui/...", "flowscope/tui", "flowscope/themes"}, "nothing under decision, validate and engine knows that a terminal exists"},
	{"github.com/charmbracelet/bubbletea", []string{"flowscope/tui", "flowscope/tui/home", "flowscope/tui/decide", "flowscope/tui/flows", "flowscope/tui/run", "flowscope/tui/token", "flowscope/tui/diagnose", "flowscope/tui/lab", "flowscope/tui/targets", "flowscope/tui/settings", "flowscope/tui/screen", "flowscope/tui/widget", "flowscope/tui/tuitest/..."}, "headless commands and the package that starts before Bubble Tea must not need it"},
	{"github.com/lestrrat-go/jwx", []string{"flowscope/validate/jwks", "flowscope/engine/lab/..."}, "jwx is lenient and no longer maintained: it has two doors"},
	{"github.com/AzureAD", []string{"flowscope/engine/msal"}, "one driver speaks MSAL"},
	{"golang.org/x/oauth2", []string{"flowscope/engine/oidc"}, "one driver speaks to any issuer with it"},
	{"software.sslmate.com/src/go-pkcs12", []string{"flowscope/engine/profile"}, "a PFX is opened where credentials are read, and nowhere else"},
	{"rsc.io/qr", []string{"flowscope/tui/qr"}, "a QR code is drawn in one place, for a screen and for standard error"},
	{"html/template", nil, methodsByName},
	{"text/template", nil, methodsByName},
	{"net/http/httptest", nil, "it brings test flags into the program"},
	{"testing", []string{"flowscope/engine/enginetest", "flowscope/validate/validatetest", "flowscope/tui/tuitest/..."}, "test code does not belong into the program"},
}

func fits(pattern, pkg string) bool {
	if tree, ok := strings.CutSuffix(pattern, "/..."); ok {
		return pkg == tree || strings.HasPrefix(pkg, tree+"/")
	}
	return pkg == pattern
}

func fitsAny(patterns []string, pkg string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return fits(p, pkg) })
}

// imports reads the imports of every package's ordinary files.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	found := map[string]map[string]bool{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != "." && strings.HasPrefix(d.Name(), ".") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		pkg := strings.TrimSuffix("flowscope/"+filepath.ToSlash(filepath.Dir(path)), "/.")
		if found[pkg] == nil {
			found[pkg] = map[string]bool{}
		}
		for _, spec := range file.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			found[pkg][name] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]string{}
	for pkg, set := range found {
		out[pkg] = slices.Sorted(maps.Keys(set))
	}
	return out
}

// TestHouse holds every package to the direction of its imports.
func TestHouse(t *testing.T) {
	all := imports(t)
	if len(all) < 20 {
		t.Fatalf("only %d packages were found: the test looks in the wrong place", len(all))
	}
	for _, pkg := range slices.Sorted(maps.Keys(all)) {
		t.Run(pkg, func(t *testing.T) {
			i := slices.IndexFunc(rules, func(r rule) bool { return fits(r.pkg, pkg) })
			if i < 0 {
				t.Fatalf("%s has no rule: say in house_test.go what it may import, and why", pkg)
			}
			for _, imp := range all[pkg] {
				if fits("flowscope/...", imp) && !fitsAny(rules[i].allow, imp) {
					t.Errorf("%s imports %s, but %s", pkg, imp, rules[i].why)
				}
				for _, b := range bans {
					if (imp == b.path || strings.HasPrefix(imp, b.path+"/")) && !fitsAny(b.allowed, pkg) {
						t.Errorf("%s imports %s, but %s", pkg, imp, b.why)
					}
				}
			}
		})
	}
}

// TestNoMethodByName looks for the calls that bring templates, or reflection on
// a method's name, into the program past the ban on importing them.
func TestNoMethodByName(t *testing.T) {
	calls := []string{"SetVersionTemplate", "SetHelpTemplate", "SetUsageTemplate", "AddTemplateFunc", "AddTemplateFuncs", "MethodByName"}
	eachFile(t, func(path string, file *ast.File, set *token.FileSet) {
		if strings.HasSuffix(path, "_test.go") {
			return
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok && slices.Contains(calls, s.Sel.Name) {
				t.Errorf("%s: %s: %s", set.Position(s.Pos()), s.Sel.Name, methodsByName)
			}
			return true
		})
	})
}
