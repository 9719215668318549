package insight

import (
	"slices"
	"strings"

	"flowscope/validate"
	"flowscope/validate/claims"
)

// Grant is one permission in the table of what was asked for and what came.
type Grant struct {
	// Name is the scope or the role without the resource before it.
	Name string
	// Resource is the API before the name where a full scope was asked for or
	// granted ("api://…", "https://graph.microsoft.com", a GUID); "" where a bare
	// name stood, and for roles.
	Resource string
	// Requested, Granted, Scp and Roles say where it stood: in the request, in
	// "scope" of the response, in the token's "scp", in its "roles".
	Requested, Granted, Scp, Roles bool
	// Says is what the combination means, "" where it is what was expected.
	Says string
	// Source is where that is written.
	Source string

	asked string // the name as it was requested, where that is spelled in another case
}

// maxGrants bounds the table, maxWords what is looked at of each list; what is
// beyond is left out.
const (
	maxGrants = 300
	maxWords  = 1000
)

func first(list []string) []string { return list[:min(len(list), maxWords)] }

const scopesDoc = "Entra: scopes and permissions"

// standing is the table while it is filled.
type standing struct {
	t    *validate.Token
	c    Context
	rows []Grant
	all  bool // .default was asked for
}

// Grants lays what was requested beside what was granted and what the token
// carries, in the order: as requested, then what came besides. Names are
// bounded and free of control characters.
func Grants(t *validate.Token, c Context) []Grant {
	if t == nil {
		return nil
	}
	s := &standing{t: t, c: c}
	for _, scope := range first(c.Requested) {
		if row := s.row(scope); row != nil {
			row.Requested = true
			s.all = s.all || row.Name == ".default"
		}
	}
	for _, scope := range first(c.Granted) {
		if row := s.row(scope); row != nil {
			row.Granted = true
		}
	}
	for _, name := range first(t.Scopes()) {
		if name == "/" { // no scope at all (Entra: agent identities, token claims)
			continue
		}
		if row := s.own(name); row != nil {
			row.Scp = true
		}
	}
	for _, name := range first(t.Roles()) {
		if row := s.own(name); row != nil {
			row.Roles = true
		}
	}
	for i := range s.rows {
		g := &s.rows[i]
		g.Says, g.Source = s.says(g)
		g.Name, g.Resource = validate.Printable(g.Name, 100), validate.Printable(g.Resource, 100)
	}
	return s.rows
}

// reduce parts a full scope into the resource and the name behind it.
func reduce(scope string) (resource, name string) {
	if i := strings.LastIndexByte(scope, '/'); i >= 0 && i < len(scope)-1 {
		return scope[:i], scope[i+1:]
	}
	return "", scope
}

// row finds or makes the row of a scope that was requested or granted.
func (s *standing) row(scope string) *Grant {
	resource, name := reduce(scope)
	i := slices.IndexFunc(s.rows, func(g Grant) bool {
		return strings.EqualFold(g.Name, name) && (sameResource(g.Resource, resource) || g.Resource == "" || resource == "")
	})
	if i >= 0 {
		if s.rows[i].Name != name {
			s.rows[i].asked, s.rows[i].Name = s.rows[i].Name, name
		}
		if s.rows[i].Resource == "" {
			s.rows[i].Resource = resource
		}
		return &s.rows[i]
	}
	return s.add(Grant{Name: name, Resource: resource})
}

// own finds or makes the row of what stands in the token itself.
func (s *standing) own(name string) *Grant {
	i := slices.IndexFunc(s.rows, func(g Grant) bool { return strings.EqualFold(g.Name, name) && s.mine(g.Resource) != no })
	if i < 0 {
		return s.add(Grant{Name: name})
	}
	if s.rows[i].Name != name {
		s.rows[i].asked, s.rows[i].Name = s.rows[i].Name, name
	}
	return &s.rows[i]
}

func (s *standing) add(g Grant) *Grant {
	if g.Name == "" || len(s.rows) == maxGrants {
		return nil
	}
	s.rows = append(s.rows, g)
	return &s.rows[len(s.rows)-1]
}

func sameResource(a, b string) bool {
	return strings.EqualFold(strings.TrimRight(a, "/"), strings.TrimRight(b, "/"))
}

// Answers to whether a resource is the token's audience.
const (
	no = iota
	maybe
	yes
)

