package middleware

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"

	"flowscope/validate"
)

// judge holds what all profiles share for one token.
type judge struct {
	report   *validate.Report
	want     validate.Expectations
	keys     validate.KeySource
	ctx      context.Context
	readings [mannerCount]*reading
	careful  bool // whether a careful API refuses the token
	failed   []string

	asked  bool
	kid    string
	key    validate.Key
	hasKey bool
	keyErr error

	listAsked bool
	list      []validate.Key
	hasList   bool
}

func newJudge(ctx context.Context, r *validate.Report, keys validate.KeySource) *judge {
	j := &judge{report: r, want: r.Expectations(), keys: keys, ctx: ctx}
	j.failed = refusals(r)
	j.careful = len(j.failed) > 0
	return j
}

// apiChecks are the checks whose failure means that no API may take a token.
// What is asked of scopes, roles and clients is for the route to decide.
var apiChecks = [...]string{
	"algorithm", "key", "signature", "issuer", "audience", "expiry", "not-before", "tenant", "token-type", "format",
}

// refusals lists the checks for which a careful API turns the token away. An
// ID token is none for an API, whatever its checks say and whatever was expected.
func refusals(r *validate.Report) []string {
	var out []string
	for _, id := range apiChecks {
		if r.Status(id) == validate.StatusFail || id == "token-type" && r.Kind == validate.KindID {
			out = append(out, id)
		}
	}
	return out
}

// reading returns the token as a platform reads it; it is made once.
func (j *judge) reading(how manner) *reading {
	if j.readings[how] == nil {
		j.readings[how] = read(j.report.Token.Raw, how)
	}
	return j.readings[how]
}

// outcome is what one rule says.
type outcome uint8

const (
	holds outcome = iota
	breaks
	unknown
	settles // unknown, and nothing that follows can be known
)

// finding is the outcome of one rule, with the values that its words speak of.
type finding struct {
	outcome     outcome
	found, want string
	why         string // instead of the rule's own words
	odd         bool   // the value is missing or could not be read at all
}

var holding = finding{}

func broken(found, want string) finding { return finding{outcome: breaks, found: found, want: want} }

func open(why string) finding { return finding{outcome: unknown, why: why} }

// trial is one profile with one token before it.
type trial struct {
	*judge
	p *profile
	t *reading
	// tried are the keys that the library tries for this token.
	tried []validate.Key
}

// opinion puts a profile's rules to the token in the library's order. The
// first that is broken decides; what cannot be known is only named where
// nothing else is broken.
func (j *judge) opinion(p *profile) Opinion {
	if p.listed != nil && !j.clientAlone() {
		p = p.listed
	}
	t := &trial{judge: j, p: p, t: j.reading(p.how)}
	o := Opinion{Profile: p.about, Answer: Accepts, Source: p.about.Source}
	var doubt *rule
	var reason finding
	for i := range p.rules {
		r := p.rule(i)
		if r.mode == never {
			continue
		}
		f := t.put(r)
		switch {
		case f.outcome == breaks:
			t.rejects(&o, r, f)
			return o
		case f.outcome == unknown && doubt == nil, f.outcome == settles:
			doubt, reason = r, f
		}
		if f.outcome == settles {
			break
		}
	}
	if doubt != nil {
		o.Answer, o.Rule, o.Why, o.Source = Open, clip(doubt.name, ruleLimit), clip(reason.why, whyLimit), doubt.at
		return o
	}
	t.accepts(&o)
	return o
}

// rejects fills in an opinion by the rule that was broken.
func (t *trial) rejects(o *Opinion, r *rule, f finding) {
	o.Answer, o.Rule, o.Source = Rejects, clip(r.name, ruleLimit), r.at
	if f.odd && r.odd != "" {
		o.Rule = clip(r.odd, ruleLimit)
	}
	why := r.why
	if f.why != "" {
		why = f.why
	}
	o.Why = fill(why, f)
	switch {
	case t.report.Verdict != validate.Valid || t.careful:
	case r.strict, r.dated() && t.warned():
		o.Harm, o.Fix = HarmStricter, r.fix
	default:
		o.Harm, o.Fix = HarmRefuses, r.fix
	}
}

// warned reports a token whose dates hold here by the allowance for clocks alone.
func (t *trial) warned() bool {
	for _, id := range [...]string{"expiry", "not-before", "issued-at"} {
		if t.report.Status(id) == validate.StatusWarn {
			return true
		}
	}
	return false
}

