package lab

import (
	"net"
	"net/http"
	"net/netip"
	"strings"

	"flowscope/engine/lab/aadsts"
	"flowscope/engine/lab/directory"
	"flowscope/engine/lab/pages"
)

// visit is one request on its way, with what every endpoint needs to know.
type visit struct {
	*Lab
	w           http.ResponseWriter
	r           *http.Request
	base        string // scheme and host, without a slash at the end
	segment     string // tenant segment of the path
	trace       string // trace id: x-ms-request-id
	correlation string
}

// base is the scheme and host that were asked. It is false for a host that is
// no host: it would end up in issuers and endpoints.
func base(r *http.Request) (string, bool) {
	host := strings.ToLower(r.Host)
	if host == "" {
		host = strings.ToLower(r.URL.Host) // a request that never left the process
	}
	name, ok := hostname(host)
	if !ok {
		return "", false
	}
	if r.TLS != nil || name == Host {
		return "https://" + host, true
	}
	return "http://" + host, true
}

// hostname is the host of a Host header without its port (RFC 9110 section
// 7.2): a domain name, an IPv4 address, or an IPv6 address in brackets. It is
// false for anything else, and for a port that is none.
func hostname(host string) (string, bool) {
	name := host
	if i := strings.LastIndexByte(host, ':'); i >= 0 && !strings.HasSuffix(host, "]") {
		if !directory.IsPort(host[i+1:]) {
			return "", false
		}
		name = host[:i]
	}
	if inner, ok := strings.CutPrefix(name, "["); ok {
		inner, closed := strings.CutSuffix(inner, "]")
		ip, err := netip.ParseAddr(inner)
		return name, closed && err == nil && ip.Is6() && ip.Zone() == ""
	}
	if ip, err := netip.ParseAddr(name); err == nil {
		return name, ip.Is4()
	}
	if len(name) > 253 {
		return "", false
	}
	label := ""
	for label = range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' ||
			strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return "", false
		}
	}
	// A name that ends in a number would be read as an IPv4 address.
	return name, strings.Trim(label, "0123456789") != ""
}

func (l *Lab) route(w http.ResponseWriter, r *http.Request) {
	if l.captive(w, r) {
		return
	}
	b, ok := base(r)
	if !ok {
		http.Error(w, "the Host header names no host", http.StatusBadRequest)
		return
	}
	if r.Body == nil { // likewise
		r = r.WithContext(r.Context())
		r.Body = http.NoBody
	}
	v := &visit{Lab: l, w: w, r: r, base: b, trace: l.ids.TraceID()}
	v.stamp()
	top, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	switch top {
	case "":
		v.draw(pages.Notice(w, http.StatusOK, "Contoso", "This is a lab",
			"A local imitation of Microsoft Entra ID, for learning and for tests. Nothing here reaches a real tenant.",
			"Discovery document: "+b+"/"+directory.ContosoID+"/v2.0/.well-known/openid-configuration"))
	case "ChangePassword.aspx":
		v.draw(pages.Notice(w, http.StatusOK, "Contoso", "Change your password",
			"Sign in to any application of the lab: the page then asks for a new password."))
	case "orders":
		l.apis.Orders(w, r, b, "/"+rest)
	case "inventory":
		l.apis.Inventory(w, r, b, "/"+rest)
	case "vault":
		l.apis.Vault(w, r, b, "/"+rest)
	case "badges":
		l.apis.Badges(w, r, b, "/"+rest)
	case "reports":
		l.apis.Reports(w, r, b, "/"+rest)
	case "graph":
		l.apis.Graph(w, r, b, "/"+rest)
	case federationSegment:
		v.federation(rest)
	default:
		v.segment = top
		if !v.trouble(rest) {
			v.tenant(rest)
		}
	}
}

