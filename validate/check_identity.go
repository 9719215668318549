package validate

import (
	"errors"
	"slices"
	"strings"
)

// keyReason takes the reason out of a key source's error.
func keyReason(err error) (KeyReason, bool) {
	var e *KeyError
	if !errors.As(err, &e) {
		return "", false
	}
	return e.Reason, true
}

// givenKeys reports the error of a set of keys that somebody gave.
func givenKeys(err error) bool {
	var e *KeyError
	return errors.As(err, &e) && e.Given
}

// unread reports that a claim is missing where the claims were not read to
// their end: then its absence is not a fact (RFC 8259 section 2).
func (r *Report) unread(name string) bool {
	return r.Token.c.cut && !r.Token.Claims.Has(name)
}

// issuerUnread reports that what the token says of its issuer cannot be held
// against issuer, because the claims end before the ones that it takes, or
// those have a type that the format check refused.
func (r *Report) issuerUnread(issuer string) bool {
	c := &r.Token.c
	if c.iss == "" && (r.unread("iss") || r.Token.refusedType("iss")) {
		return true
	}
	return c.tid == "" && strings.Contains(issuer, tenantPlaceholder) && (r.unread("tid") || r.Token.refusedType("tid"))
}

// refusedType reports that the claim called name is there and no string.
func (t *Token) refusedType(name string) bool {
	v, ok := t.Claims.Get(name)
	return ok && v.Type != TypeString
}

func (r *Report) checkIssuer() outcome {
	c := &r.Token.c
	switch {
	case c.iss == "" && r.Token.refusedType("iss"):
		return outcome{phrase: &valueRefused, note: "iss"}
	case r.unread("iss"):
		return outcome{phrase: &claimsUnread}
	case c.iss == "":
		return outcome{phrase: &issMissing}
	case r.hasKey && r.want.Issuer == "" && r.issuerUnread(r.key.MetadataIssuer), r.issuerUnread(r.want.Issuer):
		return outcome{phrase: &claimsUnread}
	case r.hasKey && r.key.MetadataIssuer != "" && r.want.Issuer == "" &&
		!c.fromIssuer(r.key.MetadataIssuer):
		return outcome{phrase: &issMetadata, note: r.key.MetadataIssuer}
	case r.want.Issuer == "":
		return outcome{phrase: &issNotStated}
	case c.iss == r.want.Issuer && !strings.Contains(c.iss, tenantPlaceholder):
		return outcome{phrase: &issOK}
	case c.fromIssuer(r.want.Issuer):
		return outcome{phrase: &issTemplate}
	case r.want.Unresolved != "" && c.tenantFor(r.want.Issuer):
		return outcome{phrase: &issUnresolved, note: r.want.Unresolved}
	}
	return outcome{phrase: r.issuerMismatch(expandIssuer(r.want.Issuer, c.tid))}
}

// tenantFor reports whether the token's issuer is the one expected but for the
// tenant, which the token names by its GUID and the other one by a domain.
func (c *claimFacts) tenantFor(expected string) bool {
	at := strings.Index(c.iss, "/"+c.issTenant)
	if c.issTenant == "" || at < 0 {
		return false
	}
	before, after := c.iss[:at+1], c.iss[at+1+len(c.issTenant):]
	domain, ok := strings.CutPrefix(expected, before)
	if !ok || !strings.HasSuffix(domain, after) {
		return false
	}
	domain = strings.TrimSuffix(domain, after)
	return strings.Contains(domain, ".") && !strings.Contains(domain, "/")
}

// issuerMismatch tells apart the usual reasons for which an issuer differs.
func (r *Report) issuerMismatch(expected string) *phrase {
	c := &r.Token.c
	wantVersion, wantTenant := issuerForm(expected)
	version, tenant := c.issVersion, c.issTenant
	switch {
	case strings.Contains(c.iss, tenantPlaceholder):
		return &issLiteral
	case strings.Contains(expected, tenantPlaceholder):
		return &issNoTenant
	case isAuthority(expected):
		return &issAuthority
	case wantTenant == "" && tenant != "" && entraIssuer(expected):
		return &issDomain
	case strings.TrimSuffix(expected, "/") == strings.TrimSuffix(c.iss, "/"):
		return &issSlash
	case version != "" && wantVersion != "" && version != wantVersion && strings.EqualFold(tenant, wantTenant):
		switch r.Kind { // what decides the version is another thing for each kind
		case KindAccess:
			return &issVersion
		case KindID:
			return &issVersionID
		}
	case tenant != "" && wantTenant != "" && !strings.EqualFold(tenant, wantTenant):
		return &issTenant
	}
	return &issWrong
}

// isAuthority recognises an authority that is never an issuer.
func isAuthority(issuer string) bool {
	for _, name := range []string{"/common", "/organizations", "/consumers"} {
		if rest, ok := strings.CutSuffix(strings.TrimSuffix(issuer, "/"), "/v2.0"); ok && strings.HasSuffix(rest, name) {
			return true
		}
		if strings.HasSuffix(strings.TrimSuffix(issuer, "/"), name) {
			return true
		}
	}
	return false
}

