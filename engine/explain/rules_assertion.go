package explain

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"flowscope/engine/trace"
)

// presented is a JWT of a request: what it claims, none of it trusted.
type presented struct{ header, claims members }

// present reads the JWT of a form parameter. When there is none that can be
// read it says so in the finding and gives false.
func (s scene) present(f *Finding, name string) (presented, bool) {
	value, sent := first(s.ask.Request.FormParams(), name)
	if !sent {
		f.see(name, "not sent", "")
		return presented{}, false
	}
	p := presented{partOf(value, 0), partOf(value, 1)}
	if p.header == nil || p.claims == nil {
		f.see(name, fmt.Sprintf("%d characters", len([]rune(value))), orName(oddEnds(value), "can't be read as a JWT"))
		return presented{}, false
	}
	return p, true
}

func (p presented) aud() string { return strings.Join(p.claims.values("aud"), " ") }

// resend is the retry that takes back what was done to a JWT on its way.
func (s scene) resend(name string) []Fix {
	return restored(s.ask, trace.Form, name, "In the request: send "+name+" as the program built it")
}

// clientAssertion explains the codes about an assertion that the client signs
// itself: it shows what its header and its claims say beside what Entra expects
// (Entra: certificate credentials).
func clientAssertion(s scene, f *Finding) {
	f.FlowRight = s.right(needCredential)
	f.prepend(s.resend("client_assertion")...)
	p, ok := s.present(f, "client_assertion")
	if !ok {
		return
	}
	switch f.Code {
	case "AADSTS700027", "AADSTS50012", "AADSTS1000502":
		s.seeKey(f, p)
	case "AADSTS700024":
		s.seeTimes(f, p.claims)
	case "AADSTS50048":
		f.compareSure("sub of the assertion", p.claims.text("sub"), "iss of the assertion", p.claims.text("iss"), "must be equal")
	case "AADSTS700021":
		f.compareSure("iss of the assertion", p.claims.text("iss"), "client_id sent", s.sent("client_id"), "must be equal")
	case "AADSTS5002730":
		f.compareSure("aud of the assertion", p.aud(), "asked", endpointOf(s.ask.Request.URL), "must be this endpoint")
	case "AADSTS5002741":
		n := len(p.claims.values("aud"))
		f.see("aud of the assertion", p.aud(), fmt.Sprintf("%d values; one is allowed", n))
		if n > 1 {
			f.Confidence = Certain
		}
	}
	s.seeRest(f, p)
}

// compareSure compares two values and is certain of the cause when they differ.
func (f *Finding) compareSure(label, value, otherLabel, other, note string) {
	f.compare(label, orName(value, "none"), otherLabel, orName(other, "none"), note)
	if value != other {
		f.Confidence = Certain
	}
}

// seeRest adds the parts of a client assertion that the finding does not show
// yet.
func (s scene) seeRest(f *Finding, p presented) {
	rest := []struct{ label, value string }{
		{"alg", p.header.text("alg")}, {"x5t", p.header.text("x5t")}, {"x5t#S256", p.header.text("x5t#S256")}, {"kid", p.header.text("kid")},
		{"iss", p.claims.text("iss")}, {"sub", p.claims.text("sub")}, {"aud", p.aud()}, {"exp", moment(p.claims, "exp")},
	}
	for _, r := range rest {
		label := r.label + " of the assertion"
		if r.value != "" && !slices.ContainsFunc(f.Evidence, func(e Evidence) bool { return e.Label == label }) {
			f.see(label, r.value, "")
		}
	}
}

func moment(m members, name string) string {
	at, ok := m.at(name)
	if !ok {
		return shown(m.text(name))
	}
	return at.Format(time.RFC3339)
}

// endpointOf is an address without its query.
func endpointOf(raw string) string {
	endpoint, _, _ := strings.Cut(raw, "?")
	return endpoint
}

// seeKey shows which key the header names, in hexadecimal as in the portal,
// beside the certificates of the registration.
func (s scene) seeKey(f *Finding, p presented) {
	alg := p.header.text("alg")
	note := ""
	if alg != "PS256" && alg != "RS256" {
		note = "PS256 or RS256, in this letter case"
		f.Confidence = Certain
	}
	f.see("alg of the assertion", orName(alg, "none"), note)
	named := false
	for _, h := range []struct {
		name, hash string
		size       int
		registered func(trace.Certificate) string
	}{
		{"x5t#S256", "SHA-256", 32, func(c trace.Certificate) string { return c.SHA256 }},
		{"x5t", "SHA-1", 20, func(c trace.Certificate) string { return c.SHA1 }},
	} {
		value := p.header.text(h.name)
		if value == "" {
			continue
		}
		named = true
		sum := thumbprintOf(value)
		if len(sum) != h.size {
			f.Confidence = Certain
			f.see(h.name+" of the assertion", value, fmt.Sprintf("base64url of a %s has %d bytes behind it, this has %d", h.hash, h.size, len(sum)))
			f.Why = append([]string{h.name + " is the " + h.hash + " of the certificate as bytes, in base64url. Hexadecimal digits, as in the portal, are not that."}, f.Why...)
			continue
		}
		s.seeThumbprint(f, h.name, fmt.Sprintf("%X", sum), h.registered)
	}
	if !named {
		f.see("x5t#S256 of the assertion", "not sent", "the header names no key")
		f.Why = append([]string{"The header has neither x5t#S256 nor x5t, so nothing says which certificate signed it. That kid would do in their place is unconfirmed."}, f.Why...)
	}
}

