package insight

import (
	"time"

	"flowscope/validate"
)

const (
	lifetimes  = "Entra: configurable token lifetimes"
	evaluation = "Entra: continuous access evaluation"
)

// Thresholds of what is said of times.
const (
	backdated = 5 * time.Minute  // how far back Entra dates iat and nbf
	soon      = 5 * time.Minute  // how near its end a token is worth a word
	apart     = 10 * time.Second // how far clocks may differ before it is worth a word
	allowed   = 5 * time.Minute  // what readers allow for clocks
	longest   = 28 * time.Hour   // under continuous access evaluation
	aDay      = 24 * time.Hour   // the most that a token lifetime policy can set
)

// times says how long the token lives, and what its end means.
func (r *reader) times() {
	exp, ok := r.date("exp")
	if !ok {
		return
	}
	iat, dated := r.date("iat")
	if !r.c.Now.IsZero() {
		r.end(exp)
	}
	if dated && r.entra && exp.After(iat) {
		r.life(exp.Sub(iat))
	}
	at, ok := r.date("auth_time")
	if ok && dated && iat.Sub(at) > time.Hour {
		r.say(Time, "OpenID Connect Core section 2", "The person proved who they are "+validate.Span(iat.Sub(at))+" before this token was made. A fresh token may stand on an old sign-in.", "auth_time", "iat").
			Do = "Where a fresh sign-in is needed, let the client ask with max_age or prompt=login and check auth_time"
	}
}

// end says what an end that has come, or is near, means for whom.
func (r *reader) end(exp time.Time) {
	left := exp.Sub(r.c.Now)
	gone := validate.Span(left)
	switch {
	case left > soon:
	case left > 0:
		r.warn(Time, lifetimes, "It ends in "+gone+". A call that takes longer, or a retry, meets 401; libraries renew five minutes before the end.", "exp")
	case r.kind == validate.KindID:
		r.say(Time, "Entra: ID tokens", "It ended "+gone+" ago, as an ID token does soon: it proves a moment, and its end does not end the client's own session.", "exp")
	case r.app:
		r.warn(Time, lifetimes, "It ended "+gone+" ago, and an API answers 401 invalid_token. An application gets no refresh token; it asks again with its credential.", "exp").
			Do = "Let the client keep a token until shortly before its end and then ask for another"
	case r.device, !r.entra: // how they renew is theirs
		r.warn(Time, "RFC 6750 section 3.1", "It ended "+gone+" ago, and an API answers 401 invalid_token.", "exp").
			Do = "Let the client ask for another before the end"
	default:
		r.warn(Time, lifetimes, "It ended "+gone+" ago, and an API answers 401 invalid_token. Nothing is wrong with the sign-in: the client gets a new one with its refresh token.", "exp").
			Do = "Acquire silently before each call; ask the person only when that needs interaction"
	}
}

// life says what decided the length of the token's life, which Entra counts
// from five minutes after iat.
func (r *reader) life(length time.Duration) {
	real := length - backdated
	text := validate.Span(real)
	switch {
	case r.kind == validate.KindID || real <= 0:
	case real > longest:
		r.warn(Time, lifetimes, "It says that it lives "+text+". Entra gives no token more than 28 hours, so look twice who made it.", "iat", "exp")
	case r.o.Has("xms_mirid"):
		r.say(Time, "Entra: managed identities", "It lives "+text+": tokens of managed identities are kept for a day, so a change of roles shows only after that.", "iat", "exp", "xms_mirid")
	case real > 2*time.Hour && r.capable():
		r.say(Time, evaluation, "It lives "+text+", and its client takes claims challenges (xms_cc cp1): by all signs under continuous access evaluation, where the API ends it early by 401 with a challenge.", "iat", "exp", "xms_cc")
	case real > aDay+allowed:
		r.say(Time, evaluation, "It lives "+text+", longer than any token lifetime policy allows: by all signs under continuous access evaluation, where it can be ended early.", "iat", "exp")
	case real > 2*time.Hour && r.app:
		r.say(Time, evaluation, "It lives "+text+", longer than the usual 60 to 90 minutes. Managed identities and workloads under continuous access evaluation get a day; a token lifetime policy can do it too.", "iat", "exp")
	case real > 2*time.Hour:
		r.say(Time, lifetimes, "It lives "+text+", longer than the usual 60 to 90 minutes: by a token lifetime policy, or by continuous access evaluation, where it can be ended early.", "iat", "exp")
	case real >= 59*time.Minute && real <= 90*time.Minute:
		r.say(Time, lifetimes, "It lives "+text+": Entra picks 60 to 90 minutes at random, and dates iat and nbf five minutes back so that slower clocks take it at once.", "iat", "nbf", "exp")
	}
}

// clock says how two clocks differ, and which checks that endangers.
func (r *reader) clock() {
	if !r.c.Measured {
		r.guessClock()
		return
	}
	ahead := r.c.Ahead
	if ahead.Abs() < apart {
		return
	}
	who := "the issuer's"
	if r.c.Host != "" {
		who = shown(r.c.Host) + "'s"
	}
	text, names := "ahead of "+who+": tokens look expired before they are", []string{"exp"}
	if ahead < 0 {
		text, names = "behind "+who+": new tokens look as if they were not valid yet", []string{"nbf", "iat"}
	}
	r.byIssuersClock(who)
	text = "This clock is " + validate.Span(ahead) + " " + text
	if ahead.Abs() <= allowed {
		r.say(Clock, "RFC 9110 section 6.6.1", text+". The usual allowance of five minutes still covers it.", names...)
		return
	}
	r.warn(Clock, "RFC 9110 section 6.6.1", text+", beyond the usual allowance of five minutes.", names...).
		Do = "Set this computer's clock by the network (NTP); do not widen the allowance"
}

// byIssuersClock says where the two clocks disagree on whether the token is over
// or not valid yet.
func (r *reader) byIssuersClock(who string) {
	if r.t.Claims == nil || r.c.Now.IsZero() {
		return
	}
	issuer := r.c.Now.Add(-r.c.Ahead)
	exp, ends := r.date("exp")
	nbf, begins := r.date("nbf")
	text, name := "", "exp"
	switch {
	case ends && !r.c.Now.Before(exp) && issuer.Before(exp):
		text = "By this clock the token has ended; by " + who + " it is good for another " + validate.Span(exp.Sub(issuer)) + "."
	case ends && r.c.Now.Before(exp) && !issuer.Before(exp):
		text = "By this clock the token is still good; by " + who + " it ended " + validate.Span(issuer.Sub(exp)) + " ago."
	case begins && r.c.Now.Before(nbf) && !issuer.Before(nbf):
		text, name = "By this clock the token is not valid yet; by "+who+" it is.", "nbf"
	}
	if text != "" {
		r.warn(Clock, "RFC 9110 section 6.6.1", text, name)
	}
}

// guessClock tells a clock that is behind from a token of the future.
func (r *reader) guessClock() {
	if r.t.Claims == nil || r.c.Now.IsZero() {
		return
	}
	iat, ok := r.date("iat")
	if ahead := iat.Sub(r.c.Now); ok && ahead > apart {
		r.warn(Clock, "RFC 7519 section 4.1.6", "It was issued "+validate.Span(ahead)+" in the future. This clock is behind by as much at least, or the issuer's is ahead.", "iat").
			Do = "Set this computer's clock by the network (NTP)"
	}
}
