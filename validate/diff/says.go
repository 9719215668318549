package diff

import (
	"slices"
	"strings"

	"flowscope/validate"
	"flowscope/validate/claims"
)

// Where the sentences are written.
const (
	accessDoc  = "Entra: access tokens"
	accessRef  = "Entra: access token claims reference"
	idRef      = "Entra: ID token claims reference"
	oboDoc     = "Entra: on-behalf-of flow"
	scopesDoc  = "Entra: scopes and permissions"
	validation = "Entra: claims validation"
	optional   = "Entra: optional claims reference"
)

// wordLimit bounds a word of a list, wordCount their number.
const (
	wordLimit = 100
	wordCount = 300
)

// settle compares the values of a row and says what the difference means.
func (p *pair) settle(r *Row) {
	if r.State == Changed {
		p.compare(r)
	}
	if !r.Header && slices.Contains(lists[:], r.Name) && r.State != Changed && r.State != Same {
		r.Added, r.Removed = minus(wordsOf(r.Right, r.Name), nil), minus(wordsOf(r.Left, r.Name), nil)
	}
	if r.State == Same && r.Name == r.Other {
		return
	}
	var text, source string
	if r.Header {
		text, source = p.header(r)
	} else {
		text, source = p.claim(r)
	}
	if text != "" {
		r.Says, r.Source, r.Matters = text, source, true
	}
}

// lists are claims that hold several words, whose order means nothing.
var lists = [...]string{"scp", "scope", "roles", "groups", "wids", "aud", "amr", "acrs", "xms_cc", "signin_state", "xms_act_fct", "xms_sub_fct", "xms_idrel"}

// spaced are those of them that are one string with spaces.
var spaced = [...]string{"scp", "scope", "xms_act_fct", "xms_sub_fct", "xms_idrel"}

// compare decides between same and changed; lists are compared as sets.
func (p *pair) compare(r *Row) {
	if r.Left.Type == r.Right.Type && r.Left.Text() == r.Right.Text() {
		r.State = Same
		return
	}
	if r.Header || !slices.Contains(lists[:], r.Name) {
		return
	}
	left, right := wordsOf(r.Left, r.Name), wordsOf(r.Right, r.Name)
	r.Added, r.Removed = minus(right, left), minus(left, right)
	if len(r.Added)+len(r.Removed) == 0 && len(left) == len(right) && len(left) > 0 {
		r.State = Same
	}
}

func wordsOf(v validate.Value, name string) []string {
	switch {
	case v.Type == validate.TypeString && slices.Contains(spaced[:], name):
		return strings.Fields(v.Text())
	case v.Type == validate.TypeString:
		return []string{v.Text()}
	}
	list, _ := v.Strings()
	return list
}

// minus gives the words of a that b lacks, each once, fit to be shown.
func minus(a, b []string) []string {
	has := make(map[string]bool, len(a)+len(b))
	for _, w := range b {
		has[w] = true
	}
	var out []string
	for _, w := range a {
		if !has[w] && len(out) < wordCount {
			has[w] = true
			out = append(out, validate.Printable(w, wordLimit))
		}
	}
	return out
}

// some joins the first few of many words.
func some(list []string) string {
	const few = 4
	if len(list) > few {
		return strings.Join(list[:few], ", ") + ", …"
	}
	return strings.Join(list, ", ")
}

// header says what a difference in the header means.
func (p *pair) header(r *Row) (text, source string) {
	switch r.Name {
	case "kid":
		switch {
		case r.State == Changed && p.rel == issuers:
			return "Each issuer has keys of its own; look this one up in the key set of its issuer alone.", "RFC 8725 section 3.8"
		case r.State == Changed && p.rel != tenants:
			return "Signed with another of the issuer's keys. Keys roll over without notice, so both can be good: look each up by its kid.", "Entra: signing key rollover"
		}
	case "alg":
		if r.State == Changed && (p.entra || p.rel == issuers) {
			return "Entra signs with RS256 alone. A token with another algorithm is another issuer's, or forged.", "RFC 8725 section 3.1"
		}
	case "x5t":
		if p.entra {
			return "Only v1.0 tokens write the thumbprint a second time as x5t; look keys up by kid.", accessRef
		}
	case "nonce":
		switch {
		case !p.entra:
		case r.State == Changed:
			return "Both are for Graph or another API of Microsoft, which alone can verify them; each has a nonce of its own.", accessDoc + ", token ownership"
		default:
			return "Only the " + one(r) + " token is for Graph or another API of Microsoft; nobody else can verify that one.", accessDoc + ", token ownership"
		}
	case "typ":
		if p.entra || p.rel == issuers {
			return "Entra writes JWT for every token; another type tells another issuer or another use.", "RFC 9068 section 2.1"
		}
	}
	return "", ""
}

