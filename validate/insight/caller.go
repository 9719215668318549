package insight

import (
	"strconv"
	"strings"

	"flowscope/validate"
	"flowscope/validate/claims"
)

// caller says for whom the token speaks, and what that means for an API.
func (r *reader) caller() {
	access := r.kind == validate.KindAccess
	switch {
	case r.o.Has("xms_mirid"):
		r.managedIdentity()
	case access && !r.entra: // another issuer's claims say other things
	case access && r.device:
		r.say(Caller, "Entra: optional claims reference", "A device came as itself (idtyp device): neither a person nor an application is behind it. Let in only what an API means for devices.", r.has("idtyp", "deviceid")...)
	case access && r.app:
		r.say(Caller, accessRef, "An application acts as itself; nobody signed in. Authorize it by roles: there is no scp, and oid is its service principal, not a person.", r.has("oid", "roles")...)
	case access && r.user:
		r.say(Caller, accessRef, "A client acts for a person, who signed in or did so earlier. It may do what scp says, and never more than that person may.", r.has("scp", "oid")...)
	case access && r.o.Whole():
		r.warn(Caller, accessRef, "It does not say whether a person or an application came: there is neither scp nor a sign of an application as itself.").
			Do = "Let the API's registration emit the optional claim idtyp"
	}
	if access && r.app && r.entra && !r.o.Has("idtyp") && r.resource == "" {
		r.say(Caller, "Entra: optional claims reference", "idtyp is not there, so the API must tell applications from people by a missing scp and by oid being equal to sub.").
			Do = "Switch on the optional claim idtyp for access tokens in the API's registration"
	}
	r.proof()
	r.agent()
	r.keys()
	r.signIn()
}

// managedIdentity says whose Azure resource came.
func (r *reader) managedIdentity() {
	id := r.o.String("xms_mirid")
	name := id[strings.LastIndexByte(id, '/')+1:]
	how := "the system-assigned identity of " + shown(name)
	if strings.Contains(strings.ToLower(id), "/userassignedidentities/") {
		how = "the user-assigned identity " + shown(name)
		if host := r.o.String("xms_az_rid"); host != "" {
			how += ", used on " + shown(host[strings.LastIndexByte(host, '/')+1:])
		}
	}
	r.say(Caller, "Entra: managed identities", "A managed identity came as itself, without any secret of its own: "+how+". Authorize it by roles.", r.has("xms_mirid", "xms_az_rid", "roles")...)
}

// proof says what the client proved of itself.
func (r *reader) proof() {
	if r.kind != validate.KindAccess || !r.entra || r.acr == "" || r.o.Has("xms_mirid") {
		return
	}
	if program := claims.Word(r.party, r.client); program != "" {
		r.say(Caller, "Entra: verify first-party Microsoft applications in sign-in reports", "The client is "+program+", of Microsoft. The token has the permissions of that program, not those of an application of yours.", r.party)
	}
	names := []string{r.acrName}
	if r.party != "" {
		names = append(names, r.party)
	}
	switch {
	case r.acr == "0":
		r.say(Caller, accessRef, "The client is public and proved nothing ("+r.acrName+" 0): anybody can use its client id. Do not give it rights for being that client.", names...)
	case !r.app: // how a client for people proved itself decides nothing
	case r.acr == "1":
		r.say(Caller, accessRef, "The client proved itself with a secret ("+r.acrName+" 1). With a certificate or a federated credential the key itself is never sent.", names...)
	case r.acr == "2" && r.o.Has("xms_ficinfo"):
		r.say(Caller, accessRef, "The client proved itself with a federated credential ("+r.acrName+" 2 and xms_ficinfo): an assertion of another issuer, and no secret, was sent.", append(names, "xms_ficinfo")...)
	case r.acr == "2":
		r.say(Caller, accessRef, "The client proved itself with a certificate or a federated credential ("+r.acrName+" 2); the claim does not tell which.", names...)
	}
}

