package command

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"strings"

	"flowscope/engine/inspect"
	"flowscope/engine/trace"
	"flowscope/validate"
)

// batchDocument is one line of what token --batch prints: the report that
// token --json prints, the line of the input that it is for, from 1, and how many
// tokens stood on that line, of which the report is on the first.
type batchDocument struct {
	Schema int `json:"schema"`
	Line   int `json:"line"`
	tokenReport
	Tokens int `json:"tokens"`
}

// reportWriter writes many reports, each byte for byte what encode and sealJSON
// make of its batchDocument, in a tenth of their time: words that are the same
// for every token are put into JSON once. It belongs to one goroutine.
type reportWriter struct {
	out   []byte
	odd   bool           // in this document stands something like a token, or an escape that may hide one
	known [][]knownWords // by the index of the check
	// What a check expects is mostly the same from token to token.
	expected []knownText
	classes  [256]uint8 // of all bytes
}

func newReportWriter() *reportWriter {
	checks := len(validate.IDs())
	w := &reportWriter{known: make([][]knownWords, checks), expected: make([]knownText, checks)}
	for c := range w.classes {
		switch {
		case c < 0x20, c == '"', c == '\\':
			w.classes[c] = escaped
		case c >= 0x7f:
			w.classes[c] = beyond
		case c == '.':
			w.classes[c] = dotted
		}
	}
	return w
}

// knownWords are the fixed words of one check, as JSON.
type knownWords struct {
	wording    validate.Wording
	fixed      bool   // tail is there
	head, tail []byte // before "expected", and behind "found"
	odd        bool
}

type knownText struct {
	text    string
	literal []byte
	odd     bool
}

// document appends the report on one line of the input, on which so many tokens
// stood, and a line break.
func (w *reportWriter) document(line, tokens int, r *inspect.Report) error {
	begin := len(w.out)
	w.odd = false
	w.raw(`{"schema":1,"line":`)
	w.out = strconv.AppendInt(w.out, int64(line), 10)
	w.raw(`,"verdict":`)
	w.text(string(r.Verdict))
	w.raw(`,"kind":`)
	w.text(string(r.Kind))
	w.raw(`,"subject_kind":`)
	w.text(r.SubjectKind)
	w.raw(`,"version":`)
	w.text(r.Version)
	w.raw(`,"flow":{"name":`)
	w.text(r.Flow.Name)
	w.raw(`,"confidence":`)
	w.text(r.Flow.Confidence)
	w.raw(`,"because":[`)
	for i, because := range r.Flow.Because {
		if i > 0 {
			w.raw(`,`)
		}
		w.text(because)
	}
	w.raw(`]}`)
	if err := w.objects(r); err != nil {
		return err
	}
	w.raw(`,"checks":[`)
	for i := range w.known {
		if i > 0 {
			w.raw(`,`)
		}
		if tokens == 0 && i == 0 {
			w.noToken(r.Report)
			continue
		}
		w.check(r.Report, i)
	}
	w.raw(`],"tokens":`)
	w.out = strconv.AppendInt(w.out, int64(tokens), 10)
	w.raw("}\n")
	secrets := inspect.Secrets(r.Token)
	if !w.odd && secrets == nil {
		return nil
	}
	doc := w.out[begin:]
	red := redactorFor(doc)
	if secrets != nil {
		red = trace.NewRedactor(nil)
		inspect.Conceal(red, r.Token)
	}
	sealed, err := sealJSON(doc, red)
	w.out = append(w.out[:begin], sealed...)
	return err
}

func (w *reportWriter) raw(s string) { w.out = append(w.out, s...) }

// Classes of the bytes of a text.
const (
	escaped = 1 << iota // JSON has to escape it
	beyond              // no ASCII that can be shown
	dotted              // a token has two
)

// text appends a text as a JSON string.
func (w *reportWriter) text(s string) {
	var class uint8
	for i := 0; i < len(s); i++ {
		class |= w.classes[s[i]]
	}
	if class&(escaped|beyond) == 0 {
		w.out = append(w.out, '"')
		w.out = append(w.out, s...)
		w.out = append(w.out, '"')
		if class&dotted != 0 && strings.Contains(s, "ey") {
			w.odd = w.odd || holdsToken([]byte(s))
		}
		return
	}
	literal, err := encode(s)
	if err != nil { // a string always has a literal
		literal = []byte(`""`)
	}
	w.odd = w.odd || holdsToken(literal)
	w.out = appendSafe(w.out, literal)
}

// objects appends header and claims as they were received.
func (w *reportWriter) objects(r *inspect.Report) error {
	begin := len(w.out)
	t := r.Token
	w.raw(`,"header":`)
	whole := len(t.Faults) == 0
	if !whole || !w.object(t.Header) {
		return w.slowObjects(begin, t)
	}
	w.raw(`,"claims":`)
	if !w.object(t.Claims) {
		return w.slowObjects(begin, t)
	}
	return w.sealFrom(begin)
}

// slowObjects appends header and claims in the ordinary way.
func (w *reportWriter) slowObjects(begin int, t *validate.Token) error {
	w.out = w.out[:begin]
	for _, part := range []struct {
		name string
		o    *validate.Object
	}{{`,"header":`, t.Header}, {`,"claims":`, t.Claims}} {
		doc, err := encode(object(part.o))
		if err != nil {
			return err
		}
		w.raw(part.name)
		w.out = append(w.out, doc...)
	}
	return w.sealFrom(begin)
}

