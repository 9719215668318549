package claims

import (
	"slices"
	"strings"

	"flowscope/validate"
)

// word is one value of a claim, and what it means.
type word struct{ name, value, meaning string }

// words explains values that are codes. The name is of a claim or, with "#"
// before it, of a header member.
var words = [...]word{
	// Entra: access token claims reference, amr claim; fido and ngcmfa as observed.
	{"amr", "pwd", "a password"},
	{"amr", "rsa", "a key: the Authenticator app, Windows Hello or a certificate"},
	{"amr", "otp", "a one-time code by mail or text message"},
	{"amr", "fed", "an assertion of a federated provider"},
	{"amr", "wia", "Windows sign-on"},
	{"amr", "mfa", "more than one factor"},
	{"amr", "ngcmfa", "more than one factor, fresh enough to set up a passkey"},
	{"amr", "wiaormfa", "Windows sign-on or more than one factor"},
	{"amr", "fido", "a passkey"},
	{"amr", "none", "no completed sign-in"},

	// Entra: access token claims reference.
	{"azpacr", "0", "a public client, which proves nothing"},
	{"azpacr", "1", "a secret"},
	{"azpacr", "2", "a certificate, a federated credential or a managed identity"},
	{"appidacr", "0", "a public client, which proves nothing"},
	{"appidacr", "1", "a secret"},
	{"appidacr", "2", "a certificate, a federated credential or a managed identity"},
	{"acr", "0", "below ISO/IEC 29115"},
	{"acr", "1", "meets ISO/IEC 29115"},
	{"ver", "1.0", "the format of v1.0 tokens"},
	{"ver", "2.0", "the format of v2.0 tokens"},
	{"hasgroups", "true", "in groups, which are not listed"},
	{"wids", "b79fbf4d-3ef9-4689-8143-76b194e85509", "an ordinary user"},
	{"wids", "62e90394-69f5-4237-9190-012177145e10", "Global Administrator"},
	{"wids", "f2ef992c-3afb-46b9-b7cf-a126ee74c451", "Global Reader"},
	{"wids", "e8611ab8-c189-46e8-94e1-60213ab1f814", "Privileged Role Administrator"},
	{"wids", "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3", "Application Administrator"},
	{"wids", "158c047a-c907-4556-b7ef-446551a6b5f7", "Cloud Application Administrator"},
	{"wids", "fe930be7-5e62-47db-91af-98c3a49a38b1", "User Administrator"},
	{"tid", validate.ConsumerTenant, "personal Microsoft accounts"},
	{"idp", "live.com", "a personal Microsoft account"},
	{"idp", "google.com", "a Google account"},
	{"idp", "mail", "a code sent by mail"},

	// Entra: optional claims reference.
	{"acct", "0", "a member of the tenant"},
	{"acct", "1", "a guest of the tenant"},
	{"idtyp", "app", "an application as itself"},
	{"idtyp", "user", "a person, by way of a client"},
	{"idtyp", "device", "a device as itself"},
	{"xms_cc", "cp1", "takes claims challenges"},
	{"xms_edov", "1", "the domain's owner is verified"},
	{"xms_edov", "true", "the domain's owner is verified"},
	{"xms_edov", "0", "the domain's owner is not verified"},
	{"xms_edov", "false", "the domain's owner is not verified"},
	{"in_corp", "true", "from a trusted network"},
	{"xms_ssm", "1", "not documented; seen under continuous access evaluation"},
	{"tenant_region_scope", "NA", "North America"},
	{"tenant_region_scope", "EU", "Europe"},
	{"tenant_region_scope", "AS", "Asia"},
	{"tenant_region_scope", "OC", "Oceania"},
	{"tenant_region_scope", "AF", "Africa"},
	{"tenant_region_scope", "SA", "South America"},
	{"tenant_region_scope", "WW", "the whole world"},
	{"tenant_region_scope", "USG", "US Government"},
	{"signin_state", "kmsi", "stays signed in"},
	{"signin_state", "inknownntwk", "in a known network"},
	{"signin_state", "dvc_mngd", "on a managed device"},
	{"signin_state", "dvc_cmp", "on a compliant device"},
	{"signin_state", "dvc_dmjd", "on a device joined to a domain"},

	// Entra: scopes and permissions, OpenID Connect scopes.
	{"scp", "openid", "signs in"},
	{"scp", "profile", "name and user name"},
	{"scp", "email", "mail address"},
	{"scp", "offline_access", "a refresh token"},
	{"scp", "user_impersonation", "everything that the person may do there"},
	{"scp", "access_as_user", "what the person may do there"},

	// Entra: token claims reference for agents. Even numbers mean nothing.
	{"xms_idrel", "1", "a member of the tenant"},
	{"xms_idrel", "3", "a member with a personal account"},
	{"xms_idrel", "5", "a guest"},
	{"xms_idrel", "7", "a service principal"},
	{"xms_idrel", "9", "a device"},
	{"xms_idrel", "11", "a partner's administrator (GDAP)"},
	{"xms_idrel", "13", "an application without service principal"},
	{"xms_idrel", "15", "passed through"},
	{"xms_idrel", "27", "a synchronized member of a multitenant organization"},
	{"xms_idrel", "31", "a partner's administrator (DAP)"},
	{"xms_idrel", "33", "a federated managed identity"},
	{"xms_act_fct", "11", "an agent identity"},
	{"xms_act_fct", "13", "an agent's user"},
	{"xms_sub_fct", "11", "an agent identity"},
	{"xms_sub_fct", "13", "an agent's user"},

	// RFC 7515, RFC 7518, RFC 9068.
	{"#typ", "JWT", "a JSON Web Token, of any kind"},
	{"#typ", "at+jwt", "an access token"},
	{"#typ", "pop", "a proof of possession"},
	{"#alg", "RS256", "RSA with SHA-256"},
	{"#alg", "RS384", "RSA with SHA-384"},
	{"#alg", "RS512", "RSA with SHA-512"},
	{"#alg", "PS256", "RSA-PSS with SHA-256"},
	{"#alg", "ES256", "ECDSA on P-256"},
	{"#alg", "HS256", "a shared secret: whoever can check it can forge it"},
	{"#alg", "none", "no signature at all"},
}

