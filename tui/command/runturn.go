package command

import (
	"fmt"
	"io"
	"strings"
	"time"

	"flowscope/engine"
	"flowscope/engine/trace"
	"flowscope/tui/qr"
)

// turns writes to standard error what the person has to do outside the program,
// and how long there is left for it.
type turns struct {
	c    *call
	app  *App
	run  *engine.Run
	seen []engine.Turn // each turn once, as it stood last
	line bool          // a line that is written over stands on the terminal
	told bool          // it was said that a browser is open
}

// show writes a new turn whole; of one that goes on it renews the last line,
// where a terminal can do that.
func (w *turns) show(st engine.State) {
	w.opened(st)
	t := st.Turn
	if t == nil {
		return
	}
	if n := len(w.seen); n == 0 || w.seen[n-1].Code != t.Code || w.seen[n-1].URL != t.URL || w.seen[n-1].What != t.What {
		w.seen = append(w.seen, *t)
		w.begin(t)
	}
	w.seen[len(w.seen)-1] = *t
	if isTerminal(w.c.d.Err) && st.Page == nil && st.Held == 0 { // else a question stands there
		_, _ = fmt.Fprint(w.c.d.Err, w.c.clean("  "+w.progress(t)))
		w.line = true
	}
}

// opened says, once, that the sign-in is in the browser: when it was opened, and
// not before the request was let out.
func (w *turns) opened(st engine.State) {
	if w.told || !w.run.Job.Browser {
		return
	}
	for _, e := range st.Trace.Exchanges {
		if e.Channel == trace.Front && e.Response == nil && e.Err == "" && e.Refused == "" && st.Held != e.N && st.Page == nil && !e.Started.IsZero() && (e.Purpose == trace.Authorize || e.Purpose == trace.AdminConsent || e.Purpose == trace.SignOut) {
			w.told = true
			w.c.say("The sign-in goes on in the browser.")
			return
		}
	}
}

// clear takes the line away that was written over.
func (w *turns) clear() {
	if w.line {
		_, _ = io.WriteString(w.c.d.Err, "\r\x1b[K")
		w.line = false
	}
}

// begin writes the turn: what to do, where, with which code, and until when.
func (w *turns) begin(t *engine.Turn) {
	c := w.c
	c.say("")
	if who, here := w.walked(); here {
		c.say("The person's turn, taken here as " + who + ": " + t.What)
	} else {
		c.say("Your turn: " + t.What)
	}
	if t.URL != "" { // whole, its state too: a masked address opens nothing
		_, _ = fmt.Fprintln(c.d.Err, "  "+trace.Plain(t.URL))
	}
	if t.Code != "" {
		c.say("  code  " + t.Code)
	}
	if left, ok := w.left(t); ok {
		c.say("  there are " + left + " for it")
	}
	if c.noQR || !isTerminal(c.d.Err) || t.URL == "" || c.set.ASCII {
		return
	}
	lines, err := qr.Lines(t.URL, !c.dark())
	if err != nil {
		return // too long for a terminal: the address stands above
	}
	for _, l := range lines {
		_, _ = fmt.Fprintln(c.d.Err, "  "+l)
	}
}

// walked reports whether the program itself takes the person's turn: on the lab,
// where it knows the password and nobody asked for a browser.
func (w *turns) walked() (string, bool) {
	job := w.run.Job
	if job.Browser || job.Paste || job.Step || len(job.Target.Accounts) == 0 {
		return "", false
	}
	if job.User != "" {
		return job.User, true
	}
	return job.Target.Accounts[0].Username, true
}

// progress says how far the waiting is.
func (w *turns) progress(t *engine.Turn) string {
	words := []string{"waiting"}
	if t.Asked > 0 {
		words = append(words, fmt.Sprintf("asked %d times", t.Asked))
	}
	if left, ok := w.left(t); ok {
		words = append(words, left+" left")
	}
	return strings.Join(words, " · ")
}

// left is the time that a turn has still, in words.
func (w *turns) left(t *engine.Turn) (string, bool) {
	if t.Until.IsZero() {
		return "", false
	}
	d := max(0, t.Until.Sub(w.app.Now())).Round(time.Second)
	return fmt.Sprintf("%d:%02d minutes", int(d.Minutes()), int(d.Seconds())%60), true
}
