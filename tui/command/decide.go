package command

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"flowscope/decision"
)

func decideCommand(c *call) *cobra.Command {
	var answers [3]string
	record := false
	cmd := &cobra.Command{
		Use:   "decide",
		Short: "Find the flow that fits a client",
		Long: `Three questions lead to one row of the table, and the row has one flow: the flow
follows from the client. What is not answered keeps every row that could match.`,
		Example: "  flowscope decide --person yes --secret no --browser yes\n  flowscope decide --person no --secret yes --record > flow.md",
		Args:    atMost(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			as, err := readAnswers(cmd, answers)
			if err != nil {
				return err
			}
			result := decision.Decide(as)
			switch {
			case record && c.json:
				return usage(cmd, "--record and --json are two forms of the answer: choose one")
			case record:
				return c.record(cmd, result)
			case c.json:
				return c.printJSON(result)
			}
			c.table(result)
			return nil
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	for i, q := range decision.Questions() {
		f.StringVar(&answers[i], q.String(), "", q.Text()+" `yes|no`")
	}
	jsonFlag(cmd, c)
	f.BoolVar(&record, "record", false, "print the decision as Markdown, to keep with the code")
	return cmd
}

func readAnswers(cmd *cobra.Command, words [3]string) (decision.Answers, error) {
	var as decision.Answers
	for i, q := range decision.Questions() {
		a, err := decision.ParseAnswer(words[i])
		if err != nil {
			return as, usage(cmd, "--%s: %v", q, err)
		}
		as = as.With(q, a)
	}
	return as, nil
}

// record prints the decision record of the row that is left. A page and an
// installed app have the same answers and the same flow, so that each of the two
// gets its record.
func (c *call) record(cmd *cobra.Command, r decision.Result) error {
	var names, records []string
	app, err := c.application()
	if err != nil {
		return err
	}
	for _, row := range r.Rows {
		names = append(names, row.ID)
		records = append(records, decision.Record(row, r.Answers, app.Now()))
	}
	if next, open := r.Next(); open {
		return usage(cmd, "the answers leave %s open; --%s would settle more", strings.Join(names, ", "), next)
	}
	if len(names) > 1 {
		c.say("These answers fit " + strings.Join(names, " and ") + ", with one flow: keep the record of yours.")
	}
	c.print(strings.Join(records, "\n---\n\n"))
	return nil
}

// table prints the decision table, what is ruled out last, with the reason.
func (c *call) table(r decision.Result) {
	p := newPage(c)
	p.line(p.st.Title.Render("Which flow fits my client?"))
	for _, q := range decision.Questions() {
		a := r.Answers.Get(q)
		word := "not answered"
		if a != decision.Unknown {
			word = a.String()
		}
		p.line("  ", p.st.Muted.Render(pad(q.Text(), 44)), p.st.Bright.Render(word))
	}
	p.head("Fits", "")
	for _, row := range r.Rows {
		p.line("  ", p.st.Pass.Render(p.g.RadioOn), " ", p.st.Bright.Render(pad(row.Client, 28)), row.Flow.Title())
		p.text(4, p.st.Muted, row.Reason)
	}
	if row, ok := r.Settled(); ok {
		c.row(p, row)
	}
	if len(r.Excluded) > 0 {
		p.head("Ruled out", "")
		for _, e := range r.Excluded {
			p.line("  ", p.st.Muted.Render(p.g.RadioOff+" "+pad(e.Row.Client, 28)+e.Why))
		}
	}
	if q, ok := r.Next(); ok {
		p.gap()
		p.text(0, p.st.Text, fmt.Sprintf("Next: %s  --%s yes or no", q.Text(), q))
	}
	p.flush()
}

// row prints what somebody who has this client should know.
func (c *call) row(p *page, row decision.Row) {
	for _, part := range []struct {
		title string
		items []string
	}{
		{"Gives", row.Gives}, {"Never gives", row.NeverGives}, {"Register", row.Register},
		{"Wrong turn", []string{row.WrongTurn + ": " + row.WrongTurnCost}}, {"Written in", row.Sources},
	} {
		if len(part.items) == 0 {
			continue
		}
		p.head(part.title, "")
		for _, item := range part.items {
			p.signed(2, p.g.Bullet, p.st.Muted, p.st.Text, item)
		}
	}
}
