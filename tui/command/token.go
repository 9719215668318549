package command

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"flowscope/validate"
)

const tokenLong = `Decodes a token and puts every check to it: is it genuine, for whom, for how
long, and may an API accept it? The token comes from standard input, so that it
does not stay in the history of the shell; a file or an argument will do too.
It may stand in anything: a token response, a header, a curl command, cookies,
an address, a HAR, a log. Of several, each gets its report; where ID tokens are
beside access tokens, audience, scope, role and caller are put to the access
tokens, --nonce to the ID tokens, and --type picks those of a type.

Keys are fetched from the issuer when it is one of Entra's, or the one stated
with --issuer; the token is sent to nobody. What is not stated, such as the
audience, is not checked and the report says so.

Exit status: 0 valid, 3 invalid, 4 not verified (something needed could not be
checked); of several tokens the worst, where refresh tokens don't count: nobody
but their issuer can check them.

--json prints {"schema":1,"verdict","kind","subject_kind","version","flow",
"header","claims","checks":[{"id","status","expected","found","why","fix",
"source"}]} and beside it "insights", "grants", "requests" and, where there are
any, "place", "ask", "clock", "key", "middleware" and "comparison"; for several
tokens {"schema":1,"tokens":[...]}.`

const tokenExample = `  pbpaste | flowscope token --audience api://orders.contoso.example
  flowscope token < token.txt --type access --scope Orders.Read
  flowscope token response.json --profile work --middleware
  flowscope token before.txt --compare after.txt
  flowscope token --batch tokens.txt --jwks keys.json > reports.jsonl`

// tokenFlags are the flags of flowscope token.
type tokenFlags struct {
	jwks, issuer, caller, nonce, kind, now, skew, batch string
	client, profile, api, compare, access, code         string
	audiences, tenants, scopes, roles, algorithms       []string
	offline, middleware                                 bool
}

func tokenCommand(c *call) *cobra.Command {
	var o tokenFlags
	cmd := &cobra.Command{
		Use:     "token [-|FILE|TOKEN]",
		Short:   "Decode and check a token",
		Long:    tokenLong,
		Example: tokenExample,
		Args:    atMost(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			want, err := o.expectations(cmd)
			if err != nil {
				return err
			}
			c.doubts(want)
			if cmd.Flags().Changed("batch") {
				if err := o.alone(cmd, args); err != nil {
					return err
				}
				return c.batch(cmd.Context(), o, want)
			}
			return c.token(cmd, args, o, want)
		},
	}
	c.tokenFlags(cmd, &o)
	return cmd
}

