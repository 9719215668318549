package jwks

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/lestrrat-go/jwx/v2/jwk"

	"flowscope/validate"
)

const (
	// maxKeys bounds how many keys of a set are looked at: about as many RSA
	// keys as there is room for within the bound of an answer.
	maxKeys = 2000
	// maxBits bounds the modulus, so that no key makes verifying slow.
	maxBits = 16384
	// minBits is the least modulus that may verify (RFC 7518 section 3.3).
	minBits = 2048
)

// origin is what all keys of a set have in common.
type origin struct {
	issuer, cloud string
	declared      []string
	live, cached  string
}

// stored is a key with both tellings of its source, so that handing it out
// allocates nothing; err says why it cannot be used.
type stored struct {
	key   validate.Key
	err   error
	other *stored // another type of key under the same identifier (RFC 7517 section 4.5)
}

// keySet is the keys of one issuer. It does not change once it is made.
type keySet struct {
	from    origin
	keys    map[string]*stored
	only    *stored // the one key of a set that was given, when it has no identifier
	private bool    // one of them is a private key
	total   int     // keys that the issuer publishes; those beyond maxKeys were not read
	asked   time.Time
	fetched time.Time
}

// stamp notes when a set was asked for and when it came, before anybody sees it.
func (s *keySet) stamp(asked, fetched time.Time) {
	s.asked, s.fetched = asked, fetched
	for _, k := range s.keys {
		for ; k != nil; k = k.other {
			k.key.Fetched = fetched
		}
	}
}

// old reports a set that is to be fetched anew; the clock may have been put back.
func (s *keySet) old(now time.Time) bool {
	return now.Sub(s.fetched) >= keepFor || now.Before(s.fetched.Add(-keepFor))
}

// until adds to an error about an unknown key when the issuer can be asked again.
func (s *keySet) until(err error, live bool, now time.Time) error {
	var e *validate.KeyError
	if live || !errors.As(err, &e) || e.Reason != validate.KeyUnknown || e.Err != nil {
		return err
	}
	e.Err = &laterError{asked: s.asked, now: now}
	return err
}

// laterError says why an issuer is not asked again at once.
type laterError struct{ asked, now time.Time }

// Error says when it was asked and when it can be asked again.
func (e *laterError) Error() string {
	const clock = "15:04:05 UTC"
	age := "its keys were fetched just now"
	if d := e.now.Sub(e.asked).Truncate(time.Second); d > 0 {
		age = "its keys are " + d.String() + " old"
	}
	return age + ", and it is asked again for an unknown key from " +
		e.asked.Add(refreshEvery).UTC().Format(clock) + " on, or by hand at any time"
}

// isUnknown reports that a set, as far as it was read, holds no such key.
func isUnknown(err error) bool {
	var e *validate.KeyError
	return errors.As(err, &e) && (e.Reason == validate.KeyUnknown || e.Reason == validate.KeyIncomplete)
}

// pick returns the key that q names.
func (s *keySet) pick(q validate.KeyQuery) (validate.Key, error) {
	if q.KeyID == "" {
		return s.lone(q)
	}
	found := s.keys[q.KeyID].of(q.Algorithm)
	if found == nil {
		found = s.only
	}
	if found == nil && s.total > maxKeys {
		return validate.Key{}, &validate.KeyError{
			Reason: validate.KeyIncomplete, Issuer: q.Issuer,
			Err: fmt.Errorf("it holds %d keys, and the first %d were read", s.total, maxKeys),
		}
	}
	if found == nil {
		return validate.Key{}, &validate.KeyError{Reason: validate.KeyUnknown, Issuer: q.Issuer, Given: s.from.issuer == ""}
	}
	if found.err != nil {
		return validate.Key{}, &validate.KeyError{Reason: validate.KeyUnusable, Issuer: q.Issuer, Err: found.err}
	}
	return found.key, nil
}

// plainText takes off a byte order mark, which a reader of JSON may ignore
// (RFC 8259 section 8.1), and white space around.
func plainText(data []byte) []byte {
	return bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\ufeff")))
}

