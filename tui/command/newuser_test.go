package command_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestWhatANewUserMeets: each line says what went wrong and what to do, and says
// nothing that is not so.
func TestWhatANewUserMeets(t *testing.T) {
	for _, c := range []struct {
		args string
		want int
		says []string
		not  []string
	}{
		{"client-credentials --call /orders/tasks", 3, []string{"The flow does not fit this API", "flowscope run authorization-code"}, []string{"The flow is right"}},
		{"authorization-code --call /orders/all", 3, []string{"The flow does not fit this API", "flowscope run client-credentials"}, []string{"The flow is right"}},
		{"authorization-code --call /inventory/stock", 3, []string{"aud is f4f9cdd6-0c3f-428f-94f5-b424da1d3acb (Orders API)", "(Inventory API)"}, nil},
		{"authorization-code --call userinfo", 3, []string{"wants https://graph.microsoft.com (Microsoft Graph)"}, nil},
		{"authorization-code --call /orders/admin", 3, []string{"Assign the role Admin of Orders API", "Users and groups"}, []string{"Ask for the scope"}},
		{"sign-out --as web --fault sign-out-address", 0, []string{"and that is what came", "there to meet that", "outlives the sign-out"}, []string{"✗"}},
		{"sign-out --as web", 0, []string{"outlives the sign-out"}, []string{"✗"}},
		{"authorization-code --fault state", 3, []string{"You changed state at step"}, nil},
		{"authorization-code --decline", 3, []string{"Where the person agrees after all"}, []string{"accept this time"}},
		{"admin-consent", 0, []string{"the administrator grace@contoso.example"}, nil},
		{"implicit", 0, []string{"by requests of our own"}, []string{"by MSAL"}},
		{"silent --as everyone --tenant fabrikam --scope User.Read", 0, []string{"noor@fabrikam.example"}, nil},
		{"device-code", 0, []string{"step 6 is the answer", "in the order in which they were sent"}, nil},
	} {
		t.Run(c.args, func(t *testing.T) {
			out := newBench(t).must(t, c.want, append([]string{"run"}, strings.Fields(c.args)...)...)
			flat := strings.Join(strings.Fields(out), " ")
			for _, s := range c.says {
				if !strings.Contains(flat, s) {
					t.Errorf("no %q in\n%s", s, out)
				}
			}
			for _, s := range c.not {
				if strings.Contains(flat, s) {
					t.Errorf("%q in\n%s", s, out)
				}
			}
			if i := strings.Index(flat, "What to change • "); i >= 0 && c.args == "authorization-code --decline" && strings.HasPrefix(flat[i+len("What to change • "):], "Where the person agrees") {
				t.Errorf("a no is answered with another try first:\n%s", out)
			}
		})
	}
}

// TestDidYouMean: a slip brings the nearest names and the command that lists all.
func TestDidYouMean(t *testing.T) {
	for args, want := range map[string][]string{
		"run authorization-cod":                         {"did you mean authorization-code?", "token-exchange"},
		"run authorization-code --fault nonse":          {"did you mean nonce?", "flowscope faults authorization-code"},
		"run authorization-code --condition mfa":        {"did you mean mfa-required?", "flowscope lab conditions"},
		"run authorization-code --call nonsense":        {"https://login.lab.example/orders/me"},
		"faults nope":                                   {`there is no flow "nope"`, "device-code"},
		"run client-credentials --fault verifier":       {"is not for this flow", "flowscope faults client-credentials"},
		"run authorization-code --fault aaaaaaaaaaaaaa": {"there is no fault", "lists those of this flow"},
	} {
		b := newBench(t)
		b.must(t, 2, strings.Fields(args)...)
		for _, s := range want {
			if said := b.err.String(); !strings.Contains(said, s) || len(said) > 900 {
				t.Errorf("%s: no %q in %s", args, s, said)
			}
		}
	}
	out := newBench(t).must(t, 1, "explain", "consent")
	if first := strings.Index(out, "AADSTS"); first < 0 || !strings.HasPrefix(out[first:], "AADSTS65001") || !strings.Contains(out, "AADSTS65004") {
		t.Errorf("explain consent:\n%s", out)
	}
}

// TestAWarningSaysWhy: not the word alone, but the reason and what to run instead.
func TestAWarningSaysWhy(t *testing.T) {
	for flow, why := range map[string]string{"implicit": "into the address", "password": "second factor"} {
		b := newBench(t)
		b.must(t, 0, "run", flow)
		if said := b.err.String(); !strings.Contains(said, why) || !strings.Contains(said, "flowscope run authorization-code") {
			t.Errorf("%s: %q", flow, said)
		}
	}
}

// TestLinesFit: values of APIs do not run over the edge of the terminal.
func TestLinesFit(t *testing.T) {
	for _, call := range []string{"/orders/admin", "/inventory/stock"} {
		for line := range strings.SplitSeq(newBench(t).must(t, 3, "run", "authorization-code", "--call", call), "\n") {
			if len([]rune(line)) > 80 {
				t.Errorf("%d columns: %s", len([]rune(line)), line)
			}
		}
	}
}

// TestCommandsInWordsExist: every "flowscope WORD" in the texts of the program is a
// command of it.
func TestCommandsInWordsExist(t *testing.T) {
	help := newBench(t).must(t, 0, "--help")
	named := regexp.MustCompile(`["` + "`" + ` (]flowscope ([a-z]+)\b`)
	plain := map[string]bool{"alone": true, "asks": true, "group": true} // sentences about the program
	for _, dir := range []string{".", "../../engine/explain", "../../engine/fault", "../../engine/profile", "../../engine/har", "../../engine/msal", "../../engine/oidc"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			raw, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for line := range strings.SplitSeq(string(raw), "\n") {
				if strings.HasPrefix(strings.TrimSpace(line), "//") || !strings.ContainsAny(line, "\"`") {
					continue
				}
				for _, m := range named.FindAllStringSubmatch(line, -1) {
					if !plain[m[1]] && !strings.Contains(help, "\n  "+m[1]+" ") {
						t.Errorf("%s names flowscope %s, which is no command: %s", name, m[1], strings.TrimSpace(line))
					}
				}
			}
		}
	}
}
