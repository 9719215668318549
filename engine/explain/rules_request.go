package explain

import (
	"strings"

	"flowscope/decision"
	"flowscope/engine/trace"
)

// required lists what a request must carry, by purpose and grant (RFC 6749
// section 4; Entra wants client_id everywhere).
func required(s scene) []string {
	if s.ask.Purpose == trace.Authorize {
		return []string{"client_id", "response_type", "redirect_uri", "scope"}
	}
	switch s.sent("grant_type") {
	case "":
		return []string{"grant_type", "client_id"}
	case "authorization_code":
		return []string{"client_id", "code", "redirect_uri"}
	case "refresh_token":
		return []string{"client_id", "refresh_token"}
	case "client_credentials":
		return []string{"client_id", "scope"}
	case "password":
		return []string{"client_id", "username", "password", "scope"}
	case "urn:ietf:params:oauth:grant-type:device_code", "device_code":
		return []string{"client_id", "device_code"}
	case "urn:ietf:params:oauth:grant-type:jwt-bearer":
		return []string{"client_id", "assertion", "requested_token_use", "scope"}
	}
	return []string{"client_id"}
}

// parameterMissing explains AADSTS900144 by what is missing from the request.
func parameterMissing(s scene, f *Finding) {
	f.FlowRight = s.right(needRequest)
	var fixes []Fix
	for _, name := range required(s) {
		if v, ok := s.ask.Request.Get(name); ok && v != "" {
			continue
		}
		f.Confidence = Certain
		f.see(name, "not sent", "required")
		op, ok := put(s.ask, placeOf(s.ask), name, s.known(name), nil)
		note := ""
		if op.Verb == trace.Set {
			note = name + " = " + op.Value
		}
		fixes = append(fixes, mend("In the request: add "+name, note, s.ask, "with "+name, op, ok)...)
	}
	f.replaceFixes(fixes, f.Fix)
}

// known is a value that can be said without asking, for a missing parameter.
func (s scene) known(name string) string {
	switch name {
	case "client_id":
		return s.reg.ClientID
	case "response_type":
		return "code"
	case "grant_type":
		return s.grant()
	case "redirect_uri":
		if auth, ok := s.authorizeOf(); ok && s.ask.Purpose.AtTokenEndpoint() {
			v, _ := auth.Request.Get(name)
			return v
		}
		if uris := s.reg.RedirectURIs(); len(uris) > 0 {
			return uris[0]
		}
	case "requested_token_use":
		return "on_behalf_of"
	case "scope":
		if s.t.Flow == decision.ClientCredentials {
			if res, ok := s.onlyResource(); ok {
				return res.URI + "/.default"
			}
			return ""
		}
		return "openid"
	}
	return ""
}

// grant is the grant_type of the request that is to be mended: a flow can hold
// requests of several grants.
func (s scene) grant() string {
	switch s.ask.Purpose {
	case trace.Refresh:
		return grantOf(decision.RefreshToken)
	case trace.OnBehalfOf:
		return grantOf(decision.OnBehalfOf)
	}
	if _, ok := s.t.Last(trace.Authorize); ok {
		return grantOf(decision.AuthorizationCode)
	}
	return grantOf(s.t.Flow)
}

// grantOf is the grant_type of a flow (RFC 6749 section 4, RFC 8628 section 3.4).
func grantOf(f decision.Flow) string {
	switch f {
	case decision.AuthorizationCode:
		return "authorization_code"
	case decision.ClientCredentials:
		return "client_credentials"
	case decision.RefreshToken, decision.Silent:
		return "refresh_token"
	case decision.DeviceCode:
		return "urn:ietf:params:oauth:grant-type:device_code"
	case decision.OnBehalfOf:
		return "urn:ietf:params:oauth:grant-type:jwt-bearer"
	}
	return ""
}

// grantType explains AADSTS70003.
func grantType(s scene, f *Finding) {
	f.FlowRight = s.right(needRequest)
	valueRule(s, f, "grant_type", s.grant())
}

// responseType explains AADSTS700051 and 700054.
func responseType(s scene, f *Finding) {
	sent := s.sent("response_type")
	f.FlowRight = s.right(needRequest)
	if strings.Contains(sent, "token") {
		f.FlowRight = "The flow is the trouble. response_type " + shown(sent) + " hands tokens over in the address bar; authorization code + PKCE takes its place."
	}
	valueRule(s, f, "response_type", "code")
}

