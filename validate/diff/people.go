package diff

import (
	"strings"

	"flowscope/validate"
	"flowscope/validate/claims"
)

// who speaks of the person or the application that came.
func (p *pair) who(r *Row) (text, source string) {
	switch r.Name {
	case "sub":
		return p.subject(r)
	case "oid":
		switch {
		case r.State != Changed:
			if p.lacking(r).Kind == validate.KindID {
				return "Only the " + one(r) + " token names the person's object: in v2.0 ID tokens oid comes with the scope profile.", idRef
			}
			return "Only the " + one(r) + " token names the caller's object.", accessRef
		case p.rel == personApp:
			return "The one is a person's object, the other an application's service principal.", accessRef
		case !strings.EqualFold(p.left.tid, p.right.tid):
			return "Two objects in two tenants. It can still be one human: a guest has another oid in each tenant.", accessRef
		}
		return "Two people, or two applications: within one tenant an oid is nobody else's.", accessRef
	case "idtyp":
		return "idtyp tells who came: app is an application as itself, user a person by way of a client. Missing, it says nothing.", optional
	case "acct":
		if r.State != Changed {
			return "Only the " + one(r) + " token says whether it is a member or a guest: an optional claim of its audience's registration.", optional
		}
		return "A member on one side and a guest on the other.", optional
	case "idp":
		if r.State == Changed {
			return "Another home: another provider vouched for each.", accessRef
		}
		if p.left.Kind == p.right.Kind && p.rel != versions && p.rel != personApp {
			return "Only for the " + one(r) + " token somebody besides this tenant vouched, as for a guest.", accessRef
		}
	case "unique_name", "upn", "preferred_username":
		return p.names(r)
	case "email", "name":
		if p.samePerson && r.State == Changed {
			return "One person, another " + r.Name + ": it can change any day. Never find people by it.", validation
		}
	case "xms_mirid":
		if r.State == Changed {
			return "Two Azure resources, or two managed identities.", "Entra: managed identities"
		}
		return "Only the " + one(r) + " token is a managed identity's.", "Entra: managed identities"
	case "xms_act_fct", "xms_sub_fct":
		return "An agent identity (11) or an agent's user (13) shows here; every other number may be ignored.", "Entra: agent identities, token claims"
	}
	return "", ""
}

// subject explains the claim that everybody expects to be equal.
func (p *pair) subject(r *Row) (text, source string) {
	switch {
	case r.State != Changed:
		return "", ""
	case !p.samePerson:
		return "", ""
	case p.left.oid == "":
		return "", ""
	case p.left.Kind != p.right.Kind:
		return "The same person (same oid): sub is made for each receiver apart, here for the client and for the API. Join tokens by tid and oid.", accessRef
	case p.sameAudience():
		return "The same oid and audience, and yet another sub: the two were not issued by one rule. Look whether one is forged.", accessRef
	case p.left.Kind == validate.KindID:
		return "The same person (same oid): sub is made for each client apart, so no client can follow people to another. Join by tid and oid.", idRef
	case p.rel == versions:
		return "The same person (same oid) at two APIs: sub is made for each API apart. Join tokens by tid and oid.", accessRef
	}
	return "The same person (same oid): sub is made for each API apart, so no API can follow people to another. Join by tid and oid.", accessRef
}

func (p *pair) names(r *Row) (text, source string) {
	switch {
	case r.Name != r.Other:
		return "v1.0 writes unique_name and upn where v2.0 writes preferred_username. All are for showing, never for deciding.", accessRef
	case r.State == Changed && p.samePerson:
		return "One person, another name: it can change any day. Never find people by it; tid and oid stay.", validation
	case p.rel == versions || r.State != Changed && p.left.Version != p.right.Version:
		return "v1.0 writes unique_name and upn where v2.0 writes preferred_username.", accessRef
	}
	return "", ""
}

// permissions speaks of what each token allows.
func (p *pair) permissions(r *Row) (text, source string) {
	switch r.Name {
	case "scp", "scope":
		return p.scopes(r)
	case "roles":
		switch {
		case p.rel == personApp:
			return "For a person roles are what was assigned to them, for an application what an administrator granted it. One name can be both.", accessRef
		case p.rel == signIn || p.rel == apis || p.rel == onBehalf || p.rel == versions || p.rel == twoIDs && !p.sameAudience():
			return "Roles belong to the application that exposes them: each token has those at its own audience.", accessRef
		case p.samePerson || p.rel == renewed:
			return p.moved(r, "Assignments changed between the two.") + " A token keeps its roles to its end.", "Entra: app roles"
		}
		return "Each has the roles that were assigned to it.", accessRef
	case "groups":
		return p.groups(r)
	case "wids":
		return "Roles in the tenant itself, which are no permission at an API.", accessRef
	case "_claim_names", "_claim_sources", "hasgroups":
		switch {
		case !overage(p.left) && !overage(p.right):
			return "", ""
		case r.State == Changed, overage(p.left) && overage(p.right):
			return "In both tokens the list of groups is left out, since there are too many. Ask Graph for them.", accessRef
		}
		return "In the " + one(r) + " token the list of groups is left out, since there are too many. Ask Graph for them.", accessRef
	case "acrs":
		return p.moved(r, "The sign-in was stepped up, or begun anew.") + " An API that asks for a context answers 401 with a claims challenge where it is missing.", "Entra: claims challenges"
	case "xms_cc":
		return "Only a client that says cp1 can answer a claims challenge, and lives with tokens of up to 28 hours.", "Entra: continuous access evaluation"
	}
	return "", ""
}

