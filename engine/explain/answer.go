package explain

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"flowscope/engine/trace"
)

// Bounds of what is read and kept.
const (
	maxText    = 256 << 10 // bytes of a text that are read
	maxWords   = 1000      // runes of the server's own words that are kept
	maxValue   = 600       // runes of any one value that is shown
	maxCodes   = 40        // codes taken from one text
	minDigits  = 4         // digits of a code without its prefix, at least
	maxDigits  = 9         // digits of an AADSTS code, at most
	maxParams  = 100       // parameters of a pasted redirect that are masked elsewhere
	maxObjects = 50        // JSON objects looked for in one text
)

// form is the shape in which an answer came.
type form string

const (
	jsonForm     form = "json"
	redirectForm form = "redirect"
	pageForm     form = "page"
	textForm     form = "text"
)

// answer is an error as a server gave it (RFC 6749 sections 4.1.2.1 and 5.2,
// with Entra's own members).
type answer struct {
	form     form
	codes    []int
	oauth    string
	suberror string
	claims   string
	words    string
	support  Support
}

// says reports whether the answer is an error at all.
func (a answer) says() bool { return len(a.codes) > 0 || a.oauth != "" }

// primary is the code that decides: the last of several, since the older
// answers with two put the general one first ([70002, 70008]). That a device was
// declined is said by the word alone: its number is that of a declined consent.
func (a answer) primary() int {
	if len(a.codes) == 0 || a.oauth == "authorization_declined" {
		return 0
	}
	for _, n := range slices.Backward(a.codes) {
		if _, ok := Lookup(aadsts(n)); ok {
			return n
		}
	}
	return a.codes[0]
}

var (
	codePattern    = regexp.MustCompile(`(?i)\bAADSTS[0-9]{1,9}\b`)
	trailerPattern = regexp.MustCompile(`(?i)\s*\b(?:trace|request) id:\s*[0-9a-f-]{36}|\s*\bcorrelation id:\s*[0-9a-f-]{36}|\s*\btimestamp:\s*[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9:.]{8,16}Z?`)
	traceIDPattern = regexp.MustCompile(`(?i)\b(?:trace|request)[ _-]?id["']?\s*[:=]\s*["']?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})`)
	correlPattern  = regexp.MustCompile(`(?i)\bcorrelation[ _-]?id["']?\s*[:=]\s*["']?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})`)
	stampPattern   = regexp.MustCompile(`(?i)\btimestamp["']?\s*[:=]\s*["']?([0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,7})?Z?)`)
)

