package command

import (
	"testing"

	"flowscope/engine/trace"
)

// TestPartyWord: another issuer is not called Entra.
func TestPartyWord(t *testing.T) {
	for want, p := range map[string]*page{"entra": {}, "issuer": {foreign: true}} {
		if got := p.partyWord(trace.Entra); got != want {
			t.Errorf("foreign %v: %q", p.foreign, got)
		}
	}
}
