package grants

import (
	"net/url"

	"flowscope/engine/lab/aadsts"
	"flowscope/engine/lab/directory"
	"flowscope/engine/lab/policy"
	"flowscope/engine/lab/scope"
	"flowscope/engine/lab/state"
	"flowscope/engine/lab/tokens"
)

// FrontRequest is what the authorization endpoint wants beside, or in place
// of, a code: the implicit and the hybrid flow (OAuth 2.0 Multiple Response
// Type Encoding Practices). Consent and policies were judged before.
type FrontRequest struct {
	Base      string
	V1        bool // asked for at the v1.0 endpoint
	Authority directory.Authority
	Client    directory.App
	Person    state.Person // in the tenant signed in to
	Auth      state.Auth
	Scope     string // as asked
	Resource  string // resource parameter of a v1.0 request
	Claims    string // claims parameter
	Nonce     string
	Code      string // the code beside it, for c_hash; empty for none

	AccessToken, IDToken bool // what is wanted
}

// FrontResponse is what goes through the browser.
type FrontResponse struct {
	AccessToken string // empty unless wanted
	ExpiresIn   int    // seconds
	Scope       string
	IDToken     string // empty unless wanted
}

// Front makes the tokens of an authorization response. There is no refresh
// token among them.
func (s *Server) Front(r FrontRequest) (FrontResponse, *aadsts.Error) {
	form := url.Values{}
	if r.Claims != "" {
		form.Set("claims", r.Claims)
	}
	x := &exchange{Server: s, req: Request{Base: r.Base, V1: r.V1, Authority: r.Authority, Form: form, IP: r.Auth.IP}, client: r.Client, proof: tokens.ProofNone}
	d := &delegated{exchange: x, kind: policy.GrantCode, who: r.Person, auth: known(r.Auth, s.Clock(), r.Auth.IP)}
	var wanted scope.Request
	rows := []func() *aadsts.Error{
		func() (err *aadsts.Error) {
			wanted, err = d.ask(asked{scope: r.Scope, resource: r.Resource, v1: r.V1})
			return err
		},
		func() *aadsts.Error { return d.challenged("") },
		func() *aadsts.Error { return d.resolve(wanted) },
		d.person,
	}
	for _, row := range rows {
		if err := row(); err != nil {
			return FrontResponse{}, err
		}
	}
	out := d.issue(issuance{nonce: r.Nonce, front: true, code: r.Code, idOnly: !r.AccessToken})
	front := FrontResponse{}
	if r.AccessToken {
		front.AccessToken, front.ExpiresIn, front.Scope = out.AccessToken, out.ExpiresIn, out.Scope
	}
	if r.IDToken {
		front.IDToken = out.IDToken
	}
	return front, nil
}
