package command_test

import (
	"slices"
	"strings"
	"testing"

	"flowscope/decision"
	"flowscope/engine/labtarget"
)

// brings says what a run of a flow leaves behind: how many tokens at least, and
// what its text says.
var brings = map[decision.Flow]struct {
	tokens int
	says   []string
}{
	decision.AuthorizationCode: {3, []string{"oauth2/v2.0/authorize", "✓ valid  access token", "✓ 200 from "}},
	decision.ClientCredentials: {1, []string{"✓ valid  access token · application", "orders/all"}},
	decision.DeviceCode:        {3, []string{"devicecode", "authorization_pending: the person is not ready yet", "✓ valid  access token"}},
	decision.OnBehalfOf:        {2, []string{"orders/tasks", "inventory/stock", "behind"}},
	decision.RefreshToken:      {6, []string{"from step 5, Redeem the code", "✓ valid  access token"}},
	decision.Silent:            {3, []string{"nothing is sent", "Not needed"}},
	decision.Implicit:          {2, []string{"✓ valid  access token", "warning"}},
	decision.Password:          {3, []string{"UserRealm", "warning"}},
	decision.AdminConsent:      {3, []string{"adminconsent"}},
	decision.SignOut:           {3, []string{"oauth2/v2.0/logout", "AADSTS50058, and this flow is there to meet that"}},
}

// TestEveryFlowAsEveryClient runs each flow as each application of the lab: those
// that are registered for it come through, the others are told who is.
func TestEveryFlowAsEveryClient(t *testing.T) {
	target, err := labtarget.New(newBench(t).on())
	if err != nil {
		t.Fatal(err)
	}
	for _, flow := range decision.Flows() {
		for _, client := range target.Clients {
			t.Run(string(flow)+" as "+client.Key, func(t *testing.T) {
				b := newBench(t)
				args := []string{"run", string(flow), "--as", client.Key}
				want, runs := brings[flow]
				if !runs {
					if b.must(t, 1, args...); !strings.Contains(b.err.String(), "can't be run with MSAL Go") {
						t.Errorf("the driver's reason is missing: %q", b.err.String())
					}
					return
				}
				if !client.Runs(flow) {
					if b.must(t, 2, args...); !strings.Contains(b.err.String(), "is not for the client") {
						t.Errorf("it says %q", b.err.String())
					}
					return
				}
				if flow == decision.Password && client.Key == "native" { // nobody was asked for this one, and the grant has no page
					if out := b.must(t, 3, args...); !strings.Contains(out, "AADSTS65001") || !strings.Contains(out, "The flow is the trouble") {
						t.Errorf("it says\n%s", out)
					}
					return
				}
				out := b.must(t, 0, args...)
				graph := strings.Contains(client.Scopes[0], "graph.microsoft.com")
				for _, words := range want.says {
					if graph && strings.Contains(words, "valid") { // Graph alone can verify it
						words = "– unverified  access token for Microsoft Graph"
					}
					if !strings.Contains(out, words) {
						t.Errorf("it does not say %q:\n%s", words, out)
					}
				}
				narrow(t, out)
				var doc runShape
				read(t, newBench(t).must(t, 0, append(args, "--json")...), &doc)
				if doc.Outcome != "tokens" || len(doc.Tokens) < want.tokens || doc.Client != client.Key || doc.Kind != "entra" || doc.Live {
					t.Errorf("outcome %s, %d tokens, client %s, kind %s, live %v", doc.Outcome, len(doc.Tokens), doc.Client, doc.Kind, doc.Live)
				}
				if !strings.HasPrefix(doc.Driver, "MSAL Go") {
					t.Errorf("driver %q", doc.Driver)
				}
			})
		}
	}
}

// narrow holds the lines of a run to 80 columns, save words that can't be broken
// (an address, a command to copy).
func narrow(t *testing.T, out string) {
	t.Helper()
	for line := range strings.SplitSeq(out, "\n") {
		words := strings.Fields(line)
		longest := 0
		for _, w := range words {
			longest = max(longest, len([]rune(w)))
		}
		if len([]rune(line)) > 80 && longest < 50 {
			t.Errorf("a line of %d columns: %q", len([]rune(line)), line)
		}
	}
}

