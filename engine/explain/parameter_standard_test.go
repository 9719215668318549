package explain

import (
	"testing"

	"flowscope/engine/trace"
)

// TestStandardParameters: what only other issuers send is explained too, and
// nothing that Entra sends is explained in two ways.
func TestStandardParameters(t *testing.T) {
	for p, names := range map[trace.Purpose][]string{
		trace.Redirect:      {"iss", "code", "state"},
		trace.Metadata:      {"introspection_endpoint", "revocation_endpoint", "code_challenge_methods_supported", "grant_types_supported", "authorization_response_iss_parameter_supported"},
		trace.DeviceStart:   {"device_code", "user_code", "verification_uri", "verification_uri_complete", "expires_in", "interval", "client_id"},
		trace.TokenExchange: {"subject_token", "subject_token_type", "requested_token_type", "issued_token_type", "grant_type"},
		trace.Introspection: {"token", "token_type_hint", "active"},
		trace.Revocation:    {"token", "token_type_hint"},
		trace.SignOut:       {"id_token_hint", "post_logout_redirect_uri", "state"},
		trace.UserInfo:      {"sub", "name", "email"},
	} {
		for _, name := range names {
			if x, ok := Explain(p, name); !ok || x.Meaning == "" {
				t.Errorf("%s: %s is not explained", p, name)
			}
		}
		mine := map[string]bool{}
		for _, x := range standardParameters(p) {
			if mine[x.Name] {
				t.Errorf("%s: %s is explained twice", p, x.Name)
			}
			mine[x.Name] = true
		}
	}
}
