package command_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"flowscope/engine/trace"
)

// wholeToken is a signed token with its signature.
var wholeToken = regexp.MustCompile(`ey[A-Za-z0-9_-]{8,}\.ey[A-Za-z0-9_-]{2,}\.[A-Za-z0-9_-]{16,}`)

// plantedIn gives every secret that a HAR with secrets holds: the values of all
// parameters, headers and members whose name is a secret's.
func plantedIn(t *testing.T, har string) []string {
	t.Helper()
	var doc any
	if err := json.Unmarshal([]byte(har), &doc); err != nil {
		t.Fatal(err)
	}
	var out []string
	note := func(name, value string) {
		if trace.IsSecret(name) && len(value) > 8 && !slices.Contains(out, value) {
			out = append(out, value)
		}
	}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, x := range v {
				walk(x)
			}
		case map[string]any:
			name, _ := v["name"].(string)
			value, _ := v["value"].(string)
			note(name, value)
			for key, x := range v {
				text, isText := x.(string)
				if note(key, text); isText && strings.HasPrefix(text, "{") {
					var inner any
					if json.Unmarshal([]byte(text), &inner) == nil {
						walk(inner)
					}
				}
				walk(x)
			}
		}
	}
	walk(doc)
	return out
}

// TestNothingLeaksFromAnyFlow runs each flow twice, once to learn its secrets and
// then in every form of output, and looks for them.
func TestNothingLeaksFromAnyFlow(t *testing.T) {
	flows := []string{
		"authorization-code --as web", "authorization-code --as web --credential certificate", "authorization-code --as native --v1",
		"authorization-code --prompt none", "authorization-code --driver oidc", "client-credentials --as workload", "device-code", "on-behalf-of",
		"refresh-token --as web", "silent", "implicit", "password --as cli", "admin-consent --as web", "sign-out",
		"authorization-code --as web --call https://login.lab.example/orders/me --call https://login.lab.example/inventory/stock",
		"authorization-code --user grace@contoso.example --call https://login.lab.example/orders/admin --condition step-up --answer-challenge",
		"authorization-code --decline", "authorization-code --fault forged-state", "device-code --decline",
	}
	exports := " --har x.har --export markdown=x.md --export curl=x.sh --export http=x.http --export mermaid=x.mmd"
	for _, flow := range flows {
		t.Run(flow, func(t *testing.T) {
			open := newBench(t)
			open.run(append([]string{"run", "--with-secrets", "--har", "open.har"}, strings.Fields(flow)...)...)
			planted := append(plantedIn(t, open.private["open.har"]), secretsOf(t, open)...)
			if len(planted) < 8 {
				t.Fatalf("only %d secrets are known", len(planted))
			}
			for _, form := range []string{exports, " --json" + exports, " --step", " --step --hold-answers", " --ascii"} {
				b := newBench(t)
				b.terminal, b.in, b.env["TERM"] = true, typist(t, make([]string, 60)...), "dumb"
				b.run(append([]string{"run"}, strings.Fields(flow+form)...)...)
				out := b.out.String() + b.err.String()
				for _, name := range []string{"x.har", "x.md", "x.sh", "x.http", "x.mmd"} {
					if strings.Contains(form, name) && b.private[name] == "" {
						t.Errorf("run %s%s: no %s", flow, form, name)
					}
					out += b.private[name]
				}
				for _, secret := range planted {
					if strings.Contains(out, secret) {
						t.Errorf("run %s%s shows %q", flow, form, secret)
					}
				}
				if token := wholeToken.FindString(out); token != "" {
					t.Errorf("run %s%s shows a token with its signature: %q", flow, form, token)
				}
			}
		})
	}
}

// TestGivenNeverLeaks: a token of the person's own is in no output, and neither
// is one that nothing was made of.
func TestGivenNeverLeaks(t *testing.T) {
	const planted = "1.AUEBpokLw1kFSE6R0wcDAgCgj0plantedplantedplanted"
	for _, form := range []string{"", "--json", "--har x.har", "--export markdown=x.md", "--export curl=x.sh"} {
		b := newBench(t)
		b.env["FLOWSCOPE_REFRESH_TOKEN"] = planted
		b.must(t, 3, append([]string{"run", "refresh-token", "--as", "native"}, strings.Fields(form)...)...)
		if all := b.out.String() + b.err.String() + b.private["x.har"] + b.private["x.md"] + b.private["x.sh"]; strings.Contains(all, planted) {
			t.Errorf("%s shows the refresh token that was given", form)
		}
	}
}
