// Package decide is the screen of the three questions and the decision table:
// each answer rules rows out and says why, and what is left opens into its
// reason, its tokens, its registration and the wrong turn people take from it.
//
// The rules are those of package decision; the screen only asks and shows.
package decide

import (
	"fmt"
	"slices"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"flowscope/decision"
	"flowscope/tui/screen"
	"flowscope/tui/widget"
)

// Decide is the screen.
type Decide struct {
	sh      *screen.Shell
	w, h    int
	answers decision.Answers
	result  decision.Result
	asked   decision.Question // question under the cursor
	row     string            // id of the row under the cursor
	table   bool              // the focus is on the table
	scroll  widget.Scroll
	runs    func(decision.Flow) error
	keys    bindings
}

type bindings struct {
	yes, no, clear, move, enter, record, target, pane key.Binding
}

// New makes the screen. runs gives nil for a flow that can be run on the current
// target, else the reason.
func New(sh *screen.Shell, runs func(decision.Flow) error) *Decide {
	d := &Decide{sh: sh, runs: runs, keys: bindings{
		yes:    screen.Bind("y", "yes", "y"),
		no:     screen.Bind("n", "no", "n"),
		clear:  screen.Bind("x", "take back", "x", "backspace"),
		move:   screen.Move("question"),
		enter:  screen.Enter("run it"),
		record: screen.Record(),
		target: screen.Bind("p", "pick a target", "p"),
		pane:   screen.NextPane(),
	}}
	d.decide()
	return d
}

// Init starts nothing.
func (d *Decide) Init() tea.Cmd { return nil }

// Resize tells the size of the body.
func (d *Decide) Resize(w, h int) { d.w, d.h = w, h }

// decide narrows the table and keeps the cursor on a row that is left.
func (d *Decide) decide() {
	d.result = decision.Decide(d.answers)
	d.scroll.Top = 0
	left := func(r decision.Row) bool { return r.ID == d.row }
	if !slices.ContainsFunc(d.result.Rows, left) && len(d.result.Rows) > 0 {
		d.row = d.result.Rows[0].ID
	}
}

// Update takes an answer, a move, or the wish to run or to write down.
func (d *Decide) Update(msg tea.Msg) tea.Cmd {
	k, ok := msg.(tea.KeyMsg)
	if !ok {
		return nil
	}
	switch {
	case key.Matches(k, d.keys.yes):
		d.answer(decision.Yes)
	case key.Matches(k, d.keys.no):
		d.answer(decision.No)
	case key.Matches(k, d.keys.clear):
		d.answers = d.answers.With(d.asked, decision.Unknown)
		d.decide()
	case key.Matches(k, d.keys.pane):
		d.table = !d.table
	case key.Matches(k, screen.Down()):
		d.move(1)
	case key.Matches(k, screen.Up()):
		d.move(-1)
	case key.Matches(k, screen.Left(), screen.Right(), screen.Bind("", "", " ")):
		d.turn(key.Matches(k, screen.Left()))
	case key.Matches(k, screen.PageDown()):
		d.scroll.Top += 8
	case key.Matches(k, screen.PageUp()):
		d.scroll.Top = max(0, d.scroll.Top-8)
	case key.Matches(k, d.keys.enter):
		return d.run()
	case key.Matches(k, d.keys.target):
		return screen.Send(screen.OpenTargetsMsg{})
	case key.Matches(k, d.keys.record):
		return d.write()
	}
	return nil
}

// answer notes an answer and goes on to the next question that still matters,
// else to the next that has no answer yet: a further answer changes none that was
// given.
func (d *Decide) answer(a decision.Answer) {
	d.answers = d.answers.With(d.asked, a)
	d.decide()
	if next, ok := d.result.Next(); ok {
		d.asked = next
		return
	}
	all := decision.Questions()
	for i := range all {
		if q := all[(int(d.asked)+1+i)%len(all)]; d.answers.Get(q) == decision.Unknown {
			d.asked = q
			return
		}
	}
}

