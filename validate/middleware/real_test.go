package middleware_test

import (
	"encoding/json"
	"os"
	"testing"

	"flowscope/validate/middleware"
	"flowscope/validate/validatetest"
)

// realCase is one token for the real libraries, with what they are to expect and
// what is said of them here.
type realCase struct {
	Name       string                       `json:"name"`
	Token      string                       `json:"token"`
	Issuer     string                       `json:"issuer"`
	Audiences  []string                     `json:"audiences"`
	Algorithms []string                     `json:"algorithms"`
	Now        int64                        `json:"now"`
	Answers    map[string]middleware.Answer `json:"answers"`
	Rules      map[string]string            `json:"rules"`
}

// forReal reports a case that a library can be put before: issuer and audience
// are stated, and the keys are those of the key set.
func forReal(c validatetest.Case) bool {
	return c.Keys == validatetest.Source() && c.Want.Issuer != "" && len(c.Want.Audiences) > 0 && c.Want.Audiences[0] != ""
}

// algorithms are those that the libraries are given for a case.
func algorithms(c validatetest.Case) []string {
	if c.Want.Algorithms != nil {
		return c.Want.Algorithms
	}
	return []string{"RS256"}
}

// realCases are the cases of the catalogue that a library can be put before.
func realCases(t *testing.T) []realCase {
	t.Helper()
	var out []realCase
	for _, c := range validatetest.Catalogue() {
		if !forReal(c) {
			continue
		}
		_, got := opinions(t, c)
		real := realCase{
			Name: c.Name, Token: c.Token, Issuer: c.Want.Issuer, Audiences: c.Want.Audiences, Now: c.Want.Now.Unix(), Algorithms: algorithms(c),
			Answers: map[string]middleware.Answer{}, Rules: map[string]string{},
		}
		for _, o := range got {
			real.Answers[o.Profile.ID], real.Rules[o.Profile.ID] = o.Answer, o.Rule+": "+o.Why
		}
		out = append(out, real)
	}
	return out
}

// TestForRealLibraries writes the catalogue with the answers given here to the
// file that FLOWSCOPE_MIDDLEWARE names. The libraries themselves are asked
// where they can be installed, and their answers compared.
func TestForRealLibraries(t *testing.T) {
	cases := realCases(t)
	if len(cases) < 100 {
		t.Fatalf("only %d cases can be put before a library", len(cases))
	}
	file := os.Getenv("FLOWSCOPE_MIDDLEWARE")
	if file == "" {
		t.Skip("FLOWSCOPE_MIDDLEWARE names no file: the real libraries are asked by the clients of continuous integration")
	}
	text, err := json.Marshal(map[string]any{"keys": json.RawMessage(validatetest.KeySet()), "cases": cases})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
}
