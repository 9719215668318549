package grants

import (
	"flowscope/engine/lab/directory"
	"flowscope/engine/lab/scope"
	"flowscope/engine/lab/state"
)

// Combined is what an API of the first row needs for its own calls, on behalf
// of the person: permissions that are granted to the API, not to the client.
type Combined struct {
	API         directory.App
	Permissions []scope.Permission // those not granted yet
}

// Combined lists what the consent page of a request for /.default asks for
// beside the client's own permissions: those of the APIs that know the client
// (Entra: v2-oauth2-on-behalf-of-flow, knownClientApplications). Who accepts
// grants them to the APIs.
func (s *Server) Combined(person state.Person, client directory.App, t scope.Target) []Combined {
	var out []Combined
	for _, api := range t.Combined(s.Directory, client) {
		if missing := scope.Missing(scope.Static(s.Directory, api), s.Granted(person, api)); len(missing) > 0 {
			out = append(out, Combined{api, missing})
		}
	}
	return out
}
