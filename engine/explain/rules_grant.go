package explain

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"flowscope/engine/trace"
)

// s256 is the challenge of a verifier (RFC 7636 section 4.2).
func s256(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// verifier explains AADSTS501481, 50148 and 9002325: the code verifier is
// wrong or missing, or no challenge was sent. It shows challenges, which are
// public, and never the verifier; with the method "plain" the challenge is the
// verifier, so that one is not shown either.
func verifier(s scene, f *Finding) {
	f.FlowRight = s.right(needRequest)
	auth, ok := s.authorizeOf()
	challenge, method := "", ""
	if ok {
		challenge, _ = auth.Request.Get("code_challenge")
		method, _ = auth.Request.Get("code_challenge_method")
	}
	value, sent := first(s.ask.Request.FormParams(), "code_verifier")
	f.replaceFixes(s.verifierFixes(auth, ok))
	switch {
	case ok && challenge == "":
		f.Confidence = Certain
		f.What = "The code is redeemed without PKCE: no code_challenge was sent at step " + fmt.Sprint(auth.Step) + "."
		f.see("code_challenge", "not sent", fmt.Sprintf("step %d", auth.Step))
	case !sent || value == "":
		f.Confidence = Certain
		f.What = "The code verifier is missing: a code_challenge was sent, so the verifier is owed."
		f.Why = []string{"Whoever sends a challenge with the authorization request has to show the verifier behind it when the code is redeemed.", "Without that rule a stolen code could be redeemed by leaving the verifier out."}
		f.see("code_verifier", "not sent", "")
		s.seeChallenge(f, auth, challenge, method)
	case strings.EqualFold(method, "plain") || (method == "" && ok):
		f.see("code_challenge_method", orName(method, "not sent, which means plain"), "")
		f.see("code_verifier", fmt.Sprintf("%d characters", len([]rune(value))), fmt.Sprintf("the challenge has %d", len([]rune(challenge))))
	case ok:
		s.compareChallenges(f, auth, challenge, value)
	default:
		f.see("SHA-256 of the verifier sent", s256(value), "the authorization request was not seen")
	}
}

func (s scene) seeChallenge(f *Finding, auth trace.Exchange, challenge, method string) {
	if challenge == "" || !strings.EqualFold(method, "S256") {
		return
	}
	f.see(fmt.Sprintf("challenge sent at step %d", auth.Step), challenge, "")
}

func (s scene) compareChallenges(f *Finding, auth trace.Exchange, challenge, value string) {
	made := s256(value)
	note := "must be equal"
	if n := len(value); n < 43 || n > 128 {
		note = fmt.Sprintf("the verifier has %d characters, 43 to 128 are allowed", n)
	}
	f.compare("SHA-256 of the verifier sent", made, fmt.Sprintf("challenge sent at step %d", auth.Step), challenge, note)
	if made != challenge {
		f.Confidence = Certain
		return
	}
	f.Confidence = Possible
	f.Why = append(f.Why, "Here they agree: the code itself may belong to another sign-in.")
}

// verifierFixes takes back what was done to verifier or challenge.
func (s scene) verifierFixes(auth trace.Exchange, ok bool) []Fix {
	fixes := restored(s.ask, trace.Form, "code_verifier", "In the request: send the verifier of this sign-in")
	if ok && fixes == nil {
		var ops []trace.Op
		for _, name := range []string{"code_challenge", "code_challenge_method"} {
			if op, ok := put(auth, trace.Query, name, "", nil); ok {
				ops = append(ops, op)
			}
		}
		if len(ops) > 0 {
			fixes = one(Fix{Title: "In the authorization request: send the challenge of this verifier", Change: changeOf(auth.Purpose, "the challenge as the program built it", ops...)})
		}
	}
	return append(fixes, Fix{
		Title: "In the program: keep the verifier with the state of this sign-in", Where: "",
		Note: "a second tab, or a restart between the two requests, makes another verifier",
		Code: "challenge = BASE64URL(SHA256(verifier))   // RFC 7636 section 4.2: without padding",
	})
}

// challengeFault explains AADSTS501491 and 50149: size or method of the code
// challenge.
func challengeFault(s scene, f *Finding) {
	f.FlowRight = s.right(needRequest)
	challenge, method := s.sent("code_challenge"), s.sent("code_challenge_method")
	f.see("code_challenge", fmt.Sprintf("%d characters", len([]rune(challenge))), "an S256 challenge has exactly 43")
	f.see("code_challenge_method", orName(shown(method), "not sent"), "S256, in this letter case")
	var ops []trace.Op
	if op, ok := put(s.ask, placeOf(s.ask), "code_challenge", "", nil); ok {
		ops = append(ops, op)
	}
	if op, ok := put(s.ask, placeOf(s.ask), "code_challenge_method", "S256", func(v string) bool { return v == "S256" }); ok {
		ops = append(ops, op)
	}
	if len(ops) == 0 {
		return
	}
	f.Confidence = Certain
	f.replaceFixes(one(Fix{Title: "In the request: send an S256 challenge", Change: changeOf(s.ask.Purpose, "an S256 challenge", ops...)}))
}

// codeTwice explains AADSTS54005.
func codeTwice(s scene, f *Finding) {
	f.FlowRight = s.right(needRequest)
	if s.ask.Repeat {
		f.Confidence = Certain
		f.see("code", "sent twice", fmt.Sprintf("both times at step %d", s.ask.Step))
		f.replaceFixes(one(Fix{Title: "In the request: send it once", Change: changeOf(s.ask.Purpose, "sent once", trace.Op{Verb: trace.Restore, Place: trace.Form, Name: "code"})}))
	} else {
		code, _ := first(s.ask.Request.FormParams(), "code")
		for _, e := range s.t.Exchanges {
			if v, ok := first(e.Request.FormParams(), "code"); ok && v == code && e.N != s.ask.N && e.Purpose == trace.TokenCall {
				f.Confidence = Certain
				f.see("code", fmt.Sprintf("was sent before, in exchange %d", e.N), "")
			}
		}
		f.replaceFixes(restored(s.ask, trace.Form, "code", "In the request: send the code of this sign-in"))
	}
	f.Fix = append(f.Fix, Fix{Title: "In the program: redeem each code once, and keep the tokens", Note: "a page that reloads its callback, or two handlers for one address, redeem twice"})
}

// codeExpired explains AADSTS70008, with the time between the redirect and the
// redemption.
func codeExpired(s scene, f *Finding) {
	f.FlowRight = s.right(needAgain)
	if r, ok := s.t.Last(trace.Redirect); ok && !r.Started.IsZero() && s.ask.Started.After(r.Started) {
		f.see("between redirect and redemption", s.ask.Started.Sub(r.Started).Round(1e9).String(), "a code lives about ten minutes")
	}
	if _, ok := first(s.ask.Request.FormParams(), "refresh_token"); ok {
		f.see("grant", "a refresh token", "")
	}
}

// malformed explains AADSTS9002313, which Entra answers to a code or a refresh
// token that it can't read, and 50027, the same for a JWT.
func malformed(s scene, f *Finding) {
	f.FlowRight = s.right(needRequest)
	var fixes []Fix
	for _, name := range []string{"code", "refresh_token", "assertion", "client_assertion", "device_code", "grant_type"} {
		value, ok := first(s.ask.Request.FormParams(), name)
		if ok && name != "grant_type" {
			f.see(name, fmt.Sprintf("%d characters", len([]rune(value))), oddEnds(value))
		}
		fixes = append(fixes, restored(s.ask, placeOf(s.ask), name, "In the request: send "+name+" as it was received")...)
	}
	f.replaceFixes(fixes, f.Fix)
}

func oddEnds(v string) string {
	switch {
	case v == "":
		return "empty"
	case strings.TrimSpace(v) != v:
		return "white space at an end"
	case strings.Contains(v, "%") && unescapes(v):
		return "looks percent-encoded"
	}
	return ""
}

// revoked explains AADSTS50173: what was granted before the sessions were ended
// is void. When the sign-in was shows in its ID token; when they were ended the
// answer says in words alone.
func revoked(s scene, f *Finding) {
	f.FlowRight, f.Confidence = s.right(needAgain), Certain
	for _, t := range s.t.Tokens {
		at, ok := claimsOf(t.Value).at("iat")
		if t.Kind == trace.IDToken && ok {
			f.see("iat of the ID token", at.Format(time.RFC3339), "what was granted at that sign-in is void; access tokens stay good until they expire, save where an API asks")
			return
		}
	}
}
