package validate

import "strings"

// label is what the text says just before a value.
type label struct {
	at     int    // where the value begins
	name   string // as written
	words  string // the place in words, where they are not the name itself
	kind   Kind
	strong bool // what follows is a token, readable or not
	secret bool // "secret" of a token cache
	cookie bool
	chunk  bool // the first of the cookies that a token is spread over
	number int  // of the cookie
}

// place gives the words for what a label says.
func (l *label) place() string {
	switch {
	case l.words != "":
		return l.words
	case len(l.name) > 64 || len(l.name) < 2:
		return ""
	case l.cookie:
		return "cookie " + l.name
	}
	return l.name
}

// maxGap bounds what may stand between a name and its value, in bytes.
const maxGap = 64

// How a name and a value are parted.
const (
	notParted   = iota
	looseParted // by a comma, a bracket, the end of a tag or of a line: so are other things
	parted      // by a colon, an equals sign or a tab
)

// after looks behind a name: where the value begins, and how they are parted.
func (f *finder) after(end int) (at, how int) {
	at = end
	defer func() { f.work += at - end }()
	for stop := min(len(f.s), end+maxGap); at < stop; at++ {
		switch c := f.s[at]; c {
		case ' ', '"', '\'', '`', ']', ')', '+':
		case ',', '(', '>':
			how = max(how, looseParted)
		case ':', '=', '\t':
			how = parted
		case '\n', '|':
			if how == notParted {
				return at, how
			}
			if c == '\n' && strings.IndexByte("|>-", f.s[at-1]) < 0 {
				how = looseParted
			}
		case '-': // how YAML marks text of several lines
			if strings.IndexByte(">|", f.s[at-1]) < 0 {
				return at, how
			}
		case 'f', 'b', 'r', '@', '$': // before the quotation mark of a string in a program
			if at+1 == len(f.s) || f.s[at+1] != '"' && f.s[at+1] != '\'' {
				return at, how
			}
		default:
			return at, how
		}
	}
	return at, how
}

// word reads a word that is no token: a name, perhaps, and what follows it.
func (f *finder) word(begin, end int) {
	if end == len(f.s) || end-begin > 256 {
		return
	}
	at, how := f.after(end)
	name := f.s[begin:end]
	if isScheme(name) && how != parted && at > end {
		f.named(label{at: at, name: name, words: "bearer token", kind: KindAccess})
		return
	}
	if how == notParted || at == len(f.s) {
		return
	}
	if f.wordAt(at, "value") { // as HAR parts names and values
		if next, how2 := f.after(at + len("value")); how2 == parted {
			at, how = next, parted
		}
	}
	l := label{at: at, name: name, cookie: f.cookie > 0 && begin >= f.cookie}
	if scheme := f.schemeAt(at); scheme > 0 {
		if next, _ := f.after(at + scheme); next > at+scheme {
			l.at = next
			l.kind = KindAccess
		}
	}
	f.read(&l, begin, how)
	if how == parted || l.strong || l.words != "" {
		f.named(l)
	}
	if l.strong {
		f.opaque(l, how)
	}
}

// named keeps a label, unless a better one is there for the same value.
func (f *finder) named(l label) {
	if f.label.at != l.at {
		f.label = l
	}
}

func (f *finder) wordAt(at int, word string) bool {
	end := at + len(word)
	return end < len(f.s) && strings.EqualFold(f.s[at:end], word) && !wordSet.has(f.s[end])
}

// schemeAt gives the length of the authentication scheme that stands there, 0
// for none.
func (f *finder) schemeAt(at int) int {
	for _, scheme := range [...]string{"Bearer", "DPoP", "PoP"} {
		if f.wordAt(at, scheme) {
			return len(scheme)
		}
	}
	return 0
}

// isScheme recognises the authentication schemes of tokens (RFC 6750 section
// 2.1, RFC 9449 section 7.1; "PoP" is Entra's).
func isScheme(s string) bool {
	return len(s) <= 6 && (strings.EqualFold(s, "Bearer") || strings.EqualFold(s, "DPoP") || strings.EqualFold(s, "PoP"))
}

