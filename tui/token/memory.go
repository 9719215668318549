package token

import (
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"flowscope/validate"
)

// memory keeps what was expected of tokens by hand, for as long as the program
// runs: for access tokens and for ID tokens, which are made for others. The
// nonce is not kept, since every sign-in has its own.
type memory struct {
	kept map[validate.Kind]validate.Expectations
}

// keep remembers expectations for tokens of this kind; none forgets them.
func (m *memory) keep(kind validate.Kind, want validate.Expectations) {
	want.Nonce, want.AccessToken, want.Code = "", "", ""
	if !stated(want) {
		delete(m.kept, kind)
		return
	}
	if m.kept == nil {
		m.kept = map[validate.Kind]validate.Expectations{}
	}
	m.kept[kind] = want
}

// Where expectations come from, in the words of the head.
const (
	byHand     = "set by hand"
	fromBefore = "from before"
)

// remembered gives the expectations for a token that was pasted, and where they
// come from. The kind is told from the token where the text around it says none.
func (t *Token) remembered(raw string, kind validate.Kind) (want validate.Expectations, origin string) {
	if len(t.session.expected.kept) == 0 {
		return want, ""
	}
	if kind == "" {
		token, _ := validate.Decode(raw)
		kind = token.Kind
	}
	want, ok := t.session.expected.kept[kind]
	if !ok {
		return want, ""
	}
	return want, fromBefore
}

// forget drops the expectations of the token that is shown, and those that are
// kept for its kind.
func (t *Token) forget(it *item) tea.Cmd {
	t.session.expected.keep(it.report.Kind, validate.Expectations{})
	it.origin, it.at = "", time.Time{}
	return t.run(it, it.report.Token.Raw, validate.Expectations{})
}

// stated reports whether anything is expected.
func stated(w validate.Expectations) bool { return len(statedIn(w)) > 0 }

// statedIn names the checks that these expectations decide.
func statedIn(w validate.Expectations) []string {
	var out []string
	for _, x := range []struct {
		id string
		on bool
	}{
		{"audience", len(w.Audiences) > 0}, {"issuer", w.Issuer != ""}, {"tenant", len(w.Tenants) > 0},
		{"scope", len(w.Scopes) > 0}, {"roles", len(w.Roles) > 0}, {"token-type", w.Caller != "" || w.Type != ""},
		{"nonce", w.Nonce != ""}, {"authorized-party", w.ClientID != ""}, {"algorithm", len(w.Algorithms) > 0},
		{"expiry", w.Skew != 0},
	} {
		if x.on {
			out = append(out, x.id)
		}
	}
	return out
}

// expectedWords say what is expected: the audience by its value, the rest by
// name.
func expectedWords(w validate.Expectations) (parts []string) {
	if n := len(w.Audiences); n > 0 {
		audience := "audience " + audienceWords(w.Audiences[0])
		if n > 1 {
			audience += " or another"
		}
		parts = append(parts, audience)
	}
	for _, id := range statedIn(w) {
		switch id {
		case "audience":
		case "scope":
			parts = append(parts, "scope "+strings.Join(w.Scopes, " "))
		case "roles":
			parts = append(parts, "roles "+strings.Join(w.Roles, " "))
		case "token-type":
			parts = append(parts, typeWords(w))
		case "authorized-party":
			parts = append(parts, "client")
		case "expiry":
			parts = append(parts, "skew "+skewWords(w.Skew))
		default:
			parts = append(parts, id)
		}
	}
	return parts
}

func typeWords(w validate.Expectations) string {
	var parts []string
	switch w.Type {
	case validate.KindID:
		parts = append(parts, "ID token")
	case validate.KindAccess:
		parts = append(parts, "access token")
	}
	if w.Caller == validate.SubjectUser {
		parts = append(parts, "for a person")
	} else if w.Caller == validate.SubjectApp {
		parts = append(parts, "for an application")
	}
	return strings.Join(parts, " ")
}

// rememberedCheck reports whether a check fails by what was expected before.
func (it *item) rememberedCheck(c validate.Result) bool {
	return it.origin == fromBefore && c.Status == validate.StatusFail && slices.Contains(statedIn(it.report.Expect), c.ID)
}
