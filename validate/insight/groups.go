package insight

import (
	"strconv"
	"strings"

	"flowscope/validate"
)

const (
	groupsDoc = "Entra: access token claims reference, groups overage claim"
	memberDoc = "Graph: user, getMemberObjects"
)

// near is the number of groups from which the limit of 200 is worth a word.
const near = 150

// groups says which membership is left out of the token, and how to get it.
func (r *reader) groups() {
	names, _ := r.o.Get("_claim_names")
	left, ok := names.Object()
	has, _ := r.o.Get("hasgroups")
	switch over := ok && left.Has("groups"); {
	case over && !r.entra:
		r.warn(Groups, "OpenID Connect Core section 5.6.2", "The list of groups is not in the token: _claim_names says that it is kept elsewhere. A missing list does not mean no groups.", "_claim_names", "_claim_sources")
	case over:
		rest := "Ask Graph, and not at an address that a token brings."
		if strings.Contains(r.text("_claim_sources"), "graph.windows.net") {
			rest = "The address in _claim_sources is of a retired API; ask Graph."
		}
		r.warn(Groups, groupsDoc, r.whose()+" is in more than 200 groups, so the list was left out: a missing list does not mean no groups. "+rest, "_claim_names", "_claim_sources").
			Do = r.membership()
		r.membershipPermission()
	case r.entra && has.Text() == "true" && !r.o.Has("groups"):
		r.warn(Groups, groupsDoc, "There are groups, but the list was left out, since this token travelled in an address. A missing list does not mean no groups.", "hasgroups").
			Do = r.membership()
		r.membershipPermission()
	}
	v, _ := r.o.Get("groups")
	list, ok := v.Strings()
	switch {
	case !ok:
	case len(list) >= near:
		r.warn(Groups, groupsDoc, "It lists "+strconv.Itoa(len(list))+" groups. Above 200 the list is left out altogether, and code that reads it finds nothing.", "groups").
			Do = "Assign groups to app roles, or let the registration emit only the groups assigned to the application"
	}
	for _, g := range list {
		if !validate.IsGUID(g) {
			r.say(Groups, "Entra: configure group claims", "Groups come by name here ("+shown(g)+"). A name can be changed and stand twice; the object id cannot.", "groups")
			break
		}
	}
}

// whose names the caller whose groups are meant.
func (r *reader) whose() string {
	if r.app {
		return "This application"
	}
	return "This person"
}

// membership is the request that gets the groups that were left out; without a
// request where nobody knows the Graph of that cloud.
func (r *reader) membership() string {
	who := "{oid}"
	if validate.IsGUID(r.oid) {
		who = strings.ToLower(r.oid)
	}
	graph := r.graph()
	switch {
	case graph == "":
		return "Ask the Graph of the issuer's cloud for the groups of " + who + " (getMemberObjects)"
	case r.app:
		return "POST " + graph + "/v1.0/servicePrincipals/" + who + "/getMemberObjects with {\"securityEnabledOnly\":false}"
	}
	return "POST " + graph + "/v1.0/users/" + who + "/getMemberObjects with {\"securityEnabledOnly\":false}, or GET " + graph + "/v1.0/me/transitiveMemberOf as that person"
}

func (r *reader) membershipPermission() {
	if r.app {
		r.say(Groups, "Graph: servicePrincipal, getMemberObjects", "Asking Graph for an application's groups takes a Graph token with Application.Read.All. Page through the answer.")
		return
	}
	r.say(Groups, memberDoc, "Asking Graph for a person's groups takes a Graph token with GroupMember.Read.All and User.ReadBasic.All; for one's own, User.Read is enough. Page through the answer.")
}

// graph is the address of the Graph of the issuer's cloud (Graph: national
// cloud deployments), "" where nobody knows it. What a token says of the address
// is never used.
func (r *reader) graph() string {
	switch {
	case r.c.Graph != "":
		return r.c.Graph
	case !validate.EntraHost(r.host), strings.Contains(r.host, "sovcloud"):
		return ""
	case strings.HasSuffix(r.host, ".us"), strings.Contains(r.host, "usgovcloudapi"), r.host == "login-us.microsoftonline.com":
		return "https://graph.microsoft.us"
	case strings.HasSuffix(r.host, ".cn"):
		return "https://microsoftgraph.chinacloudapi.cn"
	}
	return "https://graph.microsoft.com"
}
