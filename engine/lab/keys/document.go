package keys

import (
	"encoding/base64"
	"encoding/json"
	"math/big"

	"flowscope/engine/lab/directory"
)

// CloudInstance is the cloud_instance_name of the public cloud.
const CloudInstance = "microsoftonline.com"

type jwk struct {
	KTY    string   `json:"kty"`
	Use    string   `json:"use"`
	KID    string   `json:"kid"`
	X5T    string   `json:"x5t"`
	N      string   `json:"n"`
	E      string   `json:"e"`
	X5C    []string `json:"x5c"`
	Cloud  string   `json:"cloud_instance_name,omitempty"`
	Issuer string   `json:"issuer,omitempty"`
	Alg    string   `json:"alg,omitempty"` // of the second issuer only
}

type jwks struct {
	Keys []jwk `json:"keys"`
}

// Document is the key document of an authority, in Entra's shape: no alg, kid
// equal to x5t, one certificate each. issuer writes the issuer of a tenant
// and is nil for v1.0, whose keys carry none. The tenant-independent
// documents hold the work keys with the issuer of "{tenantid}"; common also
// holds the key of personal accounts.
//
// For an application with a signing key of its own, named by ?appid=, it holds
// that key alone (UNCONFIRMED whether Entra adds the usual ones; a token of
// such an application is never signed with them).
//
// Out of an old cache, the keys that sign now are missing.
func (s *Set) Document(a directory.Authority, app directory.App, issuer func(tenantID string) string) ([]byte, error) {
	s.warm(consumer + 1)
	if issuer == nil {
		issuer = func(string) string { return "" }
	}
	doc := jwks{Keys: []jwk{}}
	tenantID := a.Tenant.ID
	if a.Alias() {
		tenantID = "{tenantid}"
	}
	stale := s.Stale()
	if app.CustomSigningKey && !stale {
		doc.Keys = append(doc.Keys, s.own(app.ClientID).jwk(issuer(tenantID)))
		return json.Marshal(doc)
	}
	if !a.Personal() {
		for i := range workKeys {
			if !stale || i != s.signs() {
				doc.Keys = append(doc.Keys, s.key(i).jwk(issuer(tenantID)))
			}
		}
	}
	if a.Personal() || a.Segment == directory.Common {
		i := consumer
		if stale {
			i = consumerOld
		}
		doc.Keys = append(doc.Keys, s.key(i).jwk(issuer(directory.ConsumersTenantID)))
	}
	return json.Marshal(doc)
}

func (k Key) jwk(issuer string) jwk {
	return jwk{
		KTY: "RSA", Use: "sig", KID: k.ID, X5T: k.ID,
		N:   base64.RawURLEncoding.EncodeToString(k.Private.N.Bytes()),
		E:   base64.RawURLEncoding.EncodeToString(big.NewInt(int64(k.Private.E)).Bytes()),
		X5C: []string{base64.StdEncoding.EncodeToString(k.Cert)}, Cloud: CloudInstance, Issuer: issuer,
	}
}

// FederationDocument is the key document of the lab's second issuer. It is no
// part of Entra and has not Entra's shape: alg is there, the rest is what RFC
// 7517 asks.
func FederationDocument() ([]byte, error) {
	k := Federation().jwk("")
	k.Cloud, k.Alg = "", "RS256"
	return json.Marshal(jwks{Keys: []jwk{k}})
}
