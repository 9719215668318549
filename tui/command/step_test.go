package command_test

import (
	"slices"
	"strings"
	"testing"

	"flowscope/engine/labtarget"
)

// stepped runs a flow with --step and these lines typed, in JSON.
func stepped(t *testing.T, want int, args string, lines ...string) (runShape, *bench) {
	t.Helper()
	b := newBench(t)
	b.terminal, b.env["NO_COLOR"], b.in = true, "1", typist(t, lines...)
	var doc runShape
	read(t, b.must(t, want, append([]string{"run", "--step", "--json"}, strings.Fields(args)...)...), &doc)
	return doc, b
}

// blank is n empty lines: each sends what waits.
func blank(n int, rest ...string) []string { return append(make([]string, n), rest...) }

// TestStepEdits: what is typed at a held request is what leaves, and both stand
// side by side.
func TestStepEdits(t *testing.T) {
	// Metadata, authorize; two pages; the redirect; then the token request waits.
	doc, b := stepped(t, 3, "authorization-code --as web", append(blank(5),
		"e code_verifier=plantedplantedplantedplantedplantedplanted", // the secret of somebody else
		"s", "e login_hint=ada", "d login_hint", "u", "u", "u", "u", "nonsense", "?", "e", "d nothing",
		"e code_verifier=plantedplantedplantedplantedplantedplanted", "")...)
	said := b.err.String()
	for _, words := range []string{
		"code_verifier = masked:", "(was masked:", "login_hint = ada  (added)", "there is nothing to undo", "nothing was sent (? names the keys)",
		"e NAME=VALUE gives a parameter another value", "there is no nothing in this request", "lets the polls of a device through",
	} {
		if !strings.Contains(said, words) {
			t.Errorf("nobody said %q", words)
		}
	}
	if strings.Contains(said, "planted") {
		t.Error("the verifier that was typed is shown")
	}
	i := slices.IndexFunc(doc.Findings, func(f struct {
		Code, What, Why string
		Evidence        []struct{ Label, Value, Note string }
		Fix             []string
		Source          string
	}) bool {
		return f.Code == "AADSTS501481"
	})
	if i < 0 || doc.Outcome != "error" {
		t.Fatalf("outcome %s, findings %+v", doc.Outcome, doc.Findings)
	}
	token := doc.Exchanges[len(doc.Exchanges)-1]
	if token.Purpose != "token" || token.Status != 400 || !slices.Equal(token.Changes, []string{"edited by hand"}) {
		t.Errorf("the token request is %+v", token)
	}
}

// TestStepPlaces: a parameter is found where it stands, in query, form or header.
func TestStepPlaces(t *testing.T) {
	doc, b := stepped(t, 3, "authorization-code --as spa", append(blank(1), "e nonce=of-another-sign-in", "d prompt", "e query:domain_hint=contoso.example", "", "", "", "", "d origin", "")...)
	if said := b.err.String(); !strings.Contains(said, "nonce = of-another-sign-in  (was ") || !strings.Contains(said, "domain_hint = contoso.example  (added)") || !strings.Contains(said, "Origin  (dropped)") || !strings.Contains(said, "there is no prompt in this request") {
		t.Errorf("it says\n%s", said)
	}
	if last := doc.Exchanges[len(doc.Exchanges)-1]; last.Status != 400 || len(doc.Findings) == 0 || doc.Findings[0].Code != "AADSTS9002327" {
		t.Errorf("without its origin: %+v, %+v", last, doc.Findings)
	}
}

// TestStepAll: a sends all the rest, pages included.
func TestStepAll(t *testing.T) {
	doc, b := stepped(t, 0, "device-code", "a")
	if doc.Outcome != "tokens" || strings.Count(b.err.String(), "enter sends") != 1 {
		t.Errorf("outcome %s, asked %d times", doc.Outcome, strings.Count(b.err.String(), "enter sends"))
	}
	doc, b = stepped(t, 0, "device-code", append(blank(2), "p", "", "", "", "", "", "", "", "", "", "", "", "")...)
	if polls := strings.Count(b.err.String(), "grant_type = device_code"); doc.Outcome != "tokens" || polls != 1 {
		t.Errorf("outcome %s; of the polls %d were held, want the first", doc.Outcome, polls)
	}
}