// TestRunChoices: what the flags ask for is what is sent.
func TestRunChoices(t *testing.T) {
	for _, test := range []struct {
		args string
		want int
		says string
	}{
		{"authorization-code --as web --credential certificate", 0, "valid  access token"},
		{"authorization-code --as web --credential secret", 0, "valid  access token"},
		{"client-credentials --as workload --credential federated", 0, "federated"},
		{"client-credentials --as workload --credential secret", 2, "has no secret; it has federated"},
		{"authorization-code --as spa --credential secret", 2, "public client"},
		{"authorization-code --as native --v1", 0, "oauth2/authorize"},
		{"authorization-code --prompt none", 0, "prompt=none"},
		{"authorization-code --prompt loudly", 2, "--prompt is none or login"},
		{"client-credentials --prompt login", 2, "has none of its own"},
		{"authorization-code --driver oidc", 0, "x/oauth2"},
		{"authorization-code --driver saml", 2, "--driver is msal or oidc"},
		{"implicit --driver oidc", 1, "can't be run with x/oauth2"},
		{"authorization-code --tenant fabrikam --as everyone --no-call --scope https://graph.microsoft.com/User.Read", 0, "lab · fabrikam"},
		{"authorization-code --tenant nowhere", 2, "the lab has no tenant"},
		{"authorization-code --claims {", 2, "--claims is no JSON object"},
		{"authorization-code --compare", 2, "it needs --fault"},
		{"authorization-code --hold-answers", 2, "belongs to --step"},
		{"authorization-code --decline --abandon", 2, "contradict"},
		{"authorization-code --browser --paste", 2, "contradict"},
		{"authorization-code --issuer https://id.example --profile work", 2, "contradict"},
		{"authorization-code --client-id x", 2, "belongs to --issuer"},
		{"authorization-code --decline", 3, "the person said no"},
		{"authorization-code --abandon", 130, "That is no error"},
		{"device-code --abandon", 130, "That is no error"},
		{"authorization-code --export poem=x", 2, "curl, http, har"},
		{"authorization-code --har a.har --export har=a.har", 2, "one file"},
		{"authorization-code --har there.har", 1, "there already"},
		{"authorization-code --given x", 2, "begins with no token"},
		{"refresh-token --given missing", 2, "no such file"},
	} {
		t.Run(test.args, func(t *testing.T) {
			b := newBench(t)
			b.files["there.har"] = "{}"
			out := b.must(t, test.want, append([]string{"run"}, strings.Fields(test.args)...)...) + b.err.String()
			if !strings.Contains(out, test.says) {
				t.Errorf("it does not say %q:\n%s", test.says, out)
			}
		})
	}
}

// TestCalls: the first call is part of the plan, each further one a move behind it.
func TestCalls(t *testing.T) {
	const orders, stock = "https://login.lab.example/orders/me", "https://login.lab.example/inventory/stock"
	var doc runShape
	b := newBench(t)
	read(t, b.must(t, 3, "run", "authorization-code", "--call", orders, "--call", stock, "--json"), &doc)
	last := doc.Exchanges[len(doc.Exchanges)-1]
	if last.URL != stock || last.Status != 401 || last.Step != len(doc.Steps) || last.Purpose != "api" {
		t.Errorf("the second call is %+v of %d steps", last, len(doc.Steps))
	}
	if doc.Outcome != "tokens" || len(doc.Findings) == 0 {
		t.Errorf("outcome %s with %d findings", doc.Outcome, len(doc.Findings))
	}
	out := b.must(t, 3, "run", "authorization-code", "--call", orders, "--call", stock)
	for _, words := range []string{"✓ 200 from login.lab.example/orders/me", "✗ 401 from login.lab.example/inventory/stock", "WWW-Authenticate"} {
		if !strings.Contains(out, words) {
			t.Errorf("it does not say %q:\n%s", words, out)
		}
	}
}