// read tells from the name what its value is, and keeps what a frame has to say.
func (f *finder) read(l *label, begin, how int) {
	if l.cookie {
		f.readCookie(l)
	}
	var buf [64]byte
	switch name := fold(buf[:0], l.name); {
	case hasSuffix(name, "accesstoken"), hasSuffix(name, "bearertoken"):
		l.kind, l.strong = KindAccess, true
	case hasSuffix(name, "refreshtoken"):
		l.kind, l.strong = KindRefresh, true
	case hasSuffix(name, "idtoken"), hasSuffix(name, "idtokenhint"):
		l.kind, l.strong = KindID, true
	case string(name) == "authorization", string(name) == "proxyauthorization":
		l.words, l.kind, l.strong = "Authorization header", KindAccess, l.at > begin && l.kind == KindAccess
	case string(name) == "dpop":
		l.words = "DPoP header"
	case string(name) == "token":
		l.strong = how == parted || f.quoted(l.at)
		f.twoWords(l, begin)
	case string(name) == "cookie", string(name) == "setcookie":
		if how == parted {
			f.cookie = l.at
		}
	case string(name) == "secret":
		l.secret, l.strong = true, true
	default:
		f.readFrame(string(name), l.at, how)
	}
}

func (f *finder) quoted(at int) bool { return strings.IndexByte("\"'>", f.s[at-1]) >= 0 }

// twoWords reads "access token", "ID token" and "refresh token" as people write them.
func (f *finder) twoWords(l *label, begin int) {
	before := strings.ToLower(f.s[max(0, begin-8):begin])
	for _, w := range [...]struct {
		word, words string
		kind        Kind
	}{{"access", "access token", KindAccess}, {"id", "ID token", KindID}, {"refresh", "refresh token", KindRefresh}} {
		rest, ok := strings.CutSuffix(strings.TrimRight(before, " "), w.word)
		if ok && before[len(before)-1] == ' ' && (rest == "" || !wordSet.has(rest[len(rest)-1])) {
			l.words, l.kind = w.words, w.kind
		}
	}
}

// readFrame keeps what a member says of the tokens beside it.
func (f *finder) readFrame(name string, at, how int) {
	if how != parted {
		return
	}
	switch name {
	case "scope", "scopes":
		f.once(&f.frames[f.frame()].scope, at)
	case "target":
		f.once(&f.frames[f.frame()].target, at)
	case "credentialtype":
		f.once(&f.frames[f.frame()].credential, at)
	case "granttype", "responsetype":
		f.frames[f.frame()].request = true
	}
}

// said is what a member of a frame says. It is read once, whatever comes of it.
type said struct {
	words string
	read  bool
}

func (f *finder) once(what *said, at int) {
	if !what.read {
		*what = said{words: f.phrase(at), read: true}
	}
}

// maxPhrase bounds a value that is kept beside a token, in bytes.
const maxPhrase = 4096

// phrase reads the value of a member: what stands in quotation marks, or, as in
// an address, up to the next sign; the strings of an array with spaces between.
// No more is read of all values together than the text is long.
func (f *finder) phrase(at int) string {
	s := f.s[at:min(len(f.s), at+maxPhrase)]
	if s == "" || f.phrased > len(f.s) {
		return ""
	}
	if s[0] == '[' {
		end := strings.IndexByte(s, ']')
		if end < 0 {
			f.reread(&f.phrased, len(s))
			return ""
		}
		f.reread(&f.phrased, end)
		return strings.Join(strings.FieldsFunc(s[1:end], func(r rune) bool { return strings.ContainsRune(" \n\t,\"'", r) }), " ")
	}
	if q := f.s[at-1]; q == '"' || q == '\'' {
		end := strings.IndexAny(s, string(q)+"\n")
		if end < 0 {
			end = len(s)
		}
		f.reread(&f.phrased, end)
		return strings.Join(strings.Fields(s[:end]), " ")
	}
	end := strings.IndexAny(s, "&#\n\"'`;,}<=")
	if end < 0 {
		end = len(s)
	}
	f.reread(&f.phrased, end)
	words := strings.FieldsFunc(s[:end], func(r rune) bool { return r == ' ' || r == '+' || r == '\t' })
	if end < len(s) && s[end] == '=' && len(words) > 0 { // the next name of a line of names and values
		words = words[:len(words)-1]
	}
	return strings.Join(words, " ")
}

