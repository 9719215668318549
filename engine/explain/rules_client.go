package explain

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"flowscope/engine/trace"
)

var guidPattern = regexp.MustCompile(`(?i)^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// unknownClient explains AADSTS700016 and 700038.
func unknownClient(s scene, f *Finding) {
	sent := s.sent("client_id")
	if sent == "" {
		sent, _ = basicOf(s.ask.Request)
	}
	f.FlowRight = s.right(needRequest)
	right := s.reg.ClientID
	tenant := tenantOf(s.ask.Request.URL)
	switch {
	case right == "":
		f.see("client_id", sent, "")
	case sent != right:
		f.Confidence = Certain
		f.compare("sent", sent, "registered", right, s.clientNote(sent))
		f.Why = append([]string{"The client_id is not the one of " + s.appName() + "."}, f.Why...)
	default:
		f.see("client_id", sent, "is the registered one: look at the tenant")
		f.see("tenant asked", tenant, "")
		if s.reg.TenantID != "" {
			f.see("tenant of the registration", s.reg.TenantID, shown(s.reg.TenantName))
		}
	}
	op, ok := put(s.ask, placeOf(s.ask), "client_id", right, func(v string) bool { return right == "" || v == right })
	fixes := mend("In the request: send the registered client_id", "client_id = "+right, s.ask, "the registered client_id", op, ok)
	if s.reg.TenantID != "" && sent == right && tenant != s.reg.TenantID {
		op, ok := put(s.ask, trace.Path, "tenant", s.reg.TenantID, nil)
		fixes = mend("In the request: ask the tenant of the registration", "tenant = "+s.reg.TenantID, s.ask, "the registration's tenant", op, ok)
	}
	f.replaceFixes(fixes,
		one(Fix{Title: "Copy the Application (client) ID, not the object id", Where: s.portal("Overview"), Command: "az ad app list --display-name " + quote(orName(s.reg.Name, "NAME")) + " --query [].appId"}),
		one(Fix{Title: "If the application belongs to another tenant: install it in this one", Where: "Entra admin centre › Enterprise applications", Command: "az ad sp create --id " + s.appID(), Note: "signed in to the tenant that is asked"}))
}

func (s scene) clientNote(sent string) string {
	switch {
	case !guidPattern.MatchString(sent):
		return "is not a GUID"
	case strings.EqualFold(sent, s.reg.TenantID):
		return "is the tenant's id"
	}
	for _, c := range s.reg.Secrets {
		if strings.EqualFold(sent, c.ID) {
			return "is the id of a secret"
		}
	}
	return "another application"
}

func (s scene) appName() string { return orName(s.reg.Name, "the application") }

func orName(name, other string) string {
	if name == "" {
		return other
	}
	return shown(name)
}

// unknownTenant explains AADSTS90002 and 900023.
func unknownTenant(s scene, f *Finding) {
	sent, right := tenantOf(s.ask.Request.URL), s.reg.TenantID
	f.FlowRight = s.right(needRequest)
	if right != "" && !strings.EqualFold(sent, right) {
		f.Confidence = Certain
		f.compare("tenant asked", sent, "registered in", right, "")
		f.Evidence[len(f.Evidence)-1].Note = shown(s.reg.TenantName)
	} else {
		f.see("tenant asked", sent, "")
		f.see("host", s.ask.Host(), "each cloud has its own tenants")
	}
	op, ok := put(s.ask, trace.Path, "tenant", right, nil)
	f.replaceFixes(mend("In the address: ask the tenant that is there", tenantNote(right), s.ask, "the tenant of the registration", op, ok),
		one(Fix{Title: "Copy the tenant's id", Where: "Entra admin centre › Overview › Tenant ID", Command: "az account tenant list --query [].tenantId"}))
}

// anyTenant explains AADSTS50059, 50194, 90130, 9001023 and 9002332: an address
// for all tenants was asked where one tenant is needed.
func anyTenant(s scene, f *Finding) {
	f.FlowRight = s.right(needRequest)
	sent, right := tenantOf(s.ask.Request.URL), s.reg.TenantID
	if right == "" || strings.EqualFold(sent, right) {
		f.see("tenant asked", sent, "")
		return
	}
	f.compare("tenant asked", sent, "registered in", right, "")
	if slices.Contains([]string{"common", "organizations", "consumers"}, strings.ToLower(sent)) {
		f.Confidence = Certain
		f.Evidence[0].Note = "stands for no single tenant"
	}
	op, ok := put(s.ask, trace.Path, "tenant", right, func(v string) bool { return strings.EqualFold(v, right) })
	f.prepend(mend("In the address: ask the tenant of the registration", tenantNote(right), s.ask, "the tenant of the registration", op, ok)...)
}

func tenantNote(right string) string {
	if right == "" {
		return ""
	}
	return "tenant = " + right
}

// otherTenant explains AADSTS700005: the code is redeemed at another tenant
// than it was issued by.
func otherTenant(s scene, f *Finding) {
	f.FlowRight = s.right(needRequest)
	here := tenantOf(s.ask.Request.URL)
	auth, ok := s.authorizeOf()
	if !ok {
		f.see("tenant asked", here, "")
		return
	}
	there := tenantOf(auth.Request.URL)
	f.compare("asked here", here, fmt.Sprintf("asked at step %d", auth.Step), there, "must be the same")
	if here != there {
		f.Confidence = Certain
	}
	op, ok := put(s.ask, trace.Path, "tenant", there, func(v string) bool { return v == there })
	f.replaceFixes(mend("In the address: redeem the code where it was issued", tenantNote(there), s.ask, "the tenant of the authorization request", op, ok))
}

// secretOf gives the client secret of a request, and where it stands.
func secretOf(r trace.Request) (secret string, sent bool) {
	if v, ok := first(r.FormParams(), "client_secret"); ok {
		return v, true
	}
	if id, secret := basicOf(r); id != "" || secret != "" {
		return secret, true
	}
	return "", false
}

// wrongSecret explains AADSTS7000215. It says length and shape of the secret,
// never the secret.
func wrongSecret(s scene, f *Finding) {
	secret, sent := secretOf(s.ask.Request)
	f.FlowRight = s.right(needCredential)
	if sent {
		shape, why, sure := s.secretShape(secret)
		f.see("client_secret", fmt.Sprintf("%d characters", len([]rune(secret))), shape)
		if why != "" {
			f.Why = append([]string{why}, f.Why...)
		}
		if sure {
			f.Confidence = Certain
		}
	}
	if len(s.ask.Changes) > 0 && s.ask.Original != nil {
		if before, ok := secretOf(*s.ask.Original); ok && before != secret {
			f.see("as the program built it", fmt.Sprintf("%d characters", len([]rune(before))), "it was changed on its way out")
			f.Confidence = Certain
		}
	}
	s.seeSecrets(f)
	f.replaceFixes(s.restoreSecret("In the request: send the secret as the program built it"), s.newSecret("Make a new secret and copy its Value, not its ID"))
}

// secretShape says what a secret looks like, why that matters, and whether that
// settles the matter.
func (s scene) secretShape(secret string) (shape, why string, sure bool) {
	for _, c := range s.reg.Secrets {
		if c.ID != "" && strings.EqualFold(secret, c.ID) {
			return "the ID of a registered secret", "The portal shows an ID and, once only, a Value. This is the ID; the Value is the secret.", true
		}
	}
	switch {
	case guidPattern.MatchString(secret):
		return "the shape of a GUID", "Secrets do not look like a GUID, but their IDs do: the ID was probably pasted in place of the Value.", false
	case secret == "":
		return "empty", "The parameter is there, but nothing is in it: a setting or an environment variable may be missing.", true
	case strings.TrimSpace(secret) != secret:
		return "white space at an end", "There is white space before or after it, often a line break from a file.", true
	case strings.Trim(secret, `"'`) != secret:
		return "quotation marks around it", "There are quotation marks around it: they were probably read as part of the value.", false
	case strings.Contains(secret, "%") && unescapes(secret):
		return "percent signs in it", "It looks percent-encoded: it may have been encoded twice.", false
	}
	return "", "", false
}