// thumbprintOf reads a thumbprint in base64url or standard base64, padded or
// not: libraries send all of these.
func thumbprintOf(s string) []byte {
	sum, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(strings.NewReplacer("+", "-", "/", "_").Replace(s), "="))
	if err != nil {
		return nil
	}
	return sum
}

func (s scene) seeThumbprint(f *Finding, name, sum string, registered func(trace.Certificate) string) {
	label := name + " of the assertion"
	if len(s.reg.Certificates) == 0 {
		f.see(label, sum, "look for it in the portal")
		return
	}
	for _, c := range s.reg.Certificates {
		if registered(c) != sum {
			continue
		}
		f.see(label, sum, "is registered, good until "+c.Expires.UTC().Format("2006-01-02"))
		if f.Code == "AADSTS700027" {
			f.Why = append([]string{"The certificate is registered, so the assertion was signed with another private key, or changed after it was signed."}, f.Why...)
		}
		return
	}
	f.Confidence = Certain
	f.see(label, sum, "not registered")
	for _, c := range s.reg.Certificates[:min(len(s.reg.Certificates), 6)] {
		f.see("registered", registered(c), "good until "+c.Expires.UTC().Format("2006-01-02"))
	}
}

// tolerance is how far ahead nbf may lie without settling anything. Entra does
// not document its own; five minutes are usual.
const tolerance = 5 * time.Minute

// seeTimes shows when a JWT is good, beside the time of the request.
func (s scene) seeTimes(f *Finding, claims members) {
	sent := s.ask.Started
	note := func(late time.Duration, settles time.Duration, words string) string {
		if late < 0 || sent.IsZero() {
			return ""
		}
		if late >= settles {
			f.Confidence = Certain
		}
		return late.Round(time.Second).String() + words
	}
	if from, ok := claims.at("nbf"); ok {
		f.see("nbf of the assertion", from.Format(time.RFC3339), note(from.Sub(sent)-1, tolerance, " after the request"))
	}
	until, ok := claims.at("exp")
	if ok {
		f.see("exp of the assertion", until.Format(time.RFC3339), note(sent.Sub(until), 0, " before the request"))
	} else {
		f.Confidence = Certain
		f.see("exp of the assertion", orName(shown(claims.text("exp")), "none"), "a number of seconds since 1970 is needed")
	}
	if sent.IsZero() {
		return
	}
	f.see("request sent", sent.UTC().Format(time.RFC3339), "by the clock of this machine")
	if f.Confidence != Certain {
		f.Why = append(f.Why, "By the clock of this machine it is good at the time of the request: that clock may be wrong, or exp lies further ahead than Entra takes.")
	}
}

// federated explains the codes about an assertion of another issuer: it
// compares issuer, subject and audience with the federated credential that is
// most like it, or shows what was presented when none is known.
func federated(s scene, f *Finding) {
	f.FlowRight = s.right(needConfig)
	p, ok := s.present(f, "client_assertion")
	if !ok {
		f.prepend(s.resend("client_assertion")...)
		return
	}
	sent := trace.Federated{Issuer: p.claims.text("iss"), Subject: p.claims.text("sub"), Audience: p.aud()}
	if near, ok := s.nearestTrust(sent); ok {
		s.seeTrust(f, sent, near)
	} else {
		f.see("issuer sent", orName(sent.Issuer, "none"), "iss")
		f.see("subject sent", orName(sent.Subject, "none"), "sub; letter case counts")
		f.see("audience sent", orName(sent.Audience, "none"), audienceNote(p))
	}
	f.prepend(append(s.resend("client_assertion"), s.trust(sent)...)...)
}

func audienceNote(p presented) string {
	if n := len(p.claims.values("aud")); n > 1 {
		return fmt.Sprintf("%d values; one is allowed", n)
	}
	return "aud; as a rule api://AzureADTokenExchange"
}

// nearestTrust finds the registered federated credential that most of an
// assertion fits: all of issuer, subject and audience count alike, then edits.
func (s scene) nearestTrust(sent trace.Federated) (trace.Federated, bool) {
	base := ""
	if u, err := url.Parse(s.ask.Request.URL); err == nil {
		base = u.Scheme + "://" + u.Host
	}
	best, parts, edits := trace.Federated{}, 0, 0
	for i, t := range s.reg.Federated {
		t.Issuer = t.IssuerAt(base)
		p, d := 0, 0
		for _, x := range [][2]string{{sent.Issuer, t.Issuer}, {sent.Subject, t.Subject}, {sent.Audience, t.Audience}} {
			if x[0] != x[1] {
				p, d = p+1, d+distance(x[0], x[1])
			}
		}
		if i == 0 || p < parts || p == parts && d < edits {
			best, parts, edits = t, p, d
		}
	}
	return best, len(s.reg.Federated) > 0
}