// TestCallOutside: a token leaves the target only after a word that names whom it
// is for and where it goes.
func TestCallOutside(t *testing.T) {
	const there = "https://api.elsewhere.example/x"
	t.Run("unasked", func(t *testing.T) {
		b := newBench(t)
		if out := b.must(t, 3, "run", "authorization-code", "--call", there); !strings.Contains(out, "refused") {
			t.Errorf("it went out:\n%s", out)
		}
	})
	t.Run("with --yes", func(t *testing.T) {
		b := newBench(t)
		if out := b.must(t, 0, "run", "authorization-code", "--call", there, "--yes"); !strings.Contains(out, "✓ 200 from api.elsewhere.example/x") {
			t.Errorf("it did not go out:\n%s", out)
		}
		if !strings.Contains(b.err.String(), "goes to api.elsewhere.example") {
			t.Errorf("nobody was told: %q", b.err.String())
		}
	})
	for answer, sent := range map[string]bool{"yes": true, "": false, "y": true, "no": false} {
		t.Run("asked, answered "+answer, func(t *testing.T) {
			b := newBench(t)
			b.terminal, b.env["NO_COLOR"], b.in = true, "1", typist(t, answer)
			out := b.must(t, 0, "run", "authorization-code", "--call", there)
			if strings.Contains(out, "200 from api.elsewhere.example") != sent || strings.Contains(out, "not sent to api.elsewhere.example") == sent {
				t.Errorf("sent: want %v\n%s", sent, out)
			}
			if said := b.err.String(); !strings.Contains(said, "which is for f4f9cdd6-0c3f-428f-94f5-b424da1d3acb, to api.elsewhere.example") {
				t.Errorf("the question is %q", said)
			}
		})
	}
}

func TestAnswerChallenge(t *testing.T) {
	b := newBench(t)
	args := []string{"run", "authorization-code", "--user", "grace@contoso.example", "--call", "https://login.lab.example/orders/admin", "--condition", "step-up"}
	if out := b.must(t, 3, args...); !strings.Contains(out, "it wants claims") || !strings.Contains(out, `"acrs"`) {
		t.Errorf("the challenge is not shown:\n%s", out)
	}
	out := newBench(t).must(t, 0, append(args, "--answer-challenge")...)
	if !strings.Contains(out, "✗ 401") || !strings.Contains(out, "✓ 200 from login.lab.example/orders/admin") {
		t.Errorf("the challenge was not answered:\n%s", out)
	}
}

// TestLiveIsSeenFirst: nothing goes to a live target before its first request was
// shown and somebody agreed.
func TestLiveIsSeenFirst(t *testing.T) {
	run := []string{"run", "client-credentials", "--profile", "work", "--as", "daemon", "--json"}
	for name, test := range map[string]struct {
		args     []string
		terminal bool
		answer   string
		want     int
		sent     bool
	}{
		"nobody to ask": {nil, false, "", 2, false},
		"--yes":         {[]string{"--yes"}, false, "", 0, true},
		"agreed":        {nil, true, "\n", 0, true},
		"declined":      {nil, true, "q\n", 130, false},
		"other words":   {nil, true, "send it\n", 130, false},
		"no answer":     {nil, true, "", 130, false},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.live, b.terminal, b.in = true, test.terminal, strings.NewReader(test.answer)
			var doc runShape
			read(t, b.must(t, test.want, append(slices.Clone(run), test.args...)...), &doc)
			sent := slices.ContainsFunc(doc.Exchanges, func(e struct {
				Step                 int
				Channel, Method, URL string
				Status               int
				MS                   int64
				Purpose              string
				Changes              []string
				Refused, Error       string
			}) bool {
				return e.Status != 0
			})
			if sent != test.sent || !doc.Live {
				t.Errorf("sent: %v, want %v; live: %v", sent, test.sent, doc.Live)
			}
			if said := b.err.String(); !strings.Contains(said, "First request to work, a live target:") || !strings.Contains(said, "GET https://login.lab.example/") {
				t.Errorf("the first request was not shown: %q", said)
			}
		})
	}
}

// TestUnsent: a request that was held when the run ended was not sent, and says so.
func TestUnsent(t *testing.T) {
	b := newBench(t)
	b.live = true
	out := b.must(t, 2, "run", "client-credentials", "--profile", "work", "--as", "daemon")
	if !strings.Contains(out, "not sent") || strings.Contains(out, "canceled") {
		t.Errorf("it says\n%s", out)
	}
	b = newBench(t)
	b.terminal, b.env["NO_COLOR"], b.in = true, "1", typist(t, "", "q")
	if out := b.must(t, 130, "run", "authorization-code", "--step"); strings.Count(out, "not sent") != 1 || !strings.Contains(out, "Not reached") {
		t.Errorf("it says\n%s", out)
	}
}

