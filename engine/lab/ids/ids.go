// Package ids makes the random values of the lab: GUIDs, trace ids, opaque
// codes and lifetimes, from one reader that may be seeded for recordings.
//
// It refuses to make keys: those do not follow a reader.
package ids

import (
	"bufio"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"io"
	mathrand "math/rand/v2"
	"sync"
)

// Source makes identifiers. It is safe for concurrent use.
type Source struct {
	mu sync.Mutex
	r  io.Reader
}

// New returns a source that reads r; nil means crypto/rand.
func New(r io.Reader) *Source {
	if r == nil {
		r = bufio.NewReaderSize(rand.Reader, 512)
	}
	return &Source{r: r}
}

// Seeded returns a source that gives the same values in every run. What it
// makes can be guessed by anyone: for recordings only.
func Seeded() *Source {
	return &Source{r: mathrand.NewChaCha8([32]byte([]byte("flowscope lab, public fixed seed")))}
}

// Bytes returns n random bytes. A reader that fails is replaced by
// crypto/rand for that call, since a short or empty identifier would be worse
// than one that does not repeat.
func (s *Source) Bytes(n int) []byte {
	b := make([]byte, n)
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := io.ReadFull(s.r, b); err != nil {
		_, _ = rand.Read(b) // never fails (crypto/rand)
	}
	return b
}

// GUID returns a random GUID of version 4 (RFC 9562 section 5.4).
func (s *Source) GUID() string {
	b := s.Bytes(16)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return guid(b)
}

// TraceID returns a GUID that ends in 00, as Entra's trace ids mostly do.
func (s *Source) TraceID() string {
	b := s.Bytes(16)
	b[6], b[8], b[15] = b[6]&0x0f|0x40, b[8]&0x3f|0x80, 0
	return guid(b)
}

// Opaque returns n random bytes as base64url without padding.
func (s *Source) Opaque(n int) string { return base64.RawURLEncoding.EncodeToString(s.Bytes(n)) }

// Between returns a number from low to high, both included. The bias of the
// modulus is below one in a million for the ranges in use.
func (s *Source) Between(low, high int) int {
	b := s.Bytes(4)
	n := uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
	return low + int(n%uint32(high-low+1))
}

func guid(b []byte) string {
	var out [36]byte
	hex.Encode(out[0:8], b[0:4])
	hex.Encode(out[9:13], b[4:6])
	hex.Encode(out[14:18], b[6:8])
	hex.Encode(out[19:23], b[8:10])
	hex.Encode(out[24:], b[10:])
	out[8], out[13], out[18], out[23] = '-', '-', '-', '-'
	return string(out[:])
}
