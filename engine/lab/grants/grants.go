// Package grants is the token endpoint behind its HTTP face: one file per
// grant, and the order in which a request is judged, which decides the error
// that a request with several faults gets.
//
// It refuses to read HTTP; it takes a form and gives a response or an error.
package grants

import (
	"net/url"
	"slices"
	"time"

	"flowscope/engine/lab/aadsts"
	"flowscope/engine/lab/directory"
	"flowscope/engine/lab/policy"
	"flowscope/engine/lab/state"
	"flowscope/engine/lab/tokens"
)

// Server answers token requests. It is safe for concurrent use.
type Server struct {
	Directory directory.Directory // never written to
	State     *state.State
	Mint      *tokens.Mint
	Policies  *policy.Policies
	Clock     func() time.Time
}

// Request is one token request, taken out of HTTP.
type Request struct {
	Base      string // scheme and host that were asked
	V1        bool   // sent to the v1.0 endpoint: resource in place of scope
	Authority directory.Authority
	Form      url.Values
	BasicID   string // client id and secret of an Authorization: Basic header, decoded
	BasicKey  string
	Origin    string // of a cross-origin request; empty otherwise
	IP        string
}

// exchange is one request on its way through the rows of judgement.
type exchange struct {
	*Server
	req    Request
	client directory.App
	proof  string // one of tokens.ProofNone, ProofSecret, ProofAssertion
}

// grant is one grant type. Its methods are called in this order, and each may
// end the request; the rows are those in which Entra judges.
type grant interface {
	// authority refuses a tenant segment that the grant does not work with.
	authority() *aadsts.Error
	// credential is the error for a client that proves nothing; nil when it
	// need not.
	credential() *aadsts.Error
	// platform is the type of platform that the grant belongs to; empty when
	// it can't be told.
	platform() string
	// body judges the code, refresh token or whatever the grant brings.
	body() *aadsts.Error
	// scope judges what is asked.
	scope() *aadsts.Error
	// person judges the user, policies and consent.
	person() *aadsts.Error
	// respond makes the tokens.
	respond() (Response, *aadsts.Error)
}

func (x *exchange) grant(name string) (grant, bool) {
	d := delegated{exchange: x, kind: policy.GrantCode}
	switch name {
	case "authorization_code":
		return &authorizationCode{delegated: d}, true
	case "refresh_token":
		d.kind = policy.GrantRefresh
		return &refreshToken{delegated: d}, true
	case "client_credentials":
		return &clientCredentials{exchange: x}, true
	case "password":
		d.kind = policy.GrantPassword
		return &password{delegated: d}, true
	case "urn:ietf:params:oauth:grant-type:device_code", "device_code": // RFC 8628, and as most client libraries write it
		d.kind = policy.GrantDevice
		return &deviceCode{delegated: d}, true
	case "urn:ietf:params:oauth:grant-type:jwt-bearer":
		d.kind = policy.GrantOnBehalfOf
		return &onBehalfOf{delegated: d}, true
	}
	return nil, false
}

// Token judges a request and answers it. The client is returned as far as it
// was recognised, also beside an error: the HTTP face needs it for CORS.
func (s *Server) Token(req Request) (Response, directory.App, *aadsts.Error) {
	x := &exchange{Server: s, req: req, proof: tokens.ProofNone}
	r, err := x.answer()
	return r, x.client, err
}

func (x *exchange) answer() (Response, *aadsts.Error) {
	if err := x.wellFormed(); err != nil {
		return Response{}, err
	}
	name, err := x.required("grant_type")
	if err != nil {
		return Response{}, err
	}
	g, ok := x.grant(name)
	if !ok {
		return Response{}, aadsts.New(70003, name).Because("grant_type", "the lab knows no grant %q", name)
	}
	rows := []func() *aadsts.Error{
		x.identify, g.authority,
		func() *aadsts.Error { return x.authenticate(g) },
		func() *aadsts.Error { return x.crossOrigin(g.platform()) },
		g.body, g.scope, g.person,
	}
	for _, row := range rows {
		if err := row(); err != nil {
			return Response{}, err
		}
	}
	return g.respond()
}

// wellFormed refuses a parameter that comes twice (RFC 6749 section 3.2).
func (x *exchange) wellFormed() *aadsts.Error {
	names := make([]string, 0, len(x.req.Form))
	for name, values := range x.req.Form {
		if len(values) > 1 {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return aadsts.New(9002313).Because(slices.Min(names), "the parameter is in the body more than once")
}

func (x *exchange) form(name string) string { return x.req.Form.Get(name) }

func (x *exchange) required(name string) (string, *aadsts.Error) {
	if v := x.form(name); v != "" {
		return v, nil
	}
	return "", aadsts.New(900144, name).Because(name, "the body has no %s", name)
}
