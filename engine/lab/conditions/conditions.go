// Package conditions holds the switches of the lab: policies, account events,
// keys and time, and troubles of the service, each by name, each switchable
// while the lab runs.
//
// It knows which switches there are and how they stand. It refuses to act:
// what a condition does is done by the package whose behaviour it changes.
package conditions

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// Kinds of values that a condition takes when it is switched on.
const (
	TakesNothing  = ""         // on or off
	TakesDuration = "duration" // such as 5s, 2h or -10m
	TakesUsers    = "users"    // user names, separated by commas
	TakesApps     = "apps"     // keys of applications, separated by commas
)

// Groups of conditions, in the order in which they are listed.
const (
	GroupPolicy  = "policy"
	GroupAccount = "accounts"
	GroupKeys    = "keys and time"
	GroupService = "service"
	GroupAPI     = "Orders API"
)

// Condition is one switch and how it stands.
type Condition struct {
	ID      string // such as mfa-required
	Group   string
	Title   string // a few words
	About   string // what happens, with the error code where there is one
	Takes   string // kind of the value
	Default string // value taken for a bare "on"
	On      bool
	Value   string // the value while it is on; empty for TakesNothing
}

// Names of the conditions.
const (
	MFARequired          = "mfa-required"
	DeviceCodeBlocked    = "device-code-blocked"
	LocationBlocked      = "location-blocked"
	DeviceRequired       = "device-required"
	StepUp               = "step-up"
	SignInFrequency      = "sign-in-frequency"
	PasswordGrantBlocked = "password-grant-blocked"
	SecurityDefaults     = "security-defaults"
	WorkloadBlocked      = "workload-blocked"
	UserConsentOff       = "user-consent-off"
	ConsentRequests      = "consent-requests"

	SessionsRevoked = "sessions-revoked"
	PasswordChanged = "password-changed"
	AccountDisabled = "account-disabled"
	AccountDeleted  = "account-deleted"
	AppDisabled     = "app-disabled"
	SecretExpired   = "secret-expired"

	KeyRollover    = "key-rollover"
	StaleDiscovery = "stale-discovery"
	Clock          = "clock"

	Throttled     = "throttled"
	Outage        = "outage"
	Slow          = "slow"
	CaptivePortal = "captive-portal"
	SlowDown      = "slow-down"

	APICorsOff     = "api-cors-off"
	APIStaleKeys   = "api-stale-keys"
	APIAudienceOff = "api-audience-off"
)

// catalogue is never written to.
var catalogue = []Condition{
	{ID: MFARequired, Group: GroupPolicy, Title: "MFA demanded", About: "A Conditional Access policy demands a second factor of everyone: AADSTS50076, or AADSTS50079 where none is registered."},
	{ID: DeviceCodeBlocked, Group: GroupPolicy, Title: "Device code blocked", About: "A policy on authentication flows blocks the device code flow: AADSTS53003 on the page; refresh tokens from it answer AADSTS530036."},
	{ID: LocationBlocked, Group: GroupPolicy, Title: "Location blocked", About: "A policy blocks the place the request comes from: AADSTS53003. Access tokens with continuous access evaluation stop as well."},
	{ID: DeviceRequired, Group: GroupPolicy, Title: "Compliant device demanded", About: "A policy demands a managed device, which nothing on this machine can prove: AADSTS53000."},
	{ID: StepUp, Group: GroupPolicy, Title: "Step-up on /admin", About: "Orders API asks for authentication context c1 on /admin: 401 with a claims challenge, answered by signing in with MFA."},
	{ID: SignInFrequency, Group: GroupPolicy, Title: "Sign-in frequency", About: "A sign-in counts for a limited time; refresh tokens older than that answer AADSTS70043.", Takes: TakesDuration, Default: "1h"},
	{ID: PasswordGrantBlocked, Group: GroupPolicy, Title: "Password grant blocked", About: "A policy blocks resource owner password credentials: AADSTS53003."},
	{ID: SecurityDefaults, Group: GroupPolicy, Title: "Security defaults", About: "The tenant's security defaults refuse the password grant: AADSTS530035."},
	{ID: WorkloadBlocked, Group: GroupPolicy, Title: "Workload identities blocked", About: "A policy for workload identities blocks client credentials: AADSTS53003."},
	{ID: UserConsentOff, Group: GroupPolicy, Title: "Users may not consent", About: "Every permission needs an administrator: AADSTS90094."},
	{ID: ConsentRequests, Group: GroupPolicy, Title: "Admin consent requests", About: "Who may not consent can ask an administrator for it: AADSTS90095."},

	{ID: SessionsRevoked, Group: GroupAccount, Title: "Sessions revoked", About: "All sign-ins of a person before this moment are void: refresh tokens answer AADSTS50173; tokens with continuous access evaluation are refused by the API.", Takes: TakesUsers, Default: "ada@contoso.example"},
	{ID: PasswordChanged, Group: GroupAccount, Title: "Password changed", About: "The person's password was changed at this moment: refresh tokens answer AADSTS50173.", Takes: TakesUsers, Default: "ada@contoso.example"},
	{ID: AccountDisabled, Group: GroupAccount, Title: "Account disabled", About: "The person's sign-in is blocked: AADSTS50057.", Takes: TakesUsers, Default: "ada@contoso.example"},
	{ID: AccountDeleted, Group: GroupAccount, Title: "Account deleted", About: "The person is no longer in the directory: AADSTS50034 at the sign-in, AADSTS500341 for refresh tokens.", Takes: TakesUsers, Default: "ada@contoso.example"},
	{ID: AppDisabled, Group: GroupAccount, Title: "Application disabled", About: "The application is disabled for sign-in: AADSTS7000112, or AADSTS500014 where it is the API.", Takes: TakesApps, Default: "web"},
	{ID: SecretExpired, Group: GroupAccount, Title: "Client secret expired", About: "All client secrets of the application count as expired: AADSTS7000222.", Takes: TakesApps, Default: "web"},

	{ID: KeyRollover, Group: GroupKeys, Title: "Key rollover", About: "Tokens are signed with the next key; the one before stays published. The next key was published all along, so that whoever caches the keys notices nothing. To see it fail, let the API fetch them while stale-discovery is on."},
	{ID: StaleDiscovery, Group: GroupKeys, Title: "Discovery document stale", About: "Discovery and keys come out of an old cache: the key that signs now is not among them."},
	{ID: Clock, Group: GroupKeys, Title: "Clock moved", About: "The lab's clock is ahead of this machine's, or behind with a minus sign.", Takes: TakesDuration, Default: "10m"},

	{ID: Throttled, Group: GroupService, Title: "Throttled", About: "The token endpoint answers 429 with Retry-After: AADSTS90055.", Takes: TakesDuration, Default: "5s"},
	{ID: Outage, Group: GroupService, Title: "Outage", About: "Every endpoint of the authority answers 503: AADSTS90033."},
	{ID: Slow, Group: GroupService, Title: "Slow answers", About: "Every answer of the authority waits first.", Takes: TakesDuration, Default: "2s"},
	{ID: CaptivePortal, Group: GroupService, Title: "Captive portal", About: "A network log-in page stands in front of everything: HTML with status 200 where JSON is expected."},
	{ID: SlowDown, Group: GroupService, Title: "slow_down while polling", About: "The token endpoint answers device code polls with slow_down (RFC 8628 section 3.5), which Entra does not."},

	{ID: APICorsOff, Group: GroupAPI, Title: "CORS misconfigured", About: "Orders API sends no Access-Control-Allow-Origin: a browser hides the answer from the page."},
	{ID: APIStaleKeys, Group: GroupAPI, Title: "Keys cached for ever", About: "Orders API knows the first signing key alone: after a key rollover it refuses good tokens."},
	{ID: APIAudienceOff, Group: GroupAPI, Title: "Audience not checked", About: "Orders API takes tokens that were made for other APIs. It must not; here you see what that opens."},
}