// accepts fills in an opinion where every rule holds. Where a careful API
// refuses the token, the rule that is missing is named.
func (t *trial) accepts(o *Opinion) {
	o.Rule = "every rule holds"
	o.Why = "Signature, dates and whatever else it looks at are as it wants them."
	if !t.careful {
		if t.report.Verdict == validate.Invalid {
			o.Why = "What fails here (" + t.others() + ") is left to the code of the route."
		}
		o.Why = clip(o.Why, whyLimit)
		return
	}
	o.Harm = HarmAccepts
	if g := t.gap(); g != nil {
		o.Rule, o.Why, o.Fix, o.Source = clip(g.name, ruleLimit), clip(g.why, whyLimit), g.fix, g.at
		return
	}
	o.Rule = "no rule for " + t.failed[0]
	o.Why = clip("Nothing that it looks at speaks against the token; the check "+t.failed[0]+" does.", whyLimit)
}

// others names the checks that failed and concern the route alone.
func (t *trial) others() string {
	var out []string
	for _, id := range validate.IDs() {
		if t.report.Status(id) == validate.StatusFail {
			out = append(out, id)
		}
	}
	return strings.Join(out, ", ")
}

// isMAC reports an "alg" with a shared secret, in any case.
func (t *trial) isMAC() bool {
	alg, _ := t.t.header.text("alg")
	return strings.HasPrefix(strings.ToUpper(alg), "HS")
}

// callerGap is what all libraries leave to the route.
var callerGap = gap{
	check: "token-type", name: "caller not checked",
	why: "Whether a person or an application came is left to the code of the route.",
	fix: "tell the two apart by idtyp and scp", at: "Entra: access token claims reference",
}

// gap finds what the profile leaves out of the first failed check that it has
// words for.
func (t *trial) gap() *gap {
	for _, check := range t.failed {
		at := anyPart
		switch _, exp := t.t.claims.get("exp"); {
		case check == "format":
			at = t.fault()
		case check == "algorithm" && t.isMAC():
			at = partMAC
		case check == "expiry" && exp:
			at = partSkew
		case check == "token-type" && t.report.Kind != validate.KindID:
			return &callerGap
		}
		var other *gap
		for _, list := range [...][]gap{t.p.here, t.p.gaps} {
			for i := range list {
				g := &list[i]
				switch {
				case g.check != check:
				case g.part == at:
					return g
				case g.part == anyPart && other == nil:
					other = g
				}
			}
		}
		if other != nil {
			return other
		}
	}
	return nil
}

// fault tells which part of the format a token breaks.
func (t *trial) fault() part {
	for _, segment := range t.t.segments {
		if _, err := strictBase64.DecodeString(segment); err != nil {
			return partBase64
		}
	}
	if t.t.header != nil && t.t.header.twice != "" || t.t.claims != nil && t.t.claims.twice != "" {
		return partTwice
	}
	for _, f := range t.report.Token.Faults {
		if f.Name == "exp" || f.Name == "nbf" || f.Name == "iat" {
			if v, _ := t.t.claims.get(f.Name); len(v) > 0 && (v[0] == '-' || v[0] >= '0' && v[0] <= '9') {
				return partRange
			}
			return partDate
		}
	}
	return anyPart
}

// Limits of the words, in characters: they fit a table of 80 columns.
const (
	ruleLimit = 40
	whyLimit  = 110
)

// fill puts values into a sentence. What is filled in is never looked into.
func fill(why string, f finding) string {
	if !strings.Contains(why, "{") {
		return clip(why, whyLimit)
	}
	// What the fixed text leaves is shared among the values.
	fixed := strings.NewReplacer("{found}", "", "{want}", "").Replace(why)
	room := (whyLimit - utf8.RuneCountInString(fixed)) / strings.Count(why, "{")
	r := strings.NewReplacer("{found}", clip(f.found, room), "{want}", clip(f.want, room))
	return clip(r.Replace(why), whyLimit)
}

// clip makes text fit to be shown: control characters and marks that turn text
// around go, and no more than limit characters stay.
func clip(s string, limit int) string {
	var b strings.Builder
	n := 0
	for _, r := range s {
		if !unicode.IsPrint(r) {
			continue
		}
		if n == limit-1 && utf8.RuneCountInString(s) > limit {
			b.WriteString("…")
			break
		}
		b.WriteRune(r)
		n++
	}
	return b.String()
}
