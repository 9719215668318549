package jwks

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"flowscope/validate"
)

// metadata is what is needed of a discovery document.
type metadata struct {
	issuer, jwksURI, cloud string
	declared               []string
}

// readMetadata reads a discovery document (OpenID Connect Discovery 3).
func readMetadata(body []byte) (metadata, error) {
	o, err := validate.ParseObject(plainText(body))
	if err != nil {
		return metadata{}, err
	}
	m := metadata{
		issuer: o.String("issuer"), jwksURI: o.String("jwks_uri"), cloud: o.String("cloud_instance_name"),
		declared: slices.DeleteFunc(o.Strings("id_token_signing_alg_values_supported"), func(alg string) bool {
			return len(alg) != 5 || !slices.Contains([]string{"RS", "PS", "ES"}, alg[:2])
		}),
	}
	if m.issuer == "" || m.jwksURI == "" {
		return metadata{}, errors.New("issuer or jwks_uri is missing")
	}
	return m, nil
}

// tenantPlaceholder stands for the tenant in documents for many tenants.
const tenantPlaceholder = "{tenantid}"

// sameIssuer compares the metadata's issuer with the one asked: exactly, or
// as Entra's template where the one asked has a tenant in its place, or with the
// tenant's GUID where the one asked has the tenant's domain (Entra: OpenID Connect
// on the identity platform).
func sameIssuer(found, asked string) bool {
	if found == asked {
		return true
	}
	if before, domain, after, ok := cutDomain(asked); ok && domain != "" {
		rest, ok := strings.CutPrefix(found, before)
		return ok && len(rest) == 36+len(after) && validate.IsGUID(rest[:36]) && rest[36:] == after
	}
	before, after, ok := strings.Cut(found, tenantPlaceholder)
	if !ok || !strings.HasPrefix(asked, before) {
		return false
	}
	rest := asked[len(before):]
	return strings.HasSuffix(rest, after) && len(rest) == len(after)+36 && validate.IsGUID(rest[:36])
}

// cutDomain cuts an issuer around the domain by which it names its tenant. The
// rest of it has to be what Entra's issuers have there.
func cutDomain(issuer string) (before, domain, after string, ok bool) {
	scheme, rest, _ := strings.Cut(issuer, "://")
	host, path, _ := strings.Cut(rest, "/")
	tenant, tail, cut := strings.Cut(path, "/")
	if cut {
		tail = "/" + tail
	}
	if !isDomain(tenant) || tail != "" && tail != "/" && tail != "/v2.0" && tail != "/v2.0/" {
		return "", "", "", false
	}
	return scheme + "://" + host + "/", tenant, tail, true
}

// NamesDomain reports whether an issuer names its tenant by a domain, which no
// token does: discovery turns it into the GUID.
func NamesDomain(issuer string) bool {
	_, _, _, ok := cutDomain(issuer)
	return ok
}

// parseIssuer reads an issuer: https (plain http on loopback only), a host,
// and neither user, query nor fragment (OpenID Connect Discovery 3).
func parseIssuer(issuer string) (*url.URL, error) {
	plain := strings.ReplaceAll(issuer, tenantPlaceholder, "common")
	if !plainAddress(plain) {
		return nil, fmt.Errorf("issuer %q is no plain address", clip(issuer))
	}
	u, err := url.Parse(plain)
	if err != nil {
		return nil, fmt.Errorf("issuer %q is no address", clip(issuer))
	}
	switch {
	case u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Opaque != "":
		return nil, fmt.Errorf("issuer %q is no plain address", clip(issuer))
	case u.Scheme == "https", u.Scheme == "http" && isLoopback(u.Hostname()):
		return u, nil
	}
	return nil, fmt.Errorf("issuer %q is not https", clip(issuer))
}

// maxIssuer bounds an issuer, in bytes.
const maxIssuer = 1024

// plainAddress bounds an issuer to what stands for itself in an address: no
// white space, no control characters, no way up the path.
func plainAddress(issuer string) bool {
	if len(issuer) > maxIssuer || strings.Contains(issuer, "/../") || strings.Contains(issuer, "/./") ||
		strings.HasSuffix(issuer, "/..") || strings.HasSuffix(issuer, "/.") {
		return false
	}
	return !strings.ContainsFunc(issuer, func(c rune) bool { return c <= ' ' || c > '~' || strings.ContainsRune(`\"<>{}|^`+"`", c) })
}

