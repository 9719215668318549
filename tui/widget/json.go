package widget

import (
	"bytes"
	"encoding/json"
	"strings"

	"flowscope/engine/trace"
	"flowscope/tui/screen"
)

// JSON draws a JSON document indented and coloured, one string for each line,
// long strings broken at w cells. What is no JSON is drawn as plain lines.
func JSON(sh *screen.Shell, doc []byte, w int) []string {
	var b bytes.Buffer
	if json.Indent(&b, bytes.TrimSpace(doc), "", "  ") != nil {
		return Plain(sh, string(doc), w)
	}
	var out []string
	for line := range strings.SplitSeq(b.String(), "\n") {
		out = append(out, jsonLine(sh, trace.Plain(line), w)...)
	}
	return out
}

// Plain draws text from outside as muted lines, wrapped.
func Plain(sh *screen.Shell, text string, w int) []string {
	var out []string
	for line := range strings.SplitSeq(trace.PlainLines(text), "\n") {
		out = append(out, Render(sh.Styles.Text, Wrap(strings.ReplaceAll(line, "\t", "  "), w))...)
	}
	return out
}

// jsonLine colours one line of an indented document: name muted, value bright.
func jsonLine(sh *screen.Shell, line string, w int) []string {
	trimmed := strings.TrimLeft(line, " ")
	indent := strings.Repeat(" ", len(line)-len(trimmed))
	name, value := "", trimmed
	if strings.HasPrefix(trimmed, `"`) {
		if i := endOfString(trimmed); i > 0 && strings.HasPrefix(trimmed[i:], ": ") {
			name, value = trimmed[:i+2], trimmed[i+2:]
		}
	}
	st := sh.Styles.Bright
	switch {
	case value == "" || strings.ContainsAny(value[:1], "{}[],"):
		st = sh.Styles.Muted
	case value[0] != '"':
		st = sh.Styles.Back
	}
	lead := indent + name
	room := w - len([]rune(lead))
	if strings.HasPrefix(value, `"ey`) && len(value) > 4*w {
		value = Elide(value, max(16, room), sh.Glyphs.Ellipsis) // a token: the token screen has all of it
	}
	if room >= 16 || name == "" {
		parts := Wrap(value, max(8, room))
		out := []string{indent + sh.Styles.Muted.Render(name) + st.Render(parts[0])}
		return append(out, Indent(Render(st, parts[1:]), len([]rune(lead)))...)
	}
	out := []string{indent + sh.Styles.Muted.Render(strings.TrimRight(name, " "))}
	return append(out, Indent(Render(st, Wrap(value, max(8, w-len(indent)-2))), len(indent)+2)...)
}

// endOfString gives the index after the closing quote of the string that s
// begins with, 0 when it does not close.
func endOfString(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return 0
}
