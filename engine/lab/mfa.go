package lab

import (
	"slices"

	"flowscope/engine/lab/aadsts"
	"flowscope/engine/lab/pages"
	"flowscope/engine/lab/policy"
	"flowscope/engine/lab/scope"
	"flowscope/engine/lab/state"
)

// admitted applies Conditional Access to a person. It has answered when it is
// false: with a page that asks for what is missing, or with the error.
func (v *visit) admitted(a authorization, p person, id string) bool {
	grant := policy.GrantCode
	if a.kind == state.ForDevice {
		grant = policy.GrantDevice
	}
	// A resource that is not there is judged later on; policies then see Graph.
	target, _ := scope.Resolve(v.dir, p.tenant, a.client, a.scope)
	err := v.policies.Judge(policy.SignIn{
		User: p.user, Resource: target.Resource, Grant: grant, Auth: p.account.Auth, Contexts: a.claims.Contexts, V1: a.v1,
	})
	switch {
	case err == nil:
		return true
	case a.silent() && err.Code == 70043:
		v.failRedirect(a, aadsts.New(70044).Because("prompt", "the sign-in is older than the policy allows"))
	case a.silent():
		v.failRedirect(a, err.Named(aadsts.InteractionRequired))
	case err.Code == 70043 && !p.fresh:
		v.askAnew(a, p, id)
	case err.Code == 50076:
		v.askFactor(a, p, id, nil)
	case err.Code == 50079:
		v.askRegistration(a, p, id)
	default:
		v.stop(a, id, err)
	}
	return false
}

// askAnew sends someone who is signed in back to the sign-in page.
func (v *visit) askAnew(a authorization, p person, id string) {
	if id == "" {
		id = v.begin(a)
	}
	v.ask(a, id, p.home.Username, nil)
}

func (v *visit) askFactor(a authorization, p person, id string, e *aadsts.Error) {
	id, ok := v.hold(a, p, id)
	if !ok {
		return
	}
	page := pages.Factor{Form: v.form(a, "SAS/ProcessAuth", id), Problem: v.told(e), App: a.client.Name, Username: p.home.Username}
	v.draw(page.Write(v.w, place(a.authority)))
}

func (v *visit) askRegistration(a authorization, p person, id string) {
	id, ok := v.hold(a, p, id)
	if !ok {
		return
	}
	page := pages.Factor{Form: v.form(a, "proofup", id), App: a.client.Name, Username: p.home.Username}
	v.draw(page.WriteRegistration(v.w, place(a.authority)))
}

// factor takes the answer that a phone would give.
func (v *visit) factor() {
	form, id, a, p, ok := v.answered()
	if !ok {
		return
	}
	switch {
	case !v.policies.HasFactor(p.home):
		v.askRegistration(a, p, id)
	case form.Get("action") != "approve":
		v.askFactor(a, p, id, aadsts.New(50074).Because("action", "%s pressed Deny", p.home.Username))
	default:
		v.passed(a, p, id)
	}
}

// register takes the form that registers a second factor. Only someone without
// one gets in this way: a password alone must not replace a factor.
func (v *visit) register() {
	form, id, a, p, ok := v.answered()
	if !ok {
		return
	}
	switch {
	case form.Get("action") != "register":
		v.cancelled(a, id)
	case v.policies.HasFactor(p.home):
		v.askFactor(a, p, id, nil)
	default:
		v.state.Accounts.RegisterFactor(p.account.Home)
		v.passed(a, p, id)
	}
}

// passed marks the account as having passed a second factor, and goes on.
func (v *visit) passed(a authorization, p person, id string) {
	v.state.ChangeSession(p.cookie, p.account.Home, v.clock(), func(account *state.Account) {
		if !account.Auth.MFA() {
			account.Auth.Methods = append(slices.Clone(account.Auth.Methods), "mfa")
		}
		p.account = *account
	})
	v.proceed(a, p, id)
}
