package command

import (
	"net/url"
	"strings"

	"flowscope/validate"
)

// front says of an ID token that it came from the authorization endpoint.
type front struct {
	yes  bool
	code string // that came with it, where there was one
}

// fromFront finds the ID tokens that stand in a text as the authorization
// endpoint hands them out, in a fragment or a form (OAuth 2.0 Multiple Response
// Type Encoding Practices; the token endpoint answers in JSON), each with the
// code that came with it. It goes through the text once.
func fromFront(text string) map[string]front {
	const name = "id_token="
	if !strings.Contains(text, name) {
		return nil
	}
	out := map[string]front{}
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(" \n\t\"'", r) }) {
		at := strings.Index(word, name)
		if at < 0 {
			continue
		}
		with := front{yes: true, code: codeIn(word)}
		for rest := word[at:]; ; {
			_, after, ok := strings.Cut(rest, name)
			if !ok {
				break
			}
			rest = after
			raw := after
			if end := strings.IndexAny(raw, "&#;,"); end >= 0 {
				raw = raw[:end]
			}
			for _, raw := range [...]string{raw, strings.TrimRight(raw, ".=")} {
				if !out[raw].yes {
					out[raw] = with
				}
			}
		}
	}
	return out
}

// codeIn gives the authorization code of an address, or of a form.
func codeIn(line string) string {
	if i := strings.IndexAny(line, "?#"); i >= 0 {
		line = line[i+1:]
	}
	values, err := url.ParseQuery(line)
	if err != nil {
		return ""
	}
	return values.Get("code")
}

// accessTokens are those of the input, and what at_hash they fit.
type accessTokens struct {
	all    []string
	hashes map[string]map[string]string // the first one by its hash, for each algorithm
}

func accessTokensOf(all []*given) *accessTokens {
	a := &accessTokens{hashes: map[string]map[string]string{}}
	for _, g := range all {
		if g.kind() == validate.KindAccess {
			a.all = append(a.all, g.Raw)
		}
	}
	return a
}

// fitting gives the first access token whose hash this is, "" for none. Each
// token is hashed once. An algorithm without a hash fits every one.
func (a *accessTokens) fitting(alg, hash string) string {
	known, ok := a.hashes[alg]
	if !ok {
		known = make(map[string]string, len(a.all))
		for _, raw := range a.all {
			h, _ := validate.HalfHash(alg, raw)
			if _, taken := known[h]; !taken {
				known[h] = raw
			}
		}
		a.hashes[alg] = known
	}
	if _, ok := validate.HalfHash(alg, ""); !ok {
		return known[""]
	}
	return known[hash]
}

// accessFor gives the access token that came with an ID token, to compare at_hash
// with: the only one of the input, or the one of several that it fits; "" for none.
func (tc *tokenCheck) accessFor(id *given) string {
	hash := id.token.Claims.Has("at_hash")
	if !hash && !id.front.yes {
		return ""
	}
	if tc.access == nil {
		tc.access = accessTokensOf(tc.all)
	}
	switch {
	case len(tc.access.all) == 0:
		return ""
	case len(tc.access.all) == 1 || !hash:
		return tc.access.all[0]
	}
	return tc.access.fitting(id.token.Header.String("alg"), id.token.Claims.String("at_hash"))
}
