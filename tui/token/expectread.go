package token

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"flowscope/validate"
)

// longestSkew bounds what clocks may differ: beyond it an expiry means nothing.
const longestSkew = 24 * time.Hour

// signing lists the algorithms that may be expected (RFC 7518 section 3.1).
var signing = [...]string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"}

// readForm turns the fields into expectations; what can't be one is said by the
// name of its field. What the form does not ask for stays.
func readForm(values map[string]string, was validate.Expectations) (want validate.Expectations, problems map[string]string) {
	want, problems = was, map[string]string{}
	note := func(field, problem string) {
		if problem != "" && problems[field] == "" {
			problems[field] = problem
		}
	}
	want.Audiences, want.Tenants = listOf(values["audience"]), listOf(values["tenant"])
	want.Scopes, want.Roles = listOf(values["scope"]), listOf(values["role"])
	want.Issuer, want.Nonce = strings.TrimSpace(values["issuer"]), strings.TrimSpace(values["nonce"])
	want.ClientID = strings.TrimSpace(values["client"])
	note("issuer", issuerProblem(want.Issuer))
	for _, id := range want.Tenants {
		note("tenant", tenantProblem(id))
	}
	for _, s := range want.Scopes {
		if i := strings.LastIndexByte(s, '/'); i >= 0 {
			note("scope", "scp has the name alone, without the API before it: "+s[i+1:])
		}
	}
	if strings.ContainsAny(want.ClientID, " ,") {
		note("client", "one client id")
	}
	if strings.ContainsAny(want.Nonce, " \t") {
		note("nonce", "one value: a nonce has no spaces")
	}
	want.Caller, want.Type = "", ""
	if c := values["caller"]; c == validate.SubjectUser || c == validate.SubjectApp {
		want.Caller = c
	}
	if k := validate.Kind(values["type"]); k == validate.KindAccess || k == validate.KindID {
		want.Type = k
	}
	want.Algorithms = nil
	for _, alg := range listOf(values["algorithms"]) {
		alg, problem := algorithmOf(alg)
		note("algorithms", problem)
		want.Algorithms = append(want.Algorithms, alg)
	}
	var problem string
	want.Skew, problem = skewIn(values["skew"])
	note("skew", problem)
	return want, problems
}

// listOf reads values with commas or spaces between them.
func listOf(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' || r == '\n' })
}

// issuerProblem says why a text is no issuer (OpenID Connect Discovery 1.0
// section 3: an address without query and fragment).
func issuerProblem(s string) string {
	if s == "" {
		return ""
	}
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return "no address: an issuer looks like https://login.microsoftonline.com/TENANT/v2.0"
	case u.RawQuery != "" || u.Fragment != "" || strings.ContainsAny(s, "?#"):
		return "an issuer has neither ? nor #"
	case strings.Contains(u.Path, "/.well-known/"):
		return "that is the address of its metadata: the issuer is what stands before /.well-known"
	case strings.ContainsAny(strings.ReplaceAll(s, "{tenantid}", ""), "{}"):
		return "only {tenantid} can stand in it"
	}
	return ""
}

// tenantProblem says why a text is no tenant id.
func tenantProblem(id string) string {
	switch {
	case validate.IsGUID(id):
		return ""
	case strings.Contains(id, "."):
		return "tid is a GUID and never a domain: the tenant's overview page calls it Tenant ID"
	case slices.Contains([]string{"common", "organizations", "consumers"}, strings.ToLower(id)):
		return "no tenant, but a door for many: leave it empty, or list the tenants' GUIDs"
	}
	return "no GUID: it looks like 11111111-2222-3333-4444-555555555555"
}

// algorithmOf reads the name of a signature algorithm, or says why it can't be
// one that is expected.
func algorithmOf(s string) (alg, problem string) {
	alg = strings.ToUpper(s)
	switch {
	case slices.Contains(signing[:], alg):
		return alg, ""
	case alg == "NONE":
		return alg, "none is no signature: it is never allowed"
	case strings.HasPrefix(alg, "HS"):
		return alg, alg + " signs with a shared secret, which no issuer publishes: it is never allowed"
	}
	return alg, "no such algorithm: " + strings.Join(signing[:], " ")
}

// skewIn reads a difference of clocks: "5m", "30s" or plain seconds. Empty is
// the default, 0 none.
func skewIn(s string) (d time.Duration, problem string) {
	s = strings.ReplaceAll(strings.TrimSpace(s), " ", "")
	if s == "" {
		return 0, ""
	}
	if n, err := strconv.Atoi(s); err == nil && n >= -1 && n <= int(longestSkew/time.Second) {
		d = time.Duration(n) * time.Second
	} else if d, err = time.ParseDuration(s); err != nil {
		return 0, "no duration: 5m, 30s or plain seconds"
	}
	switch {
	case d < 0:
		return 0, "a difference can't be negative: 0 allows nothing"
	case d > longestSkew:
		return 0, "more than a day: then an expiry means nothing"
	case d == 0:
		return -1, ""
	}
	return d, ""
}

// timeIn reads a time to judge at: RFC 3339, or seconds since 1970 as the dates of a
// token have them. Empty is the zero time, which is now.
func timeIn(s string) (at time.Time, problem string) {
	s = strings.TrimSpace(s)
	if s == "" {
		return at, ""
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		if n < 0 || n > lastSecond {
			return at, "no time: seconds since 1970, as exp has them"
		}
		return time.Unix(n, 0), ""
	}
	at, err := time.Parse(time.RFC3339, strings.ToUpper(s))
	if err != nil {
		return time.Time{}, "no time: 2026-11-20T10:00:00Z (RFC 3339), or seconds since 1970"
	}
	return at, ""
}

// shortDuration writes a duration as it is typed: "5m", "1m30s".
func shortDuration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