// TestGiven: a token of the person's own begins the flow and is never repeated.
func TestGiven(t *testing.T) {
	first := newBench(t)
	tokens := first.must(t, 0, "run", "authorization-code", "--as", "native", "--with-secrets")
	refresh := ""
	for line := range strings.SplitSeq(tokens, "\n") {
		if s := strings.TrimSpace(line); strings.HasPrefix(s, "1.A") {
			refresh = s
		}
	}
	if refresh == "" {
		t.Fatalf("no refresh token in\n%s", tokens)
	}
	for name, set := range map[string]func(*bench) []string{
		"standard input":          func(b *bench) []string { b.in = strings.NewReader(refresh + "\n"); return nil },
		"FLOWSCOPE_REFRESH_TOKEN": func(b *bench) []string { b.env["FLOWSCOPE_REFRESH_TOKEN"] = refresh; return nil },
		"--given -":               func(b *bench) []string { b.in = strings.NewReader(refresh); return []string{"--given", "-"} },
		"the file":                func(b *bench) []string { b.files["rt.txt"] = refresh; return []string{"--given", "rt.txt"} },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.lab = first.lab
			args := append([]string{"run", "refresh-token", "--as", "native"}, set(b)...)
			out := b.must(t, 0, args...)
			if strings.Contains(out, "authorize") || !strings.Contains(out, "valid  access token") {
				t.Errorf("it did not begin with the token:\n%s", out)
			}
			if !strings.Contains(b.err.String(), "Begins with a refresh token from") || strings.Contains(out+b.err.String(), refresh) {
				t.Errorf("it says %q", b.err.String())
			}
		})
	}
	b := newBench(t)
	b.in = strings.NewReader("two words")
	b.must(t, 2, "run", "refresh-token", "--as", "native")
	b.must(t, 2, "run", "refresh-token", "--as", "native", "--given", refresh)
	if strings.Contains(b.err.String(), refresh) {
		t.Errorf("a token that was given as a value is repeated: %q", b.err.String())
	}
}

// TestCompare sets a broken run beside a clean one.
func TestCompare(t *testing.T) {
	b := newBench(t)
	out := b.must(t, 3, "run", "authorization-code", "--fault", "verifier", "--compare")
	for _, words := range []string{"1. Clean", "2. Broken", "3. What differs", "token request, form code_verifier", "AADSTS501481 in place of tokens", "and that is what came"} {
		if !strings.Contains(out, words) {
			t.Errorf("it does not say %q:\n%s", words, out)
		}
	}
	if first := strings.Index(out, "form code_verifier"); first > strings.Index(out, "AADSTS501481 in place") {
		t.Error("what was answered stands before what was sent")
	}
	var doc struct {
		Schema        int
		Clean, Broken runShape
		Differences   []struct {
			Purpose       string
			Clean, Broken int
			Where, Name   string
			Before, After *string
			Says          string
		}
		LeftOut []string `json:"left_out"`
	}
	read(t, newBench(t).must(t, 3, "run", "client-credentials", "--fault", "secret", "--compare", "--json"), &doc)
	if doc.Clean.Outcome != "tokens" || doc.Broken.Outcome != "error" || len(doc.Differences) == 0 || doc.Differences[0].Name != "client_secret" {
		t.Errorf("clean %s, broken %s, first difference %+v", doc.Clean.Outcome, doc.Broken.Outcome, doc.Differences)
	}
	if f := doc.Broken.Fault; f == nil || f.ID != "secret" || !f.Match || doc.Clean.Fault != nil {
		t.Errorf("faults %+v and %+v", doc.Clean.Fault, doc.Broken.Fault)
	}
}

// TestExports writes each form, masked, with its receipt.
func TestExports(t *testing.T) {
	b := newBench(t)
	b.must(t, 0, "run", "authorization-code", "--as", "web", "--har", "run.har", "--export", "markdown=run.md", "--export", "run.http", "--export", "curl=run.sh", "--export", "mermaid=run.mmd")
	for name, says := range map[string]string{
		"run.har": `"creator"`, "run.md": "Redeem the code", "run.http": "POST ", "run.sh": "curl", "run.mmd": "sequenceDiagram",
	} {
		if !strings.Contains(b.private[name], says) {
			t.Errorf("%s does not hold %q:\n%s", name, says, b.private[name])
		}
	}
	if said := b.err.String(); strings.Count(said, "Wrote ") != 5 || !strings.Contains(said, "Removed: ") || !strings.Contains(said, "client secret: ") {
		t.Errorf("the receipts are %q", said)
	}
	b.files["run.har"] = "{}"
	b.must(t, 0, "run", "client-credentials", "--har", "run.har", "--force")
}
