package decision

import (
	"fmt"
	"strings"
	"time"
)

// Record returns the decision as a Markdown document, to live in the user's
// own repository: client, flow, the three answers, the reason, what the flow
// gives and never gives, what to register, the wrong turn and its cost, the
// sources and the date. The date is written as its own location has it.
func Record(r Row, a Answers, date time.Time) string {
	var b strings.Builder
	title := fmt.Sprintf("%s uses %s", r.Client, r.Flow.Title())
	if r.Flow == None {
		title = r.Client + ": no flow fits"
	}
	fmt.Fprintf(&b, "# Decision: %s\n\n", title)
	fmt.Fprintf(&b, "- Date: %s\n", date.Format(time.DateOnly))
	fmt.Fprintf(&b, "- Client: %s (%s)\n", r.Client, r.Detail)
	fmt.Fprintf(&b, "- Flow: %s (`%s`)\n", r.Flow.Title(), r.Flow)
	if r.Platform != "" {
		fmt.Fprintf(&b, "- Platform type: `%s`\n", r.Platform)
	}

	b.WriteString("\n## Answers\n\n| question | answer |\n|---|---|\n")
	for _, q := range Questions() {
		answer := a.Get(q).String()
		if a.Get(q) == Unknown {
			answer = "not answered"
		}
		fmt.Fprintf(&b, "| %s | %s |\n", q.Text(), answer)
	}

	fmt.Fprintf(&b, "\n## Reason\n\n%s\n", r.Reason)
	section(&b, "Gives", r.Gives)
	section(&b, "Never gives", r.NeverGives)
	section(&b, "Register", r.Register)
	fmt.Fprintf(&b, "\n## Wrong turn\n\n%s: %s\n", upperFirst(r.WrongTurn), r.WrongTurnCost)
	section(&b, "Sources", r.Sources)
	b.WriteString("\nThe flow follows from the client: when an answer changes, decide again.\n")
	return b.String()
}

// section writes a heading and a list, or nothing for an empty list.
func section(b *strings.Builder, heading string, items []string) {
	if len(items) == 0 {
		return
	}
	fmt.Fprintf(b, "\n## %s\n\n", heading)
	for _, item := range items {
		fmt.Fprintf(b, "- %s\n", item)
	}
}

// upperFirst is for our own texts, which begin with an ASCII letter.
func upperFirst(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
