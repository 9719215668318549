package validate

import (
	"slices"
	"strings"
)

// Found is one token in a text, with what stood around it.
type Found struct {
	// Raw is the token itself.
	Raw string
	// Place is where it stood, in words for a tab or a heading: "access_token",
	// "Authorization header", "cookie session"; "" for a token by itself.
	Place string
	// Kind is what that place says the token is, KindAccess, KindID or
	// KindRefresh; "" where it says nothing. It is a claim of the text and no
	// proof.
	Kind Kind
	// Scope is the granted "scope" of the token response that the token stood in
	// (RFC 6749 section 5.1), as written; "" where there is none.
	Scope string
}

// maxFrames bounds for how many objects and lines is kept what they say.
const maxFrames = 1 << 16

// maxFound bounds how many tokens of one text are given.
const maxFound = 1000

// Find takes the tokens out of what people paste, in the order in which they
// stand there, each once: at most a thousand of the first 4 MiB. JSON Web Tokens
// are known by their header; opaque ones by the name before them, or because
// there is nothing else in the text. It judges none of them. A text without
// anything that looks like a token gives nothing.
func Find(text string) []Found {
	if isBare(text) {
		return []Found{{Raw: text}}
	}
	f := finder{s: plainText(harBodies(text)), root: -1}
	alone := strings.Trim(f.s, " \t\n\"'`,;<>")
	if isBare(alone) {
		return []Found{{Raw: alone}}
	}
	f.walk()
	if found := f.found(); len(found) > 0 {
		return found
	}
	if alone = unfold(alone); isOpaque(alone) && isRandom(alone) {
		return []Found{{Raw: alone}}
	}
	return nil
}

// isBare recognises a text that is one JSON Web Token and nothing else, broken
// or not.
func isBare(s string) bool {
	if len(s) < minOpaque || len(s) > maxText || !opensToken(s) {
		return false
	}
	for i := 0; i < len(s); i++ {
		if !bareSet.has(s[i]) {
			return false
		}
	}
	return true
}

// unfold puts a refresh token or a code together that was wrapped: lines of one
// width, the last one shorter.
func unfold(s string) string {
	if !isRefresh(s) || strings.IndexByte(s, '\n') < 40 {
		return s
	}
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		lines[i] = strings.TrimSpace(l)
		if len(lines[i]) > len(lines[0]) || len(lines[i]) < len(lines[0]) && i < len(lines)-1 {
			return s
		}
	}
	return strings.Join(lines, "")
}

// set is a set of ASCII characters.
type set [2]uint64

func (s *set) has(c byte) bool { return c < 128 && s[c>>6]>>(c&63)&1 != 0 }

const (
	lowDigits   = 0x3ff << '0'
	highLetters = 0x3ffffff<<('A'-64) | 0x3ffffff<<('a'-64)
)

var (
	// urlSet is base64url (RFC 4648 section 5), wordSet what names and tokens are
	// made of, bareSet what a bearer token may hold (RFC 6750 section 2.1).
	urlSet  = set{lowDigits | 1<<'-', highLetters | 1<<('_'-64)}
	wordSet = set{lowDigits | 1<<'-' | 1<<'.', highLetters | 1<<('_'-64)}
	bareSet = set{lowDigits | 1<<'-' | 1<<'.' | 1<<'+' | 1<<'/' | 1<<'=', highLetters | 1<<('_'-64) | 1<<('~'-64)}
	// opaqueSet adds what other issuers use in tokens that only they can read.
	opaqueSet = set{lowDigits | 1<<'-' | 1<<'.' | 1<<'+' | 1<<'/' | 1<<'!' | 1<<'*' | 1<<'$', highLetters | 1<<('_'-64) | 1<<('~'-64)}
)

// hit is a token that was found, before the text was read to its end.
type hit struct {
	Found
	frame  int
	unsure bool // a token only if its frame says so
	part   bool // a token only if the other parts came
}

// frame is a JSON object, or a line outside of any: what is said in it belongs
// together.
type frame struct {
	scope, target said
	credential    said // "credential_type" of a token cache
	request       bool // it asks for a token, so that its scope is not granted
}

// finder reads a text once, from its beginning to its end.
type finder struct {
	s      string
	i      int // where it reads
	line   int // where the line begins
	hits   []hit
	frames []frame
	root   int   // the frame of the line, -1 before it has one
	open   []int // frames of the objects that are open, -1 as long as one has none
	deeper int   // objects beyond those
	label  label
	cookie int // where the value of a header of cookies begins, 0 outside of any
	chunk  chunk

	phrased int // bytes that were read of the values beside tokens
	work    int // bytes that were read ahead, for whatever reason
}

// chunk is a token that is spread over several cookies.
type chunk struct {
	base string // name of the cookies without their number
	next int    // number of the next one
	hit  int    // the token so far
}

// walk reads the text.
func (f *finder) walk() {
	for f.i < len(f.s) && len(f.hits) < maxFound {
		if c := f.s[f.i]; !wordSet.has(c) {
			f.separator(c)
			f.i++
			continue
		}
		at := f.i
		for at < len(f.s) && strings.IndexByte("-_.", f.s[at]) >= 0 {
			at++
		}
		if f.opens(at) {
			f.i = at
			f.token()
			continue
		}
		end := max(at, f.i+1)
		for end < len(f.s) && wordSet.has(f.s[end]) {
			end++
		}
		begin := f.i
		f.i = end
		f.word(begin, end)
	}
}

