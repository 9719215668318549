// Package state is what the lab remembers between requests: codes, refresh
// tokens, sessions, sign-ins under way and consents. Everything is in memory
// and bounded in number.
//
// It refuses to judge: whether a code may be redeemed is for package grants.
package state

import (
	"slices"
	"time"
)

// Lifetimes (Entra: refresh-tokens, configurable-token-lifetimes).
const (
	CodeLife       = 10 * time.Minute
	RefreshLife    = 90 * 24 * time.Hour // since the token was issued; each use gives a new one
	SPARefreshLife = 24 * time.Hour      // fixed from the sign-in
	SessionLife    = 24 * time.Hour
	SignInLife     = 15 * time.Minute
)

const (
	maxCodes    = 4096
	maxRefresh  = 16384
	maxSessions = 1024
	maxSignIns  = 1024
	maxDevices  = 4096
	maxIssued   = 16384
)

// Person names who signed in, and where.
type Person struct{ TenantID, ObjectID string }

// Auth is how and when a person signed in. It goes from the session into codes
// and refresh tokens, and from there into the claims of tokens.
type Auth struct {
	At         time.Time // when the person last proved who it is
	Methods    []string  // amr values: pwd, mfa
	SID        string    // session id, a GUID; the sid claim
	IP         string
	DeviceCode bool // by the device code flow; a refresh token keeps the mark
}

// MFA reports whether a second factor was passed.
func (a Auth) MFA() bool { return slices.Contains(a.Methods, "mfa") }

// Code is what an authorization code stands for.
type Code struct {
	Person      Person
	Authority   string // directory.Authority.Key of the authorize request
	ClientID    string
	RedirectURI string // exactly as it was sent
	Platform    string // type of the platform that holds the redirect URI
	Challenge   string
	Method      string // plain or S256
	Nonce       string
	Scope       string // as asked
	IP          string
	Issued      time.Time
	Redeemed    bool

	Auth     Auth
	V1       bool   // asked for at the v1.0 endpoint
	Resource string // resource parameter of a v1.0 request
	Claims   string // claims parameter, a JSON text
}

// Refresh is what a refresh token stands for.
type Refresh struct {
	Person   Person
	ClientID string
	Platform string
	Scope    string // as first asked
	IP       string
	Issued   time.Time
	SignedIn time.Time // start of the fixed life for single-page apps

	Auth     Auth
	Resource string // of a v1.0 request; empty otherwise
}

// State holds it all. It is safe for concurrent use.
type State struct {
	codes    bounded[Code]
	refresh  bounded[Refresh]
	sessions bounded[Session]
	signIns  bounded[SignIn]
	devices  bounded[Device]
	userCode bounded[string] // user code to device code
	issued   bounded[Auth]   // sign-in behind an access token, by the token's hash
	Consents Consents
	Accounts Accounts
}

// New returns an empty memory.
func New() *State {
	return &State{
		codes: newBounded[Code](maxCodes), refresh: newBounded[Refresh](maxRefresh),
		sessions: newBounded[Session](maxSessions), signIns: newBounded[SignIn](maxSignIns),
		devices: newBounded[Device](maxDevices), userCode: newBounded[string](maxDevices),
		issued:   newBounded[Auth](maxIssued),
		Accounts: newAccounts(),
		Consents: Consents{granted: map[consent]map[string]bool{}, installed: map[[2]string]bool{}, roles: map[consent]map[string]bool{}},
	}
}

// PutCode keeps a code. Codes are remembered past their life, so that a late
// or a second redemption is told from garbage.
func (s *State) PutCode(value string, c Code) { s.codes.put(value, c, time.Time{}) }

// Code looks a code up; it may be expired or redeemed.
func (s *State) Code(value string) (Code, bool) { return s.codes.get(value, time.Time{}) }

// Redeem marks a code as used. Of several calls only one gets true.
func (s *State) Redeem(value string) bool {
	return s.codes.change(value, time.Time{}, func(c *Code) bool {
		first := !c.Redeemed
		c.Redeemed = true
		return first
	})
}

// PutRefresh keeps a refresh token.
func (s *State) PutRefresh(value string, r Refresh) { s.refresh.put(value, r, time.Time{}) }

// Refresh looks a refresh token up; it may be expired.
func (s *State) Refresh(value string) (Refresh, bool) { return s.refresh.get(value, time.Time{}) }
