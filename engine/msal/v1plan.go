package msal

import (
	"errors"
	"strings"

	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/trace"
)

// errTwoResources says that a v1.0 request has room for one API.
var errTwoResources = errors.New("the v1.0 endpoints take one resource for each request, and the scopes name more than one")

// recipesV1 are the flows that run at the v1.0 endpoints too: requests of our
// own, since MSAL speaks v2.0 alone.
func recipesV1() map[decision.Flow]recipe {
	return map[decision.Flow]recipe{
		decision.AuthorizationCode: {atV1(planCode), Driver.runCodeV1},
		decision.ClientCredentials: {atV1(planCredentials), Driver.runCredentialsV1},
		decision.RefreshToken:      {atV1(planRefresh), Driver.runRefreshV1},
		decision.DeviceCode:        {atV1(planDevice), Driver.runDeviceV1},
	}
}

// atV1 makes the plan for the v1.0 endpoints of the one for v2.0: the same
// moves, with what differs said at each.
func atV1(plan func(engine.Job) (engine.Plan, error)) func(engine.Job) (engine.Plan, error) {
	return func(job engine.Job) (engine.Plan, error) {
		resource, err := resourceOf(job.Scopes)
		if err != nil {
			return engine.Plan{}, err
		}
		p, err := plan(job)
		if err != nil {
			return p, err
		}
		p.Title += " · v1.0 endpoints, requests of our own"
		p.Scopes = []string{resource}
		for i, st := range p.Steps {
			if own, ok := ownWords(job.Flow, st.Purpose); ok {
				p.Steps[i].Why = own
			}
			p.Steps[i].Why += wordsV1(st.Purpose, resource, strings.Join(job.Scopes, " "))
			switch st.Purpose {
			case trace.Metadata, trace.Authorize:
				p.Steps[i].Label += " v1.0"
			case trace.DeviceStart:
				p.Steps[i].Label = "client id, resource"
			}
		}
		return p, nil
	}
}

// ownWords are said in place of words about MSAL, which does not speak v1.0.
func ownWords(flow decision.Flow, p trace.Purpose) (string, bool) {
	switch {
	case p == trace.Poll:
		return "There is no way back from the page to the device, so the device asks until the person is through: authorization_pending is no failure.", true
	case p == trace.Metadata && flow == decision.DeviceCode:
		return "The device learns where to ask for a code and where to collect the tokens.", true
	}
	return "", false
}

// wordsV1 say how a step differs from its v2.0 counterpart (Entra: v1.0
// endpoints).
func wordsV1(p trace.Purpose, resource, scopes string) string {
	switch p {
	case trace.Metadata:
		return " Of the v1.0 document, whose address has no v2.0 in it: other endpoints, and an issuer of another form, with a slash at its end."
	case trace.Authorize:
		return " At /oauth2/authorize, where v2.0 has /oauth2/v2.0/authorize: resource=" + resource + " stands for the API, and there is no choice of permissions: v2.0 would ask for scope=" + scopes + "."
	case trace.TokenCall, trace.Refresh:
		return " At /oauth2/token, where v2.0 has /oauth2/v2.0/token: resource names the one API. Its refresh token serves every API of the registration."
	case trace.Poll:
		return " These polls are our own: they keep to the interval, and the device code travels as device_code, as at v2.0."
	case trace.DeviceStart:
		return " At /oauth2/devicecode, where v2.0 has /oauth2/v2.0/devicecode. The address comes back as verification_url, v2.0 writes verification_uri."
	case trace.Answer:
		return ` Every member is a string: expires_in is "3599" where v2.0 sends a number, and expires_on, not_before and resource come along. An ID token is a v1.0 one, for it follows the endpoint; the access token's version is the API's own choice, at either endpoint.`
	}
	return ""
}

// resourceOf gives the one API that all scopes are of, as the v1.0 endpoints name
// it. A scope that names no API is one of Graph's.
func resourceOf(scopes []string) (string, error) {
	resource := ""
	for _, s := range scopes {
		api := "https://graph.microsoft.com"
		if i := strings.LastIndexByte(s, '/'); i > 0 && strings.Contains(s, ":") {
			api = s[:i]
		}
		if resource != "" && resource != api {
			return "", errTwoResources
		}
		resource = api
	}
	if resource == "" {
		return "", errNoScopes
	}
	return resource, nil
}