// parseSet reads a JWK Set or a single JWK. A key that cannot be read does not
// spoil the others.
func parseSet(data []byte, from origin) (*keySet, error) {
	o, err := validate.ParseObject(plainText(data))
	if err != nil {
		return nil, fmt.Errorf("key set: %w", err)
	}
	set := &keySet{from: from, keys: make(map[string]*stored)}
	if !o.Has("keys") {
		if !o.Has("kty") {
			return nil, errors.New("key set: neither keys nor kty is there")
		}
		set.add(o)
		set.alone(o)
		return set, nil
	}
	list, _ := o.Get("keys")
	keys, ok := list.Array()
	if !ok {
		return nil, errors.New("key set: keys is no array")
	}
	set.total = len(keys)
	for _, v := range keys[:min(len(keys), maxKeys)] {
		if member, ok := v.Object(); ok {
			set.add(member)
			if len(keys) == 1 && from.issuer == "" {
				set.alone(member) // whoever gave it has chosen
			}
		}
	}
	return set, nil
}

// lone returns the key of a set that holds but one: a token need not name it
// (OpenID Connect Core 10.1).
func (s *keySet) lone(q validate.KeyQuery) (validate.Key, error) {
	found := s.only
	if found == nil && s.total <= 1 {
		for _, k := range s.keys {
			found = k
		}
	}
	if found == nil || s.total > 1 {
		return validate.Key{}, &validate.KeyError{Reason: validate.KeyUnknown, Issuer: q.Issuer, Given: s.from.issuer == ""}
	}
	if found.err != nil {
		return validate.Key{}, &validate.KeyError{Reason: validate.KeyUnusable, Issuer: q.Issuer, Err: found.err}
	}
	return found.key, nil
}

// of gives the key of those under one identifier that an algorithm goes with, the
// best of them where none does.
func (e *stored) of(alg string) *stored {
	for k := e; k != nil; k = k.other {
		if alg != "" && k.err == nil && kindOf(k.key.Public) == (alg[0] == 'E') {
			return k
		}
	}
	return e
}

// kindOf tells the two types of key apart: true for EC.
func kindOf(public crypto.PublicKey) bool { _, ok := public.(*ecdsa.PublicKey); return ok }

// add puts one JWK into the set under its identifier. Where an identifier
// comes twice, the better key stays, and of two as good the first.
func (s *keySet) add(o *validate.Object) {
	s.private = s.private || o.Has("d") // RFC 7518 sections 6.2.2 and 6.3.2
	kid := o.String("kid")
	if !o.Has("kid") {
		kid = o.String("x5t") // Entra's kid is the certificate's thumbprint, too
	}
	if kid == "" {
		return
	}
	entry := s.read(o, kid)
	if entry == nil {
		return
	}
	old := s.keys[kid]
	switch {
	case old == nil:
		s.keys[kid] = entry
	case old.err == nil && entry.err == nil && kindOf(old.key.Public) != kindOf(entry.key.Public):
		s.beside(kid, entry)
	case entry.rank() > old.rank():
		entry.other = old.other
		s.keys[kid] = entry
	}
}

// beside puts a key of the other type under an identifier.
func (s *keySet) beside(kid string, entry *stored) {
	old := s.keys[kid]
	if second := old.other; second == nil || entry.rank() > second.rank() {
		old.other = entry
	}
	if second := old.other; second.rank() > old.rank() { // the better one comes first
		old.other, second.other = nil, old
		s.keys[kid] = second
	}
}

// read makes a key of a JWK; nil when it is of a type that tokens do not use.
func (s *keySet) read(o *validate.Object, kid string) *stored {
	if kty := o.String("kty"); kty != "RSA" && kty != "EC" {
		return nil
	}
	entry := &stored{key: validate.Key{
		ID: kid, Use: o.String("use"), Algorithm: o.String("alg"),
		Issuer: o.String("issuer"), Cloud: o.String("cloud_instance_name"),
		Declared: s.from.declared, MetadataIssuer: s.from.issuer, MetadataCloud: s.from.cloud,
		Source: s.from.cached,
	}}
	entry.key.Public, entry.key.Bits, entry.err = publicKey(o)
	if entry.err == nil {
		entry.key.CertificateMatches, entry.err = certificateMatches(o, entry.key.Public)
	}
	if entry.err == nil {
		entry.err = allStrings(o, "use", "alg", "issuer", "cloud_instance_name")
	}
	return entry
}

