package token

import (
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"

	"flowscope/engine/inspect"
	"flowscope/engine/trace"
	"flowscope/tui/widget"
	"flowscope/validate"
	"flowscope/validate/claims"
)

// others heads the claims that the glossary does not know.
const others claims.Group = "Not in the glossary"

// Bounds of what is drawn; the raw view has the rest.
const (
	maxRows  = 20000 // claims
	maxValue = 4000  // characters of one value
)

// row is one claim or member of the header.
type row struct {
	group   claims.Group
	name    string // fit to be drawn
	text    string // its value in one line
	value   validate.Value
	entry   claims.Entry
	meaning string
	says    string          // what this value means, where it is a code
	at      time.Time       // what it says when it is a date
	status  validate.Status // of the check that reads it
	order   int
	words   string // what a search looks through, once there is one
}

// readBy says which check reads a claim, and so whose failure marks it.
var readBy = map[string]string{
	"aud": "audience", "iss": "issuer", "exp": "expiry", "nbf": "not-before", "iat": "issued-at", "tid": "tenant",
	"nonce": "nonce", "scp": "scope", "roles": "roles", "azp": "authorized-party", "appid": "authorized-party",
	"ver": "version", "at_hash": "hash", "c_hash": "hash", "idtyp": "token-type",
}

// rowsOf gives the claims and the header of a token in the order of the
// glossary, and how many were left out.
func rowsOf(r *inspect.Report) (rows []row, left int) {
	order := map[string]int{}
	for i, e := range claims.All() {
		order[string(e.Group)+"\x00"+e.Name] = i
	}
	add := func(m validate.Member, header bool) {
		if len(rows) == maxRows {
			left++
			return
		}
		x := rowOf(r, m, header)
		x.order = order[string(x.group)+"\x00"+m.Name]
		rows = append(rows, x)
	}
	for i := range r.Token.Claims.Len() {
		add(r.Token.Claims.At(i), false)
	}
	for i := range r.Token.Header.Len() {
		add(r.Token.Header.At(i), true)
	}
	groups := append(claims.Groups(), others)
	slices.SortStableFunc(rows, func(a, b row) int {
		if d := slices.Index(groups, a.group) - slices.Index(groups, b.group); d != 0 {
			return d
		}
		return a.order - b.order
	})
	return rows, left
}

func rowOf(r *inspect.Report, m validate.Member, header bool) row {
	x := row{group: others, name: trace.Plain(bounded(m.Name, 80)), value: m.Value, text: oneLine(m.Value)}
	lookup := func(name string) (claims.Entry, bool) { return claims.Lookup(name, r.Kind) }
	says, id := claims.Value, readBy[m.Name]
	if header {
		says = claims.HeaderValue
		lookup, id = claims.Header, map[string]string{"alg": "algorithm", "kid": "key"}[m.Name]
	}
	if e, ok := lookup(m.Name); ok {
		x.entry, x.group, x.meaning = e, e.Group, strings.TrimSuffix(e.Meaning, ".")
	} else {
		x.meaning = "a claim of this issuer's own"
	}
	if x.says = trace.Plain(bounded(says(m.Name, m.Value), 400)); x.says != "" {
		x.meaning += ": " + x.says
	}
	if header {
		x.group = claims.SignedBy
	}
	if id != "" {
		x.status = r.Status(id)
	}
	if at, ok := dateOf(m.Value); ok && x.group == claims.When && at.Unix() >= 1e9 {
		x.at = at
	}
	return x
}

// oneLine writes a value in one line: the elements of a list with commas.
func oneLine(v validate.Value) string {
	if list, ok := v.Strings(); ok && len(v.Raw) <= maxValue {
		return trace.Plain(strings.Join(list, ", "))
	}
	return trace.Plain(bounded(v.Text(), maxValue))
}

// masked is oneLine without what is secret in it: masked before it is cut.
func masked(secrets *trace.Redactor, v validate.Value) string {
	if len(v.Raw) < shortest {
		return oneLine(v)
	}
	if list, ok := v.Strings(); ok && len(v.Raw) <= maxValue {
		return trace.Plain(secrets.Text(strings.Join(list, ", ")))
	}
	return trace.Plain(bounded(secrets.Text(v.Text()), maxValue))
}

// bounded cuts a text to n bytes, not inside a character.
func bounded(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}

// columns are the widths of the table of claims.
type columns struct{ mark, name, value, meaning int }

func columnsOf(rows []row, mark, w int) columns {
	c := columns{mark: mark}
	for _, r := range rows {
		if n := ansi.StringWidth(r.name); n <= 12 || w >= 100 {
			c.name = max(c.name, min(n, 20))
		}
	}
	room := w - c.mark - c.name - 3
	c.value = max(min(18, room/2), room/3)
	if w >= 80 {
		c.value = 18
		for _, r := range rows {
			c.value = max(c.value, min(ansi.StringWidth(r.text), 36))
		}
	}
	c.meaning = max(12, room-c.value)
	return c
}

