package validate

import "strings"

// pieces is a token that is put together from the lines it was wrapped into.
type pieces struct {
	raw   string
	end   int // behind the last piece
	line  int // where the line of the last piece begins
	width int // of the lines but the first, where there are several
	count int
}

// gather reads the JSON Web Token that begins here, moves behind it, and tells
// whether it was put together from several pieces. Of a part of a token nothing
// but the one piece is read.
func (f *finder) gather(part bool) (raw string, joined bool) {
	begin := f.i
	p := pieces{end: f.tokenEnd(begin), line: f.line, count: 1}
	p.raw = f.s[begin:p.end]
	for !part && len(p.raw) <= MaxToken {
		if !f.another(&p) {
			break
		}
	}
	f.i, f.line = p.end, p.line
	raw = p.raw
	if !part {
		raw = trimDots(raw)
	}
	return raw, p.count > 1
}

// trimDots takes the full stop off that ends a sentence and not a token.
func trimDots(raw string) string {
	for strings.HasSuffix(raw, ".") && strings.Count(raw, ".") != 2 && strings.Count(raw, ".") != 4 {
		raw = raw[:len(raw)-1]
	}
	return raw
}

// tokenEnd gives where the characters of a token end. The signs of the other
// base64 alphabet belong to it, where they don't end the segment of an address.
func (f *finder) tokenEnd(i int) int {
	begin, dots, plain := i, 0, -1
	for ; i < len(f.s); i++ {
		switch c := f.s[i]; {
		case urlSet.has(c):
		case c == '.' && (plain < 0 || f.s[i-1] == '='):
			dots++
		case c == '=' && (i+1 == len(f.s) || f.s[i+1] == '=' || f.s[i+1] == '.' || !wordSet.has(f.s[i+1])):
			if plain < 0 && dots >= 2 {
				plain = i
			}
		case (c == '+' || c == '/') && i+1 < len(f.s) && (urlSet.has(f.s[i+1]) || f.s[i+1] == c):
			if dots >= 2 && plain < 0 {
				plain = i
			}
		default:
			return f.choose(begin, i, plain, dots)
		}
	}
	return f.choose(begin, i, plain, dots)
}

// choose decides between the end with signs that base64url lacks and the one
// before the first of them.
func (f *finder) choose(begin, end, plain, dots int) int {
	if plain < 0 || plain == begin {
		return end
	}
	if dots < 2 || strings.IndexByte(f.s[plain:end], '.') >= 0 {
		return end
	}
	before := byte(0)
	if begin > 0 {
		before = f.s[begin-1]
	}
	segment := plain - strings.LastIndexByte(f.s[begin:plain], '.') - begin - 1
	if before == '/' || isWhole(lengths(f.s[begin:plain]), segment) && strings.Trim(f.s[plain:end], "=") != "" {
		return plain
	}
	return end
}

// another puts the next line to the token, where it is the rest of it.
func (f *finder) another(p *pieces) bool {
	at, line, quoted, ok := f.gap(p.end, p.line)
	if !ok {
		return false
	}
	end := f.tokenEnd(at)
	if end == at || end-at > 2*MaxToken {
		return false
	}
	next, dots := f.s[at:end], strings.Count(p.raw, ".")
	switch dotted := strings.HasSuffix(p.raw, ".") || next[0] == '.'; {
	case line == p.line: // white space in the middle of a line
		ok = dotted && (dots < 2 || dots == 2 && isWhole(lengths(p.raw), len(next)) || dots < 4 && isEncrypted(p.raw))
	case dots == 0 && !dotted && strings.HasPrefix(next, "ey") && f.opens(at):
		ok = false
	case f.opens(at) && !(dots == 1 && strings.HasSuffix(p.raw, ".")) && strings.IndexByte(next, '.') > 0 && hasAlgorithm(next):
		ok = false
	case dots < 2 && dotted:
		ok = f.ends(end, quoted) || strings.IndexByte(next, '.') >= 0
	case dots < 2 || dots < 4 && isEncrypted(p.raw):
		ok = f.fits(p, line, end) && (f.ends(end, quoted) || strings.IndexByte(next, '.') >= 0)
	default:
		ok = f.continues(p, at, line, end, quoted)
	}
	if !ok {
		return false
	}
	if line != p.line && p.count == 1 || p.width == 0 {
		p.width = end - line
	}
	p.raw, p.end, p.line = p.raw+next, end, line
	p.count++
	return true
}