// tokenFlags adds the flags to the command.
func (c *call) tokenFlags(cmd *cobra.Command, o *tokenFlags) {
	f := cmd.Flags()
	f.SortFlags = false
	f.StringArrayVar(&o.audiences, "audience", nil, "expected `AUDIENCE`; repeated ones are alternatives")
	f.StringVar(&o.issuer, "issuer", "", "expected `ISSUER`, which may hold {tenantid}; it may be asked for keys")
	f.StringArrayVar(&o.tenants, "tenant", nil, "expected `TENANT` id; repeated ones are alternatives")
	f.StringArrayVar(&o.scopes, "scope", nil, "`SCOPE` that scp must hold; all of them")
	f.StringArrayVar(&o.roles, "role", nil, "`ROLE` that roles must hold; all of them")
	f.StringVar(&o.caller, "caller", "", "`WHO` may come in: user or app")
	f.StringVar(&o.client, "client", "", "`ID` of the application that asked for it; an ID token's audience")
	f.StringVar(&o.kind, "type", "", "`TYPE` of token that is wanted: access or id")
	f.StringVar(&o.nonce, "nonce", "", "`NONCE` of the authentication request")
	f.StringVar(&o.profile, "profile", "", "expect what this `PROFILE` says of its APIs and its client")
	f.StringVar(&o.api, "api", "", "`URI` of the profile's API that is meant")
	f.StringVar(&o.jwks, "jwks", "", "take the keys from a `FILE|URL` and ask no issuer: a JWK Set, a JWK, PEM")
	f.StringArrayVar(&o.algorithms, "alg", nil, "allowed `ALGORITHM` (default RS256 and what the issuer declares)")
	f.StringVar(&o.now, "now", "", "judge at this `TIME`: RFC 3339 or seconds since 1970")
	f.StringVar(&o.skew, "skew", "5m", "`TIME` by which clocks may differ, as 5m or in seconds")
	f.BoolVar(&o.offline, "offline", false, "ask nobody for keys")
	f.StringVar(&o.access, "access-token", "", "`FILE` with the access token that at_hash is compared with")
	f.StringVar(&o.code, "code-file", "", "`FILE` with the code that c_hash is compared with")
	f.StringVar(&o.compare, "compare", "", "compare with the token in this `FILE` (- is standard input)")
	f.BoolVar(&o.middleware, "middleware", false, "say what common libraries would do with it")
	jsonFlag(cmd, c)
	f.StringVar(&o.batch, "batch", "", "one token on each line of `FILE` (- is standard input), one JSON report on each line out")
	completes(cmd, cobra.ShellCompDirectiveNoFileComp, map[string]completion{
		"caller": these(validate.SubjectUser, validate.SubjectApp), "type": these(string(validate.KindAccess), string(validate.KindID)),
		"alg": these(asymmetric[:]...), "profile": c.theProfiles, "api": c.theAPIs, "skew": these("0", "1m", "5m"),
	})
}

// algorithms that may be allowed (RFC 7518 section 3.1); none and HS never are.
var asymmetric = [...]string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"}

// expectations reads the flags. Its errors are usage errors.
func (o *tokenFlags) expectations(cmd *cobra.Command) (validate.Expectations, error) {
	want := validate.Expectations{
		Issuer: o.issuer, Audiences: o.audiences, Tenants: o.tenants, Scopes: o.scopes, Roles: o.roles,
		Caller: o.caller, Nonce: o.nonce, Type: validate.Kind(o.kind), Algorithms: o.algorithms, ClientID: o.client,
	}
	if err := oneOf(cmd, "caller", o.caller, validate.SubjectUser, validate.SubjectApp); err != nil {
		return want, err
	}
	if err := oneOf(cmd, "type", o.kind, string(validate.KindAccess), string(validate.KindID)); err != nil {
		return want, err
	}
	for _, alg := range o.algorithms {
		if !slices.Contains(asymmetric[:], alg) {
			return want, usage(cmd, "--alg %q can't be allowed: use %s", short(alg), strings.Join(asymmetric[:], ", "))
		}
	}
	if name := o.emptyFlag(cmd); name != "" {
		return want, usage(cmd, "--%s is empty", name)
	}
	var err error
	if want.Now, err = readTime(o.now); err != nil {
		return want, usage(cmd, "--now: %v", err)
	}
	if want.Skew, err = readSkew(o.skew); err != nil {
		return want, usage(cmd, "--skew: %v", err)
	}
	if want.Skew > maxSkew {
		return want, usage(cmd, "--skew: no two clocks that are of use are a day apart: 24h is the most")
	}
	if o.offline && o.jwksURL() != "" {
		return want, usage(cmd, "--offline asks nobody, and --jwks names an address: choose one")
	}
	if o.api != "" && o.profile == "" {
		return want, usage(cmd, "--api picks an API of a profile: say which with --profile")
	}
	return want, checkKeyURL(cmd, o.jwksURL())
}

// Clocks that are off by more than wideSkew are broken and not just off; more than
// maxSkew would take tokens of another day, and is refused.
const (
	wideSkew = time.Hour
	maxSkew  = 24 * time.Hour
)

