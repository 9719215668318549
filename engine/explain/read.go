package explain

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"flowscope/engine/trace"
)

var (
	paramsPattern = regexp.MustCompile(`[^\s"'<>]*\berror=[^\s"'<>]+`)
	numberPattern = regexp.MustCompile(`(?i)\berror[ _-]?codes?["']?\s*[:=]?\s*\[?\s*((?:["']?[0-9]{4,9}["']?[\s,]*)+)`)
	digitsPattern = regexp.MustCompile(`[0-9]+`)
	wordPattern   = regexp.MustCompile(`\b[a-z]+(?:_[a-z]+)+\b`)
	pagePattern   = regexp.MustCompile(`(?i)<(?:!doctype|html|body|pre|form|div|input)\b`)
)

// located is an answer with the place in the text where it was found.
type located struct {
	at int
	a  answer
}

// Read explains a pasted error: a code or a bare number, the JSON body of a
// token or API answer, the address of a redirect, a line of a log, or an error
// page. It gives one finding for each distinct code, in order of appearance;
// an unknown code keeps the server's own words and ids. It gives nothing for a
// text in which it recognises nothing. Of a long text it reads the first 256
// KiB.
func Read(text string) []Finding {
	text = tame(head(text))
	if strings.Contains(text, `\"error`) { // JSON inside a JSON string, as logs have it
		text = strings.NewReplacer(`\"`, `"`, `\\r`, " ", `\\n`, " ").Replace(text)
	}
	redactor := trace.NewRedactor(nil)
	found := recognise(text, redactor)
	slices.SortStableFunc(found, func(a, b located) int { return a.at - b.at })
	var out []Finding
	for _, l := range found {
		f := fromAnswer(l.a)
		if i := slices.IndexFunc(out, func(o Finding) bool { return o.Code == f.Code }); i >= 0 {
			complete(&out[i], f)
			continue
		}
		if l.a.suberror != "" {
			f.see("suberror", l.a.suberror, suberrorWords(l.a.suberror))
		}
		scene{t: &trace.Trace{}, a: l.a}.seeClaims(&f)
		out = append(out, f)
	}
	if len(out) == 1 {
		out[0].Support = out[0].Support.or(supportIn(text))
	}
	for i := range out {
		cleanFinding(&out[i], redactor)
	}
	return out
}

// head cuts a text to what is read of it, at a character.
func head(text string) string {
	if len(text) <= maxText {
		return text
	}
	text = text[:maxText]
	for len(text) > 0 && !utf8.ValidString(text[len(text)-1:]) {
		text = text[:len(text)-1]
		if len(text) <= maxText-utf8.UTFMax {
			break
		}
	}
	return text
}

// complete fills what an earlier finding of the same code lacks.
func complete(f *Finding, later Finding) {
	f.Support = f.Support.or(later.Support)
	if f.ServerWords == "" {
		f.ServerWords = later.ServerWords
	}
	if e, ok := Lookup(f.Code); later.OAuthError != "" && (f.OAuthError == "" || ok && f.OAuthError == e.OAuthError) {
		f.OAuthError = later.OAuthError
	}
}

// recognise finds the errors of a text: first what has a structure, then codes
// and values in what is left.
func recognise(text string, redactor *trace.Redactor) []located {
	if pagePattern.MatchString(text) {
		if a, ok := readPage([]byte(text)); ok {
			return []located{{0, a}}
		}
	}
	rest := []byte(text)
	found := append(objects(text, rest), addresses(text, rest, redactor)...)
	found = append(found, codes(string(rest))...)
	found = append(found, numbers(string(rest))...)
	return append(found, values(string(rest), found)...)
}

// blank takes what was read out of the rest, byte for byte.
func blank(rest []byte, from, to int) {
	for i := from; i < to && i < len(rest); i++ {
		rest[i] = ' '
	}
}

// trusted reports whether an answer without an AADSTS code is one: its error
// value is a known one, or it came with a description.
func (a answer) trusted() bool {
	_, known := Lookup(a.oauth)
	return len(a.codes) > 0 || a.oauth != "" && (known || a.words != "")
}