// turn changes the answer under the cursor: yes to no and back.
func (d *Decide) turn(left bool) {
	if d.table {
		return
	}
	a := decision.Yes
	if d.answers.Get(d.asked) == decision.Yes || (d.answers.Get(d.asked) == decision.Unknown && !left) {
		a = decision.No
	}
	if d.answers.Get(d.asked) == decision.Unknown {
		a = decision.Yes
	}
	d.answers = d.answers.With(d.asked, a)
	d.decide()
}

func (d *Decide) move(by int) {
	if !d.table {
		n := len(decision.Questions())
		d.asked = decision.Question((int(d.asked) + by + n) % n)
		return
	}
	rows := decision.Table()
	i := slices.IndexFunc(rows, func(r decision.Row) bool { return r.ID == d.row })
	d.row = rows[(i+by+len(rows))%len(rows)].ID
	d.scroll.Top = 0
}

// chosen is the row under the cursor, and whether it is still in.
func (d *Decide) chosen() (decision.Row, string) {
	row, _ := decision.RowByID(d.row)
	for _, x := range d.result.Excluded {
		if x.Row.ID == d.row {
			return row, x.Why
		}
	}
	return row, ""
}

// run opens the run of the row, when there is one flow to run and it can be run.
func (d *Decide) run() tea.Cmd {
	row, why := d.chosen()
	if why != "" {
		return screen.Notice(row.Short + " is out: " + why)
	}
	if !d.table {
		if _, settled := d.result.Flow(); !settled {
			next, _ := d.result.Next()
			return screen.Notice(fmt.Sprintf("%d rows are left: answer question %d first, or press tab and choose a row", len(d.result.Rows), int(next)+1))
		}
	}
	if row.Flow == decision.None {
		return screen.Notice("there is no flow to run: this client must not hold a secret")
	}
	if err := d.runs(row.Flow); err != nil {
		return screen.Notice(err.Error() + "; w writes the decision down")
	}
	return screen.Send(screen.OpenRunMsg{Flow: row.Flow, Client: row.ID})
}

// write puts the decision record into a file, when there is a decision.
func (d *Decide) write() tea.Cmd {
	row, why := d.chosen()
	if why != "" {
		return screen.Notice(row.Short + " is out: choose a row that is left")
	}
	if _, settled := d.result.Flow(); !settled && !d.table {
		return screen.Notice("nothing is decided yet: answer the questions, or press tab and choose a row")
	}
	now := d.sh.Now()
	name := fmt.Sprintf("decision-%s-%s.md", row.ID, now.Format("2006-01-02"))
	return d.sh.Save(name, decision.Record(row, d.answers, now))
}

// Crumb is the screen's word in the header.
func (d *Decide) Crumb() string { return "find" }

// Subject repeats the one rule.
func (d *Decide) Subject() string { return "the flow follows from the client" }

// Status counts what is left.
func (d *Decide) Status() string {
	if f, ok := d.result.Flow(); ok && d.w >= wide {
		return f.Title()
	}
	if len(d.result.Rows) == 1 {
		return "1 row left"
	}
	return fmt.Sprintf("%d rows left", len(d.result.Rows))
}

// Keys are the screen's bindings.
func (d *Decide) Keys() []key.Binding {
	_, settled := d.result.Flow()
	row, why := d.chosen()
	ready := (settled || d.table) && why == ""
	move := d.keys.move
	if d.table {
		move = screen.Move("row")
	}
	answers := []key.Binding{d.keys.yes, d.keys.no}
	acts := []key.Binding{screen.When(screen.Enter("run it"), ready && d.runs(row.Flow) == nil), screen.When(screen.Record(), ready)}
	list := append(answers, acts...)
	if ready {
		list = append(acts, answers...)
	}
	return append(list, d.keys.target, d.keys.pane, move, d.keys.clear)
}

// Typing is never the case here.
func (d *Decide) Typing() bool { return false }

// Back leaves the closing to the root.
func (d *Decide) Back() bool { return false }

// Close ends nothing.
func (d *Decide) Close() {}
