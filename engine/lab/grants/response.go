package grants

import (
	"strconv"
	"time"
)

// Response is a token response; its members are in the order in which Entra
// writes them.
type Response struct {
	TokenType        string `json:"token_type"`
	Scope            string `json:"scope,omitempty"`
	ExpiresIn        int    `json:"expires_in"`
	ExtExpiresIn     int    `json:"ext_expires_in"`
	AccessToken      string `json:"access_token"`
	RefreshToken     string `json:"refresh_token,omitempty"`
	RefreshExpiresIn int    `json:"refresh_token_expires_in,omitempty"` // single-page apps only
	IDToken          string `json:"id_token,omitempty"`
	ClientInfo       string `json:"client_info,omitempty"`
	RefreshIn        int    `json:"refresh_in,omitempty"` // of tokens that live long: when to get the next

	v1       bool
	expires  time.Time
	from     time.Time
	resource string
}

// responseV1 is the same of a v1.0 endpoint: all members are strings.
type responseV1 struct {
	TokenType    string `json:"token_type"`
	Scope        string `json:"scope,omitempty"`
	ExpiresIn    string `json:"expires_in"`
	ExtExpiresIn string `json:"ext_expires_in"`
	ExpiresOn    string `json:"expires_on"`
	NotBefore    string `json:"not_before"`
	Resource     string `json:"resource"`
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token,omitempty"`
	IDToken      string `json:"id_token,omitempty"`
	ClientInfo   string `json:"client_info,omitempty"`
}

// Body is what is written as JSON: the response itself, or its form of the
// v1.0 endpoint.
func (r Response) Body() any {
	if !r.v1 {
		return r
	}
	epoch := func(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }
	return responseV1{
		TokenType: r.TokenType, Scope: r.Scope, ExpiresIn: strconv.Itoa(r.ExpiresIn), ExtExpiresIn: strconv.Itoa(r.ExtExpiresIn),
		ExpiresOn: epoch(r.expires), NotBefore: epoch(r.from), Resource: r.resource,
		AccessToken: r.AccessToken, RefreshToken: r.RefreshToken, IDToken: r.IDToken, ClientInfo: r.ClientInfo,
	}
}

// response starts the answer with an access token of a lifetime for a
// resource, named as it was asked. expires_in says one second less than the
// token has.
func (x *exchange) response(token string, life time.Duration, resource string) Response {
	now, seconds := x.Clock(), int(life/time.Second)-1
	r := Response{
		TokenType: "Bearer", ExpiresIn: seconds, ExtExpiresIn: seconds, AccessToken: token,
		v1: x.req.V1, expires: now.Add(life), from: now.Add(-5 * time.Minute), resource: resource,
	}
	if life >= longLife {
		r.RefreshIn = (seconds + 1) / 2
	}
	return r
}

// longLife is from when on a response says refresh_in.
const longLife = 2 * time.Hour
