package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// The largest sizes without a reason written there.
const (
	maxFileLines     = 500
	maxFunctionLines = 60
)

// TestSizes holds files and functions to a size that fits a head. A longer one
// says why in a comment that holds "long because".
func TestSizes(t *testing.T) {
	eachFile(t, func(path string, file *ast.File, set *token.FileSet) {
		if n := set.Position(file.End()).Line; n > maxFileLines && !says(file.Doc, "long because") {
			t.Errorf("%s has %d lines", path, n)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			n := set.Position(f.End()).Line - set.Position(f.Pos()).Line + 1
			if n > maxFunctionLines && !says(f.Doc, "long because") {
				t.Errorf("%s: %s has %d lines", path, f.Name.Name, n)
			}
		}
	})
}

// TestComments holds every package and every exported name of the program to a
// doc comment.
func TestComments(t *testing.T) {
	packages := map[string]bool{}
	eachFile(t, func(path string, file *ast.File, set *token.FileSet) {
		if strings.HasSuffix(path, "_test.go") {
			return
		}
		dir := filepath.Dir(path)
		packages[dir] = packages[dir] || says(file.Doc, " ")
		for _, d := range file.Decls {
			for _, name := range bare(d) {
				t.Errorf("%s: %s has no doc comment", set.Position(d.Pos()), name)
			}
		}
	})
	for dir, documented := range packages {
		if !documented {
			t.Errorf("the package in %s opens without a paragraph", dir)
		}
	}
}

// bare gives the exported names of a declaration that have no comment.
func bare(d ast.Decl) []string {
	var out []string
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Name.IsExported() && d.Doc == nil && exportedReceiver(d) {
			out = append(out, d.Name.Name)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.TypeSpec:
				if s.Name.IsExported() && s.Doc == nil && d.Doc == nil {
					out = append(out, s.Name.Name)
				}
			case *ast.ValueSpec:
				if s.Names[0].IsExported() && s.Doc == nil && d.Doc == nil && s.Comment == nil {
					out = append(out, s.Names[0].Name)
				}
			}
		}
	}
	return out
}

// exportedReceiver reports whether a function has no receiver or one whose type
// can be named from outside.
func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	typ := d.Recv.List[0].Type
	if star, ok := typ.(*ast.StarExpr); ok {
		typ = star.X
	}
	if name, ok := typ.(*ast.Ident); ok {
		return name.IsExported()
	}
	return true
}

func says(doc *ast.CommentGroup, words string) bool {
	return doc != nil && strings.Contains(doc.Text(), words)
}

// eachFile parses every Go file of the repository.
func eachFile(t *testing.T, visit func(path string, file *ast.File, set *token.FileSet)) {
	t.Helper()
	n := 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != "." && strings.HasPrefix(d.Name(), ".") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") {
			return nil
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		n++
		visit(path, file, set)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if n < 100 {
		t.Fatalf("only %d files were found: the test looks in the wrong place", n)
	}
}