// place is where the parts of a claim stand in its row.
type place struct {
	name, text       string
	nameWidth, start int // cells of the name; column of the meaning
}

// placeOf puts name, value and meaning in their columns. A name or a value that
// needs more room pushes the meaning to the right.
func (t *Token) placeOf(r row, c columns, w int) place {
	g := t.sh.Glyphs
	p := place{name: widget.Elide(r.name, max(c.name, min(24, w/3)), g.Ellipsis)}
	p.nameWidth = max(c.name, ansi.StringWidth(p.name))
	p.text = shortened(r.text, min(c.value, max(6, w-c.mark-p.nameWidth-1)), g.Ellipsis)
	p.start = max(c.mark+c.name+1+c.value, c.mark+p.nameWidth+1+ansi.StringWidth(p.text)) + 2
	return p
}

// meaningLines is what stands beside the value; a long meaning goes on
// underneath.
func (t *Token) meaningLines(r row, c columns, w int) []string {
	return widget.Prose(t.meaningOf(r), max(10, w-t.placeOf(r, c, w).start))
}

// claimRow draws name, value and meaning.
func (t *Token) claimRow(r row, c columns, lit bool, w int) []string {
	st, g := t.sh.Styles, t.sh.Glyphs
	mark, value := " ", st.Bright
	switch r.status {
	case validate.StatusFail:
		mark, value = g.Fail, st.Fail.Bold(true)
	case validate.StatusWarn:
		mark, value = g.Warn, st.Warn
	}
	if lit && mark == " " {
		mark = g.Pointer
	}
	p := t.placeOf(r, c, w)
	markStyle := value
	if mark == g.Pointer {
		markStyle = st.Accent
	}
	nameStyle := st.Muted
	if lit {
		nameStyle = st.Text
	}
	meaning := widget.Prose(t.meaningOf(r), max(10, w-p.start))
	out := make([]string, 0, len(meaning))
	for i, m := range meaning {
		if i == 0 {
			out = append(out, t.painted(lit, w, piece{markStyle, widget.Fit(mark, c.mark, "")},
				piece{nameStyle, widget.Fit(p.name, p.nameWidth+1, g.Ellipsis)}, piece{value, widget.Fit(p.text, p.start-c.mark-p.nameWidth-1, g.Ellipsis)},
				piece{st.Muted, m}))
			continue
		}
		out = append(out, t.painted(lit, w, piece{st.Muted, strings.Repeat(" ", p.start) + m}))
	}
	return out
}

// shortened cuts an identifier in its middle and a list at its end.
func shortened(s string, w int, ellipsis string) string {
	if strings.Contains(s, " ") {
		return ansi.Truncate(s, w, ellipsis)
	}
	return widget.Elide(s, w, ellipsis)
}

// meaningOf is what stands beside the value: of a date, when that is.
func (t *Token) meaningOf(r row) string {
	if r.at.IsZero() {
		return t.say(r.meaning)
	}
	now := t.sh.Now()
	return stamp(r.at, now, true) + ", " + distance(r.at, now)
}

// claimDetail opens a claim under its row.
func (t *Token) claimDetail(r row, w int) []string {
	st := t.sh.Styles
	iw := max(10, w-6)
	var out []string
	add := func(label, text string, style lipgloss.Style) {
		if text != "" {
			out = append(out, t.labelled(label, t.say(text), style, 12, iw)...)
		}
	}
	switch r.value.Type {
	case validate.TypeArray, validate.TypeObject:
		doc := widget.JSON(t.sh, []byte(bounded(t.sh.Secrets.Text(r.value.Raw), maxValue)), iw)
		out = append(out, doc[:min(len(doc), 60)]...)
	default:
		add("value", r.text, st.Bright)
	}
	if !r.at.IsZero() {
		add("is", r.at.In(t.sh.Now().Location()).Format("2 January 2006 15:04:05 MST")+", "+distance(r.at, t.sh.Now()), st.Text)
	}
	add("here", r.says, st.Bright)
	add("means", strings.TrimSpace(r.entry.Meaning+" "+r.entry.Detail), st.Text)
	if r.entry.Name == "" {
		add("means", "Neither Entra's references nor the standards know this claim. Ask whoever runs the issuer or the API.", st.Text)
	}
	add("type", typeOf(r), st.Text)
	add("read by", r.entry.Reader, st.Text)
	add("trap", r.entry.Trap, st.Warn)
	add("example", r.entry.Example, st.Muted)
	add("written in", r.entry.Source, st.Muted)
	return widget.Indent(append(out, ""), 4)
}

// typeOf is the type of a claim as the glossary has it; of an unknown one, the
// type that its value has.
func typeOf(r row) string {
	if r.entry.Type != "" {
		return r.entry.Type
	}
	return strings.TrimPrefix(strings.TrimPrefix(r.value.Type.String(), "a "), "an ")
}
