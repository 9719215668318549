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

// BenchmarkRatio holds a full check against a bare verification: both by turns in
// short rounds, so that a busy machine slows both. It reports the median of the
// rounds as "times"; the budget is 1.25.
func BenchmarkRatio(b *testing.B) {
	token, source, want := sign(b, header, userClaims()), sharedSource(), expectations()
	want.Tenants, want.Scopes = []string{tenant}, []string{"Orders.Read"}
	dot := strings.LastIndexByte(token, '.')
	input := []byte(token[:dot])
	sig, err := base64.RawURLEncoding.DecodeString(token[dot+1:])
	if err != nil {
		b.Fatal(err)
	}
	public := &keys().rsa.PublicKey
	const round = 20
	var ratios []float64
	for b.Loop() {
		start := time.Now()
		for range round {
			sum := sha256.Sum256(input)
			if err := rsa.VerifyPKCS1v15(public, crypto.SHA256, sum[:], sig); err != nil {
				b.Fatal(err)
			}
		}
		middle := time.Now()
		for range round {
			if r := validate.Check(context.Background(), token, source, want); r.Verdict != validate.Valid {
				b.Fatal(r.Summary())
			}
		}
		ratios = append(ratios, float64(time.Since(middle))/float64(middle.Sub(start)))
	}
	slices.Sort(ratios)
	b.ReportMetric(ratios[len(ratios)/2], "times")
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