// doubts says of what is expected what can't be meant, a line each.
func (c *call) doubts(want validate.Expectations) {
	if want.Skew > wideSkew {
		c.say("--skew takes tokens for good until " + validate.Span(want.Skew) + " after they expired; 5m is usual.")
	}
	for _, id := range want.Tenants {
		switch {
		case validate.IsGUID(id):
		case slices.Contains([]string{"common", "organizations", "consumers"}, strings.ToLower(id)):
			c.say("--tenant " + short(id) + ": no tenant, but a door for many: leave it out, or list the tenants' GUIDs.")
		case strings.Contains(id, "."):
			c.say("--tenant " + short(id) + ": tid is a GUID and never a domain: the tenant's overview page calls it Tenant ID.")
		default:
			c.say("--tenant " + short(id) + ": no GUID: it looks like 11111111-2222-3333-4444-555555555555.")
		}
	}
}

// alone refuses beside --batch what is for one token.
func (o *tokenFlags) alone(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usage(cmd, "--batch names the file, so there is no other token")
	}
	for _, name := range [...]string{"profile", "compare", "middleware", "access-token", "code-file"} {
		if cmd.Flags().Changed(name) {
			return usage(cmd, "--%s is for one token and not for --batch", name)
		}
	}
	return nil
}

// emptyFlag gives the name of a flag that was given without anything in it: it
// would demand nothing, or be met by nothing. "" when there is none.
func (o *tokenFlags) emptyFlag(cmd *cobra.Command) string {
	for name, value := range map[string]string{
		"issuer": o.issuer, "nonce": o.nonce, "jwks": o.jwks, "now": o.now, "batch": o.batch, "caller": o.caller, "type": o.kind,
		"client": o.client, "profile": o.profile, "api": o.api, "compare": o.compare, "access-token": o.access, "code-file": o.code,
	} {
		if cmd.Flags().Changed(name) && isBlank(value) {
			return name
		}
	}
	for name, values := range map[string][]string{
		"audience": o.audiences, "tenant": o.tenants, "scope": o.scopes, "role": o.roles,
	} {
		if slices.ContainsFunc(values, isBlank) {
			return name
		}
	}
	return ""
}

func isBlank(s string) bool { return strings.TrimSpace(s) == "" }

// jwksURL gives --jwks when it is an address.
func (o *tokenFlags) jwksURL() string {
	if strings.HasPrefix(o.jwks, "https://") || strings.HasPrefix(o.jwks, "http://") {
		return o.jwks
	}
	return ""
}

// checkKeyURL refuses keys over a connection that anybody could change.
func checkKeyURL(cmd *cobra.Command, raw string) error {
	if raw == "" {
		return nil
	}
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		return usage(cmd, "--jwks: %q is no address", short(raw))
	}
	ip := net.ParseIP(u.Hostname())
	if u.Scheme == "http" && u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return usage(cmd, "--jwks: keys from another machine need https")
	}
	return nil
}

// lastSecond is the last second of the year 9999.
const lastSecond = 253402300799

func readTime(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		if n < 0 || n > lastSecond {
			return time.Time{}, fmt.Errorf("%q is beyond the years 1970 to 9999; it counts seconds", s)
		}
		return time.Unix(n, 0), nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return t, fmt.Errorf("%q is neither RFC 3339, such as 2026-11-20T10:02:00Z, nor seconds since 1970", short(s))
	}
	if n := t.Unix(); n < 0 || n > lastSecond {
		return t, fmt.Errorf("%q is beyond the years 1970 to 9999", short(s))
	}
	return t, nil
}

// readSkew gives the duration as Expectations want it: negative for none.
func readSkew(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if n, numErr := strconv.ParseInt(s, 10, 32); numErr == nil {
		d, err = time.Duration(n)*time.Second, nil
	}
	switch {
	case err != nil || d < 0:
		return 0, fmt.Errorf("%q is neither a duration, such as 5m, nor a number of seconds", short(s))
	case d == 0:
		return -1, nil
	}
	return d, nil
}