func (r *Report) checkAudience() outcome {
	c := &r.Token.c
	switch {
	case c.aud.Type == TypeNone && r.Token.Claims.Has("aud"):
		return outcome{phrase: &valueRefused, note: "aud"}
	case r.unread("aud"):
		return outcome{phrase: &claimsUnread}
	case c.aud.Type == TypeNone, c.aud.Type == TypeString && c.aud.text == "":
		return outcome{phrase: &audMissing}
	case !slices.ContainsFunc(r.want.Audiences, notEmpty):
		return outcome{phrase: &audNotStated}
	case c.aud.Type == TypeString && slices.Contains(r.want.Audiences, c.aud.text):
		return outcome{phrase: &audOK}
	}
	// An empty name is nobody's: it matches nothing, stated or not.
	named := slices.DeleteFunc(words(c.aud, false), func(a string) bool { return a == "" })
	if len(named) == 0 {
		return outcome{phrase: &audMissing}
	}
	if slices.ContainsFunc(named, func(a string) bool { return slices.Contains(r.want.Audiences, a) }) {
		return outcome{phrase: &audOK}
	}
	return outcome{phrase: r.audienceMismatch(named)}
}

func notEmpty(s string) bool { return s != "" }

// audienceMismatch tells apart the usual reasons for which an audience differs.
func (r *Report) audienceMismatch(named []string) *phrase {
	found, spelling := &audWrong, &audSpelling
	if r.Kind == KindID && r.want.Type != KindAccess {
		found, spelling = &audClient, &audSpellingID
	}
	for _, a := range named {
		for _, w := range r.want.Audiences {
			bare, wanted := strings.TrimPrefix(a, "api://"), strings.TrimPrefix(w, "api://")
			switch {
			case r.Version == "1.0" && strings.TrimSuffix(a, "/") == strings.TrimSuffix(w, "/"):
				return &audSlash
			case strings.EqualFold(a, w):
				found = &audCase
			case bare == wanted && IsGUID(bare):
				found = spelling
			case found == &audWrong && (IsGUID(a) && wanted != w || IsGUID(w) && bare != a):
				found = &audForm
			}
		}
		if IsGraph(a) {
			return &audGraph
		}
	}
	return found
}

func (r *Report) checkTenant() outcome {
	c := &r.Token.c
	tenant := c.issTenant
	switch {
	case r.unread("tid"):
		return outcome{phrase: &claimsUnread}
	case c.tid == "" && c.hasTid:
		return outcome{phrase: &valueRefused, note: "tid"}
	case c.tid != "" && tenant != "" && !strings.EqualFold(c.tid, tenant):
		return outcome{phrase: &tidIssuer, note: tenant}
	case len(r.want.Tenants) == 0:
		return outcome{phrase: r.noTenants()}
	case c.tid == "":
		return outcome{phrase: &tidMissing}
	case slices.ContainsFunc(r.want.Tenants, func(w string) bool { return strings.EqualFold(w, c.tid) }):
		if !c.guidTid {
			return outcome{phrase: &tidForm}
		}
		return outcome{phrase: &tidOK}
	case !slices.ContainsFunc(r.want.Tenants, IsGUID):
		return outcome{phrase: &tidExpected}
	case strings.EqualFold(c.tid, ConsumerTenant):
		return outcome{phrase: &tidPersonal}
	}
	return outcome{phrase: &tidWrong}
}

// noTenants says what it means that nobody listed the tenants that may come in.
func (r *Report) noTenants() *phrase {
	switch {
	case !strings.Contains(r.want.Issuer, tenantPlaceholder):
		return &tidNotStated
	case strings.EqualFold(r.Token.c.tid, ConsumerTenant):
		return &tidAnyPersonal
	}
	return &tidAny
}

func (r *Report) checkTokenType() outcome {
	t := r.Token
	switch {
	case !knownType(t.h.typ):
		return outcome{phrase: &typeHeader, note: t.h.typ}
	case t.Kind == KindOpaque:
		return outcome{phrase: &claimsUnread}
	case r.want.Type == KindAccess && t.Kind == KindID:
		return outcome{phrase: &typeIDForAccess}
	case r.want.Type == KindID && t.Kind == KindAccess:
		return outcome{phrase: &typeAccessForID}
	case r.want.Caller == SubjectUser && t.SubjectKind == SubjectApp:
		return outcome{phrase: &typeAppForUser}
	case r.want.Caller == SubjectApp && t.SubjectKind == SubjectUser:
		return outcome{phrase: &typeUserForApp}
	case r.want.Caller != "" && t.c.idtyp == "app" && t.c.scp.Type != TypeNone:
		return outcome{phrase: &typeBoth}
	case t.c.cut && r.want.Caller != "" && t.SubjectKind == SubjectUnknown, r.unread("scp") && r.unread("roles"):
		return outcome{phrase: &claimsUnread}
	case r.want.Caller != "" && t.SubjectKind == SubjectUnknown:
		return outcome{phrase: &typeCallerUnknown}
	case t.c.idtyp == "app" && t.c.scp.Type != TypeNone:
		return outcome{phrase: &typeBothWarn}
	case t.c.idtyp == "app" && t.c.oid != "" && t.c.sub != "" && t.c.oid != t.c.sub:
		return outcome{phrase: &typeAppSubject}
	case t.Kind == KindAccess && t.c.scp.Type == TypeNone && !t.Claims.Has("roles"):
		return outcome{phrase: &typeBare}
	case t.Kind == KindID:
		return outcome{phrase: &typeID}
	}
	return outcome{phrase: &typeAccess}
}

// knownType reports a "typ" that a token for signing in or for an API may
// have. Entra writes "JWT"; leaving it out is allowed (RFC 7519 section 5.1).
func knownType(typ string) bool {
	return typ == "" || strings.EqualFold(typ, "JWT") || strings.EqualFold(typ, "application/jwt") ||
		strings.EqualFold(typ, "id_token+jwt") || isAccessType(typ)
}
