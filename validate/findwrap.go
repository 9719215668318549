package validate

import "strings"

// pieces is a token that is put together from the lines it was wrapped into.
type pieces struct {
	text  []byte // once there is more than one piece
	first string // the first piece, which holds the header or begins it
	dots  int
	tail  int // length of the last segment
	end   int // behind the last piece
	line  int // where the line of the last piece begins
	width int // of the lines but the first, where there are several
	count int

	learned   bool
	lengths   []int // what the signature may measure, nil where that is not known
	encrypted bool
}

// add puts a piece behind those that are there.
func (p *pieces) add(piece string) {
	switch p.count++; p.count {
	case 1:
		p.first = piece
	case 2:
		p.text = append(append(make([]byte, 0, 2*(len(p.first)+len(piece))), p.first...), piece...)
	default:
		p.text = append(p.text, piece...)
	}
	p.dots += strings.Count(piece, ".")
	if i := strings.LastIndexByte(piece, '.'); i >= 0 {
		p.tail = len(piece) - i - 1
	} else {
		p.tail += len(piece)
	}
}

func (p *pieces) raw() string {
	if p.count == 1 {
		return p.first
	}
	return string(p.text)
}

// learn reads the header, once it is whole.
func (p *pieces) learn() {
	if p.learned || p.dots == 0 {
		return
	}
	head := p.first
	if p.count > 1 {
		head = string(p.text[:min(len(p.text), maxHeader)])
	}
	p.learned, p.lengths, p.encrypted = true, lengths(head), isEncrypted(head)
}

// gather reads the JSON Web Token that begins here, moves behind it, and tells
// whether it was put together from several pieces. Of a part of a token nothing
// but the one piece is read.
func (f *finder) gather(part bool) (raw string, joined bool) {
	p := pieces{end: f.tokenEnd(f.i), line: f.line}
	p.add(f.s[f.i:p.end])
	for !part && len(p.first)+len(p.text) <= MaxToken && f.another(&p) {
	}
	f.i, f.line = p.end, p.line
	if part {
		return p.raw(), false
	}
	return trimDots(p.raw()), p.count > 1
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
	defer func() { f.work += i - begin }()
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
	p.learn()
	if next := f.s[at:end]; !f.belongs(p, next, at, line, end, quoted) {
		return false
	} else if p.add(next); line != p.line && p.count == 2 || p.width == 0 {
		p.width = end - line
	}
	p.end, p.line = end, line
	return true
}

// belongs decides whether a piece is the next one of a token.
func (f *finder) belongs(p *pieces, next string, at, line, end int, quoted bool) bool {
	dotted, inner := p.tail == 0 || next[0] == '.', p.dots < 2 || p.dots < 4 && p.encrypted
	dot := strings.IndexByte(next, '.')
	switch {
	case line == p.line: // white space in the middle of a line
		return dotted && (inner || p.dots == 2 && isWhole(p.lengths, len(next)))
	case p.dots == 0 && !dotted && f.opens(at):
		return false
	case f.opens(at) && !(p.dots == 1 && p.tail == 0) && dot > 0 && hasAlgorithm(next):
		return false
	case p.dots < 2 && dotted, p.dots == 2 && dotted && isWhole(p.lengths, len(next)):
		return f.ends(end, quoted) || dot >= 0
	case inner:
		return f.fits(p, line, end) && (f.ends(end, quoted) || dot >= 0)
	}
	return dot < 0 && f.fits(p, line, end) && f.continues(p, next, line, end, quoted)
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

// ends reports whether nothing follows but what belongs behind a token; behind a
// piece in quotation marks that is another one.
func (f *finder) ends(end int, quoted bool) bool {
	if quoted {
		return end < len(f.s) && (f.s[end] == '"' || f.s[end] == '\'')
	}
	for stop := min(len(f.s), end+maxGap); end < stop && strings.IndexByte(" \t\\`^|+", f.s[end]) >= 0; {
		end++
	}
	return end == len(f.s) || f.s[end] == '\n' || strings.IndexByte("\"'&;,)}]<#", f.s[end]) >= 0
}

// continues decides about a line behind what may be a whole token already: the
// signature's length tells, and where the algorithm is unknown the width.
func (f *finder) continues(p *pieces, next string, line, end int, quoted bool) bool {
	switch {
	case isWhole(p.lengths, p.tail):
		return false
	case isWhole(p.lengths, p.tail+len(next)):
		return true
	case p.count == 1 && !quoted: // a line of the same width, and not yet the last one
		return end-line == p.end-p.line && p.lengths != nil && p.tail+len(next) < p.lengths[len(p.lengths)-1]
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
