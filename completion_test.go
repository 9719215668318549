package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// completed asks as a shell does, and gives the words that it is offered.
func (s *shelf) completed(words ...string) []string {
	s.t.Helper()
	var out []string
	for line := range strings.Lines(s.run(0, append([]string{"__completeNoDesc"}, words...)...)) {
		if line = strings.TrimSpace(line); !strings.HasPrefix(line, ":") {
			out = append(out, line)
		}
	}
	return out
}

// TestCompletion offers the names that fit what stands on the line already, and
// runs nothing.
func TestCompletion(t *testing.T) {
	s := newShelf(t)
	s.run(0, "profiles", "add", "work", "--tenant", "contoso.com", "--client-id", appID, "--client-type", "spa", "--redirect-uri", "http://localhost:3000", "--scopes", "openid")
	s.run(0, "profiles", "add", "nightly", "--issuer", "https://idp.example.com", "--client-id", "me", "--client-type", "daemon", "--scopes", "x", "--secret-env", "ORDERS_SECRET")
	for _, tt := range []struct {
		line      string // the last word is the one that is completed; _ stands for an empty one
		with, not []string
	}{
		{"run _", []string{"authorization-code", "token-exchange", "nightly-job", "mix-up"}, []string{"verifier", "work"}},
		{"run authorization-code _", nil, []string{"authorization-code"}},
		{"run authorization-code --fault _", []string{"verifier", "redirect-uri"}, []string{"scope-default"}},
		{"run client-credentials --fault _", []string{"scope-default"}, []string{"verifier"}},
		{"run --fault _", []string{"verifier", "scope-default"}, nil},
		{"run authorization-code --as _", []string{"web", "spa", "native"}, []string{"daemon"}},
		{"run client-credentials --as _", []string{"daemon", "workload"}, []string{"spa"}},
		{"run client-credentials --profile nightly --as _", []string{"daemon"}, []string{"web", "workload"}},
		{"run client-credentials --profile _", []string{"nightly", "work"}, nil},
		{"run client-credentials --driver _", []string{"msal", "oidc"}, nil},
		{"run client-credentials --credential _", []string{"secret", "certificate", "federated"}, nil},
		{"run authorization-code --condition _", []string{"mfa-required", "step-up"}, nil},
		{"run authorization-code --prompt _", []string{"none"}, nil},
		{"run authorization-code --export _", []string{"curl=", "mermaid="}, nil},
		{"token --type _", []string{"access", "id"}, []string{"app"}},
		{"token --caller _", []string{"user", "app"}, []string{"id"}},
		{"token --profile _", []string{"nightly", "work"}, nil},
		{"token --alg _", []string{"RS256", "ES256"}, []string{"none", "HS256"}},
		{"faults _", []string{"device-code"}, []string{"nightly-job"}},
		{"faults device-code _", nil, []string{"device-code"}},
		{"scenarios _", nil, nil},
		{"profiles _", []string{"add", "list", "remove", "show", "try"}, nil},
		{"profiles show _", []string{"nightly", "work"}, nil},
		{"profiles show work _", nil, []string{"work"}},
		{"profiles remove _", []string{"nightly", "work"}, nil},
		{"profiles try _", []string{"nightly", "work"}, nil},
		{"profiles add _", nil, []string{"work"}},
		{"profiles add --replace _", []string{"work"}, nil},
		{"profiles add x --cloud _", []string{"public", "us-gov", "china"}, nil},
		{"profiles add x --client-type _", []string{"web", "api"}, nil},
	} {
		words := strings.Fields(tt.line)
		words[len(words)-1] = ""
		got := s.completed(words...)
		all := "\n" + strings.Join(got, "\n") + "\n"
		for _, w := range tt.with {
			if !strings.Contains(all, "\n"+w+"\n") {
				t.Errorf("%s: %s is not offered among %q", tt.line, w, got)
			}
		}
		for _, w := range tt.not {
			if strings.Contains(all, "\n"+w+"\n") {
				t.Errorf("%s: %s is offered", tt.line, w)
			}
		}
		if tt.with == nil && len(got) > 0 {
			t.Errorf("%s: %q is offered, and nothing fits", tt.line, got)
		}
	}
}

// TestCompletionOfABrokenFile offers no profile and stays silent on the words.
func TestCompletionOfABrokenFile(t *testing.T) {
	s := newShelf(t)
	s.write("[profiles.work\n")
	for _, line := range []string{"run client-credentials --profile", "profiles show", "run client-credentials --profile work --as"} {
		if got := s.completed(append(strings.Fields(line), "")...); len(got) > 0 {
			t.Errorf("%s: %q is offered", line, got)
		}
	}
	named := filepath.Join(t.TempDir(), "mine.toml")
	text := fmt.Sprintf("[profiles.mine]\ntenant = \"contoso.com\"\nclient_id = %q\nclient_type = \"native\"\nscopes = [\"openid\"]\n", appID)
	if err := os.WriteFile(named, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := s.completed("--config", named, "profiles", "show", ""); len(got) != 1 || got[0] != "mine" {
		t.Errorf("of the file that --config names %q is offered", got)
	}
}

// TestEveryCommandShowsExamples: whoever asks for help gets a line to copy, and
// that line names the command.
func TestEveryCommandShowsExamples(t *testing.T) {
	s := newShelf(t)
	for _, line := range []string{"profiles", "profiles list", "profiles show", "profiles add", "profiles remove", "profiles try", "scenarios", "faults", "run", "decide", "token", "explain", "lab", "completion"} {
		text := s.run(0, append(strings.Fields(line), "--help")...)
		if _, examples, ok := strings.Cut(text, "Examples\n"); !ok || !strings.Contains(examples, "flowscope "+line) {
			t.Errorf("%s --help shows no example:\n%s", line, text)
		}
	}
}
