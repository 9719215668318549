package trace

import (
	"fmt"
	"slices"
	"strings"
)

// Verb is what an Op does to one parameter.
type Verb string

// The verbs of an Op.
const (
	Set     Verb = "set"     // give it this value, adding it when it is absent
	Drop    Verb = "drop"    // leave it out
	Garble  Verb = "garble"  // change one character in the middle of its value
	Restore Verb = "restore" // take back what an earlier change did to it
	Twice   Verb = "twice"   // send the whole request twice; the second answer counts
	Fail    Verb = "fail"    // let it break before it leaves; the value says how, in words, and the name as an ErrKind
	Bring   Verb = "bring"   // set it to a value with the run's own tokens in it: {access_token}, {id_token}, {refresh_token}
)

// Op is one change to one parameter of a request.
type Op struct {
	Verb  Verb
	Place Place
	Name  string
	Value string
}

// Change is a prepared edit of one exchange of a run: what a fault breaks and
// what a fix mends are both written as one.
type Change struct {
	Purpose Purpose // which exchange
	Ops     []Op
	Label   string // what it does, in words
	Only    int    // 1 for the first exchange with this purpose, 2 for the second; 0 for all
	Answer  bool   // the ops change the answer, on its way to the program
}

// Fails gives the words with which the change lets the exchange break before it
// leaves, and false when it does not.
func (c Change) Fails() (string, bool) {
	for _, op := range c.Ops {
		if op.Verb == Fail {
			return op.Value, true
		}
	}
	return "", false
}

// FailKind gives the kind of trouble that the change brings about, empty when it
// says none.
func (c Change) FailKind() ErrKind {
	for _, op := range c.Ops {
		if op.Verb == Fail {
			return ErrKind(op.Name)
		}
	}
	return ""
}

// Twice reports whether the change asks for the request to be sent twice.
func (c Change) Twice() bool {
	for _, op := range c.Ops {
		if op.Verb == Twice {
			return true
		}
	}
	return false
}

// Filled gives the change with the run's newest tokens in the values that bring
// some, or with the first of a kind for {first_access_token}. Where the run has no such token, the op is left out.
func (c Change) Filled(t *Trace) Change {
	var ops []Op
	for _, op := range c.Ops {
		if op.Verb == Bring {
			op.Verb = Set
			for _, token := range slices.Backward(t.Tokens) {
				op.Value = strings.ReplaceAll(op.Value, "{"+string(token.Kind)+"_token}", token.Value)
			}
			for _, token := range t.Tokens {
				op.Value = strings.ReplaceAll(op.Value, "{first_"+string(token.Kind)+"_token}", token.Value)
			}
			if strings.Contains(op.Value, "_token}") {
				continue
			}
		}
		ops = append(ops, op)
	}
	c.Ops = ops
	return c
}

// Apply gives the request as the change leaves it. The receiver's request is
// not touched. Restore, Twice, Fail and Bring do nothing here: the runner reads
// them.
func (c Change) Apply(r Request) Request {
	r = r.Clone()
	for _, op := range c.Ops {
		switch op.Place {
		case Header:
			switch value := r.Header.Get(op.Name); {
			case op.Verb == Drop || op.Verb == Set:
				r = r.WithHeader(op.Name, op.Value, op.Verb == Drop)
			case op.Verb == Garble && value != "":
				r = r.WithHeader(op.Name, GarbleText(value), false)
			}
		case Path:
			if op.Verb == Set {
				r.URL = replaceTenant(r.URL, op.Value)
			}
		case Address:
			if op.Verb == Set {
				r.URL = op.Value
			}
		case Query:
			r = r.WithQuery(applyPairs(r.QueryParams(), op))
		case Fragment:
			r = r.WithFragment(applyPairs(r.FragmentParams(), op))
		case Claim:
			r = claimOf(r, op)
		case Form:
			if r.IsForm() {
				r = r.WithForm(applyPairs(r.FormParams(), op))
			}
		}
	}
	return r
}

func applyPairs(params []Param, op Op) []Param {
	var out []Param
	seen := false
	for _, p := range params {
		if p.Name != op.Name {
			out = append(out, p)
			continue
		}
		seen = true
		switch op.Verb {
		case Drop:
			continue
		case Set:
			p.Value = op.Value
		case Garble:
			p.Value = GarbleText(p.Value)
		}
		out = append(out, p)
	}
	if !seen && op.Verb == Set {
		out = append(out, Param{op.Place, op.Name, op.Value})
	}
	return out
}

// claimOf changes one claim of a token in a form: "client_assertion.sub". The
// signature stays as it was, and so fits no more.
func claimOf(r Request, op Op) Request {
	field, name, ok := strings.Cut(op.Name, ".")
	if !ok || !r.IsForm() {
		return r
	}
	params := r.FormParams()
	for i, p := range params {
		if p.Name == field {
			params[i].Value = jwtClaim(p.Value, name, op)
		}
	}
	return r.WithForm(params)
}

// GarbleText changes one character in the middle of s, so that it keeps its
// length and its alphabet and is certain to differ. Of a signed token (RFC 7515
// section 3.1) it is one in the middle of the signature.
func GarbleText(s string) string {
	if s == "" {
		return "x"
	}
	i := len(s) / 2
	if dot := strings.LastIndexByte(s, '.'); strings.Count(s, ".") == 2 && strings.Contains(s, "eyJ") {
		i = dot + (len(s)-dot)/2
	}
	c := byte('a')
	if s[i] == 'a' {
		c = 'b'
	}
	return s[:i] + string(c) + s[i+1:]
}

// replaceTenant puts another first path segment, which is the tenant in every
// Entra endpoint (Entra: OpenID Connect discovery).
func replaceTenant(rawURL, tenant string) string {
	scheme, rest, ok := strings.Cut(rawURL, "://")
	if !ok {
		return rawURL
	}
	host, path, ok := strings.Cut(rest, "/")
	if !ok {
		return rawURL
	}
	_, tail, _ := strings.Cut(path, "/")
	return fmt.Sprintf("%s://%s/%s/%s", scheme, host, tenant, tail)
}

// Without gives the changes that are left when a fix is laid over them: every
// parameter that the fix restores is taken out of them, and the fix's other
// ops are added at the end. A fix of an answer takes all changes of that answer
// back.
func Without(changes []Change, fix Change) []Change {
	var out []Change
	for _, c := range changes {
		switch {
		case c.Purpose != fix.Purpose || c.Answer != fix.Answer:
		case fix.Answer:
			c.Ops = nil // the answer as it came
		default:
			c.Ops = removeRestored(c.Ops, fix.Ops)
		}
		if len(c.Ops) > 0 {
			out = append(out, c)
		}
	}
	rest := fix
	rest.Ops = nil
	for _, op := range fix.Ops {
		if op.Verb != Restore {
			rest.Ops = append(rest.Ops, op)
		}
	}
	if len(rest.Ops) > 0 {
		out = append(out, rest)
	}
	return out
}

func removeRestored(ops, fix []Op) []Op {
	var out []Op
	for _, op := range ops {
		keep := true
		for _, f := range fix {
			whole := f.Place == Form && op.Place == Claim && strings.HasPrefix(op.Name, f.Name+".")
			broken := op.Verb == Fail && f.Place == "" && f.Name == ""
			if f.Verb == Restore && (f.Place == op.Place && f.Name == op.Name || whole || broken) {
				keep = false
			}
		}
		if keep {
			out = append(out, op)
		}
	}
	return out
}
