// Package infer tells from a token which flow probably made it, and says
// which signals speak for that and how sure they make it.
//
// It reads claims without checking them: a guess about a forged token is a
// guess about the forger's wishes. Where claims cannot tell flows apart it
// says so instead of picking one silently.
package infer

import (
	"strings"

	"flowscope/decision"
	"flowscope/validate"
	"flowscope/validate/claims"
)

// The degrees of confidence.
const (
	// Certain means that no other flow leaves these signs.
	Certain = "certain"
	// Likely means that another flow could, but rarely does.
	Likely = "likely"
	// Possible means that several flows leave the same signs.
	Possible = "possible"
)

// Unknown is the name of a guess about a token that gives no sign.
const Unknown = "unknown"

// Guess is the flow that a token probably came from.
type Guess struct {
	// Name is the flow as package decision names it, or Unknown.
	Name string `json:"name"`
	// Confidence is Certain, Likely or Possible.
	Confidence string `json:"confidence"`
	// Because lists the signals, each as one sentence, the strongest first.
	Because []string `json:"because"`
	// Others are the flows that leave the same signs, by the same names; claims
	// cannot tell them from Name.
	Others []string `json:"-"`
}

// others are names of flows.
func others(flows ...decision.Flow) []string {
	out := make([]string, len(flows))
	for i, f := range flows {
		out[i] = string(f)
	}
	return out
}

// marks is what the rules read.
type marks struct {
	t                                 *validate.Token
	scp, nonce, idtyp                 string
	oid, sub, aud, client, acr, party string
	roles                             bool
}

// Flow guesses which flow made t. A token that cannot be read gives Unknown.
func Flow(t *validate.Token) Guess {
	if t == nil {
		return unknown("There is no token to read.")
	}
	switch t.Kind {
	case validate.KindRefresh:
		return unknown("A refresh token comes with several flows (authorization code, device code, on-behalf-of) and says nothing of them.")
	case validate.KindOpaque, validate.KindEncrypted:
		if t.Claims == nil {
			return unknown("The claims cannot be read, so there are no signs.")
		}
	}
	if !t.Claims.Whole() {
		return unknown("The claims cannot be read to their end, so a sign that is missing may have been there.")
	}
	m := read(t)
	g := m.flow()
	g.Because = append(g.Because, m.asides()...)
	return g
}

// unknown is the guess about what gives no sign.
func unknown(because string) Guess {
	return Guess{Name: Unknown, Confidence: Possible, Because: []string{because}}
}

// guess is one flow with what speaks for it.
func guess(flow decision.Flow, confidence string, because ...string) Guess {
	return Guess{Name: string(flow), Confidence: confidence, Because: because}
}

func read(t *validate.Token) marks {
	c := t.Claims
	m := marks{
		t: t, scp: c.String("scp"), nonce: c.String("nonce"), idtyp: c.String("idtyp"),
		oid: c.String("oid"), sub: c.String("sub"), aud: c.String("aud"), roles: c.Has("roles"),
	}
	m.client, m.party = c.String("azp"), "azp"
	if m.client == "" && c.Has("appid") {
		m.client, m.party = c.String("appid"), "appid"
	}
	if m.scp == "/" { // an agent identity as itself (Entra: agent identities, token claims)
		m.scp = ""
	}
	if m.acr = c.String("azpacr"); m.acr == "" {
		m.acr = c.String("appidacr")
	}
	return m
}

// flow applies the rules from the strongest sign down.
func (m *marks) flow() Guess {
	c := m.t.Claims
	switch {
	case c.Has("xms_mirid"):
		return guess(decision.ManagedIdentity, Certain, "xms_mirid names the Azure resource whose managed identity this is.")
	case m.t.Kind == validate.KindID:
		return m.idToken()
	case m.idtyp == "device":
		return unknown("It is a device's own token: idtyp says so.")
	case m.idtyp == "app" && m.scp == "":
		return m.application("idtyp says that an application came as itself.", Certain)
	case m.scp == "" && m.oid != "" && m.oid == m.sub && m.idtyp == "":
		return m.application("There is no scp, and oid equals sub: the caller is a service principal.", Certain)
	case m.scp == "" && c.Has("deviceid"):
		return unknown("It is a device's own token: there is a device and no scp.")
	case m.scp == "" && m.t.SubjectKind == validate.SubjectApp:
		return m.application("There is no scp, and nothing in it speaks of a person.", Likely)
	case m.scp != "" && c.Has("hasgroups") && claims.FromEntra(m.t):
		g := guess(decision.Implicit, Likely, "hasgroups stands where a token travels in an address, as in the implicit flow.")
		g.Others = others(decision.AuthorizationCode)
		return g
	case m.scp != "":
		return m.delegated()
	}
	return unknown("There is neither scp nor a sign of an application as itself.")
}