// entraShape refuses an issuer on one of Entra's hosts that has another form
// than https://HOST/TENANT/v2.0 or, for v1.0, https://HOST/TENANT/, so that no
// token picks a path there. TENANT is a GUID, a domain or one of the names for
// many tenants (Entra: OpenID Connect on the identity platform). Issuers on
// other hosts are none of its business.
func entraShape(issuer string) error {
	u, err := parseIssuer(issuer)
	if err != nil {
		return err
	}
	if !validate.EntraHost(u.Hostname()) {
		return nil
	}
	tenant, tail, _ := strings.Cut(strings.TrimPrefix(u.EscapedPath(), "/"), "/")
	if tail = strings.TrimSuffix(tail, "/"); tail != "" && tail != "v2.0" || !isTenant(tenant) {
		return fmt.Errorf("%q is no issuer of Entra: those are https://%s/TENANT/v2.0 or https://%s/TENANT/", clip(issuer), u.Host, u.Host)
	}
	return nil
}

// isTenant recognises how Entra names tenants in an address.
func isTenant(s string) bool {
	switch s {
	case "common", "organizations", "consumers":
		return true
	}
	return validate.IsGUID(s) || isDomain(s)
}

// isDomain recognises a host name of two labels or more (RFC 1123 section
// 2.1); the last of them begins with a letter.
func isDomain(s string) bool {
	dot := strings.LastIndexByte(s, '.')
	if len(s) > 253 || dot < 0 || dot+1 == len(s) || s[dot+1]|0x20 < 'a' {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for _, c := range []byte(label) {
			if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-') {
				return false
			}
		}
	}
	return true
}

func isLoopback(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// MetadataURL returns where an issuer's discovery document is. Entra's v1.0
// issuers live on another host than their documents; "{tenantid}" stands for
// every tenant, whose document is that of "common" (Entra: OpenID Connect on
// the identity platform).
func MetadataURL(issuer string) (string, error) {
	u, err := parseIssuer(issuer)
	if err != nil {
		return "", err
	}
	switch u.Host {
	case "sts.windows.net":
		u.Host = "login.microsoftonline.com"
	case "sts.chinacloudapi.cn":
		u.Host = "login.partner.microsoftonline.cn"
	}
	return strings.TrimSuffix(u.String(), "/") + "/.well-known/openid-configuration", nil
}

// otherCloud gives where the metadata of a v1.0 issuer is in the cloud of the US
// Government, whose issuers have the same host; "" for any other issuer.
func otherCloud(issuer, address string) string {
	if !strings.HasPrefix(issuer, "https://sts.windows.net/") {
		return ""
	}
	return strings.Replace(address, "https://login.microsoftonline.com/", "https://login.microsoftonline.us/", 1)
}

// isV1 recognises Entra's v1.0 issuers, whose keys name no issuer: the path is the
// tenant alone.
func isV1(issuer string) bool {
	_, rest, _ := strings.Cut(issuer, "://")
	_, path, _ := strings.Cut(rest, "/")
	path = strings.TrimSuffix(path, "/")
	return path == tenantPlaceholder || isTenant(path)
}

// ownKeys gives the address of the tenant's own keys where v1.0 metadata of a
// tenant points at those of all tenants: these keys name no issuer, and those of
// personal accounts are among them (Entra: signing key issuer validation).
func ownKeys(address, metadata string) string {
	u, err := url.Parse(address)
	if err != nil || u.Path != "/common/discovery/keys" {
		return address
	}
	at, err := url.Parse(metadata)
	if err != nil || at.Host != u.Host && !(validate.EntraHost(at.Hostname()) && validate.EntraHost(u.Hostname())) {
		return address
	}
	tenant, _, _ := strings.Cut(strings.TrimPrefix(at.Path, "/"), "/")
	if !validate.IsGUID(tenant) && !isDomain(tenant) {
		return address
	}
	u.Path = "/" + tenant + "/discovery/keys"
	return u.String()
}

// plainFetch bounds where metadata may point for its keys: https, or plain http
// on the very host that served the metadata.
func plainFetch(address, from string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || !plainAddress(address) {
		return fmt.Errorf("jwks_uri %q is no plain address", clip(address))
	}
	if u.Scheme == "https" {
		return nil
	}
	base, err := url.Parse(from)
	if err != nil || u.Scheme != "http" || base.Scheme != "http" || u.Host != base.Host {
		return fmt.Errorf("jwks_uri %q is not https", clip(address))
	}
	return nil
}

// ElsewhereError says that an issuer keeps its keys on another host than its own.
type ElsewhereError struct {
	Issuer  string
	Address string // of the keys
}

// Error names both hosts.
func (e *ElsewhereError) Error() string {
	return fmt.Sprintf("%s, which is not %s", hostOf(e.Address), hostOf(e.Issuer))
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "no address"
	}
	return clip(u.Host)
}