// agent says what agent identities mark.
func (r *reader) agent() {
	actor, subject := r.text("xms_act_fct"), r.text("xms_sub_fct")
	const doc = "Entra: agent identities, token claims"
	switch {
	case claims.Facet(subject, "13"):
		r.warn(Caller, doc, "The subject is an agent's user: an account made for an agent, with a mailbox perhaps, but nobody behind it. Decide whether your API takes that for a person.", r.has("xms_sub_fct", "xms_act_fct")...)
	case claims.Facet(actor, "11"), claims.Facet(subject, "11"):
		r.say(Caller, doc, "An agent identity came. It was made from an agent blueprint, which xms_par_app_azp names, and acts within its own permissions.", r.has("xms_act_fct", "xms_sub_fct", "xms_par_app_azp")...)
	}
}

// keys says by what a person is known, and by what not.
func (r *reader) keys() {
	if r.app || r.device || !r.entra {
		return
	}
	if names := r.has("email", "upn", "preferred_username", "unique_name"); len(names) > 0 {
		i := r.say(Caller, validation, list(names, "and")+" can be changed and given to somebody else. Never let people in or find their data by it.", names...)
		if r.o.Has("email") {
			i.Warn = true
			i.Text = list(names, "and") + " can be changed and given to somebody else, and an administrator elsewhere can write any address into email. Never let people in or find their data by it."
		}
		i.Do = "Key people by tid and oid together; show the names and nothing more"
	}
	switch {
	case r.oid != "" && r.sub != "" && r.oid != r.sub:
		r.say(Caller, accessRef, "sub is this person for this "+r.receiver()+" alone: other applications, and the other tokens of this sign-in, have another one. Across applications join by tid and oid.", "sub", "oid", "tid")
	case r.kind == validate.KindID && r.oid == "" && r.sub != "":
		r.say(Caller, idRef, "There is no oid: it comes with the scope profile. Without it people are known by iss and sub, to this client alone.", "sub").
			Do = "Ask for openid profile where several applications share data about people"
	}
}

func (r *reader) receiver() string {
	if r.kind == validate.KindID {
		return "client"
	}
	return "API"
}

// signIn says how strong the sign-in was, as far as the token tells.
func (r *reader) signIn() {
	if !r.entra { // what amr and acrs hold elsewhere, and what to do, is that issuer's
		return
	}
	amr := r.o.Strings("amr")
	multi := false
	for _, m := range amr {
		multi = multi || m == "mfa" || m == "ngcmfa" || m == "fido" // wiaormfa is Windows sign-on or mfa
	}
	switch {
	case len(amr) == 1 && amr[0] == "pwd":
		r.say(Caller, accessRef, "The person gave a password and nothing else (amr pwd). v2.0 tokens mostly do not say so: ask for a second factor by Conditional Access, not by reading amr.", "amr").
			Do = "Demand an authentication context (acrs) where an action needs more than a password"
	case multi:
		r.say(Caller, accessRef, "The sign-in had a second factor or a method without password (amr "+some(amr, 4)+"). v2.0 tokens mostly leave amr out.", "amr")
	}
	if acrs := r.o.Strings("acrs"); len(acrs) > 0 {
		r.say(Caller, "Entra: Conditional Access authentication context", "A stronger sign-in was asked for and met: acrs "+some(acrs, 5)+". An API compares it with the one that the action needs.", "acrs")
	}
	if r.kind == validate.KindAccess && r.capable() {
		r.say(Caller, "Entra: claims challenges", "The client understands claims challenges (xms_cc cp1): the API may answer 401 insufficient_claims, and the client signs in again with what is missing.", "xms_cc")
	}
}

// capable reports a client that says cp1.
func (r *reader) capable() bool {
	for _, c := range r.o.Strings("xms_cc") {
		if strings.EqualFold(c, "cp1") {
			return true
		}
	}
	return false
}

