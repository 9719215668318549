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
	Cloud  string   `json:"cloud_instance_name"`
	Issuer string   `json:"issuer,omitempty"`
}

// Document is the key document of an authority, in Entra's shape: no alg, kid
// equal to x5t, one certificate each. issuer writes the issuer of a tenant
// and is nil for v1.0, whose keys carry none. The tenant-independent
// documents hold the work keys with the issuer of "{tenantid}"; common also
// holds the key of personal accounts.
func (s *Set) Document(a directory.Authority, issuer func(tenantID string) string) ([]byte, error) {
	s.Warm()
	if issuer == nil {
		issuer = func(string) string { return "" }
	}
	var doc struct {
		Keys []jwk `json:"keys"`
	}
	add := func(i int, tenantID string) { doc.Keys = append(doc.Keys, s.key(i).jwk(issuer(tenantID))) }
	if !a.Personal() {
		tenantID := a.Tenant.ID
		if a.Alias() {
			tenantID = "{tenantid}"
		}
		for i := range workKeys {
			add(i, tenantID)
		}
	}
	if a.Personal() || a.Segment == directory.Common {
		add(consumer, directory.ConsumersTenantID)
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
