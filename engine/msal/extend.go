package msal

import (
	"encoding/json"

	"flowscope/engine"
	"flowscope/engine/trace"
)

// endpoint gives an address out of the metadata that this run has read (OpenID
// Connect Discovery 1.0 section 3), else the one that Entra uses. Wherever it
// leads, the gate lets nothing out to a host outside the target.
func endpoint(s *engine.Session, name, otherwise string) string {
	if e, ok := s.Exchange(trace.Metadata); ok && e.Response != nil {
		return endpointIn(e.Response.Body, name, otherwise)
	}
	return otherwise
}

func endpointIn(document []byte, name, otherwise string) string {
	var doc map[string]json.RawMessage
	var address string
	if json.Unmarshal(document, &doc) != nil || json.Unmarshal(doc[name], &address) != nil || address == "" {
		return otherwise
	}
	return address
}
