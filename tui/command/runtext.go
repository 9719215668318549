package command

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"flowscope/engine"
	"flowscope/engine/trace"
)

// shower prints the exchanges of a run as they end, and the steps that send
// nothing in their place.
type shower struct {
	p      *page
	app    *App
	quiet  bool // JSON: nothing is printed
	run    *engine.Run
	shown  int // exchanges that are printed
	silent int // steps up to this one have been looked at
	polls  int // polls in a row that found the person not ready yet
	held   int // N of the request that waited when the run was last heard of
}

// show runs a job and prints each exchange when it is over.
func (c *call) show(ctx context.Context, app *App, job engine.Job, p *page) (result, error) {
	plan, err := app.Runner.Plan(job)
	if err != nil {
		return result{}, err
	}
	p.parties(plan, job)
	s := &shower{p: p, app: app, quiet: c.json}
	if !s.quiet {
		p.line(p.st.Title.Render(c.clean(plan.Title)))
		p.text(0, p.st.Muted, c.clean(whereWords(plan, job)))
		if job.Fault != "" {
			p.line(p.st.Warn.Render("broken on purpose: " + job.Fault))
		}
		if len(c.switched) > 0 {
			p.line(p.st.Warn.Render("conditions of the lab: " + c.clean(strings.Join(c.switched, ", "))))
		}
		p.gap()
		p.flush()
	}
	return c.follow(ctx, app, job.Step, func(ctx context.Context) (*engine.Run, error) {
		run, err := app.Runner.Start(ctx, job)
		s.run = run
		return run, err
	}, s.state)
}

// extend goes on with a run that has ended and prints what that adds.
func (c *call) extend(ctx context.Context, app *App, prev *result, x engine.Extra, p *page) (result, error) {
	s := &shower{p: p, app: app, quiet: c.json, shown: len(prev.state.Trace.Exchanges), silent: len(prev.run.Plan.Steps)}
	return c.follow(ctx, app, x.Step, func(ctx context.Context) (*engine.Run, error) {
		run, err := app.Runner.Extend(ctx, prev.run, x)
		if err == nil {
			s.run = run
			p.parties(run.Plan, run.Job)
		}
		return run, err
	}, s.state)
}

// state prints what is new in a state of the run.
func (s *shower) state(st engine.State) {
	if s.quiet {
		return
	}
	for ; s.shown < len(st.Trace.Exchanges); s.shown++ {
		e := st.Trace.Exchanges[s.shown]
		if e.Response == nil && e.Err == "" && e.Refused == "" && e.Note == "" && !st.Done {
			break
		}
		if st.Held == e.N && !st.Done {
			break // its answer is held and may change still
		}
		s.nothing(st, e.Step)
		if s.pending(e) {
			continue
		}
		s.p.exchange(e, st.Done && s.held == e.N)
	}
	if s.held = st.Held; st.HeldAnswer {
		s.held = 0
	}
	if st.Done {
		s.waited()
		s.nothing(st, len(st.Steps)+1)
	}
	s.p.flush()
}

// nothing writes the steps before n that were done without a request.
func (s *shower) nothing(st engine.State, n int) {
	for ; s.silent < n-1 && s.silent < len(st.Steps); s.silent++ {
		step := s.run.Plan.Steps[s.silent]
		if step.Purpose != trace.Cached && step.Purpose != trace.Event || st.Steps[s.silent] != engine.Done && st.Steps[s.silent] != engine.Broken {
			continue
		}
		s.waited()
		s.p.labelled(0, fmt.Sprintf("%3d", step.N), 5, s.p.st.Text, s.p.c.clean(step.Title+": "+step.Label+", nothing is sent"))
	}
}

// pending reports whether an exchange is a poll that is not to be written: of a
// row of them that all say authorization_pending (RFC 8628 section 3.5) the first
// is.
func (s *shower) pending(e trace.Exchange) bool {
	if !notReady(e) {
		s.waited()
		return false
	}
	s.polls++
	return s.polls > 1
}

// notReady reports whether an exchange is a poll whose answer says to ask again.
func notReady(e trace.Exchange) bool {
	if e.Purpose != trace.Poll || e.Response == nil {
		return false
	}
	p := find(jsonParams(e.Response.Body), "error")
	return p != nil && p.Value == "authorization_pending"
}

// waited ends a row of polls with how many there were.
func (s *shower) waited() {
	if s.polls > 1 {
		s.p.text(5, s.p.st.Muted, fmt.Sprintf("asked %d times: the person was not ready yet", s.polls))
	}
	s.polls = 0
}

// whereWords say where a job runs, with which library, and who signs in.
func whereWords(plan engine.Plan, job engine.Job) string {
	words := "on " + job.Target.Title
	if job.Target.Live {
		words = "live: on " + job.Target.Title
	}
	if plan.Driver != "" {
		words += ", by " + plan.Driver
	}
	if nobody(job) || job.Given != "" {
		return words
	}
	user := job.User
	if user == "" && len(job.Target.Accounts) > 0 {
		user = job.Target.Accounts[0].Username
	}
	if job.Browser || job.Paste || user == "" {
		return words
	}
	return words + ", signing in as " + user
}

// partyColumn is the least width of a party's name.
const partyColumn = 6

// parties makes room for the names of those who take part in a plan.
func (p *page) parties(plan engine.Plan, job engine.Job) {
	p.party, p.foreign = partyColumn, job.Target.Foreign()
	for _, s := range plan.Steps {
		p.party = max(p.party, len(p.partyWord(s.From))+1, len(p.partyWord(s.To))+1)
	}
}

// partyWord is the name of a party in a line: that of the API behind another one
// would be too long.
func (p *page) partyWord(who trace.Party) string {
	switch {
	case who == trace.Downstream:
		return "behind"
	case who == trace.Entra && p.foreign:
		return who.Name(true)
	}
	return string(who)
}

// exchange writes one line: the step, who speaks to whom, what is asked, and
// the status of the answer. A request that still waited at the end of its run was
// not sent.
func (p *page) exchange(e trace.Exchange, unsent bool) {
	line, style := p.g.BackLine, p.st.Back
	if e.Channel == trace.Front {
		line, style = p.g.FrontLine, p.st.Front
	}
	arrow := pad(p.partyWord(e.From), p.party) + strings.Repeat(line, 2) + p.g.ArrowRight + " " + pad(p.partyWord(e.To), p.party)
	answer, answerStyle := "", p.st.Pass
	switch {
	case unsent:
		answer, answerStyle, e.Err = "not sent", p.st.Muted, ""
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
		if notReady(e) {
			answerStyle, e.Note = p.st.Muted, "authorization_pending: the person is not ready yet"
		}
	}
	left := fmt.Sprintf("%3d  ", e.Step)
	room := p.width - len(left) - 2*p.party - 4 - 5 - 1 - 3
	where := pad(p.fit(p.c.clean(address(e.Request.URL, p.g.Ellipsis)), room), room+1)
	p.line(p.st.Muted.Render(left), style.Render(arrow), p.st.Muted.Render(pad(p.c.clean(e.Request.Method), 5)), p.st.Text.Render(where), answerStyle.Render(answer))
	for _, remark := range slices.Concat(e.Changes, e.AnswerChanges, []string{e.Refused, e.Err, e.Note}) {
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