func unescapes(s string) bool {
	u, err := url.QueryUnescape(s)
	return err == nil && u != s
}

// seeSecrets lists the registered secrets as the portal does: hint and date.
func (s scene) seeSecrets(f *Finding) {
	for i, c := range s.reg.Secrets {
		if i == 6 {
			return
		}
		note := ""
		if !s.e.Started.IsZero() && !c.Expires.IsZero() && c.Expires.Before(s.e.Started) {
			note = "expired"
		}
		value := "begins with " + shown(c.Hint)
		if c.Hint == "" {
			value = "a secret"
		}
		if !c.Expires.IsZero() {
			value += ", good until " + c.Expires.UTC().Format("2006-01-02")
		}
		f.see("registered", value, note)
	}
}

func (s scene) restoreSecret(title string) []Fix {
	for _, name := range []string{"client_secret", "client_assertion"} {
		if fixes := restored(s.ask, trace.Form, name, title); fixes != nil {
			return fixes
		}
	}
	return restored(s.ask, trace.Header, "Authorization", title)
}

func (s scene) newSecret(title string) []Fix {
	return one(Fix{
		Title: title, Where: s.portal("Certificates & secrets"),
		Command: "az ad app credential reset --id " + s.appID() + " --append",
		Note:    "--append keeps the secrets that are there; the new one is shown once",
	})
}