// opens reports whether a JSON Web Token may begin there.
func (f *finder) opens(at int) bool {
	return at < len(f.s) && f.s[at] == 'e' && opensToken(f.s[at:])
}

// opensToken reports base64url of a JSON object. What most begin with, a brace
// and a quotation mark, is known by the characters alone.
func opensToken(s string) bool {
	if len(s) < 4 || s[0] != 'e' {
		return false
	}
	if s[1] == 'y' && s[2] >= 'I' && s[2] <= 'L' {
		return urlSet.has(s[3])
	}
	return opensObject(s) && opensMember(s[:min(len(s), 16)])
}

// separator notices where something ends.
func (f *finder) separator(c byte) {
	switch c {
	case '\n':
		f.line, f.cookie, f.root = f.i+1, 0, -1
	case '{':
		if len(f.open) == MaxDepth {
			f.deeper++
			return
		}
		f.open = append(f.open, -1)
	case '}':
		if f.deeper > 0 {
			f.deeper--
		} else if len(f.open) > 0 {
			f.open = f.open[:len(f.open)-1]
		}
	case '"', '\'':
		if f.i >= f.cookie {
			f.cookie = 0
		}
	}
}

// frame gives the number of the frame that the reading is in.
func (f *finder) frame() int {
	at := &f.root
	if len(f.open) > 0 {
		at = &f.open[len(f.open)-1]
	}
	if *at < 0 {
		if len(f.frames) == maxFrames { // the last one serves all the rest
			f.frames[maxFrames-1] = frame{request: true, scope: said{read: true}, target: said{read: true}, credential: said{read: true}}
			return maxFrames - 1
		}
		f.frames = append(f.frames, frame{})
		*at = len(f.frames) - 1
	}
	return *at
}

// token takes the JSON Web Token that begins here.
func (f *finder) token() {
	l := label{}
	if f.label.at == f.i {
		l = f.label
	}
	before := byte(' ')
	if f.i > 0 {
		before = f.s[f.i-1]
	}
	raw, joined := f.gather(l.chunk)
	h := hit{Found: Found{Raw: raw, Place: l.place(), Kind: l.kind}, unsure: l.secret}
	if l.chunk {
		h.part = true
		f.chunk = chunk{base: l.name, next: l.number + 1, hit: len(f.hits)}
	} else if len(raw) < minOpaque || !isToken(raw, joined) && !(l.strong && f.delimited(before) && isOpaque(raw)) {
		return
	}
	h.frame = f.frame()
	f.hits = append(f.hits, h)
}

// delimited reports whether what was read ends where a value ends: with the
// quotation mark that it began with, or with anything that no token holds.
func (f *finder) delimited(before byte) bool {
	switch {
	case f.i == len(f.s):
		return true
	case before == '"' || before == '\'' || before == '`':
		return f.s[f.i] == before
	}
	return strings.IndexByte(" \n\t\"'`&;,)]}<#|", f.s[f.i]) >= 0
}

// isToken reports the form of a JSON Web Token: at least a header and claims,
// or what was meant to be.
func isToken(raw string, joined bool) bool {
	_, rest, ok := strings.Cut(raw, ".")
	if !ok {
		return false
	}
	if claims, _, whole := strings.Cut(rest, "."); !whole || joined {
		return opensObject(claims) || joined && whole && strings.Count(rest, ".") == 3
	}
	return true
}

// found gives what was found, now that everything is known about it.
func (f *finder) found() []Found {
	var out []Found
	at := make(map[string]int, len(f.hits))
	for _, h := range f.hits {
		h.complete(&f.frames[h.frame])
		if h.unsure || h.part && strings.Count(h.Raw, ".") < 2 {
			continue
		}
		i, again := at[h.Raw]
		if !again {
			at[h.Raw] = len(out)
			out = append(out, h.Found)
			continue
		}
		if was := &out[i]; was.Kind == "" && h.Kind != "" {
			was.Kind, was.Place = h.Kind, h.Place
		}
		if out[i].Scope == "" {
			out[i].Scope = h.Scope
		}
	}
	return out
}

// complete adds what the frame of a token says of it.
func (h *hit) complete(fr *frame) {
	switch strings.ToLower(strings.Trim(fr.credential.words, "_")) {
	case "accesstoken", "accesstoken_with_authscheme":
		h.credential("access_token", KindAccess)
		h.Scope = fr.target.words
	case "idtoken":
		h.credential("id_token", KindID)
	case "refreshtoken":
		h.credential("refresh_token", KindRefresh)
	}
	if h.Scope == "" && !fr.request && h.Kind != "" {
		h.Scope = fr.scope.words
	}
}

func (h *hit) credential(place string, kind Kind) {
	if h.unsure {
		h.Place, h.Kind, h.unsure = "cached "+place, kind, false
	}
}

// first gives the token of a text with several that is meant when there is only
// room for one: an access token before an ID token, any other before a refresh
// token.
func first(found []Found) string {
	for _, kind := range [...]Kind{KindAccess, KindID, ""} {
		if i := slices.IndexFunc(found, func(f Found) bool { return f.Kind == kind }); i >= 0 {
			return found[i].Raw
		}
	}
	if len(found) > 0 {
		return found[0].Raw
	}
	return ""
}
