package har_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"flowscope/engine/har"
	"flowscope/engine/trace"
)

// evil is text that tries to be more than text in each format.
const evil = "end; %%{init: {'x':1}}%%\n###\n@X = 1\n{{$processEnv HOME}} ```\n| a | <script>alert(1)</script> \x1b[31m ![x](javascript:1) --> Note over app: x #35; \"q\" 'p' $(touch y) `z` \u202e"

// hostile is a run in which every text from outside is evil.
func hostile() *trace.Trace {
	e := trace.Exchange{
		N: 1, Step: 1, Purpose: trace.Purpose(evil), From: trace.Party(evil), To: trace.Entra, Channel: trace.Front,
		Request:  trace.Request{Method: "GET", URL: "https://h/" + evil + "?a=" + evil, Header: map[string][]string{"X-Evil": {evil}, "Bad Name": {"x"}, "Content-Type": {"text/plain"}}, Body: []byte(evil)},
		Response: &trace.Response{Status: 200, Header: map[string][]string{"Content-Type": {evil}, "Location": {"https://h/?error=" + evil}}, Body: []byte(evil)},
		Changes:  []string{evil}, AnswerChanges: []string{evil}, Note: evil,
	}
	refused := trace.Exchange{N: 2, Request: trace.Request{Method: evil, URL: evil}, Refused: evil, From: trace.App, To: trace.API}
	broken := trace.Exchange{N: 3, Request: trace.Request{URL: "https://h/x"}, Err: evil, From: trace.App, To: trace.Entra}
	return &trace.Trace{
		RunID: evil, Target: evil, As: evil, Driver: evil, Failure: evil, Outcome: trace.Failed,
		Refusal: &trace.Refusal{Check: evil, Why: evil}, Library: &trace.Library{Name: evil, Error: evil},
		Registration: &trace.Registration{Name: evil, ClientID: evil},
		Exchanges:    []trace.Exchange{e, refused, broken},
	}
}

func exported(t *testing.T, tr *trace.Trace, format string) string {
	t.Helper()
	text, _, err := har.Export(tr, har.Options{
		Format: format, Title: evil, Findings: []har.Finding{{Title: evil, Lines: []string{evil}}},
		Steps: []har.Step{{N: 1, Title: evil, Label: evil, From: trace.App, To: trace.App, State: "done"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if dir := os.Getenv("FLOWSCOPE_EXPORTS"); dir != "" { // to look at them
		if err := os.WriteFile(filepath.Join(dir, "hostile."+format), text, 0o600); err != nil {
			t.Error(err)
		}
	}
	return string(text)
}

// TestNoControlCharacters: no format but HAR, which escapes them as JSON does,
// holds what a terminal would obey.
func TestNoControlCharacters(t *testing.T) {
	for _, f := range har.Formats() {
		text := exported(t, hostile(), f.ID)
		for _, bad := range []string{"\x1b", "\r", "\x00"} {
			if strings.Contains(text, bad) {
				t.Errorf("%s holds %q", f.ID, bad)
			}
		}
		if f.ID != har.HARFormat && strings.Contains(text, "\u202e") {
			t.Errorf("%s turns the direction of text", f.ID)
		}
	}
}

// TestMermaidLines: every line is one that we wrote.
func TestMermaidLines(t *testing.T) {
	text := exported(t, hostile(), har.MermaidFormat)
	_, body, ok := strings.Cut(text, "\n---\nsequenceDiagram\n")
	if !ok {
		t.Fatal(text)
	}
	ours := regexp.MustCompile(`^(  (actor|participant) \w+ as .*|  \w+(->>|-->>|-x)\w+: .*|  Note over \w+: .*|%% .*)$`)
	for line := range strings.SplitSeq(strings.TrimRight(body, "\n"), "\n") {
		if !ours.MatchString(line) {
			t.Errorf("%q", line)
		}
		_, said, _ := strings.Cut(line, ": ")
		if rest := regexp.MustCompile(`#\d+;`).ReplaceAllString(said, ""); strings.ContainsAny(rest, "#;<>{}\"`") && !strings.HasPrefix(line, "%%") {
			t.Errorf("%q is not escaped", line)
		}
		if !strings.HasPrefix(line, "%%") && regexp.MustCompile(`(?i)\bend\b`).MatchString(said) {
			t.Errorf("%q ends a block", line)
		}
	}
}

// TestMarkdownFences: what came from outside stays inside its fence, and nothing
// of it is HTML, a link or a picture.
func TestMarkdownFences(t *testing.T) {
	text := exported(t, hostile(), har.MarkdownFormat)
	fence := ""
	for line := range strings.SplitSeq(text, "\n") {
		mark := line[:len(line)-len(strings.TrimLeft(line, "`"))]
		switch {
		case fence == "" && len(mark) >= 3:
			fence = mark
		case fence != "" && line == fence:
			fence = ""
		case fence == "":
			plain := regexp.MustCompile("`[^`]*`").ReplaceAllString(regexp.MustCompile(`\\.`).ReplaceAllString(line, ""), "")
			if strings.Contains(plain, "<") || strings.Contains(plain, "](") || strings.Contains(plain, "```") {
				t.Errorf("%q", line)
			}
		}
	}
	if fence != "" {
		t.Error("a fence is left open")
	}
}

// TestHTTPFileLines: a value never begins a request, a comment or a variable.
func TestHTTPFileLines(t *testing.T) {
	text := exported(t, hostile(), har.HTTPFormat)
	if n := strings.Count("\n"+text, "\n###"); n != 4 {
		t.Errorf("%d separators", n)
	}
	if strings.Contains(text, "{{") || strings.Contains("\n"+text, "\n@X") {
		t.Errorf("a variable of somebody else's:\n%s", text)
	}
}
