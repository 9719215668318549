package lab

import (
	"encoding/json"
	"net/http"

	"flowscope/engine/lab/keys"
)

// federationSegment is the path of the lab's second issuer.
const federationSegment = "federation"

// federationConfiguration is the discovery document of the second issuer
// (OpenID Connect Discovery section 3). It stands for a build service or a
// cluster outside Entra, so that it has not Entra's members.
type federationConfiguration struct {
	Issuer        string   `json:"issuer"`
	JWKS          string   `json:"jwks_uri"`
	SubjectTypes  []string `json:"subject_types_supported"`
	ResponseTypes []string `json:"response_types_supported"`
	Claims        []string `json:"claims_supported"`
	Algorithms    []string `json:"id_token_signing_alg_values_supported"`
	Scopes        []string `json:"scopes_supported"`
}

// federation serves the second issuer: two documents, nothing else. Its tokens
// are made by whoever plays the build service; the key is public by intent.
func (v *visit) federation(path string) {
	h := v.w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Allow-Methods", "GET, OPTIONS")
	switch v.r.Method {
	case http.MethodGet, http.MethodHead:
	case http.MethodOptions:
		v.w.WriteHeader(http.StatusNoContent)
		return
	default:
		h.Set("Allow", "GET, HEAD, OPTIONS")
		http.Error(v.w, "this issuer is read with GET", http.StatusMethodNotAllowed)
		return
	}
	issuer := v.base + "/" + federationSegment
	switch path {
	case ".well-known/openid-configuration":
		h.Set("Cache-Control", "max-age=3600, public")
		v.write(http.StatusOK, federationConfiguration{
			Issuer: issuer, JWKS: issuer + "/keys", SubjectTypes: []string{"public"}, ResponseTypes: []string{"id_token"},
			Claims: []string{"sub", "aud", "exp", "iat", "iss", "jti", "nbf"}, Algorithms: []string{"RS256"}, Scopes: []string{"openid"},
		})
	case "keys":
		doc, err := keys.FederationDocument()
		if err != nil {
			panic("lab: the key document is no JSON: " + err.Error()) // our own types only
		}
		h.Set("Cache-Control", "max-age=3600, public")
		v.write(http.StatusOK, json.RawMessage(doc))
	default:
		http.Error(v.w, "this issuer has no such document", http.StatusNotFound)
	}
}
