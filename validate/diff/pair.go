package diff

import (
	"strings"
	"time"

	"flowscope/validate"
)

// relation is what two tokens are to each other.
type relation uint8

const (
	unknown    relation = iota
	identical           // one text
	resigned            // the same header and claims, another signature
	signIn              // access and ID token of one sign-in
	accessID            // access and ID token of one person, or of two
	renewed             // the same client for the same person at the same API
	versions            // v1.0 and v2.0 of one person and client
	onBehalf            // the API of one token is the client of the other
	apis                // one client, one person, two APIs
	clients             // two clients of one API, one person
	people              // two people
	apps                // two applications
	tenants             // two tenants
	issuers             // two issuers that have nothing to do with each other
	personApp           // a person's and an application's
	twoIDs              // two ID tokens of one person
	unreadable          // one of them has no claims to read
)

// side is one token, with what the sentences rest on.
type side struct {
	*validate.Token
	aud, client, oid, sub, tid, iss string
	iat, exp                        time.Time
	dated                           bool
}

// pair is both tokens and their relation.
type pair struct {
	left, right side
	rel         relation
	samePerson  bool // by oid and tid, or by sub of one issuer
	told        bool // the claims tell whether it is the same person
	backwards   bool // on-behalf-of: the right token came first
	entra       bool // the claims of both are to be read as Entra means them
}

func sideOf(t *validate.Token) side {
	s := side{
		Token: t, client: t.Client(), oid: t.Claims.String("oid"), sub: t.Claims.String("sub"), tid: t.Claims.String("tid"),
		iss: t.Claims.String("iss"),
	}
	if list := t.Audiences(); len(list) > 0 {
		s.aud = list[0]
	}
	if t.Kind == validate.KindID && s.client == "" {
		s.client = s.aud
	}
	iat, _ := t.Claims.Get("iat")
	exp, _ := t.Claims.Get("exp")
	s.iat, s.dated = iat.Date()
	s.exp, _ = exp.Date()
	return s
}

func pairOf(left, right *validate.Token) *pair {
	p := &pair{left: sideOf(left), right: sideOf(right)}
	l, r := &p.left, &p.right
	oneIssuer := strings.EqualFold(l.tid, r.tid) && (l.tid != "" || l.iss == r.iss) && !p.tenantsDiffer()
	p.entra = p.meant()
	switch {
	case p.strangers(): // what they have in common proves nothing
	case l.SubjectKind == validate.SubjectApp && r.SubjectKind == validate.SubjectUser,
		l.SubjectKind == validate.SubjectUser && r.SubjectKind == validate.SubjectApp:
		p.told = true
	case l.oid != "" && r.oid != "":
		p.told, p.samePerson = true, strings.EqualFold(l.oid, r.oid) && oneIssuer
	case l.sub != "" && l.sub == r.sub && oneIssuer:
		p.told, p.samePerson = true, true
	default: // sub differs from receiver to receiver, so only at one it tells
		p.told = l.sub != "" && r.sub != "" && l.aud == r.aud && oneIssuer
	}
	p.rel = p.relate()
	return p
}

// relate finds the relation, from the surest sign down.
func (p *pair) relate() relation {
	l, r := &p.left, &p.right
	bothUsers := l.SubjectKind != validate.SubjectApp && r.SubjectKind != validate.SubjectApp
	switch {
	case l.Raw == r.Raw:
		return identical
	case l.Claims == nil, r.Claims == nil:
		return unreadable
	case l.ClaimsText == r.ClaimsText:
		return resigned
	case p.strangers():
		return issuers
	case l.Kind != r.Kind && p.samePerson && l.client != "" && l.client == r.client,
		l.Kind != r.Kind && !p.told && l.client != "" && l.client == r.client && p.together():
		return signIn
	case l.Kind != r.Kind:
		return accessID
	case l.SubjectKind == validate.SubjectApp && r.SubjectKind == validate.SubjectUser,
		l.SubjectKind == validate.SubjectUser && r.SubjectKind == validate.SubjectApp:
		return personApp
	case p.tenantsDiffer():
		return tenants
	case !p.samePerson && p.told && l.SubjectKind == validate.SubjectUser && r.SubjectKind == validate.SubjectUser:
		return people
	case !p.samePerson && l.SubjectKind == validate.SubjectApp && r.SubjectKind == validate.SubjectApp:
		return apps
	case !p.samePerson:
		return unknown
	case l.Kind == validate.KindID:
		return twoIDs
	case bothUsers && l.client != r.client && isAPI(l.aud, r.client) && !isAPI(r.aud, r.client):
		return onBehalf
	case bothUsers && l.client != r.client && isAPI(r.aud, l.client) && !isAPI(l.aud, l.client):
		p.backwards = true
		return onBehalf
	}
	return p.relateAccess()
}

// relateAccess tells apart two access tokens of one person or one application.
func (p *pair) relateAccess() relation {
	l, r := &p.left, &p.right
	sameClient, sameAPI := l.client == r.client, p.sameAudience()
	switch {
	case sameClient && l.Version != r.Version && l.Version != "" && r.Version != "":
		return versions
	case sameClient && sameAPI:
		return renewed
	case sameClient:
		return apis
	case sameAPI:
		return clients
	}
	return unknown
}

// sameAudience reports audiences that name one application: equal, or its client
// id beside the App ID URI made of that.
func (p *pair) sameAudience() bool {
	l, r := p.left.aud, p.right.aud
	return l == r || validate.IsGUID(r) && isAPI(l, r) || validate.IsGUID(l) && isAPI(r, l)
}

// isAPI reports whether an audience names the application with this client id.
func isAPI(audience, client string) bool {
	return client != "" && (strings.EqualFold(audience, client) || strings.EqualFold(strings.TrimRight(audience, "/"), "api://"+client))
}