// many are claims of several words in one string.
var many = [...]string{"scp", "xms_idrel", "xms_act_fct", "xms_sub_fct", "xms_tnt_fct"}

// shownWords bounds how many values of a list are explained.
const shownWords = 6

// Word says what one value of the claim called name means, or one element or
// word of it: amr's "mfa", wids' ordinary user, the name of an API of
// Microsoft. It returns "" for what nobody knows. Case decides, save in GUIDs.
func Word(name, value string) string {
	switch name {
	case "aud":
		api, _ := Resource(value)
		return api
	case "appid", "azp", "client_id":
		return client(value)
	case "acrs":
		return context(value)
	}
	if validate.IsGUID(value) {
		value = strings.ToLower(value)
	}
	for i := range words {
		if words[i].name == name && words[i].value == value {
			return words[i].meaning
		}
	}
	return ""
}

// context explains an authentication context of Conditional Access, whose ids
// run from c1 to c99 (Entra: Conditional Access authentication context).
func context(id string) string {
	number, ok := strings.CutPrefix(id, "c")
	switch {
	case ok && len(number) > 0 && len(number) < 3 && strings.Trim(number, "0123456789") == "":
		return "an authentication context that the tenant defined"
	case id == "p1":
		return "not documented"
	}
	return ""
}

// Value says what the value of a claim means where it is a code: "0 is a
// public client" for azpacr, the methods of amr, the API's name for aud. Words
// that nobody knows are left out; "" where there is nothing to say. No text of
// the token is in it, save words that the glossary has itself.
func Value(name string, v validate.Value) string { return explain(name, v) }

// HeaderValue is Value for a member of the JOSE header.
func HeaderValue(name string, v validate.Value) string { return explain("#"+name, v) }

func explain(name string, v validate.Value) string {
	list, ok := v.Strings()
	switch {
	case v.Type == validate.TypeString && slices.Contains(many[:], name):
		list, ok = strings.Fields(v.Text()), true
	case !ok && (v.Type == validate.TypeArray || v.Type == validate.TypeObject || v.Type == validate.TypeNone):
		return ""
	case !ok:
		return Word(name, v.Text())
	}
	if len(list) == 1 {
		return Word(name, list[0])
	}
	var out []string
	for _, w := range list {
		if m := Word(name, w); m != "" && len(out) < shownWords {
			if len(w) <= 12 {
				m = w + " " + m
			}
			out = append(out, m)
		}
	}
	return strings.Join(out, "; ")
}
