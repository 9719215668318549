package validate_test

import (
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
	{"net/http", "jwks", "decoding and checking open no connection"},
	{"os", "", "no token, secret or key is read from or written to disk here"},
}

func TestImports(t *testing.T) {
	err := filepath.WalkDir(".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range file.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			for _, b := range banned {
				if (name == b.what || strings.HasPrefix(name, b.what+"/")) && filepath.Dir(path) != b.except {
					t.Errorf("%s imports %s: %s", path, name, b.why)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
