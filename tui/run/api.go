package run

import (
	"fmt"
	"net/http"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"flowscope/engine/explain"
	"flowscope/engine/trace"
	"flowscope/tui/screen"
	"flowscope/tui/widget"
)

// apiLines says what an API's answer means: what let the token in, or what the
// refusal asks for.
func (r *Run) apiLines(e trace.Exchange, w int) []string {
	if !e.Purpose.AtAPI() || e.Response == nil {
		return nil
	}
	st, g := r.sh.Styles, r.sh.Glyphs
	token := bearer(e.Request)
	var out []string
	say := func(style func(...string) string, words string) {
		for _, l := range widget.Wrap(words, w) {
			out = append(out, style(l))
		}
	}
	switch status := e.Response.Status; {
	case status < 300:
		say(st.Pass.Render, g.Pass+" let in: "+admitted(token))
	case status == http.StatusUnauthorized:
		say(st.Fail.Render, g.Fail+" 401: the API does not accept the token itself. It is missing, expired, not meant for this API, or not from an issuer that it trusts.")
		out = append(out, r.challengeLines(e, w)...)
	case status == http.StatusForbidden:
		say(st.Fail.Render, g.Fail+" 403: the token is good, and does not allow this. "+r.lacking(e, token))
		out = append(out, r.challengeLines(e, w)...)
	default:
		return nil
	}
	return append([]string{""}, out...)
}

// admitted names the claims that a token was let in by.
func admitted(token string) string {
	parts := []string{"aud " + audience(token)}
	if scp := claim(token, "scp"); scp != "" {
		parts = append(parts, "scp "+trace.Plain(scp)+", what the person allowed the application")
	}
	if roles := claim(token, "roles"); roles != "" {
		parts = append(parts, "roles "+trace.Plain(roles)+", what was assigned")
	}
	if token == "" {
		return "no token was sent; this address asks for none"
	}
	return strings.Join(parts, "; ")
}

// lacking says which permission is missing, as far as it is known.
func (r *Run) lacking(e trace.Exchange, token string) string {
	has := "The token has scp " + quoted(claim(token, "scp")) + " and roles " + quoted(claim(token, "roles")) + "."
	for _, p := range challenge(e) {
		if p.Name == "scope" {
			return "It wants the scope " + trace.Plain(p.Value) + ". " + has
		}
	}
	if s, ok := r.serviceOf(e.Request.URL); ok && s.Scope != "" {
		name := s.Scope[strings.LastIndexByte(s.Scope, '/')+1:]
		switch {
		case name == ".default":
			return "It takes applications alone, by a role. " + has
		case !strings.Contains(" "+claim(token, "scp")+" ", " "+name+" "):
			return "It wants the scope " + s.Scope + ". " + has
		}
		return "The scope is there, so it is a role of the person that is missing. " + has
	}
	return has
}

func quoted(s string) string {
	if s == "" {
		return "none"
	}
	return trace.Plain(s)
}

// challengeLines reads WWW-Authenticate out (RFC 6750 section 3).
func (r *Run) challengeLines(e trace.Exchange, w int) []string {
	st := r.sh.Styles
	list := challenge(e)
	if len(list) == 0 {
		return widget.Render(st.Muted, widget.Wrap("There is no WWW-Authenticate header that says more.", w))
	}
	fields := make([]widget.Field, 0, len(list))
	for _, p := range list {
		f := widget.Field{Label: trace.Plain(p.Name), Value: trace.Plain(r.sh.Secrets.Text(p.Value))}
		if x, ok := explain.Explain(trace.CallAPI, p.Name); ok {
			f.Note = x.Meaning
		}
		fields = append(fields, f)
	}
	out := append([]string{"", st.Title.Render("WWW-Authenticate says")}, widget.Fields(r.sh, fields, w)...)
	if _, ok := r.challenged(); ok {
		out = append(out, "", st.Accent.Render("f")+st.Text.Render(" signs in again with these claims, and calls the API again"))
	}
	return out
}

func challenge(e trace.Exchange) []trace.Param {
	if e.Response == nil {
		return nil
	}
	return explain.Challenge(e.Response.Header.Get("WWW-Authenticate"))
}

// bearer gives the token that a request carries.
func bearer(req trace.Request) string {
	scheme, token, ok := strings.Cut(req.Header.Get("Authorization"), " ")
	if !ok || !strings.EqualFold(scheme, "bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// challenged gives the claims that the newest refusal of an API asks for (Entra:
// claims challenge), as JSON.
func (r *Run) challenged() (string, bool) {
	if r.state.Trace == nil || !r.state.Done {
		return "", false
	}
	for i := len(r.state.Trace.Exchanges) - 1; i >= 0; i-- {
		e := r.state.Trace.Exchanges[i]
		if !e.Purpose.AtAPI() {
			continue
		}
		if e.Response == nil {
			return "", false
		}
		return trace.ClaimsChallenge(*e.Response)
	}
	return "", false
}

// answerChallenge runs the flow again with the claims that the API asks for, and
// calls that API again.
func (r *Run) answerChallenge() tea.Cmd {
	claims, ok := r.challenged()
	if !ok {
		return screen.Notice("no API asks for claims")
	}
	for i := len(r.state.Trace.Exchanges) - 1; i >= 0; i-- {
		if e := r.state.Trace.Exchanges[i]; e.Purpose.AtAPI() {
			if e.Purpose == trace.CallAPI {
				r.job.Call = e.Request.URL
			}
			break
		}
	}
	r.job.Claims, r.retried = claims, true
	r.job.Step, r.job.HoldAt, r.job.Pages = true, trace.Authorize, nil
	return tea.Batch(r.begin(), screen.Notice(fmt.Sprintf("again, with claims=%s", trace.Plain(claims))))
}