// seeTrust compares an assertion with one federated credential: first what
// differs, with the first difference marked.
func (s scene) seeTrust(f *Finding, sent, registered trace.Federated) {
	var same []string
	for _, x := range []struct{ name, sent, registered string }{
		{"issuer", sent.Issuer, registered.Issuer}, {"subject", sent.Subject, registered.Subject}, {"audience", sent.Audience, registered.Audience},
	} {
		if x.sent == x.registered {
			same = append(same, x.name)
			continue
		}
		note := "not the same"
		switch {
		case strings.EqualFold(x.sent, x.registered):
			note = "differs in letter case only, which counts"
		case strings.TrimRight(x.sent, "/") == strings.TrimRight(x.registered, "/"):
			note = "the slash at the end counts"
		}
		f.compareSure(x.name+" sent", x.sent, x.name+" registered", x.registered, note)
	}
	if len(same) > 0 {
		f.see("the same in both", listed(same), "")
	}
	if len(same) == 3 {
		f.Confidence = Possible
		f.Why = append(f.Why, "Here all three agree: the credential may have been added a moment ago.")
	}
	if n := len(s.reg.Federated); n > 1 {
		f.see("compared with", orName(registered.Name, "the credential most like it"), fmt.Sprintf("the nearest of %d", n))
	}
}

// trust is the fix that registers what was presented.
func (s scene) trust(sent trace.Federated) []Fix {
	if sent.Issuer == "" || sent.Subject == "" || sent.Audience == "" || strings.Contains(sent.Audience, " ") {
		return nil
	}
	body, err := json.Marshal(map[string]any{
		"name": "NAME", "issuer": sent.Issuer, "subject": sent.Subject, "audiences": []string{sent.Audience},
	})
	if err != nil || len(body) > maxValue {
		return nil
	}
	return one(Fix{
		Title: "If this issuer and this subject are yours: add a federated credential for them", Where: s.portal("Certificates & secrets › Federated credentials"),
		Command: "az ad app federated-credential create --id " + s.appID() + " --parameters " + quote(string(body)),
		Note:    "whoever gets such a token can act as the application; the credentials that are there stay",
	})
}

// userAssertion explains the codes about the token that an API passes on in
// on-behalf-of: for whom it is, and until when.
func userAssertion(s scene, f *Finding) {
	f.FlowRight = s.right(needRequest)
	f.prepend(s.resend("assertion")...)
	p, ok := s.present(f, "assertion")
	if !ok {
		return
	}
	aud, id := p.aud(), s.sent("client_id")
	mine := slices.IndexFunc(s.reg.Resources, func(r trace.Resource) bool { return strings.EqualFold(r.ClientID, id) })
	if strings.EqualFold(aud, id) || mine >= 0 && s.reg.Resources[mine].URI == aud {
		f.see("aud of the assertion", aud, "is this API")
	} else {
		f.compare("aud of the assertion", orName(aud, "none"), "client_id sent", id, s.audienceOf(aud))
		if f.Code == "AADSTS500131" || f.Code == "AADSTS50013" && mine >= 0 { // else aud may be an App ID URI of this API that is not known here
			f.Confidence = Certain
		}
	}
	f.see("iss of the assertion", orName(p.claims.text("iss"), "none"), "")
	switch f.Code {
	case "AADSTS500133":
		s.seeTimes(f, p.claims)
	case "AADSTS240002":
		if p.claims["azp"] == nil && p.claims["appid"] == nil {
			f.Confidence = Certain
			f.see("azp or appid of the assertion", "none", "an access token names the client it was made for")
		}
	case "AADSTS7000113":
		if p.claims["scp"] == nil {
			f.Confidence = Certain
			f.see("scp of the assertion", "none", "nobody signed in: the token of a person has scopes")
		}
	}
}

// audienceOf says which API of the registration an audience is.
func (s scene) audienceOf(aud string) string {
	for _, r := range s.reg.Resources {
		if aud != "" && (r.ClientID == aud || r.URI == aud) {
			return "is " + r.Name
		}
	}
	return "is not this client_id; an App ID URI of the same API would do"
}

// busy explains AADSTS90033 and 90055: how long the server asks to wait.
func busy(s scene, f *Finding) {
	f.FlowRight = s.right(needAgain)
	if s.e.Response == nil {
		return
	}
	f.see("status", fmt.Sprintf("HTTP %d", s.e.Response.Status), "")
	after := s.e.Response.Header.Get("Retry-After")
	if after == "" {
		f.see("Retry-After", "not sent", "wait longer after each try")
		return
	}
	f.Confidence = Certain
	if digits(after) {
		after += " seconds"
	}
	f.see("Retry-After", after, "wait at least as long")
}