// TestHeldAnswers: an answer is held, changed and used as it was changed.
func TestHeldAnswers(t *testing.T) {
	doc, b := stepped(t, 3, "client-credentials --hold-answers", "", "?", "status 900", "", "", "status 503", "u", "set nothing-here", "set error=temporarily_unavailable", "drop access_token", "s", "status 400", "")
	said := b.err.String()
	for _, words := range []string{
		"answer of step 2  token request", "status = 200", "enter hands it over, q stops: ", "status takes a number from 100 to 599", "status = 503  (was 200)",
		"error = temporarily_unavailable  (added)", "access_token  (dropped)", "status = 400  (was 200)", "set NAME=VALUE changes a member", "sets a member of its JSON",
	} {
		if !strings.Contains(said, words) {
			t.Errorf("nobody said %q", words)
		}
	}
	last := doc.Exchanges[len(doc.Exchanges)-1]
	if doc.Outcome != "error" || last.Status != 400 || !slices.Equal(last.Changes, []string{"edited by hand"}) || len(doc.Tokens) != 0 {
		t.Errorf("outcome %s, last exchange %+v, %d tokens", doc.Outcome, last, len(doc.Tokens))
	}
}

// TestStepPages: a page is filled in field by field, and another button is pressed
// by its number.
func TestStepPages(t *testing.T) {
	target, err := labtarget.New(newBench(t).on())
	if err != nil {
		t.Fatal(err)
	}
	grace, _ := target.Account("grace@contoso.example")
	doc, b := stepped(t, 0, "authorization-code --no-call", append(blank(2), "f", grace.Username, grace.Password, "", "", "", "", "", "", "", "")...)
	if said := b.err.String(); !strings.Contains(said, "[ada@contoso.example]: ") || strings.Contains(said, grace.Password) {
		t.Errorf("the page was asked like this:\n%s", said)
	}
	if name := doc.Tokens[0].Claims["preferred_username"]; name != grace.Username {
		t.Errorf("signed in as %v", name)
	}
	doc, _ = stepped(t, 3, "authorization-code", append(blank(3), "2", "", "", "")...)
	if len(doc.Findings) == 0 || doc.Findings[0].Code != "AADSTS65004" {
		t.Errorf("the second button of the consent was pressed, and it says %+v", doc.Findings)
	}
}

// TestPasteSendsNothing: several lines that were pasted together send nothing, not
// even the empty ones among them; one pasted line counts as typed.
func TestPasteSendsNothing(t *testing.T) {
	doc, b := stepped(t, 130, "authorization-code", "\x1b[200~a", "", "", "", "\x1b[201~", "q")
	if doc.Outcome != "stopped" || doc.Exchanges[0].Status != 0 {
		t.Errorf("outcome %s, first exchange %+v", doc.Outcome, doc.Exchanges[0])
	}
	if !strings.Contains(b.err.String(), "that was a paste of several lines") {
		t.Errorf("it says %q", b.err.String())
	}
	doc, b = stepped(t, 130, "authorization-code", "", "\x1b[200~e prompt=login\x1b[201~", "q")
	if doc.Outcome != "stopped" || !strings.Contains(b.err.String(), "prompt = login  (added)") {
		t.Errorf("outcome %s, it says %q", doc.Outcome, b.err.String())
	}
}

// TestPasteBack: without a browser the address is shown whole, so that it can be
// opened, and what is pasted and is no redirect is asked for again.
func TestPasteBack(t *testing.T) {
	b := newBench(t)
	b.env["NO_COLOR"], b.in = "1", typist(t, "http://elsewhere.example/?code=x", "http://localhost:3000/?error=access_denied&error_description=AADSTS65004&state=forged")
	out := b.must(t, 3, "run", "authorization-code", "--paste")
	said := b.err.String()
	_, address, _ := strings.Cut(said, "sign in\n  ")
	address, _, _ = strings.Cut(address, "\n")
	if !strings.HasPrefix(address, "http") || !strings.Contains(address, "&state=") || strings.Contains(address, "▒") {
		t.Errorf("the address can't be opened: %q", address)
	}
	if !strings.Contains(said, "that leads to http://elsewhere.example/") || !strings.Contains(out, "The state is not the one that was sent") {
		t.Errorf("it says\n%s\n%s", said, out)
	}
	_, state, _ := strings.Cut(address, "&state=")
	if state, _, _ = strings.Cut(state, "&"); strings.Contains(out, state) {
		t.Error("the state is in the output too")
	}
}