// objects reads the JSON objects of a text.
func objects(text string, rest []byte) []located {
	var out []located
	at, tries := 0, 0
	for tries < maxObjects {
		i := strings.IndexByte(text[at:], '{')
		if i < 0 {
			break
		}
		at += i
		tries++
		var m members
		d := json.NewDecoder(strings.NewReader(text[at:]))
		if d.Decode(&m) == nil {
			if a, ok := fromMembers(m); ok && a.trusted() {
				out = append(out, located{at, a})
				end := at + int(d.InputOffset())
				blank(rest, at, end)
				at = end
				continue
			}
		}
		at++
	}
	return out
}

// addresses reads redirects and forms with a parameter error.
func addresses(text string, rest []byte, redactor *trace.Redactor) []located {
	var out []located
	for _, loc := range paramsPattern.FindAllStringIndex(string(rest), maxCodes) {
		raw := text[loc[0]:loc[1]]
		if !strings.ContainsAny(raw, "?#") {
			raw = "?" + raw
		}
		params := redirectParams(trace.Request{URL: raw})
		learn(redactor, params)
		a, ok := readParams(params)
		if !ok || !a.trusted() {
			continue
		}
		if a.words == "" && strings.HasPrefix(text[loc[1]:], " ") {
			continue // decoded already: the words follow behind a space
		}
		blank(rest, loc[0], loc[1])
		out = append(out, located{loc[0], a})
	}
	return out
}

// learn notes the secrets of a redirect, so that they are masked wherever else
// they stand.
func learn(redactor *trace.Redactor, params []trace.Param) {
	for _, p := range params[:min(len(params), maxParams)] {
		if trace.IsSecret(p.Name) || trace.IsToken(p.Name) {
			redactor.Value(p.Name, p.Value)
		}
	}
}

// codes reads AADSTS codes, each with the words and ids that follow it.
func codes(rest string) []located {
	var out []located
	all := codePattern.FindAllStringIndex(rest, maxCodes)
	for i, m := range all {
		n, ok := number(rest[m[0]:m[1]])
		if !ok {
			continue
		}
		end := len(rest)
		if i+1 < len(all) {
			end = all[i+1][0]
		}
		segment := bound(rest[m[0]:end], 4*maxWords)
		out = append(out, located{m[0], answer{
			form: textForm, codes: []int{n}, words: wordsOf(firstWords(segment)), support: supportIn(segment),
		}})
	}
	return out
}

// firstWords cuts what belongs to a code: to its trailers when they follow
// within a few lines, else to the end of the line.
func firstWords(segment string) string {
	if t := trailerPattern.FindStringIndex(segment); t != nil && strings.Count(segment[:t[0]], "\n") <= 2 {
		return segment[:t[0]]
	}
	line, _, _ := strings.Cut(segment, "\n")
	return line
}

// numbers reads codes without their prefix: behind the words "error code", or
// as the whole text.
func numbers(rest string) []located {
	var out []located
	add := func(at int, digits string) {
		if n, ok := number(digits); ok && len(out) < maxCodes {
			out = append(out, located{at, answer{form: textForm, codes: []int{n}}})
		}
	}
	for _, m := range numberPattern.FindAllStringSubmatchIndex(rest, maxCodes) {
		for _, d := range digitsPattern.FindAllStringIndex(rest[m[2]:m[3]], maxCodes) {
			add(m[2]+d[0], rest[m[2]+d[0]:m[2]+d[1]])
		}
	}
	if len(out) == 0 && strings.Trim(rest, "0123456789 \t\r\n,;#") == "" {
		for _, d := range digitsPattern.FindAllStringIndex(rest, maxCodes) {
			add(d[0], rest[d[0]:d[1]])
		}
	}
	return out
}

// values reads error values of the standards that stand alone. One that stands
// on the line of a code belongs to that code.
func values(rest string, found []located) []located {
	var out []located
	for _, w := range wordPattern.FindAllStringIndex(rest, 20*maxCodes) {
		word := rest[w[0]:w[1]]
		if e, ok := Lookup(word); !ok || e.OAuthError != word {
			continue
		}
		if i := slices.IndexFunc(found, func(l located) bool { return l.a.form == textForm && sameLine(rest, w[0], l.at) }); i >= 0 {
			if found[i].a.oauth == "" {
				found[i].a.oauth = word
			}
			continue
		}
		out = append(out, located{w[0], answer{form: textForm, oauth: word}})
		if len(out) == maxCodes {
			break
		}
	}
	return out
}

func sameLine(s string, a, b int) bool {
	if a > b {
		a, b = b, a
	}
	return !strings.Contains(s[a:b], "\n")
}
