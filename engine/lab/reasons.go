package lab

import (
	"slices"

	"flowscope/engine/lab/aadsts"
)

// maxReasons bounds what is kept aside; older ones are dropped.
const maxReasons = 256

// Reason is the truth behind an error, which Entra would never tell: it lets a
// diagnosis be judged in a test. It never travels in a response.
type Reason struct {
	TraceID string // as in the error's trace_id
	Code    int    // number of the AADSTS code
	Reason  string // what was really wrong
	Field   string // request parameter at fault; may be empty
}

// Reasons returns the truth behind the latest errors, newest last.
func (l *Lab) Reasons() []Reason {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.reasons)
}

func (l *Lab) keepAside(traceID string, e *aadsts.Error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.reasons) == maxReasons {
		l.reasons = slices.Delete(l.reasons, 0, 1)
	}
	l.reasons = append(l.reasons, Reason{TraceID: traceID, Code: e.Code, Reason: e.Reason, Field: e.Field})
}
