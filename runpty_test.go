package main

import (
	"strings"
	"testing"
)

// typed writes to the terminal as a keyboard does.
func (s *silent) typed(t testing.TB, text string) {
	t.Helper()
	if _, err := s.file.WriteString(text); err != nil {
		t.Fatal(err)
	}
}

// after waits until the program has written these words since it was last asked,
// and forgets what it wrote up to their end.
func (s *silent) after(t testing.TB, words string) {
	t.Helper()
	s.see(t, words)
	_, rest, _ := strings.Cut(s.all.String(), words)
	s.past += strings.TrimSuffix(s.all.String(), rest)
	s.all.Reset()
	s.all.WriteString(rest)
}

// TestStepOnATerminal goes through a run on a real terminal: a paste of several
// lines sends nothing, marked or not; an edit is sent; a password is not echoed.
func TestStepOnATerminal(t *testing.T) {
	s := onPty(t, program(t, "run", "authorization-code", "--step", "--no-call", "--no-color"), 80, 24)
	const asks = "enter sends, q stops: "
	s.after(t, asks)
	s.typed(t, "\x1b[200~curl https://x.example\n\n\n\x1b[201~\n")
	s.after(t, "that was a paste of several lines")
	s.after(t, asks)
	s.typed(t, "\n")
	s.after(t, "step 2  Send the person to sign in.")
	s.after(t, asks)
	s.typed(t, "first\n\n\n\n") // from a terminal that marks no pastes
	s.after(t, "that was a paste of several lines")
	s.after(t, asks)
	s.typed(t, "e prompt=login\n")
	s.after(t, "prompt = login  (added)")
	s.after(t, asks)
	s.typed(t, "\n")
	s.after(t, "page  Sign in")
	s.after(t, "q stops: ")
	s.typed(t, "f\n")
	s.after(t, "[ada@contoso.example]: ")
	s.typed(t, "\n")
	s.after(t, "as the lab knows it]: ")
	s.typed(t, "not-her-password\n")
	s.after(t, "it says: ")
	s.after(t, "q stops: ")
	s.typed(t, "q\n")
	if got := s.end(t); got != 130 {
		t.Errorf("exit status %d, want 130", got)
	}
	all := s.past + s.all.String()
	if strings.Contains(all, "not-her-password") {
		t.Error("the password was echoed")
	}
	if !strings.Contains(all, "\x1b[?2004h") || !strings.Contains(s.all.String(), "\x1b[?2004l") {
		t.Error("the terminal was not asked to mark pastes, or still does")
	}
}