// codesIn finds AADSTS codes in a text, each once, in order.
func codesIn(s string) []int {
	var out []int
	for _, m := range codePattern.FindAllString(s, maxCodes) {
		if n, ok := number(m); ok && !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}

// supportIn finds the ids and the time that Entra puts behind its words, on
// lines of their own (older answers) or behind a space (newer ones).
func supportIn(s string) Support {
	first := func(p *regexp.Regexp) string {
		if m := p.FindStringSubmatch(s); m != nil {
			return m[1]
		}
		return ""
	}
	return Support{TraceID: first(traceIDPattern), CorrelationID: first(correlPattern), Timestamp: first(stampPattern)}
}

// or fills what is empty from another.
func (s Support) or(other Support) Support {
	pick := func(a, b string) string {
		if a != "" {
			return a
		}
		return b
	}
	return Support{pick(s.TraceID, other.TraceID), pick(s.CorrelationID, other.CorrelationID), pick(s.Timestamp, other.Timestamp)}
}

// wordsOf cleans a description: without the trailers, on one line, bounded. A
// code alone is no words.
func wordsOf(description string) string {
	s := trailerPattern.ReplaceAllString(bound(description, 4*maxWords), "")
	s = strings.Join(strings.Fields(trace.Plain(s)), " ")
	if strings.Trim(codePattern.ReplaceAllString(s, ""), ": ") == "" {
		return ""
	}
	return bound(s, maxWords)
}

// bound cuts a text to n runes.
func bound(s string, n int) string {
	if len(s) <= n {
		return s
	}
	count := 0
	for i := range s {
		if count == n {
			return s[:i] + "…"
		}
		count++
	}
	return s
}

// shown makes a value from outside fit to be shown.
func shown(s string) string { return bound(trace.Plain(s), maxValue) }

// members is a JSON object whose members are read one by one, so that one of
// an unexpected type does not lose the others.
type members map[string]json.RawMessage

func (m members) text(name string) string {
	var s string
	if json.Unmarshal(m[name], &s) == nil {
		return tame(s)
	}
	var n json.Number
	if json.Unmarshal(m[name], &n) == nil {
		return n.String()
	}
	return ""
}

// numbers reads error_codes: an array of numbers, of strings, or one of either.
func (m members) numbers(name string) []int {
	var list []json.RawMessage
	if json.Unmarshal(m[name], &list) != nil {
		list = []json.RawMessage{m[name]}
	}
	var out []int
	for _, raw := range list {
		s := strings.Trim(strings.TrimSpace(string(raw)), `"`)
		if n, ok := number(s); ok && len(out) < maxCodes && !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}

// readJSON reads an error body of the token endpoint, or of an API that
// answers as Microsoft Graph does.
func readJSON(body []byte) (answer, bool) {
	var m members
	if json.Unmarshal(body, &m) != nil {
		return answer{}, false
	}
	return fromMembers(m)
}

func fromMembers(m members) (answer, bool) {
	a := answer{form: jsonForm, oauth: errorValue(m.text("error")), suberror: shown(m.text("suberror")), claims: m.text("claims")}
	description := m.text("error_description")
	var inner members
	if json.Unmarshal(m["error"], &inner) == nil {
		a.oauth, description = errorValue(inner.text("code")), inner.text("message")
	}
	a.codes = m.numbers("error_codes")
	if len(a.codes) == 0 {
		a.codes = codesIn(bound(description, maxText))
	}
	a.words = wordsOf(description)
	a.support = Support{
		TraceID: shown(m.text("trace_id")), CorrelationID: shown(m.text("correlation_id")), Timestamp: shown(m.text("timestamp")),
	}.or(supportIn(bound(description, maxText)))
	return a, a.says()
}

// errorValue keeps an error value only when it can be one: a short word of
// printable ASCII (RFC 6749 section 4.1.2.1).
func errorValue(s string) string {
	if s == "" || len(s) > 80 {
		return ""
	}
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c > '~' || c == '"' || c == '\\' || c == '<' {
			return ""
		}
	}
	return s
}

// readParams reads the error of a redirect.
func readParams(params []trace.Param) (answer, bool) {
	m := map[string]string{}
	for _, p := range params {
		if _, seen := m[p.Name]; !seen {
			m[p.Name] = tame(p.Value)
		}
	}
	description := bound(m["error_description"], maxText)
	a := answer{
		form: redirectForm, oauth: errorValue(m["error"]), suberror: shown(m["suberror"]), claims: m["claims"],
		codes: codesIn(description), words: wordsOf(description),
		support: Support{TraceID: shown(m["trace_id"]), CorrelationID: shown(m["correlation_id"]), Timestamp: shown(m["timestamp"])}.or(supportIn(description)),
	}
	if n, ok := number(afterLast(m["error_uri"], "code=")); ok && len(a.codes) == 0 && a.oauth != "" {
		a.codes = []int{n}
	}
	return a, a.says()
}

func afterLast(s, sep string) string {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[i+len(sep):]
	}
	return ""
}

// sentence cuts what stands behind a code: to the trailers, to the next code,
// or to the bound. Of several places the one that says most counts.
func sentence(text string, code int) string {
	best := ""
	for _, loc := range codePattern.FindAllStringIndex(text, maxCodes) {
		if n, ok := number(text[loc[0]:loc[1]]); !ok || n != code {
			continue
		}
		s := bound(text[loc[0]:], 4*maxWords)
		if end := trailerPattern.FindStringIndex(s); end != nil {
			s = s[:end[0]]
		}
		if next := codePattern.FindStringIndex(s[1:]); next != nil {
			s = s[:next[0]+1]
		}
		if len(s) > len(best) {
			best = s
		}
	}
	return best
}
