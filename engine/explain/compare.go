package explain

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
)

// firstDifference gives the index, in runes, of the first character in which a
// and b differ, and -1 when they are equal. Where one is the beginning of the
// other it is the length of the shorter.
func firstDifference(a, b string) int {
	if a == b {
		return -1
	}
	x, y := []rune(a), []rune(b)
	for i := 0; i < len(x) && i < len(y); i++ {
		if x[i] != y[i] {
			return i
		}
	}
	return min(len(x), len(y))
}

// maxCompare bounds the texts whose distance is counted, in runes.
const maxCompare = 300

// distance counts the single-character edits between two texts (Levenshtein).
func distance(a, b string) int {
	x, y := []rune(bound(a, maxCompare)), []rune(bound(b, maxCompare))
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := range x {
		diagonal := row[0]
		row[0] = i + 1
		for j := range y {
			cost := diagonal
			if x[i] != y[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(y)]
}

// nearest gives the candidate with the fewest edits, the first of equals.
func nearest(s string, candidates []string) string {
	best, least := "", -1
	for _, c := range candidates {
		if d := distance(s, c); least < 0 || d < least {
			best, least = c, d
		}
	}
	return best
}

// Nearest gives the candidates that a misspelt name may stand for, at most n, the
// likeliest first: those that hold it or begin alike, then those with the fewest
// edits (Levenshtein). It gives nothing for a name that is like none of them.
func Nearest(name string, candidates []string, n int) []string {
	name = strings.ToLower(bound(name, maxCompare))
	score := func(c string) int {
		c = strings.ToLower(c)
		if len(name) > 2 && strings.Contains(c, name) || len(c) > 2 && strings.HasPrefix(name, c) {
			return 0
		}
		return distance(name, c)
	}
	var out []string
	for _, c := range candidates {
		if score(c) <= max(2, len(name)/2) && !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	slices.SortStableFunc(out, func(a, b string) int { return score(a) - score(b) })
	return out[:min(n, len(out))]
}

// near reports whether two names are so alike that one is a slip of the other.
func near(a, b string) bool {
	return b != "" && distance(strings.ToLower(a), strings.ToLower(b)) <= max(2, len(b)/3)
}

// part is one part of a redirect URI in which two of them differ.
type part struct {
	name string // scheme, host, port, path, query, fragment
	note string // a few words beside the mark
	why  string // one sentence
}

// redirectParts names the parts in which a redirect URI differs from a
// registered one, so far as they count (Entra: redirect URI restrictions; RFC
// 8252 section 7.3 on the port). It gives nothing when they match.
func redirectParts(sent, registered string) []part {
	if sent == registered {
		return nil
	}
	if strings.TrimSpace(sent) == registered {
		return []part{{"space", "there is a space around it", "White space before or after the address counts as part of it."}}
	}
	s, errS := url.Parse(sent)
	r, errR := url.Parse(registered)
	if p := portText(sent); errS != nil && p != "" && !digits(p) && digits(portText(registered)) {
		return []part{{"port", "the port is not a number", "A port is a number, and " + shown(p) + " is none."}}
	}
	if errS != nil || errR != nil || s.Opaque != "" || s.Scheme == "" {
		return []part{{"form", "not an address", "It can't be read as an absolute address, which a redirect URI has to be."}}
	}
	var out []part
	if s.Scheme != r.Scheme {
		out = append(out, part{"scheme", s.Scheme + " is not " + r.Scheme, "The scheme counts: " + s.Scheme + " and " + r.Scheme + " are two addresses."})
	}
	if !strings.EqualFold(s.Hostname(), r.Hostname()) {
		out = append(out, hostPart(s.Hostname(), r.Hostname()))
	}
	if port(s) != port(r) && !freePort(s) {
		out = append(out, part{"port", "the port counts here", "The port is free for http on localhost and 127.0.0.1 only; everywhere else it has to be the registered one."})
	}
	if p, differs := pathPart(rooted(s.EscapedPath()), rooted(r.EscapedPath())); differs {
		out = append(out, p)
	}
	if s.RawQuery != r.RawQuery || s.ForceQuery != r.ForceQuery {
		out = append(out, part{"query", "the query counts", "What stands behind the question mark is compared too."})
	}
	if strings.Contains(sent, "#") {
		out = append(out, part{"fragment", "no fragment is allowed", "A redirect URI must not have a fragment (RFC 6749 section 3.1.2)."})
	}
	if s.User != nil {
		out = append(out, part{"user", "no user name is allowed", "A redirect URI must not carry a user name."})
	}
	return out
}

func hostPart(sent, registered string) part {
	if loopback(sent) && loopback(registered) {
		return part{"host", sent + " is not " + registered,
			"localhost and 127.0.0.1 lead to the same machine, but as text they are two hosts, and Entra compares text."}
	}
	return part{"host", "another host", fmt.Sprintf("The host has to be %s.", registered)}
}

func pathPart(sent, registered string) (part, bool) {
	switch {
	case sent == registered:
		return part{}, false
	case strings.EqualFold(sent, registered):
		return part{"letter case", "letter case of the path counts", "Capital and small letters of the path are different letters."}, true
	case strings.TrimRight(sent, "/") == strings.TrimRight(registered, "/"):
		return part{"trailing slash", "the slash at the end counts", "An address with a slash at its end and the same without are two addresses."}, true
	}
	return part{"path", "another path", "The whole path is compared."}, true
}

func loopback(host string) bool {
	return strings.EqualFold(host, "localhost") || (net.ParseIP(host) != nil && net.ParseIP(host).IsLoopback())
}

// freePort reports whether the port of a URI is not compared.
func freePort(u *url.URL) bool {
	h := u.Hostname()
	return u.Scheme == "http" && (strings.EqualFold(h, "localhost") || h == "127.0.0.1")
}

func port(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "https":
		return "443"
	case u.Scheme == "http":
		return "80"
	}
	return ""
}

func rooted(path string) string {
	if path == "" {
		return "/"
	}
	return path
}

// nearestRedirect chooses the registered URI that was probably meant: the one
// with the fewest differing parts, then with the fewest edits.
func nearestRedirect(sent string, registered []string) string {
	best, parts, edits := "", -1, 0
	for _, r := range registered {
		p, d := len(redirectParts(sent, r)), distance(sent, r)
		if parts < 0 || p < parts || p == parts && d < edits {
			best, parts, edits = r, p, d
		}
	}
	return best
}

// redirectDifference gives the index of the first character that counts: a
// port that is free is passed over when both are equally long.
func redirectDifference(sent, registered string) int {
	s, errS := url.Parse(sent)
	r, errR := url.Parse(registered)
	if errS == nil && errR == nil && freePort(s) && s.Host != r.Host && len(s.Host) == len(r.Host) &&
		strings.EqualFold(s.Hostname(), r.Hostname()) && s.Scheme == r.Scheme {
		same := strings.Replace(sent, s.Host, r.Host, 1)
		return firstDifference(same, registered)
	}
	return firstDifference(sent, registered)
}

// registrable says why Entra would not take a redirect URI into a registration,
// and gives the empty string when it would.
func registrable(uri string) string {
	u, err := url.Parse(uri)
	switch {
	case err != nil || u.Scheme == "" || strings.ContainsAny(uri, " \t\r\n\\"):
		return "it is not an absolute address"
	case strings.Contains(uri, "#"):
		return "it has a fragment"
	case strings.ContainsAny(uri, "!$'(),;*"):
		return "it holds a character that is not allowed (! $ ' ( ) , ; *)"
	case u.User != nil:
		return "it carries a user name"
	case slices.Contains([]string{"javascript", "data", "file", "vbscript", "about", "blob"}, strings.ToLower(u.Scheme)):
		return "its scheme can't be used"
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return "http is allowed for localhost only"
	case len(uri) > 256:
		return "it is longer than 256 characters"
	}
	return ""
}

// platformOf gives the platform type that a redirect URI is registered under,
// read as Entra compares them.
func (s scene) platformOf(uri string) string {
	for _, p := range s.reg.Platforms {
		for _, r := range p.RedirectURIs {
			if len(redirectParts(uri, r)) == 0 {
				return p.Type
			}
		}
	}
	return ""
}