// alone keeps a single JWK that has no identifier at all (RFC 7517 section 4.5
// leaves it out where nobody has to choose).
func (s *keySet) alone(o *validate.Object) {
	if len(s.keys) > 0 || o.Has("kid") || o.Has("x5t") {
		return
	}
	if k := s.read(o, ""); k != nil && k.err == nil {
		s.only = k
	}
}

// rank says how far a key gets: 0 when it cannot be read, 1 when it is for
// another use, 2 when it is too weak or its certificate another's, 3 when it
// can verify.
func (e *stored) rank() int {
	k := &e.key
	_, isRSA := k.Public.(*rsa.PublicKey)
	switch {
	case e.err != nil:
		return 0
	case k.Use != "" && k.Use != "sig":
		return 1
	case isRSA && k.Bits < minBits, k.CertificateMatches != nil && !*k.CertificateMatches:
		return 2
	}
	return 3
}

// allStrings refuses a key where one of the members is there and no string: to
// leave it out would lift the limit that it sets.
func allStrings(o *validate.Object, names ...string) error {
	for _, name := range names {
		if v, ok := o.Get(name); ok && v.Type != validate.TypeString {
			return fmt.Errorf("its member %q is no string", name)
		}
	}
	return nil
}

// publicKey reads the raw public key of an RSA or EC JWK.
func publicKey(o *validate.Object) (crypto.PublicKey, int, error) {
	if ops, ok := o.Get("key_ops"); ok {
		if list, _ := ops.Strings(); !slices.Contains(list, "verify") {
			return nil, 0, errors.New("its key_ops leave verifying out")
		}
	}
	data, err := jwkText(o)
	if err != nil {
		return nil, 0, err
	}
	key, err := jwk.ParseKey(data)
	if err != nil {
		return nil, 0, errors.New("it is no key as RFC 7518 section 6 writes them")
	}
	raw, err := jwk.PublicRawKeyOf(key)
	if err != nil {
		return nil, 0, errors.New("it holds no public key")
	}
	switch public := raw.(type) {
	case *rsa.PublicKey:
		bits := public.N.BitLen()
		if err := rsaTrouble(public); err != nil {
			return nil, bits, err
		}
		return public, bits, nil
	case *ecdsa.PublicKey:
		if _, err := public.ECDH(); err != nil {
			return nil, 0, errors.New("it is no point on a curve that tokens use")
		}
		return public, public.Curve.Params().BitSize, nil
	}
	return nil, 0, errors.New("it is of a type that tokens do not use")
}

// jwkText writes the members that make the key itself and nothing else, so
// that members of other meaning cannot get in the way of reading it.
func jwkText(o *validate.Object) ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for _, name := range []string{"kty", "n", "e", "crv", "x", "y"} {
		v, ok := o.Get(name)
		if !ok {
			continue
		}
		if v.Type != validate.TypeString {
			return nil, fmt.Errorf("its member %q is no string", name)
		}
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		b.WriteString(`"` + name + `":` + v.Raw)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// certificateMatches compares the first certificate of "x5c" with the key
// (RFC 7517 section 4.7); nil where there is none.
func certificateMatches(o *validate.Object, public crypto.PublicKey) (*bool, error) {
	if !o.Has("x5c") {
		return nil, nil
	}
	list, _ := o.Get("x5c")
	chain, ok := list.Strings()
	if !ok || len(chain) == 0 {
		return nil, errors.New("its x5c is no list of certificates")
	}
	matches := false
	if der, err := base64.StdEncoding.DecodeString(chain[0]); err == nil {
		if cert, err := x509.ParseCertificate(der); err == nil {
			switch k := public.(type) {
			case *rsa.PublicKey:
				matches = k.Equal(cert.PublicKey)
			case *ecdsa.PublicKey:
				matches = k.Equal(cert.PublicKey)
			}
		}
	}
	return &matches, nil
}