// groups tells changed membership from a list that was left out, and from
// registrations that ask for other groups.
func (p *pair) groups(r *Row) (text, source string) {
	switch {
	case r.State != Changed && overage(*p.lacking(r)):
		return "The other token leaves its list out, since there are too many groups for it. That is no sign that membership was lost: ask Graph.", accessRef
	case p.rel != renewed && p.rel != twoIDs || !p.sameAudience():
		return "Each registration says which groups go into the tokens made for it: all of the person's, those assigned to it, or none.", optional
	case r.State != Changed:
		return "Only the " + one(r) + " token lists groups: membership changed between the two, or the registration's setting.", accessRef
	}
	return p.moved(r, "Membership changed between the two, or the registration's setting.") + " A token keeps its groups to its end.", accessRef
}

// overage reports a list of groups that was left out for its length.
func overage(s side) bool {
	names, _ := s.Claims.Get("_claim_names")
	list, ok := names.Object()
	has, _ := s.Claims.Get("hasgroups")
	return ok && list.Has("groups") || has.Text() == "true"
}

func (p *pair) scopes(r *Row) (text, source string) {
	switch {
	case p.left.Kind != p.right.Kind:
		return "An ID token has no scp: it says who signed in and opens no API.", idRef
	case p.rel == personApp:
		return "Only the token for a person has scp; an application as itself has roles, if any.", accessRef
	case p.rel == onBehalf:
		return "What the API in the middle may do at the API behind. Nothing of it comes from the scopes of the token before.", oboDoc
	case p.rel == apis || p.rel == versions:
		return "Scopes belong to the API that exposes them: each token has those of its own audience alone.", scopesDoc
	case p.rel == people:
		return "Each person consented apart, or an administrator did for all.", scopesDoc
	case p.rel == clients:
		return "Consent is given to each client apart.", scopesDoc
	case p.rel != renewed:
		return "", ""
	}
	came, went := r.Added, r.Removed
	if gap, ok := p.apart(); ok && gap < 0 { // the left one is the newer one
		came, went = went, came
	}
	switch {
	case len(came) > 0 && len(went) == 0:
		return "More was consented to between the two (" + some(came) + "). A refreshed token carries everything consented to so far.", scopesDoc
	case len(went) > 0 && len(came) == 0:
		return "Consent was taken back between the two (" + some(went) + "). The older token keeps it to its end.", scopesDoc
	}
	return "Consent changed between the two, in both directions.", scopesDoc
}

// moved says what came and what went, or the sentence given where no words did.
func (p *pair) moved(r *Row, plain string) string {
	var parts []string
	if len(r.Added) > 0 {
		parts = append(parts, "added "+some(r.Added))
	}
	if len(r.Removed) > 0 {
		parts = append(parts, "gone "+some(r.Removed))
	}
	if len(parts) == 0 {
		return plain
	}
	return strings.TrimSuffix(plain, ".") + ": " + strings.Join(parts, ", ") + "."
}

// signIns speaks of how people and clients proved who they are.
func (p *pair) signIns(r *Row) (text, source string) {
	switch r.Name {
	case "azpacr", "appidacr":
		if r.State != Changed {
			return "", ""
		}
		l, o := claims.Word(r.Name, r.Left.Text()), claims.Word(r.Other, r.Right.Text())
		if l == "" || o == "" {
			return "The client proved itself in another way.", accessRef
		}
		if l == o { // two names, one value
			return "", ""
		}
		return "The client proved itself in another way: left by " + l + ", right by " + o + ".", accessRef
	case "amr", "acr", "ipaddr":
		switch {
		case r.State == Changed && r.Name == "ipaddr":
			return "The sign-in came from another address.", accessRef
		case r.State == Changed:
			return p.moved(r, "The person signed in in another way."), accessRef
		case r.State != Changed && p.left.Version != p.right.Version && p.lacking(r).Version == "2.0":
			return "v2.0 leaves out " + r.Name + ". Code that reads it finds nothing there.", accessRef
		}
	case "sid":
		if r.State == Changed {
			return "Two sessions at Entra: signing out of one does not end the other.", optional
		}
	case "deviceid":
		if r.State == Changed {
			return "Two devices.", accessRef
		}
	}
	return "", ""
}

// rest speaks of what is the issuer's own.
func (p *pair) rest(r *Row) (text, source string) {
	switch {
	case r.Name == "uti" && r.State == Changed && p.rel != identical:
		return "Each token has a number of its own; the sign-in logs list both.", accessRef
	case r.Name == "uti" && r.State == Changed:
		return "", ""
	case r.Group == "" && r.State == Changed && r.Left.Type != r.Right.Type && r.Left.Type != validate.TypeNone:
		return "One side has " + r.Left.Type.String() + ", the other " + r.Right.Type.String() + ".", "RFC 7519 section 4"
	}
	return "", ""
}
