package validatetest

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"runtime"
	"strings"
	"sync"
)

// Many makes n v2.0 access tokens of nineteen claims, each for a person of its
// own, with the key behind KeyID. Signing them takes all cores.
func Many(n int) []string {
	out := make([]string, n)
	header, user := Header(), UserV2()
	eachCore(n, func(i int) {
		id := fmt.Sprintf("%012d", i)
		out[i] = Sign(header, Claims(user, "acct", "0", "acr", `"1"`, "sid", quote("00000000-0000-4000-8000-"+id),
			"aio", quote(aio[:len(aio)-12]+id), "oid", quote(User[:len(User)-12]+id), "uti", quote(uti[:10]+id),
			"sub", quote(sub[:30]+id), "preferred_username", quote("ada"+id+"@contoso.example")))
	})
	return out
}

// Floor is what no checking of tokens can be faster than: their hashes and
// their RSA signatures, over bytes that are read and decoded already.
type Floor struct{ signed, signatures [][]byte }

// NewFloor reads tokens as Many makes them.
func NewFloor(tokens []string) *Floor {
	f := &Floor{}
	for _, t := range tokens {
		dot := strings.LastIndexByte(t, '.')
		signature, err := base64.RawURLEncoding.DecodeString(t[dot+1:])
		must(err)
		f.signed, f.signatures = append(f.signed, []byte(t[:dot])), append(f.signatures, signature)
	}
	return f
}

// Verify verifies n signatures on all cores, those of the tokens in their
// order, over again where n is larger.
func (f *Floor) Verify(n int) {
	public := &RSA().PublicKey
	eachCore(n, func(i int) {
		i %= len(f.signed)
		sum := sha256.Sum256(f.signed[i])
		must(rsa.VerifyPKCS1v15(public, crypto.SHA256, sum[:], f.signatures[i]))
	})
}

// eachCore calls do with each number below n, on all cores.
func eachCore(n int, do func(i int)) {
	cores := runtime.GOMAXPROCS(0)
	var pool sync.WaitGroup
	for core := range cores {
		pool.Go(func() {
			for i := core; i < n; i += cores {
				do(i)
			}
		})
	}
	pool.Wait()
}
