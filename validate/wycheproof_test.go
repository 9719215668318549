package validate_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"flowscope/validate"
	"flowscope/validate/jwks"
)

// allAlgorithms are all that can be allowed: a vector has to fail by its own
// fault and not because its algorithm is not on the list.
var allAlgorithms = []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"}

// vectors is a file of Project Wycheproof, as far as it is used here.
type vectors struct {
	NumberOfTests int           `json:"numberOfTests"`
	Groups        []vectorGroup `json:"testGroups"`
}

type vectorGroup struct {
	Comment string          `json:"comment"`
	Public  json.RawMessage `json:"public"`
	Private json.RawMessage `json:"private"`
	Tests   []vector        `json:"tests"`
}

type vector struct {
	ID      int             `json:"tcId"`
	Comment string          `json:"comment"`
	JWS     json.RawMessage `json:"jws"`
	JWE     json.RawMessage `json:"jwe"`
	Result  string          `json:"result"`
}

// pasted is a token as text: the string itself, or the JSON serialisation.
func pasted(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	return string(raw)
}

// readVectors reads one file out of the folder that WYCHEPROOF_DIR names.
func readVectors(t *testing.T, name string) vectors {
	t.Helper()
	dir := os.Getenv("WYCHEPROOF_DIR")
	if dir == "" {
		t.Skip("the vectors of Project Wycheproof are not part of the repository; set WYCHEPROOF_DIR to the folder that holds json_web_signature_test.json to run this test")
	}
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	var v vectors
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// source makes the group's keys a key source, as a key set that somebody gives.
func (g vectorGroup) source() validate.KeySource {
	data := g.Public
	if data == nil {
		data = g.Private
	}
	s, err := jwks.FromJSON(data)
	if err != nil {
		return nil // no public key in it: nothing can be verified
	}
	return s
}

// stricter says which rule of ours refuses a vector that is valid by itself; ""
// where none does.
func stricter(r *validate.Report) string {
	alg, kid := r.Token.Header.String("alg"), r.Token.Header.String("kid")
	key, _ := r.Key()
	switch {
	case strings.HasPrefix(alg, "HS") && r.Status("algorithm") == validate.StatusFail:
		return "a shared secret never verifies a token here"
	case r.Token.Header == nil && r.Status("format") == validate.StatusFail:
		return "a segment is base64url and nothing else"
	case strings.ContainsAny(kid, ".@") && r.Status("key") == validate.StatusFail:
		return "a key identifier is letters, digits, - and _"
	case key.Algorithm != "" && key.Algorithm != alg && r.Status("algorithm") == validate.StatusFail:
		return "the key is published for another algorithm"
	}
	return ""
}

// The vectors go the way of every token: a key set that is given, then all
// checks. Their payloads are no claims, so the three checks on algorithm, key
// and signature are judged.
func TestWycheproofSignatures(t *testing.T) {
	for _, name := range []string{"json_web_signature_test.json", "json_web_key_test.json", "json_web_crypto_test.json"} {
		t.Run(name, func(t *testing.T) {
			file := readVectors(t, name)
			ran, refused, accepted := 0, 0, 0
			reasons := map[string]int{}
			for _, g := range file.Groups {
				source := g.source()
				for _, v := range g.Tests {
					ran++
					raw := pasted(v.JWS)
					if v.JWE != nil {
						sealed(t, g, v)
						continue
					}
					r := validate.Check(context.Background(), raw, source, validate.Expectations{Algorithms: allAlgorithms, Now: now})
					fits := r.Status("algorithm") == validate.StatusPass && r.Status("key") == validate.StatusPass && r.Status("signature") == validate.StatusPass
					switch reason := stricter(r); {
					case r.Verdict == validate.Valid:
						t.Errorf("%s, %d %s: valid, and no payload here is a claims set", g.Comment, v.ID, v.Comment)
					case v.Result == "invalid" && fits && len(r.Token.Faults) == 0:
						t.Errorf("%s, %d %s: nothing is wrong with it", g.Comment, v.ID, v.Comment)
					case v.Result == "invalid" && fits && !mangled(r):
						t.Errorf("%s, %d %s: accepted: %s", g.Comment, v.ID, v.Comment, r.Token.Faults)
					case v.Result == "invalid":
						refused++
					case fits:
						accepted++
					case reason != "":
						reasons[reason]++
					default:
						t.Errorf("%s, %d %s: valid, but refused: %s", g.Comment, v.ID, v.Comment, words(r))
					}
				}
			}
			if ran != file.NumberOfTests {
				t.Errorf("%d vectors ran, the file has %d", ran, file.NumberOfTests)
			}
			t.Logf("%d vectors: %d invalid ones refused, %d valid ones accepted, valid ones refused by rule: %v", ran, refused, accepted, reasons)
		})
	}
}

// mangled reports faults of the text itself, beside what a payload that is no
// claims set brings with it.
func mangled(r *validate.Report) bool {
	return slices.ContainsFunc(r.Token.Faults, func(f validate.Fault) bool {
		return f.Part != "claims" || strings.Contains(f.Problem, "base64")
	})
}

func words(r *validate.Report) string {
	var out []string
	for _, c := range r.Checks() {
		if c.ID == "algorithm" || c.ID == "key" || c.ID == "signature" {
			out = append(out, fmt.Sprintf("%s %s: %s (%s)", c.ID, c.Status, c.Why, c.Found))
		}
	}
	return strings.Join(out, "; ")
}

// sealed judges an encrypted vector: known for what it is where its text is
// whole, and never good.
func sealed(t *testing.T, g vectorGroup, v vector) {
	t.Helper()
	raw := pasted(v.JWE)
	r := validate.Check(context.Background(), raw, g.source(), validate.Expectations{Algorithms: allAlgorithms, Now: now})
	if r.Verdict == validate.Valid || r.Status("signature") == validate.StatusPass {
		t.Errorf("%s, %d %s: an encrypted token is %s", g.Comment, v.ID, v.Comment, r.Verdict)
	}
	if v.Result == "valid" && strings.Count(raw, ".") == 4 && (r.Kind != validate.KindEncrypted || r.Verdict != validate.Unverified) {
		t.Errorf("%s, %d %s: %s, %s; want encrypted, unverified: %s", g.Comment, v.ID, v.Comment, r.Kind, r.Verdict, r.Token.Faults)
	}
}

// Nothing is decrypted here, so an encrypted token is recognised and left alone.
func TestWycheproofEncryption(t *testing.T) {
	file := readVectors(t, "json_web_encryption_test.json")
	ran := 0
	for _, g := range file.Groups {
		for _, v := range g.Tests {
			sealed(t, g, v)
			ran++
		}
	}
	if ran != file.NumberOfTests {
		t.Errorf("%d vectors ran, the file has %d", ran, file.NumberOfTests)
	}
	t.Logf("%d vectors, none accepted", ran)
}
