package explain

import (
	"net/url"
	"slices"
	"strings"

	"flowscope/decision"
	"flowscope/engine/trace"
	"flowscope/validate"
)

// oidcScopes belong to OpenID Connect and name no API (OpenID Connect Core 1.0
// sections 5.4 and 11).
var oidcScopes = []string{"openid", "profile", "email", "offline_access"}

func isOIDC(scope string) bool { return slices.Contains(oidcScopes, strings.ToLower(scope)) }

func graphResource(r trace.Resource) bool {
	return validate.IsGraph(r.ClientID) || validate.IsGraph(r.URI)
}

// resourceFor finds the API that a scope names; a bare name belongs to
// Microsoft Graph.
func (s scene) resourceFor(scope string) (trace.Resource, bool) {
	if res, ok := s.reg.ResourceOf(scope); ok {
		return res, true
	}
	if !strings.Contains(scope, "/") {
		for _, r := range s.reg.Resources {
			if graphResource(r) {
				return r, true
			}
		}
	}
	return trace.Resource{}, false
}

// cutScope splits a scope at its last slash: the API and the permission.
func cutScope(scope string) (resource, name string) {
	if i := strings.LastIndexByte(scope, '/'); i >= 0 {
		return scope[:i], scope[i+1:]
	}
	return "", scope
}

func joinScope(resource, name string) string {
	if resource == "" {
		return name
	}
	return resource + "/" + name
}

// scopeUnknown explains AADSTS650053: the API has no such permission.
func scopeUnknown(s scene, f *Finding) {
	f.FlowRight = s.right(needRequest)
	sent := s.sent("scope")
	wrong, right := "", ""
	for scope := range strings.FieldsSeq(sent) {
		resource, name := cutScope(scope)
		res, ok := s.resourceFor(scope)
		if isOIDC(scope) || !ok || name == ".default" || slices.Contains(res.Scopes, name) || len(res.Scopes) == 0 {
			continue
		}
		wrong = scope
		f.Confidence = Certain
		if likely := nearest(name, res.Scopes); near(name, likely) {
			right = joinScope(resource, likely)
			f.compare("asked", scope, "there is", right, "not a scope of "+shown(res.Name))
		} else {
			f.see("asked", scope, "not a scope of "+shown(res.Name))
		}
		f.see(orName(res.Name, "the API")+" has", listed(res.Scopes), "")
		f.Why = append([]string{shown(res.Name) + " exposes " + listed(res.Scopes) + ", and not " + name + "."}, f.Why...)
		if right == "" {
			right = joinScope(resource, res.Scopes[0])
		}
		break
	}
	if wrong == "" {
		f.see("scope", sent, "")
	}
	s.scopeFix(f, replaceScope(sent, wrong, right), "In the request: ask for a scope that is there",
		Fix{Title: "In the API's registration: add the scope", Where: "Entra admin centre › App registrations › the API › Expose an API"})
}

// replaceScope puts one scope in place of another, wherever it stands.
func replaceScope(sent, wrong, right string) string {
	if wrong == "" || right == "" {
		return ""
	}
	parts := strings.Fields(sent)
	for i, p := range parts {
		if p == wrong {
			parts[i] = right
		}
	}
	return strings.Join(parts, " ")
}

// scopeFix mends the scope parameter, then says what else would.
func (s scene) scopeFix(f *Finding, right, title string, others ...Fix) {
	op, ok := put(s.ask, placeOf(s.ask), "scope", right, nil)
	note := ""
	switch op.Verb {
	case trace.Set:
		note = "scope = " + right
	case trace.Restore:
		v, _ := valueOf(*s.ask.Original, op.Place, "scope")
		note = "scope = " + s.counted(v)
	}
	f.replaceFixes(mend(title, note, s.ask, "scope as it should be", op, ok), others)
}

// unattended reports whether the request is one of client credentials: no
// person is there.
func (s scene) unattended() bool {
	return s.sent("grant_type") == "client_credentials" || s.t.Flow == decision.ClientCredentials
}

// counted is what Entra reads of a scope parameter. Without a person the scopes
// of OpenID Connect mean nothing: MSAL sends them along, and Entra passes them
// over.
func (s scene) counted(scope string) string {
	if !s.unattended() {
		return scope
	}
	return strings.Join(slices.DeleteFunc(strings.Fields(scope), isOIDC), " ")
}