// idToken tells the flows of an ID token apart (OpenID Connect Core 3.1.3.6,
// 3.2.2.9 and 3.3.2.11; Entra writes the hashes at the authorization endpoint
// alone, other issuers write at_hash beside a code too).
func (m *marks) idToken() Guess {
	c := m.t.Claims
	var g Guess
	switch {
	case c.Has("c_hash"):
		return guess(decision.AuthorizationCode, Certain, "It is an ID token with c_hash: it came from the authorization endpoint together with a code (hybrid flow).")
	case c.Has("at_hash") && !claims.FromEntra(m.t):
		g = guess(decision.AuthorizationCode, Possible, "It is an ID token with at_hash, which other issuers than Entra write at the token endpoint too.")
		g.Others = others(decision.Implicit, decision.RefreshToken)
	case c.Has("at_hash"):
		g = guess(decision.Implicit, Likely, "It is an ID token with at_hash: with Entra that comes from the authorization endpoint, together with an access token.")
		g.Others = others(decision.AuthorizationCode)
	case c.Has("hasgroups") && claims.FromEntra(m.t):
		g = guess(decision.Implicit, Likely, "It is an ID token with hasgroups, which stands where a token travels in an address.")
		g.Others = others(decision.AuthorizationCode)
	case m.nonce != "":
		g = guess(decision.AuthorizationCode, Likely, "It is an ID token that answers a nonce: a browser was sent to the authorization endpoint. response_type id_token, without a code, leaves the same marks.")
		g.Others = others(decision.Implicit, decision.RefreshToken)
	default:
		g = guess(decision.AuthorizationCode, Possible, "It is an ID token without nonce and hash: authorization code, device code and refresh look alike.")
		g.Others = others(decision.DeviceCode, decision.RefreshToken, decision.OnBehalfOf, decision.Password)
	}
	return g
}

// application words a token of client credentials.
func (m *marks) application(sign, confidence string) Guess {
	g := guess(decision.ClientCredentials, confidence, sign)
	switch m.acr {
	case "1":
		g.Because = append(g.Because, "The client proved itself with a secret ("+m.party+"acr 1).")
	case "2":
		if m.t.Claims.Has("xms_ficinfo") {
			g.Because = append(g.Because, "The client proved itself with a federated credential (xms_ficinfo).")
			break
		}
		g.Because = append(g.Because, "The client proved itself with a certificate or a federated credential ("+m.party+"acr 2); claims do not tell which.")
	}
	if !m.roles {
		g.Because = append(g.Because, "It has no roles: no application permission is in the token, though an API can decide by assignments of its own.")
	}
	return g
}

// delegated tells apart, as far as claims go, the flows with a person.
func (m *marks) delegated() Guess {
	c := m.t.Claims
	g := guess(decision.AuthorizationCode, Possible, "scp is there: a client came for a person.")
	because := func(text string) { g.Because = append(g.Because, text) }
	public := others(decision.DeviceCode, decision.RefreshToken, decision.Password, decision.Implicit)
	switch {
	case m.client != "" && m.client == m.aud:
		g.Confidence, g.Others = Likely, public
		because("The client is its own audience: client and API share one registration.")
		if m.acr == "1" || m.acr == "2" {
			g.Others = others(decision.RefreshToken, decision.Password)
		}
	case m.acr == "0":
		g.Confidence, g.Others = Likely, public
		because("The client is public (" + m.party + "acr 0): authorization code with PKCE, device code and password look alike.")
		if amr := c.Strings("amr"); len(amr) == 1 && amr[0] == "pwd" {
			g.Confidence = Possible
			because("amr is pwd alone, which the password flow leaves, and a plain sign-in too.")
		}
	case c.Has("xms_st") && !m.graph():
		g.Name, g.Confidence, g.Others = string(decision.OnBehalfOf), Likely, others(decision.AuthorizationCode, decision.RefreshToken)
		because("xms_st carries the subject of a token before this one, as after on-behalf-of.")
	case m.acr == "1" || m.acr == "2":
		g.Others = others(decision.OnBehalfOf, decision.RefreshToken, decision.Password)
		because("The client is confidential (" + m.party + "acr " + m.acr + "): a web app's authorization code and an API's on-behalf-of look alike.")
		because("If " + m.party + " is itself an API, it was on-behalf-of.")
	default:
		g.Others = append(public, string(decision.OnBehalfOf))
		because("Nothing says how the client proved itself.")
	}
	return g
}

// graph reports an audience that is Graph, whose tokens carry xms_st after any flow.
func (m *marks) graph() bool {
	return m.t.ForGraph() || validate.IsGraph(m.aud)
}

// asides are signs that do not decide the flow but are worth knowing.
func (m *marks) asides() []string {
	c := m.t.Claims
	var out []string
	add := func(when bool, text string) {
		if when {
			out = append(out, text)
		}
	}
	add(strings.HasPrefix(c.String("iss"), "https://sts.") && m.t.Version == "1.0" && strings.Contains(m.aud, "://"),
		"Its API takes v1.0 tokens; that says nothing of the endpoint that was asked.")
	add(m.t.ForGraph(), "It is for Microsoft Graph, whose tokens nobody else can verify.")
	add(strings.EqualFold(c.String("tid"), validate.ConsumerTenant), "It is a personal account's.")
	guest, _ := m.t.Guest()
	add(guest, "The person is a guest of this tenant.")
	acrs, capable := c.Strings("acrs"), c.Strings("xms_cc")
	add(len(acrs) > 0, "A stronger sign-in was asked for and met (acrs).")
	for _, cc := range capable {
		add(strings.EqualFold(cc, "cp1"), "The client takes claims challenges (xms_cc cp1).")
	}
	add(claims.Facet(c.String("xms_act_fct"), "11") || claims.Facet(c.String("xms_sub_fct"), "11"), "An agent identity came.")
	add(claims.Facet(c.String("xms_sub_fct"), "13") || claims.Facet(c.String("xms_act_fct"), "13"), "The subject is an agent's user.")
	return out
}
