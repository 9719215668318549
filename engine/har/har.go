// Package har hands a run on to other tools: an exchange or the whole trace as
// curl, as an .http file, as HAR 1.2, as a Markdown report or as a Mermaid
// sequence diagram, and the same flow as code for the MSALs.
//
// What it writes holds no secret unless that is asked for: a mask, a variable or
// a call that reads the environment stands in its place, and each text ends with
// a receipt of what was taken out. It writes text alone: it opens no file, and
// sends and runs nothing.
package har

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"flowscope/engine/trace"
)

// The ids of the formats.
const (
	CurlFormat     = "curl"
	HTTPFormat     = "http"
	HARFormat      = "har"
	MarkdownFormat = "markdown"
	MermaidFormat  = "mermaid"
)

// Format is one of the forms in which a run can be taken away.
type Format struct {
	ID   string // how it is called on the command line
	Name string // how a person reads it
	Ext  string // of a file that holds it, with its dot
}

// Formats gives all formats, in the order in which they are offered.
func Formats() []Format {
	return []Format{
		{CurlFormat, "curl", ".sh"},
		{HTTPFormat, ".http file", ".http"},
		{HARFormat, "HAR 1.2", ".har"},
		{MarkdownFormat, "Markdown report", ".md"},
		{MermaidFormat, "Mermaid sequence diagram", ".mmd"},
	}
}

// Errors of Export.
var (
	ErrFormat   = errors.New("no such export format")
	ErrExchange = errors.New("the run has no such exchange")
)

// Receipt says what was taken out of an export.
type Receipt = trace.Receipt

// Step is a step of the plan, as far as an export names it.
type Step struct {
	N       int
	Title   string // "Redeem the code"
	Label   string // on the arrow: "code + verifier"
	From    trace.Party
	To      trace.Party
	Channel trace.Channel
	State   string // planned, active, held, done, failed; empty: not known
}

// Finding is an explained cause of a failure, as plain text.
type Finding struct {
	Title string   // "AADSTS50011: the redirect URI is not registered"
	Lines []string // why, and what to change
}

// LabHost is the host of the embedded lab inside this process, which no other
// program can reach.
const LabHost = "login.lab.example"

// Options say what is exported and how.
type Options struct {
	Format      string // id of a Format
	Exchange    int    // N of the exchange; 0: all of them
	WithSecrets bool
	// Base is where the lab is served, such as "http://localhost:8400": curl and
	// the .http file name it in place of the lab's host. Empty: it is not served,
	// and the text says that it has to be.
	Base     string
	Title    string    // of the plan: "client credentials · daemon"; empty: the flow's
	Steps    []Step    // of the plan; empty: what the exchanges say
	Findings []Finding // explained causes of its failure, for the report
	Version  string    // of flowscope, for the creator of a HAR
	// Secrets is the Redactor of the screen: an export has its letters. Nil: the
	// letters begin at A.
	Secrets *trace.Redactor
}

// export is one export under way.
type export struct {
	o     Options
	trace *trace.Trace // whole
	shown []trace.Exchange
	red   *trace.Redactor
}

// Export writes a run, or one exchange of it, in a format. It fails with
// ErrFormat and ErrExchange. The trace is not touched.
func Export(t *trace.Trace, o Options) ([]byte, Receipt, error) {
	write, ok := map[string]func(*export) (string, error){
		CurlFormat: (*export).curl, HTTPFormat: (*export).httpFile, HARFormat: (*export).har,
		MarkdownFormat: (*export).markdown, MermaidFormat: (*export).mermaid,
	}[strings.ToLower(strings.TrimSpace(o.Format))]
	if !ok {
		return nil, Receipt{}, fmt.Errorf("%w: %q; there are %s", ErrFormat, trace.Plain(o.Format), strings.Join(ids(), ", "))
	}
	x := &export{o: o, trace: t, shown: t.Exchanges}
	if o.Exchange != 0 {
		i := slices.IndexFunc(t.Exchanges, func(e trace.Exchange) bool { return e.N == o.Exchange })
		if i < 0 {
			return nil, Receipt{}, fmt.Errorf("%w: %d", ErrExchange, o.Exchange)
		}
		x.shown = t.Exchanges[i : i+1]
	}
	if o.Secrets != nil {
		x.red = o.Secrets.Writing(nil)
	} else {
		x.red = trace.NewRedactor(nil)
	}
	x.red.LearnAll(t)
	x.red.Forget()
	text, err := write(x)
	return []byte(text), x.receipt(), err
}

