package profile

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"flowscope/engine/trace"
)

// Keys are the keys of a profile, in the order in which they are written.
func Keys() []string {
	t := reflect.TypeFor[Profile]()
	out := make([]string, t.NumField())
	for i := range out {
		out[i] = t.Field(i).Tag.Get("toml")
	}
	return out
}

// value gives what a profile has under a key.
func (p Profile) value(key string) reflect.Value {
	return reflect.ValueOf(p).Field(slices.Index(Keys(), key))
}

// change is one replacement in a text.
type change struct {
	from, to int
	text     string
}

// Edit gives the text of a configuration file with this profile in it, in place of
// the one of that name or at the end. Only the lines of keys that change are
// touched; comments and everything else stay as they are, byte for byte. It fails
// for a file that can't be read, for a profile that does not pass its checks, and
// where the profile stands in the file in a form that has to be changed by hand.
func Edit(data []byte, name string, p Profile) ([]byte, error) {
	if err := CheckName(name); err != nil {
		return nil, err
	}
	if problems := p.Check(); len(problems) > 0 {
		return nil, problems[0]
	}
	was, err := decode(data)
	if err != nil {
		return nil, err
	}
	doc := scan(data)
	heading, err := doc.heading(name)
	if err != nil {
		return nil, err
	}
	var out []byte
	if _, there := was.Profiles[name]; there {
		out = apply(data, doc.changes(heading, name, was.Profiles[name], p))
	} else {
		out = doc.appended(name, p)
	}
	return out, meantSo(was, out, name, &p)
}

// Remove gives the text of a configuration file without this profile. It fails
// like Edit.
func Remove(data []byte, name string) ([]byte, error) {
	was, err := decode(data)
	if err != nil {
		return nil, err
	}
	if _, err := was.Find(name); err != nil {
		return nil, err
	}
	doc := scan(data)
	if _, err := doc.heading(name); err != nil {
		return nil, err
	}
	out := apply(data, doc.removals(name))
	return out, meantSo(was, out, name, nil)
}

// meantSo reads a text back: this profile is as it was to be, and everything else
// as it was.
func meantSo(was Config, out []byte, name string, p *Profile) error {
	now, err := decode(out)
	if err != nil {
		return fmt.Errorf("this file has to be changed by hand: %w", err)
	}
	got, there := now.Profiles[name]
	delete(now.Profiles, name)
	delete(was.Profiles, name)
	switch {
	case there != (p != nil), p != nil && !same(got, *p),
		was.Theme != now.Theme, was.Glyphs != now.Glyphs, len(was.Profiles) != len(now.Profiles):
		return errors.New("this file has to be changed by hand")
	}
	for other, profile := range was.Profiles {
		if !same(profile, now.Profiles[other]) {
			return errors.New("this file has to be changed by hand")
		}
	}
	return nil
}

// same compares two profiles; a list without members is no list.
func same(a, b Profile) bool {
	for _, k := range Keys() {
		if literal(a.value(k)) != literal(b.value(k)) {
			return false
		}
	}
	return true
}

// heading finds the heading of a profile, -1 when it has none. It fails where the
// profile is written without one, as dotted keys or an inline table.
func (d document) heading(name string) (int, error) {
	path := []string{"profiles", name}
	at, inside := -1, false
	for i, x := range d.list {
		mine := len(x.path) >= 2 && slices.Equal(x.path[:2], path)
		switch {
		case x.table && mine && len(x.path) == 2:
			at, inside = i, true
		case x.table:
			inside = mine
		case mine && !inside, len(x.path) == 1 && x.path[0] == "profiles":
			return -1, fmt.Errorf("line %d: profiles.%s does not stand under a heading of its own, so it has to be changed by hand", d.line(x.start), trace.Plain(name))
		}
	}
	if at < 0 {
		for _, x := range d.list {
			if len(x.path) > 2 && slices.Equal(x.path[:2], path) {
				return -1, fmt.Errorf("line %d: profiles.%s does not stand under a heading of its own, so it has to be changed by hand", d.line(x.start), trace.Plain(name))
			}
		}
	}
	return at, nil
}

// newline is the line break that the file uses.
func (d document) newline() string {
	if bytes.Contains(d.data, []byte("\r\n")) {
		return "\r\n"
	}
	return "\n"
}

