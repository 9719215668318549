package inspect

import (
	"flowscope/decision"
	"flowscope/engine/trace"
	"flowscope/validate/infer"
)

// grants are the flows by the grant type of their token request.
var grants = map[string]decision.Flow{
	"authorization_code": decision.AuthorizationCode, "client_credentials": decision.ClientCredentials,
	"refresh_token": decision.RefreshToken, "password": decision.Password,
	"urn:ietf:params:oauth:grant-type:token-exchange": decision.TokenExchange,
}

// madeBy is the flow that made a token of a run, known for certain:
// that of the request that brought it, since one run may hold several. A token
// whose request is not known keeps the guess from its claims.
func madeBy(t *trace.Trace, token trace.Token) (infer.Guess, bool) {
	flow := decision.Flow("")
	for _, e := range t.Exchanges {
		if e.N != token.Exchange {
			continue
		}
		switch e.Purpose {
		case trace.Redirect:
			flow = decision.Implicit
		case trace.Poll:
			flow = decision.DeviceCode
		case trace.OnBehalfOf:
			flow = decision.OnBehalfOf
		case trace.ManagedIdentity:
			flow = decision.ManagedIdentity
		default:
			grant, _ := e.Request.Get("grant_type")
			flow = grants[grant]
		}
	}
	return infer.Guess{Name: string(flow), Confidence: infer.Certain, Because: []string{"This run made it: its own request brought the token."}}, flow != ""
}
