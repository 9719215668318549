package command_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"math/big"
	"runtime"
	"sync"
	"testing"
	"time"
)

// many is some tokens, each of its own, that one key signed.
type many struct {
	key    *rsa.PrivateKey
	lines  []string
	jwks   string
	inputs [][]byte // what was signed
	sigs   [][]byte
}

const (
	manyAPI    = "11111111-1111-4111-8111-111111111111"
	manyIssuer = "https://login.microsoftonline.com/{tenantid}/v2.0"
)

// manyClaims are the nineteen claims of a v2.0 access token for a person, with
// the number where Entra writes something of its own for each token.
func manyClaims(n int) string {
	at := instant.Unix() - 120
	return fmt.Sprintf(`{"aud":"%s","iss":"https://login.microsoftonline.com/22222222-2222-4222-8222-222222222222/v2.0",`+
		`"iat":%d,"nbf":%d,"exp":%d,"acct":0,"acr":"1","aio":"AXQAi/8TAAAAJ1Zs0l3hP0kLk2fJrS9pV5u3mWlq7bGdO8yTn1cE4xHvRzUaQw6K%012d",`+
		`"azp":"33333333-3333-4333-8333-333333333333","azpacr":"1","name":"Ada Lovelace","oid":"44444444-4444-4444-8444-%012d",`+
		`"preferred_username":"ada%d@contoso.example","rh":"1.AXQAERERESIiM0OERFVVVVVVVQAAAAAAAAAAwAAAAAAAAAB0AAA.",`+
		`"scp":"Orders.Read Orders.ReadWrite","sub":"HKZpfaHyWadeOouYlitjrI-KffTm2%012d","tid":"22222222-2222-4222-8222-222222222222",`+
		`"uti":"fqiBqXLP%012d","ver":"2.0"}`, manyAPI, at, at, at+4200, n, n, n, n, n)
}

func makeMany(b testing.TB, n int) *many {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		b.Fatal(err)
	}
	e := base64.RawURLEncoding
	m := &many{key: key, jwks: fmt.Sprintf(`{"keys":[{"kty":"RSA","use":"sig","kid":"k-1","n":%q,"e":%q,"issuer":%q}]}`,
		e.EncodeToString(key.N.Bytes()), e.EncodeToString(big.NewInt(int64(key.E)).Bytes()), manyIssuer)}
	for i := range n {
		input := encode64(`{"typ":"JWT","alg":"RS256","kid":"k-1"}`) + "." + encode64(manyClaims(i))
		sum := sha256.Sum256([]byte(input))
		sig, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
		if err != nil {
			b.Fatal(err)
		}
		m.lines = append(m.lines, input+"."+e.EncodeToString(sig)+"\n")
		m.inputs, m.sigs = append(m.inputs, []byte(input)), append(m.sigs, sig)
	}
	return m
}

// bare is the floor: hashes and verifies on all cores n of the tokens, read and
// decoded already.
func (m *many) bare(b testing.TB, n int) time.Duration {
	begin := time.Now()
	var pool sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		pool.Go(func() {
			for i := w; i < n; i += workers {
				sum := sha256.Sum256(m.inputs[i%len(m.inputs)])
				if err := rsa.VerifyPKCS1v15(&m.key.PublicKey, crypto.SHA256, sum[:], m.sigs[i%len(m.sigs)]); err != nil {
					b.Error(err)
				}
			}
		})
	}
	pool.Wait()
	return time.Since(begin)
}

// round reads lines over and over until there were n.
type round struct {
	lines []string
	n     int
	next  int
	rest  string
}

func (r *round) Read(p []byte) (int, error) {
	done := 0
	for done < len(p) {
		if r.rest == "" {
			if r.next == r.n {
				break
			}
			r.rest = r.lines[r.next%len(r.lines)]
			r.next++
		}
		n := copy(p[done:], r.rest)
		r.rest, done = r.rest[n:], done+n
	}
	if done == 0 {
		return 0, io.EOF
	}
	return done, nil
}

// BenchmarkBatch checks tokens on all cores, from lines in to reports out; the
// time is that of one token. bare/token is the share of it that the bare
// verification of the same tokens takes, measured in slices between.
func BenchmarkBatch(b *testing.B) {
	m := makeMany(b, 400)
	s := &bench{env: map[string]string{}, ctx: b.Context(), writer: io.Discard}
	s.files = map[string]string{"keys.json": m.jwks}
	var bare time.Duration
	b.ReportAllocs()
	b.ResetTimer()
	for done := 0; done < b.N; {
		n := min(b.N-done, 4000)
		b.StopTimer()
		bare += m.bare(b, n)
		b.StartTimer()
		s.in = &round{lines: m.lines, n: n}
		if code := s.run("token", "--batch", "-", "--jwks", "keys.json", "--issuer", manyIssuer, "--audience", manyAPI); code != 0 {
			b.Fatalf("exit %d: %s", code, s.err.String())
		}
		done += n
	}
	b.ReportMetric(float64(bare)/float64(b.Elapsed()), "bare/token")
}