type standing struct {
	values []string             // as they were given
	since  map[string]time.Time // by value, in small letters; when it was switched on
	length time.Duration
}

// Set is how all conditions stand. It is safe for concurrent use.
type Set struct {
	mu sync.RWMutex
	on map[string]standing
}

// New returns a set with everything off.
func New() *Set { return &Set{on: map[string]standing{}} }

// List returns all conditions, in a fixed order.
func (s *Set) List() []Condition {
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := slices.Clone(catalogue)
	for i := range out {
		st, on := s.on[out[i].ID]
		out[i].On, out[i].Value = on, strings.Join(st.values, ",")
	}
	return out
}

// Find returns one condition, and whether there is one of that name.
func (s *Set) Find(id string) (Condition, bool) {
	for _, c := range s.List() {
		if c.ID == id {
			return c, true
		}
	}
	return Condition{}, false
}

// Switch turns a condition "on" or "off", or on with a value. now is the
// lab's time: the moment at which sessions were revoked, for instance. Switching
// on once more gives a new moment. Errors say what the condition takes.
func (s *Set) Switch(id, value string, now time.Time) error {
	c, ok := s.Find(id)
	if !ok {
		return fmt.Errorf("there is no condition %q", id)
	}
	value = strings.TrimSpace(value)
	if strings.EqualFold(value, "off") {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.on, id)
		return nil
	}
	if strings.EqualFold(value, "on") || value == "" {
		value = c.Default
	}
	st := standing{since: map[string]time.Time{}}
	switch c.Takes {
	case TakesNothing:
		if value != "" {
			return fmt.Errorf("%s is switched on or off; it takes no value %q", id, value)
		}
	case TakesDuration:
		d, err := time.ParseDuration(value)
		if err != nil {
			return fmt.Errorf("%s takes a duration such as %s, not %q", id, c.Default, value)
		}
		if limit := 10 * 365 * 24 * time.Hour; d > limit || d < -limit || d < 0 && id != Clock {
			return fmt.Errorf("%s can't be %s", id, value)
		}
		if id == Slow && d > 2*time.Minute {
			return fmt.Errorf("%s takes up to 2m: a server gives a connection up after that", id)
		}
		st.length, st.values = d, []string{value}
	default:
		for name := range strings.SplitSeq(value, ",") {
			if name = strings.TrimSpace(name); name != "" && !slices.ContainsFunc(st.values, func(v string) bool { return strings.EqualFold(v, name) }) {
				st.values = append(st.values, name)
				st.since[strings.ToLower(name)] = now
			}
		}
		if len(st.values) == 0 || len(st.values) > 64 {
			return fmt.Errorf("%s takes 1 to 64 names", id)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.on[id] = st
	return nil
}

// On reports whether a condition is on.
func (s *Set) On(id string) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	_, on := s.on[id]
	return on
}

// Length is the duration of a condition, 0 while it is off.
func (s *Set) Length(id string) time.Duration {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.on[id].length
}

// Names reports whether a condition is on for a user name or an application
// key, and since when.
func (s *Set) Names(id, name string) (time.Time, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	at, ok := s.on[id].since[strings.ToLower(name)]
	return at, ok
}
