package command_test

import (
	"io"
	"slices"
	"strings"
	"testing"

	"flowscope/engine/labtarget"
)

func TestRunStatus(t *testing.T) {
	for _, test := range []struct {
		args string
		want int
		says string
	}{
		{"authorization-code", 0, "✓ valid  access token"},
		{"authorization-code --as native", 0, "native app"},
		{"authorization-code --as web --user grace@contoso.example", 0, "signing in as grace@contoso.example"},
		{"authorization-code --no-call", 0, "discovery/v2.0/keys"},
		{"client-credentials", 0, "orders/all"},
		{"authorization-code --scope https://graph.microsoft.com/User.Read", 0, "Microsoft Graph"},
		{"authorization-code --call https://login.lab.example/inventory/stock", 3, "login.lab.example/inventory/stock"},
		{"client-credentials --call https://login.lab.example/orders/tasks", 3, "✗"},
		{"authorization-code --call https://elsewhere.example/x", 3, "elsewhere.example"},
		{"authorization-code --user dimitri@contoso.example", 3, "AADSTS50057"},
		{"authorization-code --user noor@fabrikam.example", 3, "AADSTS50020"},
		{"authorization-code --as web --condition captive-portal", 1, "Hotel Belvedere guest network"},
		{"client-credentials --condition captive-portal", 1, "past the proxy"},
		{"authorization-code --user boris@contoso.example", 3, "flowscope lab conditions"},
		{"authorization-code --fault state", 3, "The fault state predicts that we refuse the state, and that is what came"},
		{"authorization-code --fault consent-declined", 3, "AADSTS65004"},
		{"authorization-code --fault verifier", 3, "The fault verifier predicts AADSTS501481, and that is what came"},
		{"client-credentials --fault secret", 3, "What to change"},
	} {
		t.Run(test.args, func(t *testing.T) {
			b := newBench(t)
			out := b.must(t, test.want, append([]string{"run"}, strings.Fields(test.args)...)...)
			if !strings.Contains(out, test.says) {
				t.Errorf("it does not say %q:\n%s", test.says, out)
			}
		})
	}
}

func TestRunPrintsOneLineForEachExchange(t *testing.T) {
	out := newBench(t).must(t, 0, "run", "client-credentials")
	want := "  2  app   ──▶ entra POST login.lab.example/c0f7…/oauth2/v2.0/token          200\n"
	if !strings.Contains(out, want) {
		t.Errorf("no line %q in\n%s", want, out)
	}
	for line := range strings.SplitSeq(out, "\n") {
		if len([]rune(line)) > 80 {
			t.Errorf("a line of %d columns: %q", len([]rune(line)), line)
		}
	}
}

func TestNarrowAndWide(t *testing.T) {
	for columns, most := range map[string]int{"60": 60, "120": 120, "nonsense": 80} {
		b := newBench(t)
		b.env["COLUMNS"] = columns
		widest := 0
		for line := range strings.SplitSeq(b.must(t, 0, "run", "client-credentials"), "\n") {
			widest = max(widest, len([]rune(line)))
		}
		if widest > most || widest < most-30 {
			t.Errorf("COLUMNS=%s: the widest line has %d columns", columns, widest)
		}
	}
}

// typist types one answer after the other, and then nothing more.
func typist(t *testing.T, answers ...string) io.Reader {
	t.Helper()
	return strings.NewReader(strings.Join(answers, "\n") + "\n")
}

func TestStep(t *testing.T) {
	b := newBench(t)
	b.terminal, b.env["NO_COLOR"] = true, "1"
	b.in = typist(t, make([]string, 20)...)
	out := b.must(t, 0, "run", "authorization-code", "--step")
	if !strings.Contains(out, "✓ valid  access token") {
		t.Errorf("the run did not go through:\n%s", out)
	}
	said := b.err.String()
	for _, want := range []string{"step 5  Redeem the code.", "enter sends, q stops: ", "code_verifier = ▒▒▒▒", "enter signs in as ada@contoso.example", "page  "} {
		if !strings.Contains(said, want) {
			t.Errorf("nobody said %q:\n%s", want, said)
		}
	}
}

func TestStepStops(t *testing.T) {
	for name, test := range map[string]struct {
		answers []string
		says    string
	}{
		"q":           {[]string{"", "", "q"}, "flowscope: stopped\n"},
		"end":         {[]string{"", ""}, "the input has ended\n"},
		"typed first": {[]string{"DELETE everything", "Q"}, "an empty line goes on; nothing was sent"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.terminal, b.env["NO_COLOR"] = true, "1"
			b.in = typist(t, test.answers...)
			var doc runShape
			read(t, b.must(t, 130, "run", "authorization-code", "--step", "--json"), &doc)
			if doc.Outcome != "stopped" || len(doc.Tokens) != 0 {
				t.Errorf("outcome %s with %d tokens", doc.Outcome, len(doc.Tokens))
			}
			if !strings.Contains(b.err.String(), test.says) {
				t.Errorf("standard error is %q, want %q", b.err.String(), test.says)
			}
		})
	}
}

// secretsOf gives everything of a run that must not be seen: what the lab was
// told, and what the run obtained.
func secretsOf(t *testing.T, b *bench) []string {
	t.Helper()
	target, err := labtarget.New(b.on())
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, a := range target.Accounts {
		if a.Password != "" { // one has none
			out = append(out, a.Password)
		}
	}
	for _, c := range target.Clients {
		if c.Secret != "" {
			out = append(out, c.Secret)
		}
	}
	return out
}

