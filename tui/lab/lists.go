package lab

import (
	"fmt"
	"strings"

	"flowscope/engine/labinfo"
	"flowscope/tui/widget"
)

// rows are the lines of a list.
func (l *Lab) rows(which section) []row {
	switch which {
	case directory:
		return l.directoryRows()
	case conditions:
		return l.conditionRows()
	case requests:
		return l.requestRows()
	}
	return l.connectRows()
}

// count is how many entries the list has that is shown.
func (l *Lab) count() int {
	n := 0
	for _, r := range l.rows(l.at) {
		if r.head == "" {
			n++
		}
	}
	return n
}

func (l *Lab) summary(which section) string {
	switch which {
	case directory:
		return fmt.Sprintf("%d people, %d applications", len(l.info.Users), len(l.info.Apps))
	case conditions:
		return "switched at once, for everyone"
	case requests:
		return "the newest first"
	}
	return "configuration to copy"
}

func (l *Lab) directoryRows() []row {
	var out []row
	tenant := ""
	for _, u := range l.info.Users {
		where := u.Tenant
		if u.Guest {
			where += " · guests"
		}
		if where != tenant {
			tenant = where
			out = append(out, row{head: widget.Say(l.sh, "People · "+where)})
		}
		out = append(out, row{name: u.Name, note: widget.Say(l.sh, u.About)})
	}
	out = append(out, row{head: "Applications"})
	for _, a := range l.info.Apps {
		out = append(out, row{name: a.Name, note: widget.Say(l.sh, a.About)})
	}
	return out
}

func (l *Lab) conditionRows() []row {
	var out []row
	group := ""
	for _, c := range l.switches {
		if c.Group != group {
			group = c.Group
			out = append(out, row{head: strings.ToUpper(group[:1]) + group[1:]})
		}
		r := row{sign: widget.Fit(l.sh.Glyphs.RadioOff, l.sh.Glyphs.RadioWidth(), "") + " off", style: l.sh.Styles.Muted, name: c.Title, note: c.Value}
		if c.On {
			r.sign, r.style = widget.Fit(l.sh.Glyphs.RadioOn, l.sh.Glyphs.RadioWidth(), "")+" on ", l.sh.Styles.Warn
		}
		out = append(out, r)
	}
	return out
}

// briefly shortens what a request was for a list.
var briefly = strings.NewReplacer("token request, grant ", "token, ", "call of ", "", "discovery document", "discovery", "authorization request", "authorize", " request", "")

func (l *Lab) requestRows() []row {
	g, st := l.sh.Glyphs, l.sh.Styles
	var out []row
	for _, r := range l.seen {
		sign, style := g.Pass, st.Pass
		note := r.Client
		if r.Person != "" {
			note += " for " + r.Person
		}
		switch {
		case r.Waiting():
			sign, style = g.Bullet, st.Muted
			note = "still waiting for the person"
			if r.times > 1 {
				note = fmt.Sprintf("waiting (%d times)", r.times)
			}
		case r.failed:
			sign, style = g.Fail, st.Fail
			if len(r.findings) > 0 {
				note = strings.TrimSpace(r.findings[0].Code + " " + note)
			}
		case r.Got != "":
			note = strings.TrimSpace(note + " " + r.Got)
		}
		out = append(out, row{
			sign: widget.Fit(sign, g.StatusWidth(), "") + " " + widget.Fit(r.Status(), 4, ""), style: style,
			name: l.plain(briefly.Replace(r.What)), note: widget.Say(l.sh, l.plain(note)), right: r.Exchange.Started.Format("15:04:05"),
		})
	}
	return out
}

func (l *Lab) connectRows() []row {
	if !l.info.Served() {
		return nil
	}
	out := []row{{name: "Addresses", note: "of all endpoints"}, {name: "CA certificate", note: "for the TLS address"}}
	for _, s := range labinfo.Snippets(l.info, l.ca()) {
		out = append(out, row{name: s.Title})
	}
	return out
}

// empty says what fills a list that has nothing yet.
func (l *Lab) empty(which section, w int) []string {
	st := l.sh.Styles
	what := "The requests of your own application stand here as they arrive, each explained where it fails."
	if which == connect {
		what = "How to point MSAL and OpenID Connect clients at the lab stands here once it is served."
	}
	lines := append([]string{""}, l.prose(st.Text, what, w)...)
	lines = append(lines, "")
	if l.info.Served() {
		return append(lines, l.prose(st.Muted, "Nothing has come yet. The list Connect has the configuration for your client.", w)...)
	}
	return append(lines, st.Accent.Bold(true).Render("s")+st.Muted.Render(" serves the lab on this machine."))
}

// user is the person under the cursor.
func (l *Lab) user() (labinfo.User, bool) {
	if n := l.cursors[directory]; n < len(l.info.Users) {
		return l.info.Users[n], true
	}
	return labinfo.User{}, false
}

// app is the application under the cursor.
func (l *Lab) app() (labinfo.App, bool) {
	if n := l.cursors[directory] - len(l.info.Users); n >= 0 && n < len(l.info.Apps) {
		return l.info.Apps[n], true
	}
	return labinfo.App{}, false
}

// condition is the one under the cursor.
func (l *Lab) condition() (labinfo.Condition, bool) {
	if n := l.cursors[conditions]; n < len(l.switches) {
		return l.switches[n], true
	}
	return labinfo.Condition{}, false
}

// request is the one under the cursor.
func (l *Lab) request() (request, bool) {
	if n := l.cursors[requests]; n < len(l.seen) {
		return l.seen[n], true
	}
	return request{}, false
}
