package insight

import (
	"strings"

	"flowscope/validate"
)

const guestsDoc = "Entra: B2B collaboration, user token"

// tenant says whose people come, and from where.
func (r *reader) tenant() {
	if !r.entra || r.app || r.device {
		return
	}
	guest, home := r.t.Guest()
	switch {
	case strings.EqualFold(r.tid, validate.ConsumerTenant):
		r.warn(Tenant, idRef, "It is a personal Microsoft account: all of them share this tid, and no company stands behind it. An API for work accounts refuses this tenant.", "tid").
			Do = "Keep a list of the tenants that may come in, and check tid against it"
	case guest:
		r.visitor(home)
	case r.text("acct") == "0" && r.elsewhere():
		r.say(Tenant, guestsDoc, "A member of this tenant (acct 0), though somebody else vouches for them (idp): people of other tenants can be made members.", "acct", "idp")
	}
	if v := r.text("xms_edov"); r.o.Has("xms_edov") && v != "1" && v != "true" {
		r.warn(Tenant, "Entra: optional claims reference", "xms_edov says that nobody verified the domain of the address in email. Whoever runs the home tenant wrote it.", "xms_edov", "email")
	}
}

// elsewhere reports an idp that names a tenant besides the token's own.
func (r *reader) elsewhere() bool {
	idp := r.o.String("idp")
	return idp != "" && r.tid != "" && !strings.Contains(strings.ToLower(idp), strings.ToLower(r.tid)) && validate.EntraHost(r.host)
}

// visitor says where a guest is at home.
func (r *reader) visitor(home string) {
	names := r.has("tid", "idp", "acct", "oid")
	const rest = " oid and tid are those of the tenant visited; at home the same person has another oid."
	switch idp := r.o.String("idp"); {
	case home == validate.ConsumerTenant:
		r.say(Tenant, guestsDoc, "A guest with a personal Microsoft account (idp)."+rest, names...)
	case home != "":
		r.say(Tenant, guestsDoc, "A guest, at home in tenant "+home+" (idp)."+rest, names...)
	case idp == "mail":
		r.say(Tenant, guestsDoc, "A guest who signed in with a code sent by mail (idp mail)."+rest, names...)
	case idp != "" && r.elsewhere():
		r.say(Tenant, guestsDoc, "A guest for whom "+shown(idp)+" vouched (idp)."+rest, names...)
	default:
		r.say(Tenant, guestsDoc, "A guest of this tenant; the token does not say where they are at home."+rest, names...)
	}
	r.say(Tenant, validation, "tid names the tenant that let the guest in, so a check of tid alone lets its guests in too.", "tid").
		Do = "Where guests must stay out, switch on the optional claim acct and refuse 1"
}

const formats = "Entra: access tokens, token formats"

// version says where this token's version bites.
func (r *reader) version() {
	if !r.entra || r.resource != "" {
		return
	}
	switch {
	case r.kind == validate.KindAccess && r.v1:
		r.first()
	case r.kind == validate.KindAccess && r.v2:
		r.second()
	case r.kind == validate.KindID && r.v1:
		r.say(Version, "Entra: ID tokens", "v1.0, because the v1.0 endpoint was asked: the endpoint decides it for ID tokens. Its issuer is "+shown(r.iss)+". Clients that sign in with v2.0 metadata expect another one.", "ver", "iss").
			Do = "Sign in at /oauth2/v2.0/authorize with scopes in place of resource"
	}
}

// first says what catches the readers of v1.0 access tokens.
func (r *reader) first() {
	i := r.warn(Version, formats, "v1.0, because the API's registration says so, whatever endpoint the client asked. Its issuer ends in a slash and lacks /v2.0: an API that knows the v2.0 issuer alone refuses it.", "ver", "iss")
	i.Do = "In the API's registration (App registrations, Manifest) set api.requestedAccessTokenVersion to 2, or let the API read v1.0 metadata"
	switch aud := r.firstAud(); {
	case aud == "":
	case !validate.IsGUID(aud):
		r.warn(Version, accessRef, "aud is the App ID URI as the client asked for it ("+shown(aud)+"), a slash at its end included. An API that compares it with its client id refuses this token.", "aud").
			Do = "Let the API accept its App ID URI and its client id, or move it to v2.0, where aud is always the client id"
	default:
		r.say(Version, accessRef, "aud is the API's client id here, because the client asked by it. Asked by App ID URI, a v1.0 token carries that: the API must accept both.", "aud")
	}
	var missing []string
	if r.o.Has("appid") && !r.o.Has("azp") {
		missing = append(missing, "azp (here appid)")
	}
	if names := r.has("unique_name", "upn"); len(names) > 0 && !r.o.Has("preferred_username") {
		missing = append(missing, "preferred_username (here "+list(names, "and")+")")
	}
	if len(missing) > 0 {
		r.say(Version, accessRef, "Code written for v2.0 does not find "+list(missing, "and")+".", "ver")
	}
}

// second says what catches the readers of v2.0 access tokens.
func (r *reader) second() {
	if !validate.IsGUID(r.firstAud()) {
		return
	}
	text := "v2.0: aud is the API's client id, never its App ID URI. "
	if r.user && len(r.has("amr", "acr", "unique_name", "upn")) == 0 {
		text += "Code written for v1.0 misses appid, amr, acr and upn."
	} else {
		text += "An API that compares it with api://… refuses every token."
	}
	r.say(Version, formats, text, "ver", "aud")
}

// firstAud is the audience, the first of several, or "".
func (r *reader) firstAud() string {
	if len(r.aud) == 0 {
		return ""
	}
	return r.aud[0]
}