// object appends an object whose reading found no fault, so that its values are
// JSON. It refuses what encoding/json would write in another way: names with
// more in them than plain letters, and white space between elements.
func (w *reportWriter) object(o *validate.Object) bool {
	if o == nil {
		w.raw(`null`)
		return true
	}
	w.raw(`{`)
	for i := range o.Len() {
		m := o.At(i)
		if i > 0 {
			w.raw(`,`)
		}
		var class uint8
		for j := 0; j < len(m.Name); j++ {
			class |= w.classes[m.Name[j]]
		}
		if class&(escaped|beyond) != 0 || strings.ContainsAny(m.Name, "<>&") {
			return false
		}
		if v := m.Value; v.Type == validate.TypeNone || v.Type >= validate.TypeArray && strings.ContainsAny(v.Raw, " \t\r\n") {
			return false
		}
		w.out = append(w.out, '"')
		w.out = append(w.out, m.Name...)
		w.out = append(w.out, `":`...)
		w.out = append(w.out, m.Value.Raw...)
	}
	w.raw(`}`)
	return true
}

// sealFrom looks at what was appended as it came from outside.
func (w *reportWriter) sealFrom(begin int) error {
	piece := w.out[begin:]
	w.odd = w.odd || holdsToken(piece)
	if isASCII(piece) {
		return nil
	}
	sealed, err := sealJSON(piece, nil)
	w.out = append(w.out[:begin], sealed...)
	return err
}

// check appends the check at index i of validate.IDs.
func (w *reportWriter) check(r *validate.Report, i int) {
	known := w.words(r, i)
	if !known.fixed {
		result := r.Result(i)
		w.out = append(w.out, known.head...)
		w.text(result.Expected)
		w.raw(`,"found":`)
		w.text(result.Found)
		w.raw(`,"why":`)
		w.text(result.Why)
		w.raw(`,"fix":`)
		w.text(result.Fix)
		w.raw(`,"source":`)
		w.text(result.Source)
		w.raw(`}`)
		return
	}
	expected, found := r.Sides(i)
	w.out = append(w.out, known.head...)
	if last := &w.expected[i]; last.text != expected || last.literal == nil {
		odd, begin := w.odd, len(w.out)
		w.odd = false
		w.text(expected)
		*last = knownText{strings.Clone(expected), bytes.Clone(w.out[begin:]), w.odd}
		w.odd = w.odd || odd
	} else {
		w.out = append(w.out, last.literal...)
		w.odd = w.odd || last.odd
	}
	w.raw(`,"found":`)
	w.text(found)
	w.out = append(w.out, known.tail...)
	w.odd = w.odd || known.odd
}

// noToken appends the first check, that of the format, for a line without a token:
// why that is so is not to be found in the format.
func (w *reportWriter) noToken(r *validate.Report) {
	result := r.Result(0)
	for _, pair := range [...][2]string{
		{`{"id":`, result.ID}, {`,"status":`, string(result.Status)}, {`,"expected":`, result.Expected}, {`,"found":`, "no token"},
		{`,"why":`, "There is no token on this line."}, {`,"fix":`, "Give one token on each line"}, {`,"source":`, result.Source},
	} {
		w.raw(pair[0])
		w.text(pair[1])
	}
	w.raw(`}`)
}

// words gives the fixed words of a check; it makes JSON of them when they come
// for the first time.
func (w *reportWriter) words(r *validate.Report, i int) *knownWords {
	wording := r.Wording(i)
	for j := range w.known[i] {
		if w.known[i][j].wording == wording {
			return &w.known[i][j]
		}
	}
	result := r.Result(i)
	made := newReportWriter()
	made.raw(`{"id":`)
	made.text(result.ID)
	made.raw(`,"status":`)
	made.text(string(result.Status))
	made.raw(`,"expected":`)
	k := knownWords{wording: wording, fixed: wording.Fixed(), head: made.out}
	if k.fixed {
		made.out = nil
		made.raw(`,"why":`)
		made.text(result.Why)
		made.raw(`,"fix":`)
		made.text(result.Fix)
		made.raw(`,"source":`)
		made.text(result.Source)
		made.raw(`}`)
		k.tail, k.odd = made.out, made.odd
	}
	w.known[i] = append(w.known[i], k)
	return &w.known[i][len(w.known[i])-1]
}

// isASCII reports text in which there is nothing for sealJSON to escape. It
// looks at eight bytes at a time.
func isASCII(doc []byte) bool {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	for len(doc) >= 8 {
		if x := binary.LittleEndian.Uint64(doc); (x|(x+ones))&highs != 0 {
			return false
		}
		doc = doc[8:]
	}
	for _, c := range doc {
		if c >= 0x7f {
			return false
		}
	}
	return true
}

// redactorFor gives a Redactor for a report that holds something like a token
// in its text, and none for all the others: a report never shows the signature
// of its own token. Each report has its own, so that nothing is kept from one
// line to the next.
func redactorFor(doc []byte) *trace.Redactor {
	if !holdsToken(doc) {
		return nil
	}
	return trace.NewRedactor(nil)
}

// holdsToken reports JSON text that may hold a token.
func holdsToken(doc []byte) bool {
	if bytes.Contains(doc, []byte(`\u`)) {
		return true // an escape may hide one
	}
	for rest := doc; ; {
		i := bytes.Index(rest, []byte("ey"))
		if i < 0 {
			return false
		}
		rest = rest[i:]
		n := 0
		for n < len(rest) && isBase64URL(rest[n]) {
			n++
		}
		if n >= 10 && n < len(rest) && rest[n] == '.' {
			return true
		}
		rest = rest[max(n, 2):]
	}
}

func isBase64URL(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_'
}