func TestNoSecretIsPrinted(t *testing.T) {
	flows := []string{
		"authorization-code --as web", "authorization-code --as spa", "client-credentials",
		"authorization-code --as web --fault verifier", "authorization-code --as web --fault state", "authorization-code --as web --fault code-twice",
		"client-credentials --fault secret", "authorization-code --as spa --fault secret-public", "authorization-code --as web --user dimitri@contoso.example",
	}
	for _, flow := range flows {
		t.Run(flow, func(t *testing.T) {
			// The same deterministic run twice: once to learn its secrets, once to look for them.
			open := newBench(t)
			open.run(append([]string{"run", "--with-secrets", "--json"}, strings.Fields(flow)...)...)
			secrets := append(secretsOf(t, open), codes(open.out.String())...)
			if !strings.Contains(open.err.String(), "holds secrets") {
				t.Error("nobody was warned of the secrets")
			}
			openText := newBench(t)
			openText.run(append([]string{"run", "--with-secrets"}, strings.Fields(flow)...)...)
			for line := range strings.SplitSeq(openText.out.String(), "\n") {
				if s := strings.TrimSpace(line); strings.HasPrefix(s, "eyJ") {
					secrets = append(secrets, s[strings.LastIndexByte(s, '.')+1:])
				} else if strings.HasPrefix(s, "1.A") {
					secrets = append(secrets, s)
				}
			}
			for _, form := range []string{"", " --json", " --step", " --ascii"} {
				b := newBench(t)
				b.terminal, b.in = true, typist(t, make([]string, 20)...)
				b.env["TERM"] = "dumb"
				b.run(append([]string{"run"}, strings.Fields(flow+form)...)...)
				for _, secret := range secrets {
					if strings.Contains(b.out.String()+b.err.String(), secret) {
						t.Errorf("run %s%s prints %q", flow, form, secret)
					}
				}
			}
		})
	}
}

// codes gives the authorization codes and states in the URLs of a document.
func codes(doc string) []string {
	var out []string
	for _, name := range []string{"?code=", "&code=", "&state=", "session_state="} {
		for rest := doc; ; {
			_, after, ok := strings.Cut(rest, name)
			if !ok {
				break
			}
			value := after[:strings.IndexAny(after, `&"`)]
			if len(value) > 20 {
				out = append(out, value)
			}
			rest = after
		}
	}
	return out
}

func TestSecretsAreFoundByTheTest(t *testing.T) {
	b := newBench(t)
	b.run("run", "--with-secrets", "--json", "authorization-code", "--as", "web")
	if got := codes(b.out.String()); len(got) < 3 {
		t.Fatalf("the test for secrets knows only %d codes and states", len(got))
	}
	if got := secretsOf(t, b); len(got) < 5 {
		t.Fatalf("the test for secrets knows only %d passwords and secrets", len(got))
	}
	again := newBench(t)
	again.run("run", "--with-secrets", "--json", "authorization-code", "--as", "web")
	if !slices.Equal(codes(b.out.String()), codes(again.out.String())) {
		t.Error("two runs have other codes, so one does not tell what to look for in the other")
	}
}

func TestExplainKeepsPastedSecrets(t *testing.T) {
	const code = "1.AUEBpokLw1kFSE6R0wcDAgCgj0plantedplantedplanted"
	for _, text := range []string{
		"http://localhost:3000/?error=invalid_grant&code=" + code,
		`{"error":"invalid_grant","error_description":"the code ` + code + ` is AADSTS54005","code":"` + code + `"}`,
		"error=invalid_client client_secret=" + code + " AADSTS7000215: wrong secret " + code,
	} {
		for _, form := range []string{"--ascii", "--json"} {
			b := newBench(t)
			b.in = strings.NewReader(text)
			if out := b.must(t, 0, "explain", form); strings.Contains(out+b.err.String(), code) {
				t.Errorf("explain %s prints the secret of %q:\n%s", form, text, out)
			}
		}
	}
	if out := newBench(t).must(t, 0, "explain", "https://login.microsoftonline.com/error?code=50011"); !strings.Contains(out, "AADSTS50011") {
		t.Errorf("the number of an error was taken for a secret:\n%s", out)
	}
}

// TestStepUpSaysWhereItShows: the condition alone changes nothing that this run
// would show.
func TestStepUpSaysWhereItShows(t *testing.T) {
	b := newBench(t)
	b.must(t, 0, "run", "authorization-code", "--condition", "step-up")
	if got := b.err.String(); !strings.Contains(got, "add --call https://login.lab.example/orders/admin") || strings.Count(got, "\n") != 1 {
		t.Errorf("it says %q", got)
	}
	b = newBench(t)
	b.run("run", "authorization-code", "--condition", "step-up", "--call", "https://login.lab.example/orders/admin")
	if got := b.err.String(); strings.Contains(got, "--call") {
		t.Errorf("it goes there, and the hint is given: %q", got)
	}
	b.must(t, 0, "run", "authorization-code", "--condition", "user-consent-off")
	if got := b.err.String(); got != "" {
		t.Errorf("nothing is to be said: %q", got)
	}
}

// TestPortalPageIsNotRepeated: neither the findings nor the last line hold the
// page of a network.
func TestPortalPageIsNotRepeated(t *testing.T) {
	for _, args := range []string{"authorization-code", "client-credentials", "authorization-code --json"} {
		b := newBench(t)
		out := b.must(t, 1, append([]string{"run", "--condition", "captive-portal"}, strings.Fields(args)...)...) + b.err.String()
		if strings.Contains(out, "room number") || !strings.Contains(out, "intercepted") {
			t.Errorf("%s: %s", args, out)
		}
	}
}
