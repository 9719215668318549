package diff

import (
	"time"

	"flowscope/validate"
)

// times speaks of dates, and of what lies between them.
func (p *pair) times(r *Row) (text, source string) {
	l, okL := r.Left.Date()
	o, okR := r.Right.Date()
	if r.State != Changed || !okL || !okR || l.Equal(o) {
		return "", ""
	}
	gap := later(o.Sub(l))
	switch r.Name {
	case "iat":
		return "The right one was issued " + gap + ".", "RFC 7519 section 4.1.6"
	case "exp":
		return "The right one ends " + gap + "." + p.outlives(), "RFC 7519 section 4.1.4"
	case "nbf":
		return "The right one begins " + gap + ".", "RFC 7519 section 4.1.5"
	case "auth_time":
		return "The person proved who they are anew: on the right " + gap + ".", "OpenID Connect Core section 2"
	}
	return "", ""
}

// outlives says where on-behalf-of ends later than what it came from.
func (p *pair) outlives() string {
	if p.rel == onBehalf {
		return " The end of one does not end the other."
	}
	return ""
}

func later(gap time.Duration) string {
	if gap < 0 {
		return validate.Span(gap) + " earlier"
	}
	return validate.Span(gap) + " later"
}

// oneAnswer is how far apart two tokens of one response can be issued.
const oneAnswer = 5 * time.Second

// together reports whether the two may be of one response.
func (p *pair) together() bool {
	gap, ok := p.apart()
	return ok && gap.Abs() <= oneAnswer
}

// apart is the distance of the two from each other, by iat.
func (p *pair) apart() (time.Duration, bool) {
	return p.right.iat.Sub(p.left.iat), p.left.dated && p.right.dated
}

// what says in one sentence what the two are to each other.
func (p *pair) what() string {
	switch p.rel {
	case identical:
		return "The same token twice."
	case resigned:
		return "The same claims, signed twice."
	case unreadable:
		return "One of the two cannot be read, so there are no claims to compare."
	case signIn:
		switch {
		case !p.told:
			return "An access token and an ID token of one client, issued together: of one sign-in by all signs, though one of them does not name the person."
		case p.together():
			return "The access token and the ID token of one sign-in: the same person and client, issued together."
		}
		return "An access token and an ID token of the same person and client."
	case accessID:
		switch {
		case p.samePerson:
			return "An access token and an ID token of one person, of two clients."
		case !p.told && p.entra:
			return "An access token and an ID token. One of them has no oid, so nothing tells whether they are of one person."
		case !p.told:
			return "An access token and an ID token; nothing tells whether they are of one person."
		}
		return "An access token and an ID token that do not belong together: they are not about the same person."
	case renewed:
		return p.renewal()
	case versions:
		if p.left.SubjectKind == validate.SubjectApp {
			return "v1.0 beside v2.0, of the same application."
		}
		return "v1.0 beside v2.0, of the same person and client."
	case onBehalf:
		first, behind := p.middle()
		return "On-behalf-of, by all signs: the API that the " + first + " token is for is the client of the " + behind + " one, for the same person."
	case apis:
		return "Two APIs, one client: a token for each."
	case clients:
		return "Two clients of one API, for the same person."
	case people:
		return "Two people."
	case apps:
		return "Two applications, each as itself."
	case tenants:
		return "Two tenants."
	case issuers:
		return "Two issuers. Each signs for itself, so nothing in the one token proves that it is of the same person, client or tenant as the other."
	case personApp:
		return "A person's token beside one of an application as itself."
	case twoIDs:
		return "Two ID tokens of one person" + p.ofTwoClients() + "."
	}
	if p.samePerson {
		return "The same caller, with other clients at other APIs."
	}
	return "Two tokens that have little in common."
}

// ofTwoClients ends the sentence on two ID tokens.
func (p *pair) ofTwoClients() string {
	if p.sameAudience() {
		return ""
	}
	return ", of two clients"
}

// renewal tells a refresh from a consent by what the client may do.
func (p *pair) renewal() string {
	text := "The same client, API and person, "
	if p.left.SubjectKind == validate.SubjectApp {
		text = "The same application at the same API, "
	}
	grew := "more was consented to"
	if !p.entra { // elsewhere the scope goes by the request as well
		grew = "more was granted"
	}
	gap, ok := p.apart()
	more := len(minus(p.right.Scopes(), p.left.Scopes()))
	less := len(minus(p.left.Scopes(), p.right.Scopes()))
	switch {
	case !ok:
		return text + "two tokens."
	case gap >= 0 && more > 0 && less == 0:
		return text + "before and after " + grew + "."
	case gap < 0 && less > 0 && more == 0:
		return text + "after " + grew + " (left) and before (right)."
	case gap == 0:
		return text + "issued in the same second."
	case gap < 0:
		return text + "after (left) and before (right) another was asked for."
	}
	return text + "before and after another was asked for, as by a refresh."
}

// notes are sentences about the two as a pair.
func (p *pair) notes() []string {
	var out []string
	l, r := &p.left, &p.right
	add := func(when bool, text string) {
		if when {
			out = append(out, text)
		}
	}
	sameHeader := l.HeaderText == r.HeaderText
	add(p.rel == resigned && sameHeader && l.Header.String("alg") == "RS256", "Header and claims are equal and the signatures are not: RS256 gives one signature for one text and key, so one of the two is not what it was.")
	add(p.rel == resigned && !sameHeader, "Only the header differs, and with it the signature. An issuer does not sign the same claims twice: one of the two is a copy.")
	add(p.rel == renewed && l.exp.After(l.iat) && r.iat.After(l.iat), "The older token stays good to its end: a refresh takes nothing back.")
	add(p.rel == onBehalf, "Each API sees its own token alone. Log uti of both to follow one call through.")
	add(p.rel == signIn, "The client reads the ID token and never the access token; the API the other way round.")
	uti, other := l.Claims.String("uti"), r.Claims.String("uti")
	add(p.rel != identical && p.rel != resigned && uti != "" && uti == other, "Both carry one uti: two texts of one token, or one was copied from the other and changed.")
	add(l.ForGraph() != r.ForGraph(), "One of the two is for Graph, so its signature cannot be verified here.")
	add(!l.Claims.Whole() && l.Claims != nil || !r.Claims.Whole() && r.Claims != nil, "One of the two breaks off before its end, so what looks missing may have been there.")
	add(doubled(l.Claims) || doubled(r.Claims), "A claim stands twice in one token. The first one is compared here; readers differ in which one they take.")
	if len(out) > 0 && p.rel == unreadable {
		return nil
	}
	return out
}

// doubled reports a name that stands twice.
func doubled(o *validate.Object) bool {
	seen := map[string]bool{}
	for _, m := range o.Members() {
		if seen[m.Name] {
			return true
		}
		seen[m.Name] = true
	}
	return false
}