// permission says what scp and roles mean together.
func (r *reader) permission() {
	if r.kind != validate.KindAccess || !r.entra {
		r.missing()
		return
	}
	guids := 0
	for _, role := range r.roles {
		if validate.IsGUID(role) {
			guids++
		}
	}
	switch {
	case r.app && len(r.roles) == 0 && r.resource == graphName:
		r.warn(Permission, "Graph: permissions overview", "It has no roles, so Graph answers nearly every call with 403. An application gets what an administrator granted it, and not what a person may do.", "roles").
			Do = "Grant the application its permissions at Graph with admin consent (App registrations, API permissions), then ask for another token"
	case r.app && len(r.roles) == 0 && r.resource != "":
		r.say(Permission, "Azure: role-based access control", "It has no roles. "+r.resource+" can decide by its own assignments to the service principal (oid), which no token shows.", "oid")
	case r.app && len(r.roles) == 0 && r.o.Whole():
		r.warn(Permission, "Entra: access token claims reference, roles", "It has no roles. Unless the API requires assignment, Entra gives such a token to any application of the tenant that asks: a good signature and audience are no permission.", "roles").
			Do = "Let the API demand a role, and grant it to this application (App registrations, API permissions, admin consent)"
	case r.app:
		r.say(Permission, "Entra: permissions and consent", "roles are application permissions here ("+some(r.roles, 3)+"), granted by an administrator. A person's role can have the same name, so look first who came.", "roles")
	case r.user && len(r.scp) > 0 && len(r.roles) > 0:
		r.say(Permission, accessRef, "scp says what the client may do, roles what the person is. An API that checks one of them alone lets a client do too much, or a person.", "scp", "roles")
	case r.user && len(r.scp) == 0 && r.o.Whole():
		r.warn(Permission, accessRef, "It speaks for a person and has no scp: nothing says that the client may do anything here.", "scp")
	}
	r.missing()
	if guids > 0 {
		r.say(Permission, "Entra: configure group claims", strconv.Itoa(guids)+" of the roles are object ids: groups are emitted as roles. Then app roles are left out of this token.", "roles")
	}
	if short, long, ok := prefixed(r.scp); ok {
		r.say(Permission, accessRef, "scp is words between spaces, to be compared whole: "+shown(long)+" holds the letters of "+shown(short)+" and is another permission.", "scp")
	}
	for _, wid := range r.o.Strings("wids") {
		if wid != ordinaryUser && r.user {
			r.say(Permission, accessRef, "wids are roles in the tenant itself. They rule the directory and are no permission at an API of yours; use app roles for that.", "wids")
			break
		}
	}
}

// missing names what was asked for and is not in the token.
func (r *reader) missing() {
	if r.c.Requested == nil || r.kind != validate.KindAccess {
		return
	}
	var names []string
	for _, g := range Grants(r.t, r.c) {
		if g.Requested && !g.Scp && !g.Roles && g.Name != ".default" && !claims.SignInScope(g.Name) {
			names = append(names, g.Name)
		}
	}
	if len(names) > 0 {
		r.warn(Permission, scopesDoc, "Asked for and not in this token: "+some(names, 3)+". The scope belongs to another API, or nobody consented to it.", "scp").
			Do = "Ask for the scopes of one API at a time; for what lacks consent, let the person or an administrator consent"
	}
}

// ordinaryUser is the template of the directory role that every member has
// (Entra: built-in roles).
const ordinaryUser = "b79fbf4d-3ef9-4689-8143-76b194e85509"

// prefixed finds a scope whose letters stand at the beginning of another one.
func prefixed(scopes []string) (short, long string, ok bool) {
	if len(scopes) > 64 {
		scopes = scopes[:64]
	}
	for _, a := range scopes {
		for _, b := range scopes {
			if len(b) > len(a) && strings.HasPrefix(b, a) {
				return a, b, true
			}
		}
	}
	return "", "", false
}