// reread counts bytes that are read ahead of the place where the reading is,
// which are read again when it comes there.
func (f *finder) reread(count *int, n int) {
	f.work += n
	if count != nil {
		*count += n
	}
}

// fold writes a name in lower case without its hyphens and underscores, and
// without what stands before its last dot. A long one becomes nothing.
func fold(b []byte, name string) []byte {
	name = name[strings.LastIndexByte(name, '.')+1:]
	if len(name) > cap(b) {
		return b
	}
	for i := 0; i < len(name); i++ {
		switch c := name[i]; {
		case c == '-' || c == '_':
		case c >= 'A' && c <= 'Z':
			b = append(b, c|0x20)
		default:
			b = append(b, c)
		}
	}
	return b
}

func hasSuffix(b []byte, suffix string) bool {
	return len(b) >= len(suffix) && string(b[len(b)-len(suffix):]) == suffix
}

// opaque takes the value of a name that says that it is a token, when the value
// is no JSON Web Token.
func (f *finder) opaque(l label, how int) {
	if f.opens(l.at) || l.at == 0 {
		return
	}
	end := l.at
	for end < len(f.s) && opaqueSet.has(f.s[end]) {
		end++
	}
	for end < len(f.s) && f.s[end] == '=' {
		end++
	}
	f.reread(nil, end-l.at)
	quote := f.s[l.at-1]
	if how == looseParted && !f.quoted(l.at) {
		return
	}
	raw, was := f.s[l.at:end], f.i
	f.i = end
	if !f.delimited(quote) || !isOpaque(raw) || !isRandom(raw) {
		f.i = was
		return
	}
	f.hits = append(f.hits, hit{Found: Found{Raw: raw, Place: l.place(), Kind: l.kind}, frame: f.frame(), unsure: l.secret})
}

// minOpaque is the length of the shortest opaque token.
const minOpaque = 8

// isOpaque reports one word of the characters that opaque tokens are made of.
func isOpaque(s string) bool {
	text := strings.TrimRight(s, "=")
	if len(s) < minOpaque || text == "" || len(text) < len(s) && (len(s)%4 != 0 || len(s)-len(text) > 2) {
		return false
	}
	if strings.HasPrefix(s, "AADSTS") { // the code of an error
		return false
	}
	for i := 0; i < len(text); i++ {
		if !opaqueSet.has(text[i]) {
			return false
		}
	}
	return true
}

// isRandom tells a token from a word that stands in its place, such as the name
// of a variable.
func isRandom(s string) bool {
	var digits, lower, upper int
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			digits++
		case c >= 'a' && c <= 'z':
			lower++
		case c >= 'A' && c <= 'Z':
			upper++
		}
	}
	return len(s) >= 10 && digits > 0 && lower+upper > 0 || len(s) >= 40 && lower > 0 && upper > 0
}

// readCookie reads the number of a cookie that holds a part of a value: "C1" and
// on behind the name in ASP.NET Core, ".0" and on elsewhere.
func (f *finder) readCookie(l *label) {
	base := strings.TrimRight(l.name, "0123456789")
	if len(base) == len(l.name) || len(l.name)-len(base) > 3 || len(base) < 2 || strings.IndexByte("C.", base[len(base)-1]) < 0 {
		return
	}
	n := 0
	for _, c := range l.name[len(base):] {
		n = n*10 + int(c-'0')
	}
	switch {
	case n <= 1 && f.opens(l.at) && (f.chunk.base != base || f.chunk.next != n):
		l.chunk, l.number, l.words, l.name = true, n, "cookie "+base[:len(base)-1], base
	case f.chunk.base == base && f.chunk.next == n:
		end := l.at
		for end < len(f.s) && wordSet.has(f.s[end]) {
			end++
		}
		h := &f.hits[f.chunk.hit]
		if len(h.Raw)+end-l.at <= 2*MaxToken {
			h.Raw += f.s[l.at:end]
		}
		f.chunk.next++
		f.i = end
	}
}