// changes gives what has to be replaced for one profile to become another.
func (d document) changes(heading int, name string, was, now Profile) []change {
	var out []change
	var added strings.Builder
	last := d.list[heading]
	for _, x := range d.list[heading+1:] {
		if x.table {
			break
		}
		last = x
	}
	for _, key := range Keys() {
		if literal(was.value(key)) == literal(now.value(key)) {
			continue
		}
		line := key + " = " + literal(now.value(key))
		gone := now.value(key).IsZero() || literal(now.value(key)) == "[]"
		places := d.places([]string{"profiles", name, key})
		replaced := false
		for _, x := range places {
			switch {
			case !gone && !replaced && !x.table && len(x.path) == 3:
				out = append(out, change{x.start, x.end, line})
				replaced = true
			default:
				out = append(out, change{d.lineStart(x.start), d.lineEnd(x.end), ""})
			}
		}
		if !gone && !replaced {
			added.WriteString(line + d.newline())
		}
	}
	if added.Len() > 0 {
		at := d.lineEnd(last.end)
		text := added.String()
		if at > 0 && d.data[at-1] != '\n' {
			text = d.newline() + strings.TrimSuffix(text, d.newline())
		}
		out = append(out, change{at, at, text})
	}
	return out
}

// places are the expressions of a key and of everything below it.
func (d document) places(path []string) []expression {
	var out []expression
	for _, x := range d.list {
		if len(x.path) >= len(path) && slices.Equal(x.path[:len(path)], path) {
			out = append(out, x)
		}
	}
	return out
}

// removals takes each heading of a profile away with the lines up to its last
// key, and one empty line behind.
func (d document) removals(name string) []change {
	var out []change
	path := []string{"profiles", name}
	for i := 0; i < len(d.list); i++ {
		x := d.list[i]
		if !x.table || len(x.path) < 2 || !slices.Equal(x.path[:2], path) {
			continue
		}
		end := x.end
		for i+1 < len(d.list) && (!d.list[i+1].table || len(d.list[i+1].path) > 2 && slices.Equal(d.list[i+1].path[:2], path)) {
			i++
			end = d.list[i].end
		}
		from, to := d.lineStart(x.start), d.lineEnd(end)
		if next := d.lineEnd(to); to < len(d.data) && len(bytes.TrimSpace(d.data[to:next])) == 0 {
			to = next
		}
		out = append(out, change{from, to, ""})
	}
	return out
}

// appended puts a new profile at the end.
func (d document) appended(name string, p Profile) []byte {
	var b bytes.Buffer
	nl := d.newline()
	b.Write(d.data)
	if n := len(d.data); n > 0 {
		if d.data[n-1] != '\n' {
			b.WriteString(nl)
		}
		b.WriteString(nl)
	}
	b.WriteString("[profiles." + keyText(name) + "]" + nl)
	for _, key := range Keys() {
		if v := p.value(key); !v.IsZero() && literal(v) != "[]" {
			b.WriteString(key + " = " + literal(v) + nl)
		}
	}
	return b.Bytes()
}

// apply makes the replacements, the last first so that places stay right.
func apply(data []byte, changes []change) []byte {
	slices.SortStableFunc(changes, func(a, b change) int { return b.from - a.from })
	out := slices.Clone(data)
	for _, c := range changes {
		out = slices.Replace(out, c.from, c.to, []byte(c.text)...)
	}
	return out
}

var bareKey = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

func keyText(name string) string {
	if bareKey.MatchString(name) {
		return name
	}
	return basicString(name)
}

// literal writes a value as TOML has it.
func literal(v reflect.Value) string {
	switch v := v.Interface().(type) {
	case bool:
		return fmt.Sprint(v)
	case string:
		return basicString(v)
	case []string:
		var parts []string
		for _, s := range v {
			parts = append(parts, basicString(s))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case []Resource:
		var parts []string
		for _, r := range v {
			var members []string
			for _, m := range [][2]string{{"uri", r.URI}, {"audience", r.Audience}, {"version", r.Version}} {
				if m[1] != "" {
					members = append(members, m[0]+" = "+basicString(m[1]))
				}
			}
			parts = append(parts, "{ "+strings.Join(members, ", ")+" }")
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return `""`
}

// basicString quotes a string as TOML 1.0 does (section String).
func basicString(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteRune('\\')
			b.WriteRune(r)
		case r < 0x20 || r == 0x7f:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
