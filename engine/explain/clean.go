package explain

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"flowscope/engine/trace"
)

// clean takes every secret of the trace out of the findings and makes all
// their text fit to be shown. Rules never write a secret; this holds also for
// what the server's own words and the values of the request bring along.
func clean(t *trace.Trace, findings []Finding) []Finding {
	r := trace.NewRedactor(nil)
	r.LearnAll(t)
	if t.Refusal != nil && (t.Refusal.Check == "state" || t.Refusal.Check == "nonce") {
		r.Mask(t.Refusal.Expected)
		r.Mask(t.Refusal.Found)
	}
	for _, e := range t.Exchanges {
		if _, secret := basicOf(e.Request); secret != "" {
			r.Mask(secret)
		}
	}
	for i := range findings {
		cleanFinding(&findings[i], r)
	}
	return findings
}

// escapePattern finds what a terminal obeys: control sequences, strings of
// commands to their end on the line, and the short escapes (ECMA-48 section 5).
var escapePattern = regexp.MustCompile(`(?:\x1b\[|\x{9b})[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-~]`)

// tame makes a text from outside fit to be read: an escape sequence becomes one
// replacement character, so that none of its letters joins the word behind it,
// and so does each control character. Lines stay.
func tame(s string) string {
	if strings.ContainsAny(s, "\x1b\u009b") {
		s = escapePattern.ReplaceAllString(s, "\uFFFD")
	}
	return trace.PlainLines(s)
}

func cleanFinding(f *Finding, r *trace.Redactor) {
	text := func(s *string) { *s = trace.Plain(r.Text(*s)) }
	short := func(s *string) { *s = shown(r.Text(*s)) }
	for _, s := range []*string{&f.What, &f.Stage, &f.FlowRight, &f.ServerWords} {
		text(s)
	}
	for _, s := range []*string{&f.Code, &f.Name, &f.OAuthError} {
		*s = shown(*s)
	}
	f.Why, f.Source = cleanAll(f.Why, r), once(cleanAll(f.Source, r))
	for i := range f.Evidence {
		e := &f.Evidence[i]
		masked := r.Text(e.Value) != e.Value || r.Text(e.Compare) != e.Compare
		for _, s := range []*string{&e.Label, &e.Value, &e.Note, &e.Compare} {
			short(s)
		}
		if e.Compare == "" || masked || e.At > maxValue {
			e.At = -1
		}
	}
	for i := range f.Fix {
		for _, s := range []*string{&f.Fix[i].Title, &f.Fix[i].Where, &f.Fix[i].Command, &f.Fix[i].Note} {
			text(s)
		}
		f.Fix[i].Code = trace.PlainLines(r.Text(f.Fix[i].Code))
	}
}

// once drops what was said before: rules add their sources to the catalogue's.
func once(list []string) []string {
	out := list[:0]
	for _, s := range list {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

func cleanAll(list []string, r *trace.Redactor) []string {
	out := make([]string, 0, len(list))
	for _, s := range list {
		out = append(out, trace.Plain(r.Text(s)))
	}
	return out
}

// lowerFirst begins a sentence small, so that it can follow a colon. Names in
// capitals stay as they are.
func lowerFirst(s string) string {
	r := []rune(s)
	if len(r) > 1 && (unicode.IsLower(r[1]) || r[1] == ' ') {
		r[0] = unicode.ToLower(r[0])
	}
	return string(r)
}

// upperFirst makes a sentence of a remark, without its full stop.
func upperFirst(s string) string {
	r := []rune(strings.TrimSuffix(strings.TrimSpace(s), "."))
	if len(r) > 0 {
		r[0] = unicode.ToUpper(r[0])
	}
	return string(r)
}
