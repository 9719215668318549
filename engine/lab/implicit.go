package lab

import (
	"strconv"

	"flowscope/engine/lab/aadsts"
	"flowscope/engine/lab/grants"
	"flowscope/engine/lab/pages"
	"flowscope/engine/lab/state"
	"flowscope/engine/lab/tokens"
)

// finish answers a request whose person has passed everything.
func (v *visit) finish(a authorization, p person, id string) {
	if a.kind == state.ForDevice {
		v.confirmDevice(a, p, id)
		return
	}
	v.state.DropSignIn(id)
	fields, err := v.response(a, p)
	if err != nil {
		v.failRedirect(a, err)
		return
	}
	v.state.ChangeSession(p.cookie, p.account.Home, v.clock(), func(account *state.Account) {
		account.Visit(state.Visited{ClientID: a.client.ClientID, TenantID: p.tenant.ID})
	})
	v.deliver(a, fields)
}

// response makes the members of an authorization response: a code, tokens of
// the implicit flow, or both (hybrid flow), in Entra's order.
func (v *visit) response(a authorization, p person) ([]pages.Field, *aadsts.Error) {
	var fields []pages.Field
	add := func(name, value string) { fields = append(fields, pages.Field{Name: name, Value: value}) }
	code, auth := "", p.account.Auth
	if a.wants("code") {
		code = v.grants.Mint.Opaque()
		v.state.PutCode(code, state.Code{
			Person: p.key(), Authority: a.authority.Key(), ClientID: a.client.ClientID,
			RedirectURI: a.redirect, Platform: a.platform,
			Challenge: a.query.Get("code_challenge"), Method: a.method(), Nonce: a.query.Get("nonce"),
			Scope: a.scope.Text, IP: v.ip(), Issued: v.clock(),
			Auth: auth, V1: a.v1, Resource: a.resource, Claims: a.query.Get("claims"),
		})
		add("code", code)
		if a.wants("id_token") && a.query.Get("client_info") == "1" {
			add("client_info", tokens.ClientInfo(p.home))
		}
	}
	if a.wants("token") || a.wants("id_token") {
		resource := a.resource
		if a.v1 && len(a.scope.Items) > 0 {
			resource = a.scope.Items[0].Resource // the first API of the registration, where none was named
		}
		front, err := v.grants.Front(grants.FrontRequest{
			Base: v.base, V1: a.v1, Authority: a.authority, Client: a.client, Person: p.key(), Auth: auth,
			Scope: a.scope.Text, Resource: resource, Claims: a.query.Get("claims"), Nonce: a.query.Get("nonce"), Code: code,
			AccessToken: a.wants("token"), IDToken: a.wants("id_token"),
		})
		if err != nil {
			return nil, err
		}
		if a.wants("token") {
			add("access_token", front.AccessToken)
			add("token_type", "Bearer")
			add("expires_in", strconv.Itoa(front.ExpiresIn))
			add("scope", front.Scope)
		}
		if a.wants("id_token") {
			add("id_token", front.IDToken)
		}
	}
	if a.prompt == "admin_consent" {
		add("admin_consent", "True")
	}
	add("session_state", auth.SID)
	return fields, nil
}