// OwnSite allows the keys of an issuer where metadata of the issuer may send
// anybody: to the issuer's own host and those below it, and, from one of Entra's
// hosts, to another of them. Its errors are *ElsewhereError.
func OwnSite(issuer, address string) error {
	i, err := parseIssuer(issuer)
	if err == nil {
		var u *url.URL
		if u, err = url.Parse(address); err == nil {
			host, own := strings.ToLower(u.Hostname()), strings.ToLower(i.Hostname())
			switch {
			case strings.EqualFold(u.Host, i.Host):
				return nil
			case validate.EntraHost(host) && validate.EntraHost(own) && u.Port() == "":
				return nil
			case strings.HasSuffix(host, "."+own) && u.Port() == i.Port() && net.ParseIP(own) == nil:
				return nil
			}
		}
	}
	return &ElsewhereError{Issuer: issuer, Address: address}
}

// FromToken allows the issuers that a person may be asked about where nobody but a
// token names them: an https address of a public host without a port. Whoever
// means another one states it. A name that leads to this machine or a private
// network is for the connection to refuse.
func FromToken(issuer string) error {
	u, err := parseIssuer(issuer)
	if err != nil {
		return err
	}
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	switch {
	case u.Scheme != "https":
		return fmt.Errorf("%q is not https", clip(issuer))
	case u.Port() != "":
		return fmt.Errorf("%q names a port", clip(issuer))
	case strings.Contains(host, ":"), net.ParseIP(host) != nil:
		return fmt.Errorf("%q names no host but an address", clip(issuer))
	case !isDomain(host), isLoopback(host), privateName(host):
		return fmt.Errorf("%q is no public host", clip(issuer))
	}
	return nil
}

// privateName recognises names that lead nowhere but into the reader's own network
// (RFC 6761, RFC 6762, RFC 8375; "internal" is reserved by ICANN).
func privateName(host string) bool {
	for _, end := range [...]string{".local", ".internal", ".home.arpa", ".lan", ".localdomain", ".test", ".invalid", ".onion"} {
		if strings.HasSuffix(host, end) {
			return true
		}
	}
	return false
}

// PublicAddress reports whether an address is one that anybody may have: not of
// this machine, of a private network, of a link, of nobody or of many (RFC 1918,
// RFC 4193, RFC 3927, RFC 6598, RFC 6890).
func PublicAddress(a netip.Addr) bool {
	a = a.Unmap()
	if !a.IsValid() || !a.IsGlobalUnicast() || a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() {
		return false
	}
	if a.Is4() {
		b := a.As4()
		return b[0] != 0 && b[0] < 240 && !(b[0] == 100 && b[1]&0xc0 == 64) && !(b[0] == 192 && b[1] == 0 && b[2] == 0) && !(b[0] == 198 && b[1]&0xfe == 18)
	}
	// Of IPv6, what carries an IPv4 address inside goes by that (RFC 6052, RFC 3056).
	b := a.As16()
	switch {
	case b[0] == 0 && b[1] == 0x64 && b[2] == 0xff && b[3] == 0x9b:
		return PublicAddress(netip.AddrFrom4([4]byte(b[12:16])))
	case b[0] == 0x20 && b[1] == 0x02:
		return PublicAddress(netip.AddrFrom4([4]byte(b[2:6])))
	}
	return true
}
