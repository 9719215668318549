package enginetest

import (
	"strconv"
	"testing"

	"flowscope/engine/explain"
	"flowscope/engine/lab/aadsts"
)

// TestEveryLabErrorIsExplained holds the catalogue to every code that the lab
// can answer with: an error that we make ourselves and can't explain would be
// a poor teacher.
func TestEveryLabErrorIsExplained(t *testing.T) {
	codes := aadsts.Codes()
	if len(codes) == 0 {
		t.Fatal("the lab answers with no code at all")
	}
	for _, n := range codes {
		code := "AADSTS" + strconv.Itoa(n)
		e, ok := explain.Lookup(code)
		if !ok || e.Code != code {
			t.Errorf("%s has no entry", code)
			continue
		}
		found := explain.Read(aadsts.New(n).Error())
		if len(found) != 1 || found[0].Code != code || found[0].What != e.What || !found[0].Known() {
			t.Errorf("%s, as the lab writes it, is read as %+v", code, found)
		}
	}
}