// mine tells whether a scope's resource is the API that the token is for. A
// v2.0 token names a GUID, from which an App ID URI of another form cannot be
// told.
func (s *standing) mine(resource string) int {
	audiences := s.t.Audiences()
	if resource == "" || len(audiences) == 0 {
		return maybe
	}
	known, first := claims.Resource(resource)
	for _, aud := range audiences {
		name, microsoft := claims.Resource(aud)
		switch {
		case sameResource(aud, resource), sameResource("api://"+aud, resource), sameResource(aud, "api://"+resource):
			return yes
		case first && microsoft && name == known:
			return yes
		case first || microsoft:
			return no
		case validate.IsGUID(aud) && !validate.IsGUID(strings.TrimPrefix(resource, "api://")):
			return maybe
		case validate.IsGUID(resource) && !validate.IsGUID(strings.TrimPrefix(aud, "api://")):
			return maybe
		}
	}
	return no
}

// kind is what the token is, as far as anybody knows.
func (s *standing) kind() validate.Kind {
	if s.c.Kind != "" {
		return s.c.Kind
	}
	return s.t.Kind
}

// forGraph reports a token for Microsoft Graph.
func (s *standing) forGraph() bool {
	return slices.ContainsFunc(s.t.Audiences(), validate.IsGraph)
}

// says explains a row where it is unexpected or instructive.
func (s *standing) says(g *Grant) (text, source string) {
	if text := s.connect(g); text != "" {
		return text, "Entra: scopes and permissions, OpenID Connect scopes"
	}
	app := s.t.SubjectKind == validate.SubjectApp
	other := s.mine(g.Resource) == no
	switch {
	case g.Name == ".default" && app:
		return "Asks for every application permission that was granted at this API: they are the roles.", scopesDoc + ", the .default scope"
	case g.Name == ".default":
		return "Asks for everything that was consented to at this API so far: what stands in scp.", scopesDoc + ", the .default scope"
	case g.Scp && g.Roles:
		return "A scope and a role of one name. The scope is the client's, the role the person's; check the one you mean.", accessRef
	case g.Scp && g.asked != "":
		return "Asked for as " + validate.Printable(g.asked, 60) + ". APIs compare with what the token writes, letter by letter.", scopesDoc
	case g.Roles && s.c.Requested != nil && !app:
		return "A role that was assigned to the person; no scope asks for it.", "Entra: add app roles"
	case g.Requested && !g.Scp && !g.Roles && other:
		return "A scope of another API. A token serves one API; the client gets the next with its refresh token.", accessDoc
	case g.Requested && !g.Scp && !g.Roles && s.kind() == validate.KindID:
		return "A scope of an API: it is in the access token, never in an ID token.", idRef
	case g.Requested && !g.Scp && !g.Roles && app:
		return "A scope for acting for a person. An application as itself gets roles, by asking for .default.", scopesDoc
	case g.Granted && !g.Scp && !g.Roles:
		return "The response names it and this token does not: it belongs to another API's token, or the API must not count on it.", "RFC 6749 section 5.1"
	case g.Requested && !g.Scp && !g.Roles:
		return "Asked for and not granted: consent is missing, or the API does not expose it.", scopesDoc
	case g.Scp && s.c.Requested != nil && !g.Requested && !s.all:
		return "Not asked for now, but consented to earlier: a token carries everything consented to at its API.", scopesDoc
	case g.Scp && s.c.Granted != nil && !g.Granted:
		return "In the token although the response does not name it; the API goes by the token.", "RFC 6749 section 5.1"
	}
	return "", ""
}

// connect explains the scopes of OpenID Connect, which ask for no permission at
// an API; "" for any other.
func (s *standing) connect(g *Grant) string {
	if g.Resource != "" && !strings.EqualFold(g.Name, "openid") && s.mine(g.Resource) == no {
		return ""
	}
	id := s.kind() == validate.KindID
	text := ""
	switch strings.ToLower(g.Name) {
	case "openid":
		text = "Asks for an ID token: this is a sign-in, and not only a permission."
		if id {
			text = "This ID token is what it asked for."
		}
	case "profile":
		text = "Asks for name, preferred_username and oid in the ID token."
	case "email":
		text = "Asks for email in the ID token, where the person has an address."
	case "offline_access":
		text = "Asks for a refresh token; mostly the response does not name it."
	default:
		return ""
	}
	switch {
	case g.Scp && !claims.FromEntra(s.t): // another issuer's tokens may list it
		return text
	case g.Scp && s.forGraph():
		return text + " Graph's tokens list it."
	case g.Scp:
		return text + " It stands in scp, where it permits nothing."
	case id:
		return text
	}
	return text + " It is no permission at this API, so it is not in scp."
}
