package policy

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"flowscope/engine/lab/aadsts"
	"flowscope/engine/lab/conditions"
	"flowscope/engine/lab/directory"
	"flowscope/engine/lab/state"
)

// Grants as Conditional Access tells them apart.
const (
	GrantCode       = "authorization_code" // and everything else on the sign-in page
	GrantDevice     = "device_code"
	GrantPassword   = "password"
	GrantRefresh    = "refresh_token"
	GrantOnBehalfOf = "on_behalf_of"
)

// Ids of the lab's Conditional Access policies, as claims challenges name them.
const (
	policyMFA    = "2d5cf6a4-6f1f-4a3c-9d50-3d0c4f1f7a11"
	policyDevice = "8a0b57c0-0fd4-4c1b-8e0c-52b6d3b9a922"
	policyAcrs   = "c17f1a88-6f43-4f0d-a9c5-7f2f6f5a3b33"
)

// StepUpContext is the authentication context that the lab knows: satisfied by
// a second factor (Entra: developer guide to authentication contexts).
const StepUpContext = "c1"

// SignIn is what Conditional Access judges.
type SignIn struct {
	User     directory.User // in the tenant signed in to
	Resource directory.App
	Grant    string
	Auth     state.Auth
	Contexts []string // authentication contexts that the claims parameter demands, and policies that it names
	V1       bool     // at the v1.0 endpoint, whose challenges have another member
}

// Judge applies the Conditional Access policies to a person: 53003, 53000,
// 530035, 530036, 50076, 50079, 70043. A nil answer lets the person through.
func (p *Policies) Judge(s SignIn) *aadsts.Error {
	c, home := p.Conditions, p.Directory.Home(s.User)
	blocked := func(field, why string) *aadsts.Error {
		return aadsts.New(53003).Because(field, "%s: %s", home.Username, why)
	}
	switch {
	case home.Blocked || s.User.Blocked:
		return blocked("username", "a policy blocks this person")
	case c.On(conditions.LocationBlocked):
		return blocked("", "a policy blocks the place")
	case s.Grant == GrantDevice && c.On(conditions.DeviceCodeBlocked):
		return blocked("grant_type", "a policy blocks the device code flow")
	case s.Grant == GrantRefresh && s.Auth.DeviceCode && c.On(conditions.DeviceCodeBlocked):
		return aadsts.New(530036).Because("refresh_token", "the refresh token came from the device code flow")
	case s.Grant == GrantPassword && c.On(conditions.SecurityDefaults):
		return aadsts.New(530035).Because("grant_type", "security defaults are on")
	case s.Grant == GrantPassword && c.On(conditions.PasswordGrantBlocked):
		return blocked("grant_type", "a policy blocks the password grant")
	case c.On(conditions.DeviceRequired):
		return aadsts.New(53000).Because("", "a policy demands a compliant device").Demanding(challenge(policyDevice, s.V1))
	}
	if frequency := c.Length(conditions.SignInFrequency); frequency > 0 && p.Clock().Sub(s.Auth.At) >= frequency {
		return aadsts.New(70043, s.Auth.At.UTC().Format(time.RFC3339), span(frequency)).
			Because("user", "the sign-in is older than %s", frequency)
	}
	return p.factor(s, home)
}

// factor demands a second factor: of people who have to use one always, of
// everyone by policy, and of those asked for an authentication context.
func (p *Policies) factor(s SignIn, home directory.User) *aadsts.Error {
	if s.Auth.MFA() {
		return nil
	}
	demand := ""
	switch {
	case slices.Contains(s.Contexts, StepUpContext):
		demand = contexts(StepUpContext)
	case p.Conditions.On(conditions.MFARequired), home.Factor != "", slices.Contains(s.Contexts, policyMFA):
		demand = challenge(policyMFA, s.V1)
	default:
		return nil
	}
	code := 50076
	if !p.HasFactor(home) {
		code = 50079
	}
	return aadsts.New(code, s.Resource.ClientID).Because("username", "%s has not passed a second factor", home.Username).Demanding(demand)
}

// HasFactor reports whether a person has registered a second factor. Members
// without a mark in the directory have one: the lab approves it on a page.
func (p *Policies) HasFactor(u directory.User) bool {
	home := p.Directory.Home(u)
	return home.Factor != directory.FactorMissing || p.State.Accounts.Factor(p.PersonOf(home))
}

