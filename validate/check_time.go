package validate

import "time"

// longest is how long an access token may live: 28 hours with continuous
// access evaluation. Entra dates "iat" five minutes back, hence the rest.
const longest = 28*time.Hour + 5*time.Minute

// usual is how long a token lives as a rule, and day how long one of a managed
// identity or by a policy does, with the five minutes that "iat" is dated back
// (Entra: configurable token lifetimes).
const (
	usual = 95 * time.Minute
	day   = 24*time.Hour + 5*time.Minute
)

// wide is the allowance for clocks from which on it is a remark of its own.
const wide = time.Hour

// soon is how near the end a token is worth a remark.
const soon = 5 * time.Minute

func (r *Report) checkExpiry() outcome {
	exp := r.Token.c.exp
	switch {
	case exp.bad:
		return outcome{phrase: &dateRefused, note: "exp"}
	case r.unread("exp"):
		return outcome{phrase: &claimsUnread}
	case !exp.ok:
		return outcome{phrase: &expMissing}
	case !r.now.Before(exp.time().Add(r.skew)):
		return outcome{phrase: r.expired()}
	case !r.now.Before(exp.time()) && r.skew > wide:
		return outcome{phrase: &expSkewWide, note: span(r.skew)}
	case !r.now.Before(exp.time()):
		return outcome{phrase: &expSkew}
	case exp.odd:
		return outcome{phrase: &dateFraction, note: "exp"}
	case r.skew > wide:
		return outcome{phrase: &expWide, note: span(r.skew)}
	}
	return outcome{phrase: &expOK}
}

// expired says of a token that is over how another one is had: applications as
// themselves get no refresh token, and an ID token is the word on a sign-in.
func (r *Report) expired() *phrase {
	switch {
	case r.Kind == KindID:
		return &expOverID
	case r.Kind == KindAccess && r.SubjectKind == SubjectApp:
		return &expOverApp
	case r.Kind == KindAccess && r.SubjectKind == SubjectUser:
		return &expOver
	}
	return &expOverUnknown
}

func (r *Report) checkNotBefore() outcome {
	nbf := r.Token.c.nbf
	switch {
	case nbf.bad:
		return outcome{phrase: &dateRefused, note: "nbf"}
	case r.unread("nbf"):
		return outcome{phrase: &claimsUnread}
	case !nbf.ok:
		return outcome{phrase: &nbfMissing}
	case r.now.Before(nbf.time().Add(-r.skew)):
		return outcome{phrase: &nbfEarly}
	case r.now.Before(nbf.time()):
		return outcome{phrase: &nbfSkew}
	case nbf.odd:
		return outcome{phrase: &dateFraction, note: "nbf"}
	}
	return outcome{phrase: &nbfOK}
}

func (r *Report) checkIssuedAt() outcome {
	iat := r.Token.c.iat
	switch {
	case iat.bad:
		return outcome{phrase: &dateRefused, note: "iat"}
	case r.unread("iat"):
		return outcome{phrase: &claimsUnread}
	case !iat.ok && r.Kind == KindID:
		return outcome{phrase: &iatMissingID}
	case !iat.ok:
		return outcome{phrase: &iatMissing}
	case r.now.Add(r.skew).Before(iat.time()):
		return outcome{phrase: &iatFuture}
	case r.now.Before(iat.time()):
		return outcome{phrase: &iatSkew}
	case iat.odd:
		return outcome{phrase: &dateFraction, note: "iat"}
	}
	return outcome{phrase: &iatOK}
}

// start is the moment from which the life of a token is counted.
func (c *claimFacts) start() (time.Time, bool) {
	switch {
	case c.iat.ok:
		return c.iat.time(), true
	case c.nbf.ok:
		return c.nbf.time(), true
	}
	return time.Time{}, false
}

func (r *Report) checkLifetime() outcome {
	c := &r.Token.c
	start, ok := c.start()
	if r.unread("exp") || r.unread("iat") {
		return outcome{phrase: &claimsUnread}
	}
	if !ok || !c.exp.ok {
		return outcome{phrase: &lifeUnknown}
	}
	end := c.exp.time()
	switch life := end.Sub(start); {
	case !end.After(start), c.nbf.ok && !end.After(c.nbf.time()):
		return outcome{phrase: &lifeBackwards}
	case life > longest:
		return outcome{phrase: &lifeLong}
	case r.now.Before(end) && !r.now.Before(end.Add(-soon)):
		return outcome{phrase: &lifeSoon}
	case r.Kind == KindID:
		return outcome{phrase: &lifeID}
	case life > day:
		return outcome{phrase: &lifeEvaluated}
	case life > usual:
		return outcome{phrase: &lifeDay}
	}
	return outcome{phrase: &lifeOK}
}

func (r *Report) checkVersion() outcome {
	t := r.Token
	form := t.c.issVersion
	switch {
	case r.unread("ver"):
		return outcome{phrase: &claimsUnread}
	case t.c.ver == "" && t.Claims.Has("ver"), t.c.ver != "" && t.Version == "":
		return outcome{phrase: &versionUnknown}
	case t.Version == "":
		return outcome{phrase: &versionMissing}
	case t.c.iss == "" && (r.unread("iss") || t.refusedType("iss")):
		return outcome{phrase: &claimsUnread}
	case form == "":
		return outcome{phrase: &versionForeign}
	case form != t.Version && r.Kind == KindID:
		return outcome{phrase: &versionIssuerID, note: form}
	case form != t.Version:
		return outcome{phrase: &versionIssuer, note: form}
	case t.Version == "1.0" && r.Kind == KindID:
		return outcome{phrase: &versionOneID}
	case t.Version == "1.0":
		return outcome{phrase: &versionOne}
	}
	return outcome{phrase: &versionTwo}
}
