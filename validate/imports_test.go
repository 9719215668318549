package validate_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// banned says which packages must not be imported where, and why.
var banned = []struct{ what, except, why string }{
	{"flowscope/decision", "infer", "only the guess about the flow speaks of flows"},
	{"flowscope/engine", "", "a check must work on any token, without a run"},
	{"flowscope/tui", "", "nothing below the screens knows that a terminal exists"},
	{"github.com/lestrrat-go/jwx", "jwks", "jwx has one door here: keys and the raw signature"},
	{"github.com/AzureAD", "", "the library that got a token does not judge it"},
	{"github.com/charmbracelet", "", "nothing below the screens knows that a terminal exists"},
	{"golang.org/x/term", "", "nothing below the screens knows that a terminal exists"},
	{"net/http", "jwks", "decoding and checking open no connection"},
	{"net", "jwks", "decoding and checking open no connection"},
	{"os", "", "no token, secret or key is read from or written to disk here"},
	{"log", "", "what is found goes into the report and nowhere else"},
	{"log/slog", "", "what is found goes into the report and nowhere else"},
	{"math/rand", "", "the same token gets the same report"},
	{"crypto/rand", "validatetest", "the same token gets the same report"},
}

// sourceFiles parses the ordinary files of this package and those below it.
func sourceFiles(t *testing.T, mode parser.Mode, each func(path string, file *ast.File)) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, mode|parser.SkipObjectResolution)
		if err == nil {
			each(path, file)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestImports(t *testing.T) {
	sourceFiles(t, parser.ImportsOnly, func(path string, file *ast.File) {
		for _, spec := range file.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			for _, b := range banned {
				standard := !strings.Contains(b.what, ".") && !strings.HasPrefix(b.what, "flowscope")
				below := !standard && strings.HasPrefix(name, b.what+"/")
				if (name == b.what || below) && filepath.Dir(path) != b.except {
					t.Errorf("%s imports %s: %s", path, name, b.why)
				}
			}
		}
	})
}

// Nothing in the tree holds state: what stands at package level is a table, a
// phrase, an error or a decoder without a memory, and no function changes it. The
// keys that are kept between checks live in a jwks.Source, which its owner makes;
// jwks and the test fixtures may hold other values, and change none of them either.
func TestNoState(t *testing.T) {
	byPackage := map[string]map[string]bool{}
	sourceFiles(t, 0, func(path string, file *ast.File) {
		dir := filepath.Dir(path)
		if byPackage[dir] == nil {
			byPackage[dir] = map[string]bool{}
		}
		for _, decl := range file.Decls {
			group, ok := decl.(*ast.GenDecl)
			if !ok || group.Tok != token.VAR {
				continue
			}
			for _, spec := range group.Specs {
				v := spec.(*ast.ValueSpec)
				for i, name := range v.Names {
					byPackage[dir][name.Name] = true
					if name.Name != "_" && dir != "validatetest" && dir != "jwks" && (i >= len(v.Values) || !isConstant(v.Values[i])) {
						t.Errorf("%s: %s is no table, phrase or error", path, name.Name)
					}
				}
			}
		}
	})
	if len(byPackage["."]) < 100 {
		t.Fatalf("only %d variables found: the test looks at nothing", len(byPackage["."]))
	}
	sourceFiles(t, 0, func(path string, file *ast.File) {
		known := byPackage[filepath.Dir(path)]
		ast.Inspect(file, func(n ast.Node) bool {
			var changed []ast.Expr
			switch n := n.(type) {
			case *ast.AssignStmt:
				if n.Tok != token.DEFINE {
					changed = n.Lhs
				}
			case *ast.IncDecStmt:
				changed = []ast.Expr{n.X}
			}
			for _, e := range changed {
				if name := root(e); known[name] && name != "_" {
					t.Errorf("%s changes %s, which stands at package level (or a variable within bears the same name)", path, name)
				}
			}
			return true
		})
	})
}

// isConstant reports an initial value that is data: a composite of an array or a
// struct, or one of a few calls whose results have no memory. A map or a slice is
// not: whoever holds it can change it.
func isConstant(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.CompositeLit:
		switch kind := e.Type.(type) {
		case *ast.ArrayType:
			return kind.Len != nil
		case *ast.Ident, *ast.SelectorExpr:
			return true
		}
	case *ast.Ident: // another name for a phrase
		return true
	case *ast.SelectorExpr:
		return root(e) == "base64"
	case *ast.CallExpr:
		f, ok := e.Fun.(*ast.SelectorExpr)
		return ok && (f.Sel.Name == "New" && root(f.X) == "errors" || root(f.X) == "base64")
	}
	return false
}

// root is the name that an expression begins with: a in a.b[c].d.
func root(e ast.Expr) string {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			return x.Name
		case *ast.SelectorExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		default:
			return ""
		}
	}
}
