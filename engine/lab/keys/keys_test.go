package keys

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"flowscope/engine/lab/conditions"
	"flowscope/engine/lab/directory"
)

func TestSignAndPublish(t *testing.T) {
	for _, deterministic := range []bool{true, false} {
		s := New(deterministic, time.Now, conditions.New())
		for _, tenant := range []string{directory.ContosoID, directory.ConsumersTenantID} {
			k := s.Signing(tenant)
			token := k.Sign([]byte("h.p"), []byte("h.p"))
			public, ok := s.Public(tenant, k.ID)
			if !ok {
				t.Fatalf("the signing key of %s is not published", tenant)
			}
			sig, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(token, "h.p."))
			if err != nil {
				t.Fatal(err)
			}
			sum := sha256.Sum256([]byte("h.p"))
			if err := rsa.VerifyPKCS1v15(public, crypto.SHA256, sum[:], sig); err != nil {
				t.Error(err)
			}
		}
		if _, ok := s.Public(directory.ContosoID, s.Signing(directory.ConsumersTenantID).ID); ok {
			t.Error("the key of personal accounts is published for a company")
		}
	}
	if New(true, nil, conditions.New()).Signing("x").ID != New(true, nil, conditions.New()).Signing("y").ID {
		t.Error("the fixed keys are not fixed")
	}
}
