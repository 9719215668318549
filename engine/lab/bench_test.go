package lab

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"net/http"
	"testing"

	"flowscope/engine/lab/conditions"
	"flowscope/engine/lab/directory"
	"flowscope/engine/lab/keys"
)

// BenchmarkClientCredentials and BenchmarkBareSignature are to be compared:
// the first must reach 70 % of the second's throughput.
func BenchmarkClientCredentials(b *testing.B) {
	l := New(Options{})
	l.Warm()
	w := &world{TB: b, dir: l.Directory()}
	body := daemonForm()(w).Encode()
	b.ReportAllocs()
	for b.Loop() {
		if rec := serve(l, http.MethodPost, "/"+directory.ContosoID+"/oauth2/v2.0/token", "", formType, body); rec.status != http.StatusOK {
			b.Fatal(rec.body.String())
		}
	}
}

func BenchmarkBareSignature(b *testing.B) {
	key := keys.New(true, nil, conditions.New()).Signing(directory.ContosoID).Private
	digest := sha256.Sum256([]byte("flowscope"))
	for b.Loop() {
		if _, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, digest[:]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		New(Options{})
	}
}

func BenchmarkWarm(b *testing.B) {
	for b.Loop() {
		New(Options{}).Warm()
	}
}
