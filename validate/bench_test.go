package validate_test

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"
	"testing"
	"time"

	"flowscope/validate"
)

// BenchmarkBareVerify is the floor: one RSA-2048 verification of a ready
// signature over a ready signing input, and nothing else.
func BenchmarkBareVerify(b *testing.B) {
	token := sign(b, header, userClaims())
	dot := strings.LastIndexByte(token, '.')
	input := []byte(token[:dot])
	sig, err := base64.RawURLEncoding.DecodeString(token[dot+1:])
	if err != nil {
		b.Fatal(err)
	}
	public := &keys().rsa.PublicKey
	b.ReportAllocs()
	for b.Loop() {
		sum := sha256.Sum256(input)
		if err := rsa.VerifyPKCS1v15(public, crypto.SHA256, sum[:], sig); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCheck is one full check of a token with sixteen claims, its words left out.
func BenchmarkCheck(b *testing.B) {
	token, source, want := sign(b, header, userClaims()), sharedSource(), expectations()
	want.Tenants, want.Scopes = []string{tenant}, []string{"Orders.Read"}
	b.ReportAllocs()
	for b.Loop() {
		if r := validate.Check(context.Background(), token, source, want); r.Verdict != validate.Valid {
			b.Fatal(r.Summary())
		}
	}
}

// BenchmarkCheckToBare takes turns between full checks and bare verifications of
// the same token, so that whatever else the machine does slows both alike, and
// gives how many bare ones a check takes: 1.25 at most.
func BenchmarkCheckToBare(b *testing.B) {
	const turn = 100
	token, source, want := sign(b, header, userClaims()), sharedSource(), expectations()
	want.Tenants, want.Scopes = []string{tenant}, []string{"Orders.Read"}
	dot := strings.LastIndexByte(token, '.')
	input := []byte(token[:dot])
	sig, err := base64.RawURLEncoding.DecodeString(token[dot+1:])
	if err != nil {
		b.Fatal(err)
	}
	public := &keys().rsa.PublicKey
	var checks, bare []time.Duration
	for b.Loop() {
		begin := time.Now()
		for range turn {
			sum := sha256.Sum256(input)
			if err := rsa.VerifyPKCS1v15(public, crypto.SHA256, sum[:], sig); err != nil {
				b.Fatal(err)
			}
		}
		middle := time.Now()
		for range turn {
			if r := validate.Check(context.Background(), token, source, want); r.Verdict != validate.Valid {
				b.Fatal(r.Summary())
			}
		}
		bare, checks = append(bare, middle.Sub(begin)), append(checks, time.Since(middle))
	}
	slices.Sort(bare)
	slices.Sort(checks)
	b.ReportMetric(float64(checks[len(checks)/2])/float64(bare[len(bare)/2]), "x-bare")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkCheckParallel shows whether looking keys up holds goroutines back.
func BenchmarkCheckParallel(b *testing.B) {
	token, source, want := sign(b, header, userClaims()), sharedSource(), expectations()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if r := validate.Check(context.Background(), token, source, want); r.Verdict != validate.Valid {
				b.Error(r.Summary())
			}
		}
	})
}

// BenchmarkDecode is the strict reading alone.
func BenchmarkDecode(b *testing.B) {
	token := sign(b, header, userClaims())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := validate.Decode(token); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkWords is what showing a report adds.
func BenchmarkWords(b *testing.B) {
	r := validate.Check(context.Background(), sign(b, header, userClaims()), sharedSource(), expectations())
	for b.Loop() {
		if len(r.Checks()) != 18 {
			b.Fatal("checks are missing")
		}
	}
}
