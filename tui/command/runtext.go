package command

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"flowscope/engine"
	"flowscope/engine/explain"
	"flowscope/engine/fault"
	"flowscope/engine/trace"
	"flowscope/validate"
)

// show runs a job and prints each exchange when it is over.
func (c *call) show(ctx context.Context, app *App, job engine.Job, p *page) (result, error) {
	plan, err := app.Runner.Plan(job)
	if err != nil {
		return result{}, err
	}
	p.line(p.st.Title.Render(c.clean(plan.Title)))
	p.text(0, p.st.Muted, c.clean(whereWords(job)))
	if job.Fault != "" {
		p.line(p.st.Warn.Render("broken on purpose: " + job.Fault))
	}
	if len(c.switched) > 0 {
		p.line(p.st.Warn.Render("conditions of the lab: " + c.clean(strings.Join(c.switched, ", "))))
	}
	p.gap()
	p.flush()
	shown := 0
	r, err := c.execute(ctx, app, job, func(st engine.State) {
		for ; shown < len(st.Trace.Exchanges); shown++ {
			e := st.Trace.Exchanges[shown]
			if e.Response == nil && e.Err == "" && e.Refused == "" && !st.Done {
				break
			}
			p.exchange(e)
		}
		p.flush()
	})
	return r, err
}

func whereWords(job engine.Job) string {
	words := "on " + job.Target.Title
	if job.Client.Platform == "" {
		return words
	}
	user := job.User
	if user == "" && len(job.Target.Accounts) > 0 {
		user = job.Target.Accounts[0].Username
	}
	if job.Browser || user == "" {
		return words
	}
	return words + ", signing in as " + user
}

// partyColumn is the width of a party's name.
const partyColumn = 6

// exchange writes one line: the step, who speaks to whom, what is asked, and
// the status of the answer.
func (p *page) exchange(e trace.Exchange) {
	line, style := p.g.BackLine, p.st.Back
	if e.Channel == trace.Front {
		line, style = p.g.FrontLine, p.st.Front
	}
	arrow := pad(string(e.From), partyColumn) + strings.Repeat(line, 2) + p.g.ArrowRight + " " + pad(string(e.To), partyColumn)
	answer, answerStyle := "", p.st.Pass
	switch {
	case e.Refused != "":
		answer, answerStyle = "refused", p.st.Fail
	case e.Response == nil && e.Err == "" && e.Note != "":
		answer, answerStyle = "browser", p.st.Muted
	case e.Response == nil:
		answer, answerStyle = "no answer", p.st.Fail
	default:
		answer = strconv.Itoa(e.Response.Status)
		if e.Response.Status >= 400 {
			answerStyle = p.st.Fail
		}
	}
	left := fmt.Sprintf("%3d  ", e.Step)
	room := p.width - len(left) - 2*partyColumn - 4 - 5 - 1 - 3
	where := pad(p.fit(p.c.clean(address(e.Request.URL, p.g.Ellipsis)), room), room+1)
	p.line(p.st.Muted.Render(left), style.Render(arrow), p.st.Muted.Render(pad(p.c.clean(e.Request.Method), 5)), p.st.Text.Render(where), answerStyle.Render(answer))
	for _, remark := range append(append([]string(nil), e.Changes...), e.Refused, e.Err, e.Note) {
		if remark != "" {
			p.text(len(left), p.st.Warn, p.c.clean(remark))
		}
	}
}

var guid = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// address gives host and path of a URL, with GUIDs cut to their beginning. What
// stands behind the path is not shown.
func address(raw, ellipsis string) string {
	u, err := url.Parse(raw)
	if err != nil {
		before, _, _ := strings.Cut(strings.SplitN(raw, "#", 2)[0], "?")
		return before
	}
	parts := strings.Split(u.EscapedPath(), "/")
	for i, s := range parts {
		if guid.MatchString(s) {
			parts[i] = s[:4] + ellipsis
		}
	}
	return u.Host + strings.Join(parts, "/")
}

// fit shortens an address to n columns: segments behind the host go first, the
// end is what tells one endpoint from another.
func (p *page) fit(s string, n int) string {
	if ansi.StringWidth(s) <= n {
		return s
	}
	host, path, _ := strings.Cut(s, "/")
	for ansi.StringWidth(host)+ansi.StringWidth(path)+3 > n {
		_, rest, more := strings.Cut(path, "/")
		if !more {
			break
		}
		path = rest
	}
	return ansi.Truncate(host+"/"+p.g.Ellipsis+"/"+path, n, p.g.Ellipsis)
}

// tokens writes what was obtained, and every check that did not simply pass.
func (p *page) tokens(r *result) {
	for i, report := range r.reports {
		if i == 0 {
			p.head("Tokens", "")
		}
		kind := report.Kind
		token := r.state.Trace.Tokens[i]
		if token.Kind == trace.RefreshToken {
			kind = validate.KindRefresh
		}
		if kind == validate.KindRefresh {
			p.line(p.st.Muted.Render(p.g.NotRun + " refresh token  for its issuer alone; there is nothing in it to check"))
		} else {
			p.verdict(report, kind)
		}
		if p.c.withSecrets {
			p.line("  ", trace.Plain(token.Value))
		}
		if kind == validate.KindRefresh {
			continue
		}
		for _, s := range []validate.Status{validate.StatusFail, validate.StatusWarn} {
			for _, check := range report.Checks() {
				if check.Status == s {
					p.check(2, check)
				}
			}
		}
	}
}

// prediction sets what the fault predicts beside what came.
func (p *page) prediction(f fault.Fault, findings []explain.Finding) {
	p.gap()
	predicts := f.Predicts
	if !strings.HasPrefix(predicts, "AADSTS") {
		predicts = "that we refuse the " + predicts
	}
	for _, finding := range findings {
		if finding.Code == f.Predicts {
			p.signed(0, p.g.Pass, p.st.Pass, p.st.Text, fmt.Sprintf("The fault %s predicts %s, and that is what came. %s", f.ID, predicts, f.Lesson))
			return
		}
	}
	p.signed(0, p.g.Warn, p.st.Warn, p.st.Text, fmt.Sprintf("The fault %s predicts %s, and something else came.", f.ID, predicts))
}
