package validate

import (
	"net/url"
	"slices"
	"strings"
)

// classify tells access from ID tokens and persons from applications (Entra's
// access and ID token claims references; RFC 9068 for "at+jwt").
func (t *Token) classify() (Kind, string) {
	c := &t.c
	if t.Claims == nil {
		if isAccessType(t.h.typ) {
			return KindAccess, SubjectUnknown
		}
		return KindOpaque, SubjectUnknown
	}
	if c.cut {
		return t.classifyCut()
	}
	if !t.isAccess() {
		return KindID, SubjectUser
	}
	scoped := c.scp.Type != TypeNone
	if c.idtyp == "app" && c.scp.Type == TypeString && strings.Trim(c.scp.text, "/ ") == "" {
		scoped = false // an agent identity as itself (Entra: agent identities, token claims)
	}
	switch {
	case c.idtyp == "app":
		if scoped {
			return KindAccess, SubjectUnknown
		}
		return KindAccess, SubjectApp
	case c.idtyp == "user", scoped && c.hasTid, scoped && c.person:
		return KindAccess, SubjectUser
	case c.managedIdentity:
		return KindAccess, SubjectApp
	case c.sub != "" && (c.sub == c.oid || c.sub == c.client()):
		return KindAccess, SubjectApp
	case scoped, c.person:
		return KindAccess, SubjectUser
	}
	return KindAccess, SubjectUnknown
}

// classifyCut tells what is certain of a token whose claims end in the middle:
// what only access tokens carry is there, or nothing can be said. A person is
// certain where "idtyp" says so; whatever else there is, more could follow.
func (t *Token) classifyCut() (Kind, string) {
	switch {
	case !t.marksAccess():
		return KindOpaque, SubjectUnknown
	case t.c.idtyp == "user":
		return KindAccess, SubjectUser
	}
	return KindAccess, SubjectUnknown
}

// marksAccess reports what only access tokens carry.
func (t *Token) marksAccess() bool {
	c := &t.c
	return isAccessType(t.h.typ) || c.scp.Type != TypeNone || c.appid != "" || c.proof || c.idtyp != "" || c.managedIdentity
}

// client returns the application that the token was issued to.
func (c *claimFacts) client() string {
	switch {
	case c.azp != "":
		return c.azp
	case c.appid != "":
		return c.appid
	}
	return c.clientID
}

// isAccess tells an access token by what only access tokens carry; what is
// left is an ID token if it was made for the client itself.
func (t *Token) isAccess() bool {
	c := &t.c
	switch {
	case t.marksAccess():
		return true
	case c.nonce != "", c.atHash != "", c.cHash != "":
		return false
	case c.azp != "":
		return c.aud.Type == TypeString && c.aud.text != c.azp
	case c.hasTid:
		return false
	case c.clientID != "", c.plainAccess:
		return true
	}
	return !c.person && !c.idOnly
}

// bareID reports a token of nothing but what every ID token must hold (OpenID
// Connect Core 1.0 section 2), made for one of these audiences: nothing in it
// speaks against the word of whoever got it as an ID token.
func (t *Token) bareID(audiences []string) bool {
	c := &t.c
	if t.Claims == nil || t.Kind != KindAccess || c.cut || t.marksAccess() || c.client() != "" || c.plainAccess || c.hasTid || t.Claims.Has("roles") || c.sub == "" {
		return false
	}
	return slices.ContainsFunc(words(c.aud, false), func(aud string) bool { return slices.Contains(audiences, aud) })
}

// isAccessType recognises the media type of JWT access tokens (RFC 9068 section 2.1).
func isAccessType(typ string) bool {
	return strings.EqualFold(typ, "at+jwt") || strings.EqualFold(typ, "application/at+jwt")
}

// ForGraph reports whether the token is made for Microsoft Graph and carries
// the header "nonce" that only Graph can undo before it checks the signature.
func (t *Token) ForGraph() bool {
	if t.h.nonce == "" {
		return false
	}
	return slices.ContainsFunc(words(t.c.aud, false), IsGraph)
}

// IsGraph reports whether an audience, or the API that a scope names, is
// Microsoft Graph: by the application id that it has in every cloud or by its
// address in one of them, in any case, a slash at the end or not (Entra: national
// clouds, Microsoft Graph endpoints). It is the one rule for that.
func IsGraph(audience string) bool {
	if n := len(audience); n > 0 && audience[n-1] == '/' {
		audience = audience[:n-1]
	}
	for _, name := range graphNames {
		if len(name) == len(audience) && strings.EqualFold(name, audience) {
			return true
		}
	}
	return false
}

// graphNames are the names of Microsoft Graph: its application id, and its
// addresses in the public, the US Government (L4, L5) and the Chinese cloud.
var graphNames = [...]string{
	"00000003-0000-0000-c000-000000000000",
	"https://graph.microsoft.com",
	"https://graph.microsoft.us", "https://dod-graph.microsoft.us",
	"https://microsoftgraph.chinacloudapi.cn",
}

