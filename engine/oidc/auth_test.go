package oidc

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"strings"
	"testing"

	"flowscope/engine"
)

func TestChooseAuth(t *testing.T) {
	secret := engine.Client{Secret: "s"}
	pair := func(key crypto.PrivateKey) engine.Client {
		return engine.Client{Certificate: &engine.KeyPair{Key: key}}
	}
	small, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	curve, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name    string
		client  engine.Client
		kind    engine.Kind
		offered []string
		algs    []string
		method  string // empty: refused
		alg     string
	}{
		{"nothing to prove", engine.Client{}, engine.OIDC, []string{"client_secret_basic"}, nil, authNone, ""},
		{"the default", secret, engine.OIDC, nil, nil, authBasic, ""},
		{"the header first", secret, engine.OIDC, []string{"client_secret_post", "client_secret_basic"}, nil, authBasic, ""},
		{"the form at Entra", secret, engine.Entra, []string{"client_secret_post", "client_secret_basic"}, nil, authPost, ""},
		{"the form alone", secret, engine.OIDC, []string{"client_secret_post"}, nil, authPost, ""},
		{"no secrets", secret, engine.OIDC, []string{"private_key_jwt", "tls_client_auth"}, nil, "", ""},
		{"a key", pair(small), engine.OIDC, []string{"private_key_jwt"}, nil, authJWT, "RS256"},
		{"a key at Entra", pair(small), engine.Entra, []string{"private_key_jwt"}, nil, authJWT, "PS256"},
		{"a key, PS256 alone", pair(small), engine.OIDC, []string{"private_key_jwt"}, []string{"ES256", "PS256"}, authJWT, "PS256"},
		{"a curve", pair(curve), engine.OIDC, []string{"private_key_jwt"}, []string{"RS256", "ES384"}, authJWT, "ES384"},
		{"a curve that is not taken", pair(curve), engine.OIDC, []string{"private_key_jwt"}, []string{"RS256"}, "", ""},
		{"a key that is not taken", pair(small), engine.OIDC, []string{"client_secret_basic"}, nil, "", ""},
	} {
		a, err := chooseAuth(engine.Job{Client: c.client, Target: engine.Target{Kind: c.kind}}, metadata{AuthMethods: c.offered, AuthAlgs: c.algs})
		if (err == nil) != (c.method != "") || err == nil && (a.method != c.method || a.alg != c.alg) {
			t.Errorf("%s: %s %s, %v; want %q %q", c.name, a.method, a.alg, err, c.method, c.alg)
		}
	}
	_, err = chooseAuth(engine.Job{Client: secret, Target: engine.Target{Kind: engine.OIDC}}, metadata{AuthMethods: []string{"private_key_jwt"}})
	if err == nil || !strings.Contains(err.Error(), fieldAuth) || !strings.Contains(err.Error(), "client_secret_basic or client_secret_post") {
		t.Errorf("the refusal does not name field and methods: %v", err)
	}
}

// TestSign verifies assertions as a server would, from the text alone.
func TestSign(t *testing.T) {
	whole, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for alg, key := range map[string]crypto.PrivateKey{"RS256": whole, "PS256": whole, "ES256": curve} {
		text, err := sign(key, alg, map[string]any{"alg": alg}, map[string]any{"iss": "me"}, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		parts := strings.Split(text, ".")
		sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
		sig, err := base64.RawURLEncoding.DecodeString(parts[2])
		if err != nil {
			t.Fatal(err)
		}
		raw, err := base64.RawURLEncoding.DecodeString(parts[0])
		var header map[string]string
		if err != nil || json.Unmarshal(raw, &header) != nil || header["alg"] != alg {
			t.Errorf("%s: the header is %s", alg, raw)
		}
		good := false
		switch alg {
		case "RS256":
			good = rsa.VerifyPKCS1v15(&whole.PublicKey, crypto.SHA256, sum[:], sig) == nil
		case "PS256":
			good = rsa.VerifyPSS(&whole.PublicKey, crypto.SHA256, sum[:], sig, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}) == nil
		case "ES256":
			good = len(sig) == 64 && ecdsa.Verify(&curve.PublicKey, sum[:], new(big.Int).SetBytes(sig[:32]), new(big.Int).SetBytes(sig[32:]))
		}
		if !good {
			t.Errorf("%s: the signature does not verify", alg)
		}
	}
	if _, err := sign(struct{}{}, "RS256", nil, nil, rand.Reader); err == nil {
		t.Error("something that is no key signs")
	}
}

func TestReadMetadata(t *testing.T) {
	m, err := readMetadata([]byte(`{"issuer":"https://i.example","token_endpoint":7,"grant_types_supported":"all","code_challenge_methods_supported":["plain"],"authorization_response_iss_parameter_supported":true}`))
	if err != nil || m.Issuer != "https://i.example" || m.Token != "" || len(m.GrantTypes) != 0 || len(m.PKCE) != 1 || !m.NamesItself {
		t.Errorf("%+v, %v", m, err)
	}
	for _, bad := range []string{"", "[]", "<html>", `"x"`, "null{"} {
		if _, err := readMetadata([]byte(bad)); err == nil {
			t.Errorf("%q is taken for a discovery document", bad)
		}
	}
}
