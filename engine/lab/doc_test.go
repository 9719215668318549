package lab

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// declaredTests collects the names of all tests below the package.
func declaredTests(t *testing.T) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, decl := range file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil {
				found[f.Name.Name] = true
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestLikenessIsWitnessed reads the table of likeness in the package's
// documentation: every row names its test, and every test is there.
func TestLikenessIsWitnessed(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "doc.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	_, table, ok := strings.Cut(file.Doc.Text(), "# Likeness\n")
	table, differences, ok2 := strings.Cut(table, "# Differences\n")
	if !ok || !ok2 || !strings.Contains(differences, "  - ") {
		t.Fatal("the documentation has no table of likeness, or no list of differences")
	}
	declared := declaredTests(t)
	row := regexp.MustCompile(`^\t\S.*?\S {2,}(Test[A-Z]\w*(, Test[A-Z]\w*)*)$`)
	rows := 0
	for line := range strings.SplitSeq(table, "\n") {
		if !strings.HasPrefix(line, "\t") {
			continue
		}
		if rows++; !row.MatchString(line) {
			t.Errorf("a row without its test: %q", line)
		}
	}
	for _, name := range regexp.MustCompile(`\bTest[A-Z]\w*`).FindAllString(table, -1) {
		if !declared[name] {
			t.Errorf("the table names %s, which is no test of the lab", name)
		}
	}
	if rows < 30 {
		t.Errorf("only %d rows were read", rows)
	}
}