// responseMode explains AADSTS70007.
func responseMode(s scene, f *Finding) {
	f.FlowRight = s.right(needRequest)
	right := "query"
	if strings.Contains(s.sent("response_type"), "token") {
		right = "fragment" // tokens must not be in a query
	}
	valueRule(s, f, "response_mode", right)
}

// valueRule is for a parameter with a known right value.
func valueRule(s scene, f *Finding, name, right string) {
	sent, has := s.ask.Request.Get(name)
	switch {
	case !has:
		f.see(name, "not sent", "")
	case right != "" && sent != right:
		f.Confidence = Certain
		f.compare("sent", sent, "right here", right, "")
	default:
		f.see(name, sent, "")
	}
	op, ok := put(s.ask, placeOf(s.ask), name, right, func(v string) bool { return right == "" || v == right })
	f.replaceFixes(mend("In the request: send "+name+" = "+right, "", s.ask, name+" = "+right, op, ok), f.Fix)
}

// method explains AADSTS900561.
func method(s scene, f *Finding) {
	f.Confidence = Certain
	f.FlowRight = s.right(needRequest)
	f.see("method", s.ask.Request.Method, "")
	f.see("Content-Type", orName(s.ask.Request.Header.Get("Content-Type"), "not sent"), "application/x-www-form-urlencoded is wanted")
}

// interaction explains the answers to a request that allowed no page: nobody is
// signed in, several are, or something has to be asked.
func interaction(s scene, f *Finding) {
	f.FlowRight = s.right(needAgain)
	prompt := s.sent("prompt")
	if prompt == "" {
		s.seeClaims(f)
		return
	}
	f.see("prompt", prompt, "")
	if prompt != "none" {
		return
	}
	f.Confidence = Certain
	f.Why = append(f.Why, "prompt=none forbids every page, so whatever would need one is answered with an error.")
	op, ok := put(s.ask, trace.Query, "prompt", "", nil)
	if !ok {
		op, ok = leaveOut(s.ask, trace.Query, "prompt")
	}
	f.prepend(mend("In the request: leave prompt=none out, so that the person can be asked", "", s.ask, "no prompt=none", op, ok)...)
	if f.Code == "AADSTS16000" {
		f.FlowRight = s.right(needAccount)
	}
}

// policy explains AADSTS50074, 50076, 50079, 53000, 53003, 530036, 70043 and
// 70044: a policy of the tenant.
func policy(s scene, f *Finding) {
	f.FlowRight = s.right(needPolicy)
	if s.a.suberror != "" {
		f.see("suberror", s.a.suberror, suberrorWords(s.a.suberror))
	}
	s.seeClaims(f)
	interactionIfSilent(s, f)
}

func interactionIfSilent(s scene, f *Finding) {
	if s.sent("prompt") == "none" {
		interaction(s, f)
		f.FlowRight = s.right(needPolicy)
	}
}

func suberrorWords(v string) string {
	switch v {
	case "basic_action":
		return "an interactive sign-in mends it"
	case "additional_action":
		return "one more step by the person, then again"
	case "message_only":
		return "nothing the application can do"
	case "consent_required":
		return "an interactive consent mends it"
	case "bad_token":
		return "drop the refresh token and sign in"
	case "token_expired":
		return "the grant is over: sign in"
	case "user_password_expired":
		return "the password has to be changed"
	}
	return ""
}

// account explains what is wrong with a user's name, password or account.
func account(s scene, f *Finding) {
	f.FlowRight = s.right(needAccount)
	for _, name := range []string{"username", "login", "loginfmt", "login_hint"} {
		for _, r := range []trace.Request{s.e.Request, s.ask.Request} {
			if v, ok := r.Get(name); ok && v != "" {
				f.see("user name", v, "")
				return
			}
		}
	}
}

// assignment explains AADSTS50105.
func assignment(s scene, f *Finding) {
	f.FlowRight = s.right(needConfig)
	account(s, f)
	f.FlowRight = s.right(needConfig)
	f.replaceFixes(
		one(Fix{Title: "Assign the person, or a group of theirs, to the application", Where: s.enterprise("Users and groups")}),
		one(Fix{Title: "Or let everybody in the tenant use it", Where: s.enterprise("Properties › Assignment required"), Command: "az ad sp update --id " + s.appID() + " --set appRoleAssignmentRequired=false"}))
}

// onlyResource gives the API of a registration that names exactly one.
func (s scene) onlyResource() (trace.Resource, bool) {
	var found []trace.Resource
	for _, r := range s.reg.Resources {
		if r.URI != "" && !graphResource(r) {
			found = append(found, r)
		}
	}
	if len(found) != 1 {
		return trace.Resource{}, false
	}
	return found[0], true
}