// forMicrosoft reports a token for one of Microsoft's own APIs that, as Graph
// does, change the header "nonce" before they verify.
func (t *Token) forMicrosoft() bool {
	for _, aud := range words(t.c.aud, false) {
		plain := strings.ToLower(strings.TrimSuffix(aud, "/"))
		switch plain {
		case "00000002-0000-0000-c000-000000000000", "https://graph.windows.net", // Azure AD Graph
			"00000002-0000-0ff1-ce00-000000000000", "https://outlook.office365.com", "https://outlook.office.com", "https://substrate.office.com", // Exchange
			"00000003-0000-0ff1-ce00-000000000000": // SharePoint
			return true
		}
		host, ok := strings.CutPrefix(plain, "https://")
		if ok && strings.HasSuffix(host, ".sharepoint.com") && !strings.ContainsAny(host, "/?#@:") {
			return true
		}
	}
	return false
}

// EntraHost reports whether host, without a port, serves sign-in for one of
// Entra's clouds (national clouds, public, US Government, China).
func EntraHost(host string) bool {
	switch strings.ToLower(host) {
	case "login.microsoftonline.com", "login.microsoft.com", "login.windows.net", "sts.windows.net",
		"login.microsoftonline.us", "login.usgovcloudapi.net", "login-us.microsoftonline.com",
		"login.partner.microsoftonline.cn", "login.chinacloudapi.cn", "sts.chinacloudapi.cn",
		"login.sovcloud-identity.fr", "login.sovcloud-identity.de", "login.sovcloud-identity.sg":
		return true
	}
	return false
}

// entraIssuer reports an https issuer on one of Entra's hosts.
func entraIssuer(issuer string) bool {
	u, err := url.Parse(issuer)
	return err == nil && u.Scheme == "https" && u.Port() == "" && EntraHost(u.Hostname())
}

// IsGUID reports the usual form of a GUID, 8-4-4-4-12, in either case.
func IsGUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if c != '-' {
				return false
			}
		} else if !(c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f') {
			return false
		}
	}
	return true
}

// tenantPlaceholder stands for the tenant in the issuer of Entra's documents
// for more than one tenant.
const tenantPlaceholder = "{tenantid}"

// expandIssuer puts the token's tenant in the place of "{tenantid}". Without
// a GUID for a tenant it leaves the template, which then equals no issuer.
func expandIssuer(issuer, tid string) string {
	if !strings.Contains(issuer, tenantPlaceholder) || !IsGUID(tid) {
		return issuer
	}
	return strings.ReplaceAll(issuer, tenantPlaceholder, tid)
}

// fromIssuer reports whether the token names the issuer given, which may hold
// "{tenantid}" for the token's own tenant.
func (c *claimFacts) fromIssuer(issuer string) bool {
	before, after, ok := strings.Cut(issuer, tenantPlaceholder)
	if !ok {
		return c.iss == issuer
	}
	n := len(before)
	return c.guidTid && len(c.iss) == n+len(c.tid)+len(after) &&
		c.iss[:n] == before && c.iss[n:n+len(c.tid)] == c.tid && c.iss[n+len(c.tid):] == after
}

// issuerForm tells which version of token an issuer of Entra's form belongs
// to and which tenant it names; "" where it is of another form.
func issuerForm(iss string) (version, tenant string) {
	rest, ok := strings.CutPrefix(iss, "https://")
	if !ok {
		if rest, ok = strings.CutPrefix(iss, "http://"); !ok {
			return "", ""
		}
	}
	_, path, _ := strings.Cut(rest, "/")
	tenant, tail, _ := strings.Cut(path, "/")
	if !IsGUID(tenant) {
		return "", ""
	}
	switch tail {
	case "v2.0", "v2.0/":
		return "2.0", tenant
	case "":
		return "1.0", tenant
	}
	return "", tenant
}

// v2Issuers returns the v2.0 issuers of the tenant whose v1.0 issuer is iss.
// Entra's v1.0 issuers live on hosts of their own.
func v2Issuers(iss, tenant string) []string {
	scheme, rest, _ := strings.Cut(iss, "://")
	host, _, _ := strings.Cut(rest, "/")
	hosts := []string{host}
	switch host {
	case "sts.windows.net":
		hosts = []string{"login.microsoftonline.com", "login.microsoftonline.us"}
	case "sts.chinacloudapi.cn":
		hosts = []string{"login.partner.microsoftonline.cn", "login.chinacloudapi.cn"}
	}
	for i, h := range hosts {
		hosts[i] = scheme + "://" + h + "/" + tenant + "/v2.0"
	}
	return hosts
}
