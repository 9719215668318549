package engine

import (
	"errors"
	"net/url"
	"strings"
	"unicode"
)

// CheckAddress reads the address of an API that somebody typed. It fails for what
// is no http address, and for one with a user name or password in it, which would
// be stored and shown with the address (RFC 3986 section 3.2.1), or with letters
// in its host that only look like those of another one.
func CheckAddress(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return nil, errors.New("this is no address of an API")
	case u.User != nil:
		return nil, errors.New("an address can't carry a user name or password")
	case strings.IndexFunc(u.Host, func(r rune) bool { return r > unicode.MaxASCII }) >= 0:
		return nil, errors.New("the host has letters beyond ASCII, which can look like others: write it as xn--")
	}
	return u, nil
}
