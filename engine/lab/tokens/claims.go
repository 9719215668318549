package tokens

import (
	"cmp"
	"slices"
	"strconv"
	"unicode/utf8"
)

// claims builds a JSON object whose members stay in the order in which they
// are added, or are put into alphabetical order at the end. Real tokens have a
// fixed order; a map would lose it.
type claims struct {
	buf   []byte
	marks []mark
}

// mark is where a member starts.
type mark struct {
	name string
	at   int
}

func (c *claims) name(n string) {
	if len(c.buf) == 0 {
		c.buf = append(make([]byte, 0, 1024), '{')
		c.marks = make([]mark, 0, 32)
	} else {
		c.buf = append(c.buf, ',')
	}
	c.marks = append(c.marks, mark{n, len(c.buf)})
	c.buf = append(appendQuoted(c.buf, n), ':')
}

// alphabetical sorts the members after the first n by name.
func (c *claims) alphabetical(n int) *claims {
	if len(c.marks) <= n {
		return c
	}
	type piece struct {
		name string
		text []byte
	}
	rest := make([]piece, 0, len(c.marks)-n)
	for i, m := range c.marks[n:] {
		end := len(c.buf)
		if next := n + i + 1; next < len(c.marks) {
			end = c.marks[next].at - 1 // without the comma
		}
		rest = append(rest, piece{m.name, c.buf[m.at:end]})
	}
	slices.SortStableFunc(rest, func(a, b piece) int { return cmp.Compare(a.name, b.name) })
	sorted := append(make([]byte, 0, len(c.buf)+1), c.buf[:c.marks[n].at]...)
	for i, p := range rest {
		if i > 0 {
			sorted = append(sorted, ',')
		}
		c.marks[n+i] = mark{p.name, len(sorted)}
		sorted = append(sorted, p.text...)
	}
	c.buf = sorted
	return c
}

func (c *claims) str(name, value string) *claims {
	c.name(name)
	c.buf = appendQuoted(c.buf, value)
	return c
}

// strIf adds the member only when it has a value.
func (c *claims) strIf(name, value string) *claims {
	if value == "" {
		return c
	}
	return c.str(name, value)
}

func (c *claims) num(name string, value int64) *claims {
	c.name(name)
	c.buf = strconv.AppendInt(c.buf, value, 10)
	return c
}

// yes adds the member with the value true.
func (c *claims) yes(name string) *claims {
	c.name(name)
	c.buf = append(c.buf, "true"...)
	return c
}

// list adds an array of strings, and nothing when it is empty: Entra leaves
// empty arrays out.
func (c *claims) list(name string, values []string) *claims {
	if len(values) == 0 {
		return c
	}
	c.name(name)
	for i, v := range values {
		c.buf = append(c.buf, "[,"[min(i, 1)])
		c.buf = appendQuoted(c.buf, v)
	}
	c.buf = append(c.buf, ']')
	return c
}

func (c *claims) object(name string, value *claims) *claims {
	c.name(name)
	c.buf = append(c.buf, value.bytes()...)
	return c
}

// bytes ends the object.
func (c *claims) bytes() []byte {
	if len(c.buf) == 0 {
		return []byte("{}")
	}
	return append(c.buf, '}')
}

// appendQuoted writes a JSON string (RFC 8259 section 7). Bytes that are not
// UTF-8 become U+FFFD.
func appendQuoted(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			dst = append(dst, '\\', byte(r))
		case r < 0x20 || r == 0x7f:
			dst = append(dst, '\\', 'u', '0', '0', hex[r>>4], hex[r&15])
		default:
			dst = utf8.AppendRune(dst, r)
		}
	}
	return append(dst, '"')
}