// tenant serves the paths below a tenant segment.
func (v *visit) tenant(path string) {
	switch path {
	case "oauth2/v2.0/authorize":
		v.authorize(false)
	case "oauth2/authorize":
		v.authorize(true)
	case "v2.0/adminconsent":
		v.adminConsent(false)
	case "adminconsent":
		v.adminConsent(true)
	case "oauth2/deviceauth":
		v.deviceAuth()
	case "oauth2/checksession":
		v.draw(pages.CheckSession(v.w))
	case "oauth2/v2.0/token", "oauth2/token":
		v.unlooped(func() { v.token(path == "oauth2/token") })
	case "oauth2/v2.0/devicecode", "oauth2/devicecode":
		v.deviceCode(path == "oauth2/devicecode")
	case "oauth2/v2.0/logout", "oauth2/logout":
		v.logout()
	case "login":
		v.login()
	case "reprocess":
		v.picked()
	case "changepassword":
		v.changePassword()
	case "SAS/ProcessAuth":
		v.factor()
	case "proofup":
		v.register()
	case "Consent/Request":
		v.requestConsent()
	case "Consent/Set":
		v.consent()
	case "v2.0/.well-known/openid-configuration":
		v.document(v.discoveryV2)
	case ".well-known/openid-configuration":
		v.document(v.discoveryV1)
	case "discovery/v2.0/keys":
		v.document(v.keysV2)
	case "discovery/keys":
		v.document(v.keysV1)
	case "discovery/instance":
		v.document(v.instance)
	case "openid/userinfo":
		v.apis.UserInfo(v.w, v.r, v.base)
	default:
		if len(path) > len(realmPath) && strings.EqualFold(path[:len(realmPath)], realmPath) {
			v.userRealm(path[len(realmPath):])
			return
		}
		v.draw(pages.Notice(v.w, http.StatusNotFound, "Lab", "Nothing here", "The lab serves no such address."))
	}
}

// authority finds the tenant of a path, or says 90002, 900023 or 5000225.
func (l *Lab) authority(segment string) (directory.Authority, *aadsts.Error) {
	a, ok := l.dir.Authority(segment)
	switch {
	case ok && a.Tenant.Blocked:
		return a, aadsts.New(5000225, a.Tenant.ID).Because("tenant", "%s was shut for inactivity", a.Tenant.Name)
	case ok:
		return a, nil
	case directory.IsGUID(segment) || directory.IsDomain(segment):
		return a, aadsts.New(90002, segment).Because("tenant", "the lab has no tenant %q", segment)
	}
	return a, aadsts.New(900023, segment).Because("tenant", "%q is neither a GUID nor a domain", segment)
}

// stamp sets the headers that every answer carries.
func (v *visit) stamp() {
	v.correlation = v.r.Header.Get("client-request-id")
	if v.correlation == "" {
		v.correlation = v.r.URL.Query().Get("client-request-id")
	}
	if !directory.IsGUID(v.correlation) {
		v.correlation = v.ids.GUID()
	}
	h := v.w.Header()
	h.Set("Date", v.clock().UTC().Format(http.TimeFormat)) // the lab's clock may be moved
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("P3P", `CP="DSP CUR OTPi IND OTRi ONL FIN"`)
	h.Set("x-ms-request-id", v.trace)
	h.Set("x-ms-ests-server", "2.1.1 - flowscope lab")
	if strings.EqualFold(v.r.Header.Get("return-client-request-id"), "true") {
		h.Set("client-request-id", v.correlation)
	}
	// Never on localhost: it would force every local port to https.
	if v.base == "https://"+Host {
		h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	}
}

// place is what pages show as the owner of the sign-in.
func place(a directory.Authority) string {
	if a.Tenant.Name == "" {
		return "Work or school account"
	}
	return a.Tenant.Name
}

// draw takes the outcome of drawing a page. The templates are fixed and
// tested, so what is left is a browser that went away: nobody to tell.
func (v *visit) draw(error) {}

// ip is where the request came from; one inside the process is from here.
func (v *visit) ip() string {
	if host, _, err := net.SplitHostPort(v.r.RemoteAddr); err == nil {
		return host
	}
	return "127.0.0.1"
}