func ids() []string {
	var out []string
	for _, f := range Formats() {
		out = append(out, f.ID)
	}
	return out
}

// ParseFormat finds a format by its id or by the name of a file: "har",
// "run.har". It fails with ErrFormat.
func ParseFormat(s string) (Format, error) {
	name := strings.ToLower(strings.TrimSpace(s))
	for _, f := range Formats() {
		if name == f.ID || strings.HasSuffix(name, f.Ext) {
			return f, nil
		}
	}
	return Format{}, fmt.Errorf("%w: %q; there are %s", ErrFormat, trace.Plain(s), strings.Join(ids(), ", "))
}

func (x *export) receipt() Receipt {
	if x.o.WithSecrets {
		return Receipt{WithSecrets: true}
	}
	return x.red.Receipt()
}

// text masks a text, unless secrets are asked for.
func (x *export) text(s string) string {
	if x.o.WithSecrets {
		return s
	}
	return x.red.Text(s)
}

// line is a masked text that is safe on one line.
func (x *export) line(s string) string { return trace.Plain(x.text(s)) }

// exchange gives an exchange as it may leave.
func (x *export) exchange(e trace.Exchange) trace.Exchange {
	if x.o.WithSecrets {
		return e
	}
	return x.red.Exchange(e)
}

// title names the run in one line.
func (x *export) title() string {
	if x.o.Title != "" {
		return trace.Plain(x.o.Title)
	}
	if x.trace.As == "" {
		return x.trace.Flow.Title()
	}
	return x.trace.Flow.Title() + " · " + trace.Plain(x.trace.As)
}

// outcome says in a line how the run ended.
func (x *export) outcome() string {
	word := map[trace.Outcome]string{trace.Tokens: "it went through", trace.Failed: "it failed", trace.Stopped: "it was stopped"}[x.trace.Outcome]
	if word == "" {
		word = "it is under way"
	}
	if f := x.line(x.trace.Failure); f != "" && f != "stopped" {
		return word + ": " + f
	}
	return word
}

// stepOf gives the step of an exchange, and false when the plan is not known.
func (x *export) stepOf(e trace.Exchange) (Step, bool) {
	i := slices.IndexFunc(x.o.Steps, func(s Step) bool { return s.N == e.Step })
	if i < 0 {
		return Step{}, false
	}
	return x.o.Steps[i], true
}

// name says what an exchange is: the title of its step, else its purpose.
func (x *export) name(e trace.Exchange) string {
	if s, ok := x.stepOf(e); ok && s.Title != "" {
		return trace.Plain(s.Title)
	}
	return trace.Plain(e.Purpose.Noun())
}

// onLab reports whether a request goes to the lab inside this process.
func onLab(r trace.Request) bool {
	host, _, _ := strings.Cut(strings.TrimPrefix(r.URL, "https://"), "/")
	return strings.EqualFold(host, LabHost) && strings.HasPrefix(r.URL, "https://")
}

// served gives the request as it has to be sent while the lab is served.
func (x *export) served(r trace.Request) trace.Request {
	base := strings.TrimSuffix(x.o.Base, "/")
	if base == "" {
		return r
	}
	if onLab(r) {
		r.URL = base + r.URL[len("https://"+LabHost):]
	}
	params := r.FormParams()
	for i, p := range params {
		params[i].Value = strings.ReplaceAll(p.Value, "https://"+LabHost+"/", base+"/")
	}
	if params != nil {
		r = r.WithForm(params)
	}
	return r
}

// labURL cuts a URL behind the lab's host, where a variable has to stand for it.
func (x *export) labURL(s string) (string, bool) {
	if x.o.Format == "" || x.o.Base != "" { // a command for the screen alone names the lab as the run does
		return s, false
	}
	rest, ok := strings.CutPrefix(s, "https://"+LabHost)
	return rest, ok && (rest == "" || strings.HasPrefix(rest, "/") || strings.HasPrefix(rest, "?"))
}

// unserved reports whether what is exported goes to a lab that nobody serves.
func (x *export) unserved() bool {
	return x.o.Base == "" && slices.ContainsFunc(x.shown, func(e trace.Exchange) bool { return onLab(e.Request) })
}

// labWords says what to do where the lab is not served.
const labWords = "The lab is inside flowscope. Run: flowscope lab, and set LAB to the http address that it prints, without the tenant"

// labHint stands where that address belongs.
const labHint = "http://localhost:PORT"
