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
	if left, ok := names.Object(); ok && left.Has("groups") {
		rest := "Ask Graph, and not at an address that a token brings."
		if strings.Contains(r.text("_claim_sources"), "graph.windows.net") {
			rest = "The address in _claim_sources is of a retired API; ask Graph."
		}
		r.warn(Groups, groupsDoc, "This person is in more than 200 groups, so the list was left out: a missing list does not mean no groups. "+rest, "_claim_names", "_claim_sources").
			Do = r.membership()
		r.membershipPermission()
	} else if v, ok := r.o.Get("hasgroups"); ok && v.Text() == "true" {
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

// membership is the request that gets the groups that were left out.
func (r *reader) membership() string {
	who := "{oid}"
	if validate.IsGUID(r.oid) {
		who = strings.ToLower(r.oid)
	}
	return "POST " + r.graph() + "/v1.0/users/" + who + "/getMemberObjects with {\"securityEnabledOnly\":false}, or GET " + r.graph() + "/v1.0/me/transitiveMemberOf as that person"
}

func (r *reader) membershipPermission() {
	r.say(Groups, memberDoc, "Asking Graph for a person's groups takes a Graph token with GroupMember.Read.All and User.ReadBasic.All; for one's own, User.Read is enough. Page through the answer.")
}

// graph is the address of the Graph of the issuer's cloud (Graph: national
// cloud deployments). What a token says of the address is never used.
func (r *reader) graph() string {
	switch {
	case r.c.Graph != "":
		return r.c.Graph
	case strings.HasSuffix(r.host, ".us"):
		return "https://graph.microsoft.us"
	case strings.HasSuffix(r.host, ".cn"):
		return "https://microsoftgraph.chinacloudapi.cn"
	case validate.EntraHost(r.host) && !strings.Contains(r.host, "sovcloud"):
		return "https://graph.microsoft.com"
	}
	return "https://{graph}"
}
