package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestReadmeConsole runs the sessions of the README in one directory, one command
// after the other, and wants the output that stands there.
func TestReadmeConsole(t *testing.T) {
	dir, ran := t.TempDir(), 0
	for _, session := range blocks(t, "console") {
		for _, part := range strings.Split("\n"+session, "\n$ ")[1:] {
			line, want, _ := strings.Cut(part, "\n")
			got, err := typed(t, dir, line)
			if err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			ran++
			if strings.TrimRight(got, "\n") != strings.TrimRight(want, "\n") {
				t.Errorf("$ %s\nprints another text than the README has:\n%s", line, got)
			}
		}
	}
	if ran < 4 {
		t.Errorf("%d commands were found", ran)
	}
}

// typed runs a line as a shell would: words, quoted ones, a file at either end,
// and head or cut behind it.
func typed(t *testing.T, dir, line string) (string, error) {
	t.Helper()
	command, filter, _ := strings.Cut(line, " | ")
	command, into, _ := strings.Cut(command, " > ")
	var words []string
	for i, piece := range strings.Split(command, "'") {
		if i%2 == 1 {
			words = append(words, piece)
		} else {
			words = append(words, strings.Fields(piece)...)
		}
	}
	if words[0] != "flowscope" {
		return "", fmt.Errorf("%s is another program", words[0])
	}
	cmd := program(t, words[1:]...)
	cmd.Dir = dir
	out, err := cmd.Output()
	if cmd.ProcessState == nil {
		return "", err
	}
	text := string(out)
	if into != "" {
		return "", os.WriteFile(filepath.Join(dir, into), out, 0o600)
	}
	name, arg, _ := strings.Cut(filter, " -")
	n, err := strconv.Atoi(strings.TrimPrefix(arg, "c1-"))
	switch lines := strings.SplitAfter(text, "\n"); {
	case filter == "":
		return text, nil
	case err != nil:
		return "", err
	case name == "head":
		return strings.Join(lines[:min(n, len(lines))], ""), nil
	case name == "cut":
		return text[:min(n, len(text))], nil
	}
	return "", fmt.Errorf("%s is another program", name)
}

// TestReadmeFlags wants every flag of token in its table.
func TestReadmeFlags(t *testing.T) {
	_, section, _ := strings.Cut(readme(t), "## Read a token")
	section, _, _ = strings.Cut(section, "\n## ")
	out, err := program(t, "token", "--help").Output()
	if err != nil {
		t.Fatal(err)
	}
	_, flags, _ := strings.Cut(string(out), "\nFlags\n")
	flags, _, _ = strings.Cut(flags, "\nFlags of every command")
	n := 0
	for line := range strings.Lines(flags) {
		word, ok := strings.CutPrefix(strings.TrimSpace(line), "--")
		if !ok {
			continue
		}
		n++
		if name := "--" + strings.Fields(word)[0]; !strings.Contains(section, "`"+name) {
			t.Errorf("the README says nothing of %s", name)
		}
	}
	if n < 20 {
		t.Errorf("%d flags were found", n)
	}
}
