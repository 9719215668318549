package directory

import "strings"

// Aliases that stand for a tenant in an authority URL.
const (
	Common        = "common"
	Organizations = "organizations"
	Consumers     = "consumers"
)

// Authority is the tenant segment of a request, understood.
type Authority struct {
	Segment string // what endpoints carry: the tenant's GUID, or the alias asked
	Tenant  Tenant // zero for common and organizations
}

// Alias reports whether the authority names no single tenant.
func (a Authority) Alias() bool { return a.Tenant.ID == "" }

// Key is equal for two spellings of the same authority, such as the domain
// and the GUID of one tenant.
func (a Authority) Key() string {
	if a.Alias() {
		return a.Segment
	}
	return a.Tenant.ID
}

// Personal reports whether the authority is the one for personal accounts.
func (a Authority) Personal() bool { return a.Tenant.ID == ConsumersTenantID }

// Authority reads the tenant segment of a path. The second value is false
// when no such tenant exists.
func (d Directory) Authority(segment string) (Authority, bool) {
	switch alias := strings.ToLower(segment); alias {
	case Common, Organizations:
		return Authority{Segment: alias}, true
	case Consumers:
		t, ok := d.Tenant(ConsumersTenantID)
		return Authority{Segment: alias, Tenant: t}, ok
	}
	t, ok := d.Tenant(segment)
	return Authority{Segment: t.ID, Tenant: t}, ok
}

// IsGUID reports whether s has the 8-4-4-4-12 form of a GUID.
func IsGUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case i == 8 || i == 13 || i == 18 || i == 23:
			if c != '-' {
				return false
			}
		case '0' <= c && c <= '9', 'a' <= c && c <= 'f', 'A' <= c && c <= 'F':
		default:
			return false
		}
	}
	return true
}

// IsDomain reports whether s could be a domain name: labels of letters,
// digits and hyphens with at least one dot.
func IsDomain(s string) bool {
	if len(s) > 253 || !strings.Contains(s, ".") {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || strings.Trim(label, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") != "" {
			return false
		}
	}
	return true
}