// Workload applies the policy for workload identities to an application that
// asks for itself: 53003.
func (p *Policies) Workload(a directory.App) *aadsts.Error {
	if !p.Conditions.On(conditions.WorkloadBlocked) {
		return nil
	}
	return aadsts.New(53003).Because("client_id", "a policy blocks %s", a.Name)
}

// MayConsent refuses a person who may not consent to the permissions asked:
// 90094, or 90095 where an administrator can be asked. adminOnly says that a
// permission among them is for administrators alone.
func (p *Policies) MayConsent(u directory.User, client directory.App, adminOnly bool) *aadsts.Error {
	off := p.Conditions.On(conditions.UserConsentOff)
	if u.Admin || !adminOnly && !off {
		return nil
	}
	code, why := 90094, "a permission asked is for administrators only"
	if off {
		why = "people may not consent in this tenant"
	}
	if p.Conditions.On(conditions.ConsentRequests) {
		code = 90095
	}
	return aadsts.New(code, client.ClientID, client.Name).Because("scope", "%s: %s", u.Username, why)
}

// challenge is a claims challenge that names a policy.
func challenge(id string, v1 bool) string {
	name := "capolids"
	if v1 {
		name = "polids"
	}
	return `{"access_token":{"` + name + `":{"essential":true,"values":["` + id + `"]}}}`
}

// contexts is a claims challenge that demands an authentication context.
func contexts(id string) string {
	return `{"access_token":{"acrs":{"essential":true,"value":"` + id + `"}}}`
}

// Claims is what the lab understands of a claims parameter (OpenID Connect
// Core section 5.5; Entra: claims-challenge).
type Claims struct {
	Capabilities []string // xms_cc, in small letters: cp1 says that the client handles claims challenges
	Contexts     []string // acrs, and the policies that a claims challenge named (capolids; polids of the v1.0 endpoint)
	NotBefore    int64    // nbf of a continuous access evaluation challenge: sign-ins before it do not count
}

// And joins what two claims parameters of one sign-in demand.
func (c Claims) And(o Claims) Claims {
	join := func(a, b []string) []string {
		out := slices.Clone(a)
		for _, v := range b {
			if !slices.Contains(out, v) {
				out = append(out, v)
			}
		}
		return out
	}
	return Claims{
		Capabilities: join(c.Capabilities, o.Capabilities), Contexts: join(c.Contexts, o.Contexts), NotBefore: max(c.NotBefore, o.NotBefore),
	}
}

// ReadClaims reads a claims parameter; an empty text asks nothing. Text that
// is no JSON object, or larger than 8 KiB, is an error (90100).
func ReadClaims(text string) (Claims, *aadsts.Error) {
	var out Claims
	if text == "" {
		return out, nil
	}
	type member struct {
		Value  json.RawMessage `json:"value"`
		Values []string        `json:"values"`
	}
	var in struct {
		Access map[string]*member `json:"access_token"`
	}
	if len(text) > 8<<10 {
		return out, aadsts.New(90100, "claims", "it is too long").Because("claims", "the parameter has %d bytes", len(text))
	}
	if err := json.Unmarshal([]byte(text), &in); err != nil {
		return out, aadsts.New(90100, "claims", "it is no JSON object of claims").Because("claims", "%v", err)
	}
	all := func(m *member) []string {
		if m == nil {
			return nil
		}
		var one string
		var epoch json.Number // nbf may come as a number as well
		if json.Unmarshal(m.Value, &one) != nil && json.Unmarshal(m.Value, &epoch) == nil {
			one = epoch.String()
		}
		if one != "" {
			return append([]string{one}, m.Values...)
		}
		return m.Values
	}
	out.Contexts = slices.Concat(all(in.Access["acrs"]), all(in.Access["capolids"]), all(in.Access["polids"]))
	for _, c := range all(in.Access["xms_cc"]) {
		out.Capabilities = append(out.Capabilities, strings.ToLower(c)) // Azure's libraries write CP1
	}
	for _, v := range all(in.Access["nbf"]) {
		if epoch, err := strconv.ParseInt(v, 10, 64); err == nil {
			out.NotBefore = epoch
		}
	}
	return out, nil
}

// span writes a duration as Entra's messages do: d.hh:mm:ss.
func span(d time.Duration) string {
	days := int(d / (24 * time.Hour))
	rest := time.Time{}.Add(d % (24 * time.Hour)).Format("15:04:05")
	return strconv.Itoa(days) + "." + rest
}