// scopeGrammar explains AADSTS70011: the fault in the text of the scope
// parameter, named.
func scopeGrammar(s scene, f *Finding) {
	f.FlowRight = s.right(needRequest)
	sent := s.sent("scope")
	faults, mended := s.scopeFaults(sent)
	note := ""
	if len(faults) > 0 {
		note = faults[0].note
		f.Confidence = Certain
		f.Why = nil
		for _, x := range faults {
			f.Why = append(f.Why, x.why)
		}
		f.Why = append(f.Why, "Scopes are a list with single spaces between them (RFC 6749 section 3.3), and each names its API: api://ID/name.")
	}
	if mended != "" && mended != sent {
		f.compare("sent", sent, "meant, perhaps", mended, note)
	} else {
		f.see("sent", sent, note)
		mended = ""
	}
	s.scopeFix(f, mended, "In the request: write the scopes with spaces, each with its API",
		Fix{Title: "Copy the scope from the API's registration", Where: "Entra admin centre › App registrations › the API › Expose an API"})
}

// scopeFaults names what is wrong with a scope parameter, in order, and gives
// it as it was probably meant.
func (s scene) scopeFaults(sent string) (faults []part, mended string) {
	add := func(name, note, why string) {
		if !slices.ContainsFunc(faults, func(p part) bool { return p.name == name }) {
			faults = append(faults, part{name, note, why})
		}
	}
	if strings.TrimSpace(sent) == "" {
		add("empty", "nothing is asked for", "The scope is empty, and Entra needs at least one.")
		return faults, ""
	}
	text := sent
	for _, c := range []struct{ char, name, why string }{
		{",", "comma", "There is a comma between the scopes. Many libraries take a list, but on the wire it is spaces."},
		{";", "semicolon", "There is a semicolon between the scopes. On the wire it is spaces."},
		{"+", "plus", "There is a plus sign in the scope: a space was probably encoded twice."},
		{`"`, "quotation mark", "There is a quotation mark in it: a list in JSON was probably sent as it was."},
		{"[", "bracket", "There is a bracket in it: a list was probably sent as it was printed."},
		{`\`, "backslash", "There is a backslash in it, which no scope can have."},
	} {
		if strings.Contains(text, c.char) {
			add(c.name, c.name, c.why)
			text = strings.ReplaceAll(text, c.char, " ")
		}
	}
	text = strings.ReplaceAll(text, "]", " ")
	parts := strings.Fields(text)
	for i, p := range parts {
		parts[i] = s.scopePart(p, add)
	}
	if slices.ContainsFunc(parts, func(p string) bool { return strings.HasSuffix(p, "/.default") }) && len(parts) > 1 && len(faults) == 0 {
		for _, p := range parts {
			if !isOIDC(p) && !strings.HasSuffix(p, "/.default") {
				add("default", ".default stands alone", ".default means everything that the registration lists; it can't stand beside single scopes.")
			}
		}
	}
	return faults, strings.Join(parts, " ")
}

// scopePart looks at one scope and gives it as it was probably meant.
func (s scene) scopePart(p string, add func(name, note, why string)) string {
	for _, res := range s.reg.Resources {
		if res.ClientID == "" {
			continue
		}
		for _, id := range []string{strings.TrimPrefix(res.URI, "api://"), res.URI, res.ClientID} {
			if id != "" && strings.TrimRight(p, "/") == id {
				add("no permission", "an API, and no scope of it", "It names an API but none of its scopes.")
				return res.URI + "/.default"
			}
		}
		bare := strings.TrimPrefix(res.URI, "api://")
		if bare != res.URI && bare != "" && strings.HasPrefix(p, bare+"/") && bare != res.ClientID {
			add("scheme", "api:// is missing", "The App ID URI begins with api://, and that belongs to the scope.")
			return "api://" + p
		}
	}
	switch {
	case strings.HasSuffix(p, "/"):
		add("trailing slash", "a slash at the end", "It ends in a slash: the name of a permission has to follow.")
		return strings.TrimRight(p, "/") + "/.default"
	case strings.HasPrefix(p, "api:/") && !strings.HasPrefix(p, "api://"):
		add("slashes", "api:// has two slashes", "api:// is written with two slashes.")
		return "api://" + strings.TrimLeft(strings.TrimPrefix(p, "api:/"), "/")
	case strings.Contains(p, "//") && strings.Count(p, "//") > strings.Count(p, "://") && !strings.HasSuffix(p, "//.default"):
		add("double slash", "two slashes", "There are two slashes before the name.")
		if i := strings.LastIndex(p, "//"); i > 0 {
			return p[:i] + p[i+1:]
		}
	case strings.Contains(p, "://") && strings.Count(p[strings.Index(p, "://")+3:], "/") == 0:
		add("no permission", "an API, and no scope of it", "It names an API but none of its scopes.")
		return p + "/.default"
	}
	return p
}

// scopeDefault explains AADSTS1002012: without a person there is only
// RESOURCE/.default.
func scopeDefault(s scene, f *Finding) {
	f.FlowRight = s.right(needRequest)
	sent := s.sent("scope")
	right := ""
	for scope := range strings.FieldsSeq(sent) {
		if isOIDC(scope) {
			continue
		}
		resource, _ := cutScope(scope)
		if res, ok := s.resourceFor(scope); ok && res.URI != "" {
			resource = res.URI
		}
		if resource != "" && !strings.HasSuffix(resource, ":/") {
			right = resource + "/.default"
			break
		}
	}
	if res, ok := s.onlyResource(); ok && right == "" {
		right = res.URI + "/.default"
	}
	if right == "" {
		f.see("scope", sent, "")
	} else {
		f.Confidence = Certain
		f.compare("sent", sent, "right here", right, "RESOURCE/.default, of one API")
	}
	s.scopeFix(f, right, "In the request: ask for "+orName(right, "RESOURCE/.default"),
		Fix{Title: "What the application may do is granted beforehand", Where: s.portal("API permissions"), Command: "az ad app permission admin-consent --id " + s.appID()})
}

// manyResources explains AADSTS28000: a token is for one API.
func manyResources(s scene, f *Finding) {
	f.FlowRight = s.right(needRequest)
	sent := s.sent("scope")
	var keep, apis []string
	for scope := range strings.FieldsSeq(sent) {
		if isOIDC(scope) {
			keep = append(keep, scope)
			continue
		}
		api, _ := cutScope(scope)
		if res, ok := s.resourceFor(scope); ok {
			api = res.Name
		}
		api = orName(api, "Microsoft Graph")
		if !slices.Contains(apis, api) {
			apis = append(apis, api)
		}
		if len(apis) == 1 {
			keep = append(keep, scope)
		}
	}
	f.see("scope", sent, "")
	if len(apis) > 1 {
		f.Confidence = Certain
		f.see("APIs named", listed(apis), "one token is for one API")
	}
	s.scopeFix(f, strings.Join(keep, " "), "In the request: ask for one API's scopes",
		Fix{Title: "In the program: get a token for each API", Note: "the refresh token gets the next one without a page"})
}

// scopeEmpty explains AADSTS28003.
func scopeEmpty(s scene, f *Finding) {
	f.FlowRight = s.right(needRequest)
	f.see("scope", orName(s.sent("scope"), "empty"), "")
	right := ""
	if auth, ok := s.authorizeOf(); ok {
		right, _ = auth.Request.Get("scope")
	}
	s.scopeFix(f, right, "In the request: send the scopes of the authorization request")
}

// resourceUnknown explains AADSTS500011: no such API in this tenant.
func resourceUnknown(s scene, f *Finding) {
	sent := s.sent("scope")
	if strings.ContainsAny(sent, ",;+\"[\\") { // read as a part of the API's name
		scopeGrammar(s, f)
		return
	}
	f.FlowRight = s.right(needRequest)
	var uris []string
	for _, r := range s.reg.Resources {
		if r.URI != "" {
			uris = append(uris, r.URI)
		}
	}
	right := ""
	for scope := range strings.FieldsSeq(sent) {
		resource, name := cutScope(scope)
		if _, ok := s.resourceFor(scope); ok || isOIDC(scope) || resource == "" {
			continue
		}
		if likely := nearest(resource, uris); likely != "" {
			f.Confidence = Certain
			f.compare("API asked", resource, "an API that is there", likely, "")
			right = s.counted(replaceScope(sent, scope, likely+"/"+name))
		} else {
			f.see("API asked", resource, "")
		}
		break
	}
	if len(f.Evidence) == 0 {
		f.see("scope", sent, "")
	}
	if len(uris) > 1 {
		f.see("APIs of the registration", listed(uris), "")
	}
	s.scopeFix(f, right, "In the request: name an API that is there",
		Fix{Title: "In the API's registration: look at its App ID URI", Where: "Entra admin centre › App registrations › the API › Expose an API"},
		Fix{Title: "If the API belongs to another tenant: install it in this one", Where: "Entra admin centre › Enterprise applications", Command: "az ad sp create --id RESOURCE_APP_ID"})
}

// resourceNotListed explains AADSTS650057: the registration does not list the API.
func resourceNotListed(s scene, f *Finding) {
	f.FlowRight = s.right(needConfig)
	f.see("scope", s.sent("scope"), "")
	if len(s.reg.Permissions) > 0 {
		f.see("permissions of the registration", listed(s.reg.Permissions), "")
	}
	s.scopeFix(f, "", "In the request: ask for the API as the program built it",
		Fix{Title: "In the registration: add the API's permission", Where: s.portal("API permissions › Add a permission"), Command: "az ad app permission add --id " + s.appID() + " --api RESOURCE_APP_ID --api-permissions PERMISSION_ID=Scope"})
}

// consentMissing explains AADSTS65001: who has to consent to what.
func consentMissing(s scene, f *Finding) {
	f.FlowRight = s.right(needConsent)
	var asked []string
	for scope := range strings.FieldsSeq(s.sent("scope")) {
		if !isOIDC(scope) {
			asked = append(asked, scope)
		}
	}
	f.see("asked for", listed(asked), "")
	f.Confidence = Certain
	var unlisted []string
	for _, a := range asked {
		if _, name := cutScope(a); len(s.reg.Permissions) > 0 && name != ".default" && !slices.ContainsFunc(s.reg.Permissions, func(p string) bool { return p == a || strings.HasSuffix(p, "/"+name) }) {
			unlisted = append(unlisted, a)
		}
	}
	if len(unlisted) > 0 {
		f.see("not among its permissions", listed(unlisted), "")
	}
	person := "the person, or an administrator for everybody,"
	if s.t.Flow == decision.ClientCredentials {
		person = "an administrator"
		f.Who = Administrator
	}
	f.Why = append([]string{upperFirst(person) + " has to allow " + s.appName() + " to use " + orName(listed(asked), "this API") + "."}, f.Why[min(1, len(f.Why)):]...)
	f.replaceFixes(s.askConsent(), one(Fix{
		Title: "Or let an administrator consent for everybody", Where: s.portal("API permissions › Grant admin consent"),
		Command: "az ad app permission admin-consent --id " + s.appID(), Note: s.adminConsentURL(asked),
	}))
	if len(unlisted) > 0 {
		f.Fix = append(f.Fix, Fix{Title: "In the registration: list the permission, so that an administrator can grant it", Where: s.portal("API permissions › Add a permission")})
	}
}

// askConsent is the retry that asks the person: the request as it was built,
// without prompt=none, or with prompt=consent.
func (s scene) askConsent() []Fix {
	if fixes := restored(s.ask, placeOf(s.ask), "scope", "In the request: ask for what was consented to"); fixes != nil {
		return fixes
	}
	if op, ok := leaveOut(s.ask, placeOf(s.ask), "scope"); ok && op.Verb == trace.Restore {
		return mend("In the request: leave the scope out, as the program built it", "", s.ask, "no scope", op, ok)
	}
	if s.e.Purpose == trace.OnBehalfOf {
		return s.middleConsent()
	}
	auth, ok := s.authorizeOf()
	if !ok {
		return nil
	}
	const title = "In the authorization request: ask the person for consent"
	if v, _ := auth.Request.Get("prompt"); v == "none" {
		op, ok := leaveOut(auth, trace.Query, "prompt")
		return mend(title, "without prompt=none", auth, "no prompt=none", op, ok)
	}
	op, ok := put(auth, trace.Query, "prompt", "consent", func(string) bool { return false })
	return mend(title, "prompt = consent", auth, "prompt=consent", op, ok)
}

// adminConsentURL is the page on which an administrator allows the application
// for the whole tenant (Entra: admin consent).
func (s scene) adminConsentURL(scopes []string) string {
	u, err := url.Parse(s.ask.Request.URL)
	if err != nil || u.Host == "" {
		return ""
	}
	tenant := s.reg.TenantID
	if tenant == "" {
		tenant = tenantOf(s.ask.Request.URL)
	}
	params := []trace.Param{{Name: "client_id", Value: s.rawAppID()}}
	if len(scopes) > 0 {
		params = append(params, trace.Param{Name: "scope", Value: strings.Join(scopes, " ")})
	}
	if uris := s.reg.RedirectURIs(); len(uris) > 0 {
		params = append(params, trace.Param{Name: "redirect_uri", Value: uris[0]})
	}
	return u.Scheme + "://" + u.Host + "/" + url.PathEscape(tenant) + "/v2.0/adminconsent?" + trace.EncodePairs(params)
}

// consentDeclined explains AADSTS65004: the person said no. The retry changes
// nothing in the request: it asks the person again.
func consentDeclined(s scene, f *Finding) {
	f.FlowRight = s.right(needConsent)
	f.Fix = append(f.Fix, Fix{
		Title:  "Where the person agrees after all: ask again, and let them accept",
		Note:   "only after telling them why the application needs it",
		Change: &trace.Change{Purpose: trace.SignIn, Label: "ask for consent again"},
	})
	if s.a.primary() == 65004 {
		f.Confidence = Certain
	}
	if asked := strings.Fields(s.sent("scope")); len(asked) > 0 {
		f.see("asked for", listed(asked), "")
	}
	if sub := redirectError(s.e, "error_subcode"); sub != "" {
		f.see("error_subcode", sub, "")
	}
}

func redirectError(e trace.Exchange, name string) string {
	v, _ := first(redirectParams(e.Request), name)
	return v
}
