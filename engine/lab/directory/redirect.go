package directory

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Redirect finds the platform under which a redirect URI is registered.
//
// Scheme, host, path and query must be equal (the path in its exact case); for
// http on localhost and 127.0.0.1 the port does not matter (RFC 8252 section
// 7.3); an empty path and "/" are the same. A fragment or a user name in the
// URI never matches. Hosts are compared by ASCII rules alone, and a character
// outside ASCII matches only a registration that is equal byte by byte.
//
// A registration that is equal to the letter comes before one that fits by
// these rules: it decides the platform where two differ by the port alone.
func (a App) Redirect(uri string) (Platform, bool) {
	for _, p := range a.Platforms {
		if slices.Contains(p.RedirectURIs, uri) && sameRedirect(uri, uri) {
			return p, true
		}
	}
	for _, p := range a.Platforms {
		for _, registered := range p.RedirectURIs {
			if sameRedirect(registered, uri) {
				return p, true
			}
		}
	}
	return Platform{}, false
}

// RedirectURIs lists all registered redirect URIs, in order of registration.
func (a App) RedirectURIs() []string {
	var all []string
	for _, p := range a.Platforms {
		all = append(all, p.RedirectURIs...)
	}
	return all
}

func sameRedirect(registered, asked string) bool {
	if strings.ContainsAny(asked, "#\\ \t\r\n") {
		return false
	}
	if registered == asked {
		return true
	}
	if !printable(asked) {
		return false
	}
	r, err := url.Parse(registered)
	if err != nil {
		return false
	}
	u, err := url.Parse(asked)
	if err != nil || u.User != nil || u.Opaque != "" {
		return false
	}
	return r.Scheme == u.Scheme && sameHost(r, u) &&
		rooted(r.EscapedPath()) == rooted(u.EscapedPath()) &&
		r.RawQuery == u.RawQuery && r.ForceQuery == u.ForceQuery
}

// sameHost compares host and port. A host with a character outside ASCII,
// which it may also hold percent-encoded, is never the same as another: Unicode
// folds letters such as ſ and s together.
func sameHost(r, u *url.URL) bool {
	if !printable(r.Host) || !printable(u.Host) || !strings.EqualFold(r.Hostname(), u.Hostname()) {
		return false
	}
	if strings.HasSuffix(u.Host, ":") || u.Port() != "" && !IsPort(u.Port()) {
		return false
	}
	local := strings.EqualFold(r.Hostname(), "localhost") || r.Hostname() == "127.0.0.1"
	return r.Scheme == "http" && local || port(r) == port(u)
}

func port(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	switch u.Scheme {
	case "https":
		return "443"
	case "http":
		return "80"
	}
	return ""
}

// printable reports whether s is of ASCII characters that can be seen.
func printable(s string) bool {
	return !strings.ContainsFunc(s, func(c rune) bool { return c <= ' ' || c > '~' })
}

// IsPort reports whether s is a TCP port from 1 to 65535, in digits and
// without zeros before it.
func IsPort(s string) bool {
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && n > 0 && s[0] != '0'
}

func rooted(path string) string {
	if path == "" {
		return "/"
	}
	return path
}