// claim says what a difference in a claim means.
func (p *pair) claim(r *Row) (text, source string) {
	switch {
	case p.rel == issuers:
		return p.foreign(r)
	case !p.entra:
		return p.general(r)
	}
	for _, group := range [...]func(*Row) (string, string){p.forWhom, p.who, p.permissions, p.times, p.signIns, p.rest} {
		if text, source = group(r); text != "" {
			return text, source
		}
	}
	return "", ""
}

// one names the side that a row is on, "left" or "right".
func one(r *Row) string {
	if r.State == OnlyLeft {
		return "left"
	}
	return "right"
}

// lacking is the token that has not got a row that is on one side.
func (p *pair) lacking(r *Row) *side {
	if r.State == OnlyLeft {
		return &p.right
	}
	return &p.left
}

// middle and behind name the two sides of on-behalf-of.
func (p *pair) middle() (first, behind string) {
	if p.backwards {
		return "right", "left"
	}
	return "left", "right"
}

// forWhom speaks of issuer, audience and client.
func (p *pair) forWhom(r *Row) (text, source string) {
	switch r.Name {
	case "aud":
		return p.audience(r)
	case "iss":
		switch {
		case formsOf(issuerOf(p.left.iss), issuerOf(p.right.iss)):
			return "One tenant, two forms of its issuer: v1.0 ends in a slash, v2.0 in /v2.0. An API accepts the one of its own version, or both by name.", accessDoc + ", token formats"
		case r.State == Changed:
			return "Another issuer. Keys can be shared among tenants, so only comparing iss whole tells these two apart.", validation
		}
	case "tid":
		if r.State == Changed {
			return "Two tenants. An API has to know both, or one of them stays out.", validation
		}
		if p.lacking(r).Kind == validate.KindID {
			return "Only the " + one(r) + " token names its tenant: in v2.0 ID tokens tid comes with the scope profile.", idRef
		}
		return "Only the " + one(r) + " token names its tenant. Without tid an API for several tenants refuses it.", accessRef
	case "ver":
		return "The API's registration decides the version of access tokens (requestedAccessTokenVersion), the endpoint that of ID tokens.", accessDoc + ", token formats"
	case "appid", "azp", "client_id":
		return p.clientWords(r)
	case "nonce":
		if p.left.Kind != p.right.Kind {
			return "Only the ID token answers the nonce that the client sent.", idRef
		}
		return "Each sign-in has a nonce of its own.", idRef
	case "at_hash", "c_hash":
		if r.State == Changed {
			return "The hash belongs to what came with each: the access token or the code.", "OpenID Connect Core section 3.3.2.11"
		}
		return "Only an ID token from the authorization endpoint carries it; from the token endpoint there is none.", "OpenID Connect Core section 3.3.2.11"
	case "cnf":
		return p.bound(r)
	}
	return "", ""
}

func (p *pair) audience(r *Row) (text, source string) {
	switch p.rel {
	case signIn, accessID:
		return "The ID token is for the client, the access token for the API. Neither accepts the other's, even where both share a registration.", accessDoc
	case onBehalf:
		first, behind := p.middle()
		return "The " + first + " token is for the API in the middle. It must not hand that one on: for the API behind it got the " + behind + " one.", oboDoc
	case versions:
		return "v1.0 carries what the client asked for, App ID URI or client id; v2.0 always the API's client id.", accessRef
	}
	if text, source = p.audiences(r); text != "" {
		return text, source
	}
	return "Without aud nobody may accept the token.", "RFC 7519 section 4.1.3"
}

func (p *pair) clientWords(r *Row) (text, source string) {
	switch {
	case p.left.Kind != p.right.Kind:
		return "Only an access token names the client besides its audience; the audience of the ID token is the client.", idRef
	case r.State != Changed && r.State != Same:
		return "", ""
	case p.rel == onBehalf:
		_, behind := p.middle()
		return "The client of the " + behind + " token is the API in the middle. Of the client before it nothing is left in there.", oboDoc
	case p.left.client == p.right.client:
		return "The same client: v1.0 calls it appid, v2.0 azp.", accessRef
	}
	text = "Another client asked"
	if l, o := claims.Word(r.Name, r.Left.Text()), claims.Word(r.Other, r.Right.Text()); l != "" && o != "" {
		text += " (" + l + " and " + o + ")"
	}
	return text + "; what it may do is decided for each client apart.", accessRef
}
