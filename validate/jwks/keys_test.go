package jwks_test

import (
	"errors"
	"testing"

	"flowscope/validate"
	"flowscope/validate/jwks"
	"flowscope/validate/validatetest"
)

// TestKeysOfAFixedSet gives every readable key of a set once, in order.
func TestKeysOfAFixedSet(t *testing.T) {
	s, err := jwks.FromJSON(validatetest.KeySet())
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Keys(t.Context(), validate.KeyQuery{})
	if err != nil || len(got) < 10 {
		t.Fatalf("%d keys, %v", len(got), err)
	}
	for i := 1; i < len(got); i++ {
		if got[i-1].ID >= got[i].ID {
			t.Errorf("%q stands before %q", got[i-1].ID, got[i].ID)
		}
	}
}

// TestKeysAskNobody holds Keys to what is at hand.
func TestKeysAskNobody(t *testing.T) {
	s := jwks.New(jwks.Options{})
	_, err := s.Keys(t.Context(), validate.KeyQuery{Issuer: validatetest.IssuerV2})
	var e *validate.KeyError
	if !errors.As(err, &e) || e.Reason != validate.KeyUnreachable {
		t.Errorf("the error is %v", err)
	}
}
