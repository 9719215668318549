package explain

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Entry is what the catalogue says of one code, without any run at hand.
type Entry struct {
	Code       string // "AADSTS50011" or an OAuth error value
	Name       string // Entra's symbolic name; empty where it has none
	OAuthError string // value of "error" that comes with it; empty where none is known
	Stage      string // authorize, token, device, api or any
	What       string // what happened, one sentence
	Why        []string
	Fix        []string
	Who        string // Developer, Administrator, User or Nobody
	Retry      bool   // the same request again may help
	Source     []string
	Related    []string // codes that are easily taken for it, or that come next
}

// Stages of an Entry.
const (
	atAuthorize = "authorize"
	atToken     = "token"
	atDevice    = "device"
	atAPI       = "api"
	atAny       = "any"
)

// catalogue holds the entries by subject: one list in each file entries_*.go,
// two in that of the device flow. It is never written to.
var catalogue = [][]Entry{
	signInEntries, accountEntries, policyEntries, clientEntries, assertionEntries, serviceEntries,
	grantEntries, requestEntries, devicePageEntries, standardEntries, deviceEntries, refusedEntries,
}

// Entries gives the whole catalogue: the AADSTS codes by number, then the
// values of the standards. The slices inside are shared and not to be changed.
func Entries() []Entry {
	all := slices.Concat(catalogue...)
	slices.SortStableFunc(all, func(a, b Entry) int { return cmp.Compare(a.order(), b.order()) })
	return all
}

// order puts the numbered codes first, by number; the words keep the order in
// which they are written.
func (e Entry) order() int {
	if n, ok := number(e.Code); ok {
		return n
	}
	return math.MaxInt
}

// Lookup finds a code: "50011", "AADSTS50011", in any letter case, or an OAuth
// error value such as "invalid_grant".
func Lookup(code string) (Entry, bool) {
	code = strings.TrimSpace(code)
	if n, ok := number(code); ok {
		code = aadsts(n)
	}
	for _, list := range catalogue {
		for _, e := range list {
			if strings.EqualFold(e.Code, code) {
				return e, true
			}
		}
	}
	return Entry{}, false
}

// number reads "50011" or "AADSTS50011". Behind the prefix a short number is a
// code, too; alone it could be anything.
func number(s string) (int, bool) {
	least := minDigits
	if len(s) > len("AADSTS") && strings.EqualFold(s[:len("AADSTS")], "AADSTS") {
		s, least = s[len("AADSTS"):], 1
	}
	if len(s) < least || len(s) > maxDigits || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil && n > 0
}

func aadsts(n int) string { return "AADSTS" + strconv.Itoa(n) }

// maxQuery bounds a search, in bytes.
const maxQuery = 400

// Search gives the entries that hold every word of the query, in their code,
// name or words. Those whose code or name matches come first; otherwise the
// order is the catalogue's. An empty query gives everything.
func Search(query string) []Entry {
	if len(query) > maxQuery {
		query = query[:maxQuery]
	}
	words := strings.Fields(strings.ToLower(query))
	var ranked [3][]Entry
	for _, e := range Entries() {
		if rank, ok := e.matches(words); ok {
			ranked[rank] = append(ranked[rank], e)
		}
	}
	return slices.Concat(ranked[0], ranked[1], ranked[2])
}

// matches reports whether the entry holds every word: rank 0 when a word is
// its code, 1 when one is part of its code or name, 2 otherwise.
func (e Entry) matches(words []string) (rank int, ok bool) {
	code, name := strings.ToLower(e.Code), strings.ToLower(e.Name)
	text := strings.ToLower(strings.Join([]string{
		e.OAuthError, e.What, strings.Join(e.Why, " "), strings.Join(e.Fix, " "), e.Who,
	}, " "))
	rank = 2
	for _, w := range words {
		switch {
		case w == code || "aadsts"+w == code:
			rank = 0
		case strings.Contains(code, w) || strings.Contains(name, w):
			rank = min(rank, 1)
		case !strings.Contains(text, w):
			return 0, false
		}
	}
	return rank, true
}
