package diagnose

import (
	"net/http"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"

	"flowscope/decision"
	"flowscope/engine/explain"
	"flowscope/engine/trace"
	"flowscope/themes"
	"flowscope/tui/screen"
	"flowscope/tui/tuitest/frame"
)

var now = time.Date(2026, 11, 20, 10, 2, 11, 0, time.UTC)

const (
	sentURI       = "http://localhost:3000/auth/Callback"
	registeredURI = "http://localhost:3000/auth/callback"
	stateValue    = "s3cr3t-state-value"
)

// redirectFinding is a redirect URI whose path differs in the case of a letter.
func redirectFinding() explain.Finding {
	return explain.Finding{
		Code: "AADSTS50011", Name: "InvalidReplyTo", OAuthError: "invalid_request",
		Stage: "authorize · front channel · no redirect was made: the error page stays in the browser",
		Step:  2, Exchange: 2, What: "The redirect URI is not one the application registered.",
		Why: []string{"The letter case of the path counts.", "Entra compares scheme, host and path as text. Only the port of localhost is free. 3000 is not the reason."},
		Evidence: []explain.Evidence{
			{Label: "sent", Value: sentURI, Compare: registeredURI, At: 27, Note: "letter case of the path counts"},
			{Label: "registered", Value: registeredURI, Compare: sentURI, At: 27},
			{Label: "also there", Value: "https://app.contoso.example/auth/callback", Note: "web", At: -1},
		},
		Fix: []explain.Fix{
			{Title: "In the request: send the registered address", Note: "redirect_uri = " + registeredURI,
				Change: &trace.Change{Purpose: trace.Authorize, Label: "the registered redirect_uri",
					Ops: []trace.Op{{Verb: trace.Set, Place: trace.Query, Name: "redirect_uri", Value: registeredURI}}}},
			{Title: "In the registration: add the address that is sent",
				Where:   "Entra admin centre › App registrations › contoso-web › Authentication",
				Command: "az ad app update --id 3f0c2a71-0000-4000-8000-000000009be1 --web-redirect-uris " + registeredURI + " https://app.contoso.example/auth/callback " + sentURI,
				Note:    "replaces the whole list: the two of today are in it"},
		},
		FlowRight:  "The flow is right. A web app with a backend runs authorization code + PKCE. Only its configuration needs a hand.",
		Source:     []string{"RFC 6749 section 3.1.2.3", "Entra: redirect URI restrictions"},
		Confidence: explain.Certain, Who: explain.Developer,
		Support: explain.Support{TraceID: "5c1e0000-1111-4222-8333-444444449d00", CorrelationID: "0b7a0000-1111-4222-8333-4444444411ee", Timestamp: "2026-11-20 10:02:11Z"},
	}
}

func secretFinding() explain.Finding {
	return explain.Finding{
		Code: "AADSTS7000215", Name: "InvalidClientSecret", Stage: "token endpoint · back channel · HTTP 401 Unauthorized", Step: 5, Exchange: 9,
		What: "The client secret is wrong.", Why: []string{"Often the secret's ID was copied and not its value."}, Fix: []explain.Fix{{Title: "Make a new secret and copy its value."}},
		Source: []string{"Entra: authentication error codes"}, Confidence: explain.Likely, Who: explain.Developer, ServerWords: "Invalid client secret provided.",
	}
}

// failedTrace is the run that the first finding is about.
func failedTrace() *trace.Trace {
	authorize := trace.Request{Method: "GET", URL: "https://login.lab.example/c0f7a1de-2222-4333-8444-5555555555a2/oauth2/v2.0/authorize?" + trace.EncodePairs([]trace.Param{
		{Name: "client_id", Value: "3f0c2a71-0000-4000-8000-000000009be1"}, {Name: "response_type", Value: "code"}, {Name: "redirect_uri", Value: sentURI},
		{Name: "scope", Value: "openid profile User.Read"}, {Name: "state", Value: stateValue},
	})}
	return &trace.Trace{
		Flow: decision.AuthorizationCode, As: "web", Target: "lab", Outcome: trace.Failed,
		Exchanges: []trace.Exchange{
			{N: 1, Step: 1, Purpose: trace.Metadata, Channel: trace.Back, Request: trace.Request{Method: "GET", URL: "https://login.lab.example/"}, Response: &trace.Response{Status: 200}},
			{N: 2, Step: 2, Purpose: trace.Authorize, Channel: trace.Front, Request: authorize,
				Response: &trace.Response{Status: 200, Header: http.Header{"Content-Type": {"text/html; charset=utf-8"}}, Body: []byte("<html>AADSTS50011</html>")}},
		},
	}
}

func failed(findings ...explain.Finding) screen.OpenDiagnoseMsg {
	return screen.OpenDiagnoseMsg{Findings: findings, Trace: failedTrace()}
}

// shell is a shell without colours and with a clock that stands still.
func shell(glyphs themes.Glyphs, copied *string) *screen.Shell {
	return frame.Shell(glyphs, termenv.Ascii, "mono", now, copied)
}

// press sends keys by name and runs what they ask for; the last message that
// came of it is given back.
func press(t testing.TB, d *Diagnose, keys ...string) (last tea.Msg) {
	t.Helper()
	for _, k := range keys {
		if out := settle(d, d.Update(frame.Key(k))); out != nil {
			last = out
		}
	}
	return last
}

func settle(d *Diagnose, cmd tea.Cmd) (last tea.Msg) {
	for cmd != nil {
		last = cmd()
		cmd = d.Update(last)
	}
	return last
}

// draw gives the screen at a size, after making sure that it has that size.
func draw(t testing.TB, d *Diagnose, w, h int) string {
	t.Helper()
	d.Resize(w, h)
	view := d.View()
	frame.Fills(t, view, w, h)
	return view
}

// cellsBefore gives the column at which sign stands in a line.
func cellsBefore(line, sign string) int {
	before, _, _ := strings.Cut(line, sign)
	return ansi.StringWidth(before)
}

// cellAt gives the sign that stands in a column of a line.
func cellAt(line string, column int) string {
	return strings.TrimSpace(ansi.Cut(line, column, column+1))
}
