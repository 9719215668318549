package command

import (
	"flowscope/engine/explain"
)

// challenged gives the claims that an API asked for, from the newest challenge of
// the run.
func challenged(r *result) (string, bool) {
	all := r.state.Trace.Exchanges
	for i := len(all) - 1; i >= 0; i-- {
		if claims, ok := explain.ChallengeClaims(all[i]); ok {
			return claims, true
		}
	}
	return "", false
}
