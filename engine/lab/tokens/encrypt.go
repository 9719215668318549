package tokens

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // RSA-OAEP is defined over SHA-1 (RFC 7518 section 4.3)
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"flowscope/engine/lab/ids"
)

// The algorithms of encrypted tokens. UNCONFIRMED which ones Entra uses for
// JWTs; these two are in every library (RFC 7518 sections 4.3 and 5.3).
const (
	keyAlgorithm     = "RSA-OAEP"
	contentAlgorithm = "A256GCM"
)

// encrypt puts a signed token into a JWE (RFC 7516 section 7.1, RFC 7519
// section 11.2). A mistake in it could show only as a panic: the key is ours,
// and sound.
func encrypt(to *rsa.PublicKey, kid string, source *ids.Source, token []byte) string {
	header := new(claims).str("typ", "JWT").str("alg", keyAlgorithm).str("enc", contentAlgorithm).str("kid", kid).str("cty", "JWT").bytes()
	content, iv := source.Bytes(32), source.Bytes(12)
	wrapped, err := rsa.EncryptOAEP(sha1.New(), reader{source}, to, content, nil) //nolint:gosec // as above
	if err != nil {
		panic(fmt.Sprintf("tokens: RSA-OAEP: %v", err))
	}
	b64 := base64.RawURLEncoding
	first := b64.EncodeToString(header)
	sealed := gcm(content).Seal(nil, iv, token, []byte(first))
	text, tag := sealed[:len(sealed)-16], sealed[len(sealed)-16:]
	return strings.Join([]string{first, b64.EncodeToString(wrapped), b64.EncodeToString(iv), b64.EncodeToString(text), b64.EncodeToString(tag)}, ".")
}

// reader is the lab's source of randomness as a reader.
type reader struct{ source *ids.Source }

// Read fills b.
func (r reader) Read(b []byte) (int, error) { return copy(b, r.source.Bytes(len(b))), nil }

func gcm(content []byte) cipher.AEAD {
	block, err := aes.NewCipher(content)
	if err != nil {
		panic(fmt.Sprintf("tokens: AES: %v", err)) // the length is ours, or was checked
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(fmt.Sprintf("tokens: GCM: %v", err))
	}
	return aead
}

// Decrypt opens a JWE of five parts with the API's private key and gives the
// signed token inside. It takes no algorithm but the two that encrypt writes,
// and tells no caller which step failed.
func Decrypt(private *rsa.PrivateKey, token string) (string, error) {
	failed := errors.New("the token is not encrypted to this API")
	parts := strings.Split(token, ".")
	if len(parts) != 5 {
		return "", failed
	}
	var raw [5][]byte
	for i, p := range parts {
		b, err := base64.RawURLEncoding.Strict().DecodeString(p)
		if err != nil {
			return "", failed
		}
		raw[i] = b
	}
	var h struct {
		Alg  string          `json:"alg"`
		Enc  string          `json:"enc"`
		Zip  string          `json:"zip"`
		Crit json.RawMessage `json:"crit"`
	}
	if json.Unmarshal(raw[0], &h) != nil || h.Alg != keyAlgorithm || h.Enc != contentAlgorithm || h.Zip != "" || h.Crit != nil ||
		len(raw[2]) != 12 || len(raw[4]) != 16 {
		return "", failed
	}
	content, err := rsa.DecryptOAEP(sha1.New(), nil, private, raw[1], nil) //nolint:gosec // as above
	if err != nil || len(content) != 32 {
		return "", failed
	}
	inner, err := gcm(content).Open(nil, raw[2], append(raw[3], raw[4]...), []byte(parts[0]))
	if err != nil {
		return "", failed
	}
	return string(inner), nil
}