// expiredSecret explains AADSTS7000222.
func expiredSecret(s scene, f *Finding) {
	f.FlowRight = s.right(needCredential)
	s.seeSecrets(f)
	for _, e := range f.Evidence {
		if e.Note == "expired" {
			f.Confidence = Certain
		}
	}
	f.replaceFixes(s.restoreSecret("In the request: send the secret as the program built it"), s.newSecret("Make a new secret"),
		one(Fix{Title: "Better: a certificate or a federated credential", Where: s.portal("Certificates & secrets"), Note: "a federated credential can't expire unnoticed, because there is nothing to keep"}))
}

// secretMissing explains AADSTS7000218.
func secretMissing(s scene, f *Finding) {
	f.FlowRight = s.right(needCredential)
	_, sent := secretOf(s.ask.Request)
	_, assertion := first(s.ask.Request.FormParams(), "client_assertion")
	if !sent && !assertion {
		f.Confidence = Certain
		f.see("client_secret", "not sent", "")
		f.see("client_assertion", "not sent", "")
	}
	s.seePlatform(f)
	fixes := s.restoreSecret("In the request: send the credential as the program built it")
	give := one(Fix{Title: "In the program: give the client its secret or certificate", Where: s.portal("Certificates & secrets"), Note: "a setting or an environment variable may be empty"})
	if f.Code == "AADSTS7000216" || s.unattended() { // no public client may use this grant
		f.replaceFixes(fixes, give)
		return
	}
	if s.reg.Public || s.t.As == "native" || s.t.As == "device" {
		f.replaceFixes(fixes, one(Fix{Title: "This client is public: allow public client flows", Where: s.portal("Authentication › Settings"), Command: "az ad app update --id " + s.appID() + " --is-fallback-public-client true"}))
		return
	}
	f.replaceFixes(fixes, give,
		one(Fix{Title: "If this is really a public client: register its address as such", Where: s.portal("Authentication"), Note: "platform Single-page application, or Mobile and desktop applications"}))
}

// seePlatform adds the platform that the redirect URI is registered under.
func (s scene) seePlatform(f *Finding) string {
	uri := s.sent("redirect_uri")
	if uri == "" {
		return ""
	}
	platform := s.platformOf(uri)
	if platform == "" {
		f.see("redirect_uri", uri, "")
		return ""
	}
	f.see("redirect_uri", uri, "registered as "+platformWords(platform))
	return platform
}

func platformWords(t string) string {
	switch t {
	case "web":
		return "Web"
	case "spa":
		return "Single-page application"
	case "publicClient":
		return "Mobile and desktop"
	}
	return shown(t)
}

// secretFromPublic explains AADSTS700025.
func secretFromPublic(s scene, f *Finding) {
	f.FlowRight = s.right(needRequest)
	var ops []trace.Op
	var names []string
	for _, p := range []struct {
		place trace.Place
		name  string
	}{{trace.Form, "client_secret"}, {trace.Form, "client_assertion"}, {trace.Form, "client_assertion_type"}, {trace.Header, "Authorization"}} {
		if op, ok := leaveOut(s.ask, p.place, p.name); ok {
			ops, names = append(ops, op), append(names, p.name)
			f.Confidence = Certain
			f.see(p.name, "sent", "a public client sends none")
		}
	}
	if s.unattended() {
		publicDaemon(s, f)
		return
	}
	platform := s.seePlatform(f)
	fixes := one(Fix{Title: "In the request: send no credential", Note: "without " + listed(names), Change: changeOf(s.ask.Purpose, "no "+strings.Join(names, ", "), ops...)})
	if len(ops) == 0 {
		fixes = nil
	}
	title := "If there really is a server: register its address as Web"
	if platform == "web" {
		title = "The address is registered as Web: look for the same address under another platform"
	}
	f.replaceFixes(fixes, one(Fix{Title: title, Where: s.portal("Authentication")}))
}

// publicDaemon explains AADSTS700025 for client credentials: there is no code
// and no address, and without the credential the grant could not be had either
// (RFC 6749 section 4.4).
func publicDaemon(s scene, f *Finding) {
	f.What = "A public client asked for a token by client credentials."
	f.Why = []string{
		"Client credentials are for confidential clients only: the application proves itself with a secret or a certificate, and no person signs in.",
		"This application is registered as public, so Entra takes no credential from it. To leave the credential out helps nothing: the grant needs one.",
	}
	f.Source = append([]string{"RFC 6749 section 4.4"}, f.Source...)
	op, ok := put(s.ask, trace.Form, "client_id", "", nil)
	f.replaceFixes(
		mend("In the request: send the client_id as the program built it", "", s.ask, "client_id as the program built it", op, ok),
		one(Fix{Title: "In the program: use a confidential client, such as the daemon's own registration", Note: "its client_id, with its secret or certificate"}),
		one(Fix{Title: "If this application runs on a server alone: make it confidential", Where: s.portal("Authentication"), Note: "no address of a single-page or native app, public client flows not allowed"}),
		one(Fix{Title: "If a person signs in: use authorization code + PKCE or device code, without a credential"}))
}