// fits reports whether a line that ends there can be the next one of a wrapped
// text: the lines have one width, the first and the last perhaps another.
func (f *finder) fits(p *pieces, line, end int) bool {
	last := p.end - p.line
	if p.count == 1 {
		return last >= 20 && end-line <= max(last, 100)
	}
	return last >= p.width && end-line <= p.width
}

// ends reports whether nothing follows but what belongs behind a token.
func (f *finder) ends(end int, quoted bool) bool {
	for end < len(f.s) && strings.IndexByte(" \t\\`^|+", f.s[end]) >= 0 {
		end++
	}
	return end == len(f.s) || f.s[end] == '\n' || strings.IndexByte("\"'&;,)}]<#", f.s[end]) >= 0
}

// continues decides about a line behind what may be a whole token already: the
// signature's length tells, and where the algorithm is unknown the width.
func (f *finder) continues(p *pieces, at, line, end int, quoted bool) bool {
	next := f.s[at:end]
	if !f.fits(p, line, end) || strings.IndexByte(next, '.') >= 0 {
		return false
	}
	known := lengths(p.raw)
	have := len(p.raw) - strings.LastIndexByte(p.raw, '.') - 1
	switch {
	case isWhole(known, have):
		return false
	case isWhole(known, have+len(next)):
		return true
	case p.count == 1:
		return quoted || known != nil && end-line == p.end-p.line && have+len(next) < known[len(known)-1]
	}
	return f.ends(end, quoted)
}

// gap looks at what stands between two pieces of a token: where the next piece
// begins, on which line, and whether each has quotation marks of its own. Only
// one end of a line may come between, and the marks of a text that goes on.
func (f *finder) gap(end, line int) (at, begins int, quoted, ok bool) {
	at, begins = end, line
	stop := min(len(f.s), end+maxGap)
	skip := func(chars string) {
		for at < stop && strings.IndexByte(chars, f.s[at]) >= 0 {
			at++
		}
	}
	if at < stop && (f.s[at] == '"' || f.s[at] == '\'') {
		quoted = true
		at++
		skip(" \t+&._\\")
	} else {
		skip(" \t")
		if at < stop && f.s[at] != '\n' && strings.IndexByte("\\`^|", f.s[at]) < 0 {
			return at, begins, false, at > end && wordSet.has(f.s[at])
		}
		skip("\\`^| \t")
	}
	if at == stop || f.s[at] != '\n' {
		return at, begins, quoted, false
	}
	at++
	begins = at
	stop = min(len(f.s), at+maxGap)
	skip(" \t>|")
	if quoted {
		skip("+&._ \t")
		if at == stop || f.s[at] != '"' && f.s[at] != '\'' {
			return at, begins, quoted, false
		}
		at++
	}
	return at, begins, quoted, at < stop && wordSet.has(f.s[at])
}

// maxHeader bounds how much of a header is read to learn the algorithm, in bytes.
const maxHeader = 16 << 10

// headerText decodes the header of a token as far as it is base64url.
func headerText(raw string) string {
	header, _, _ := strings.Cut(raw[:min(len(raw), maxHeader)], ".")
	text, _ := strict.DecodeString(header[:len(header)&^3])
	if rest := len(header) & 3; rest > 1 && len(text) == len(header)/4*3 {
		tail, _ := strict.DecodeString(header[len(header)-rest:])
		text = append(text, tail...)
	}
	return string(text)
}

func hasAlgorithm(raw string) bool { return strings.Contains(headerText(raw), `"alg"`) }

func isEncrypted(raw string) bool { return strings.Contains(headerText(raw), `"enc"`) }

// lengths gives how long the signature of a token may be, in characters of
// base64url (RFC 7518 section 3.1); nil when its algorithm is not known.
func lengths(raw string) []int {
	_, text, ok := strings.Cut(headerText(raw), `"alg"`)
	if !ok {
		return nil
	}
	text = strings.TrimLeft(text, " \t\r\n:\"")
	switch text[:min(len(text), 5)] {
	case "HS256":
		return []int{43}
	case "HS384":
		return []int{64}
	case "HS512", "ES256", "EdDSA":
		return []int{86}
	case "ES384":
		return []int{128}
	case "ES512":
		return []int{176}
	case "RS256", "RS384", "RS512", "PS256", "PS384", "PS512":
		return []int{342, 512, 683} // keys of 2048, 3072 and 4096 bits
	}
	return nil
}

func isWhole(known []int, n int) bool {
	for _, k := range known {
		if k == n {
			return true
		}
	}
	return false
}
