package middleware

// kind is what a rule looks at. Together the kinds are the vocabulary in which
// every library's rules are written.
type kind uint8

const (
	kindSegments     kind = iota // how many segments there are
	kindHeader                   // the first segment is text that reads as a JSON object
	kindKeyIDText                // "kid" is a string where it is there
	kindCrit                     // "crit" names nothing that is not understood
	kindB64                      // "b64" is not false
	kindType                     // "typ" is one of those taken
	kindAlgorithm                // "alg" is one of those taken
	kindSigned                   // there is a signature at all
	kindKey                      // a key is found for the token
	kindReadable                 // claims and signature can be decoded, whatever they hold
	kindNotNone                  // "alg" is not none
	kindNoPSS                    // "alg" is none of the PS algorithms
	kindOneTenant                // "tid" stands there in one spelling alone
	kindOrder                    // "nbf" comes before "exp"
	kindOneAudience              // "aud" is no list of more than one
	kindNoMAC                    // "alg" is none with a shared secret
	kindFits                     // the key can verify "alg"
	kindKeySize                  // an RSA key is large enough
	kindSignature                // the signature belongs to the key
	kindKeyIssuer                // Entra's "issuer" of the key belongs to the token
	kindClaims                   // the second segment is text that reads as a JSON object
	kindPresent                  // a claim is there
	kindText                     // a claim is a string where it is there
	kindNumber                   // a claim is a date where it is there
	kindExpiry                   // "exp" is not over
	kindNotBefore                // "nbf" is over
	kindIssuedAt                 // "iat" is not ahead
	kindIssuer                   // "iss" is the one expected
	kindAudience                 // "aud" names the API
	kindScopeOrRoles             // "scp" or "roles" is there
	kindNoHash                   // "at_hash" is not there, or it can be compared
)

// Ways in which a rule of one kind differs between libraries.
type mode uint8

const (
	plain mode = iota // the usual way of the kind
	never             // the rule is left out: a profile without what another has

	atLeast    // kindSegments: three or more, or two and more
	fitsKey    // kindAlgorithm: whatever the key can verify
	modern     // kindAlgorithm: as fitsKey, and keys of newer types as well
	declared   // kindAlgorithm: what the issuer's metadata declares, else RS256
	fromToken  // kindAlgorithm: the very "alg" that the token names
	oneKey     // kindKey: without "kid" it takes the only key, and refuses several
	onlyKey    // kindKey: as oneKey, and keys for other algorithms count as well
	freeKey    // kindKey: as anyKey, and the "use" of a key is not looked at
	anyKey     // kindKey: without "kid" it tries every key
	everyKey   // kindKey: without a key of that "kid" it tries every key
	thumbprint // kindKey: "x5t" names the key before "kid" does
	firstOnly  // kindAudience: one audience alone can be given; only where the claim is there
	keyAlg     // kindSignature: verified by the algorithm of the key, not by "alg"
	anySalt    // kindSignature: PS with a salt of any length
	publicMAC  // kindSignature: HS is computed with the text of the public key
	entra      // kindIssuer: the v1.0 and the v2.0 form of the tenant; kindAudience: the client identifier, by "ver"
	wholly     // kindAudience: every element must be a string
	anyUse     // kindKey: the "use" of a key is not looked at
	empty      // kindCrit: an empty list and null demand nothing
	notNull    // kindPresent: null counts as absent
	required   // dates: the claim must be there
	orMAC      // kindFits: as typeOnly, and every key serves for HS
	typeOnly   // kindFits: the "alg" of the key is not looked at
	kindOnly   // kindFits: neither the "alg" nor the curve of the key is looked at
	loosely    // kindClaims: JSON that is no object has no claims, and that is all
	exactly    // kindType: JWT and nothing else
	spn        // kindAudience: "spn:" may stand before the client's identifier
	ifThere    // kindIssuer, kindAudience: only where the claim is there
)

// rule is one step of a library. Words may hold {found} and {want}.
type rule struct {
	kind  kind
	mode  mode
	claim string // the claim of kindPresent, kindText and kindNumber
	skew  int    // seconds allowed; bits of kindKeySize
	edge  bool   // the moment itself counts the other way than usual
	slash bool   // kindAudience: a slash at the end makes no difference
	// strict marks what the library refuses on purpose: a good token may lack it, and
	// refusing it is stricter than here, never wrong.
	strict bool
	name   string // what the library calls it, 40 characters at most
	odd    string // what it calls a value that it cannot read or that is missing, where that is another name
	why    string // what is said where it rejects, 110 characters at most
	fix    string // what to set where it refuses a good token
	at     string // file and place where the rule is written
}

// dated reports a rule that compares dates with the clock or with each other.
func (r *rule) dated() bool {
	return r.kind == kindExpiry || r.kind == kindNotBefore || r.kind == kindIssuedAt || r.kind == kindOrder
}

// gap is what a library as set up here leaves unchecked, and so where it
// accepts what a careful API refuses.
type gap struct {
	check string // one of validate.IDs
	part  part   // which of the faults of the check
	name  string // 40 characters at most
	why   string // 110 characters at most
	fix   string
	at    string
}

// part tells apart the faults of one check.
type part uint8

const (
	anyPart part = iota
	partBase64
	partTwice
	partDate  // a date that is no number
	partRange // a date that is a number beyond reason
	partSkew  // a date that is over by less than the library allows
	partMAC   // an algorithm with a shared secret
)

// profile is one library: its rules in the order in which it puts them, and
// what it leaves out. Rules in instead take the place of those of the same kind
// and claim; what it leaves out in this setup alone is in here, and goes before.
type profile struct {
	about   Profile
	how     manner
	rules   []rule
	instead []rule
	gaps    []gap
	here    []gap
	// listed takes the profile's place where more is configured than the client
	// identifier: a list of audiences, which replaces the rule for the identifier.
	listed *profile
}

// rule returns the rule at index i, or what stands instead of it.
func (p *profile) rule(i int) *rule {
	r := &p.rules[i]
	for k := range p.instead {
		if p.instead[k].kind == r.kind && p.instead[k].claim == r.claim {
			return &p.instead[k]
		}
	}
	return r
}
