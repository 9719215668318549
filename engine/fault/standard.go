package fault

import (
	"strings"

	"flowscope/engine"
)

// standard says what any other authorization server than Entra answers, in the
// words of the standards. A fault that predicts a code of Entra and stands not
// here is Entra's alone.
var standard = map[string]string{
	"scope-unknown":      "invalid_scope",             // RFC 6749 section 4.1.2.1
	"response-type":      "unsupported_response_type", // RFC 6749 section 4.1.2.1
	"implicit":           "unsupported_response_type",
	"prompt-none":        "login_required", // OpenID Connect Core section 3.1.2.6
	"consent-declined":   "access_denied",
	"challenge-method":   "invalid_request", // RFC 7636 section 4.4.1
	"verifier":           "invalid_grant",   // RFC 7636 section 4.6
	"verifier-missing":   "invalid_grant",
	"verifier-short":     "invalid_grant",
	"code-injection":     "invalid_grant",
	"stolen-code":        "invalid_grant",
	"code-wrong":         "invalid_grant", // RFC 6749 section 5.2, and so on
	"code-twice":         "invalid_grant",
	"redirect-uri-token": "invalid_grant",
	"refresh-garbled":    "invalid_grant",
	"grant-type":         "unsupported_grant_type",
	"grant-type-missing": "invalid_request",
	"secret":             "invalid_client",
	"secret-missing":     "invalid_client",
	"device-code-wrong":  "invalid_grant",
}

// at gives the fault as it is at the job's target, and false when that server has
// no such fault.
func (f Fault) at(job engine.Job) (Fault, bool) {
	if job.Target.Is() == engine.Entra || !strings.HasPrefix(f.Predicts, "AADSTS") {
		return f, true
	}
	words, ok := standard[f.ID]
	f.Predicts = words
	return f, ok
}
