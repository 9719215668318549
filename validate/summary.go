package validate

import "strings"

// Summary says in one sentence why the verdict is what it is.
func (r *Report) Summary() string {
	switch r.Verdict {
	case Valid:
		return r.validSummary()
	case Invalid:
		return r.invalidSummary()
	}
	switch {
	case r.Kind == KindRefresh:
		return "A refresh token is for its issuer alone; there is nothing in it to check."
	case r.Kind == KindEncrypted:
		return "The token is encrypted; only the holder of the key can say whether it is good."
	case r.Kind == KindOpaque:
		return "The string is no JSON Web Token; only its issuer can say whether it is good."
	case r.Token.ForGraph():
		return "A token for Microsoft Graph: only Graph can verify it, so send it there and nowhere else."
	}
	var open []string
	for _, i := range needed {
		if r.outcomes[i].status == StatusNotRun {
			open = append(open, ids[i])
		}
	}
	if remarks := r.remarks(); len(remarks) > 0 {
		return "No check fails, but it is not verified: " + list(open) + " could not be checked; " + list(remarks) + "."
	}
	return "Nothing speaks against it, but it is not verified: " + list(open) + " could not be checked."
}

// validSummary names what holds, and what nobody asked for.
func (r *Report) validSummary() string {
	var open []string
	for i := range r.outcomes {
		switch i {
		case ixTenant, ixScope, ixRoles, ixNonce:
			if r.outcomes[i].status == StatusNotRun && r.concerns(i) {
				open = append(open, ids[i])
			}
		}
	}
	who := "The audience may accept it"
	if r.Kind == KindID {
		who = "The client may accept it"
	}
	text := who + ": " + list(r.holds())
	if remarks := r.remarks(); len(remarks) > 0 {
		text += ", but " + list(remarks)
	}
	if len(open) > 0 {
		return text + "; " + list(open) + " not asked for."
	}
	return text + "."
}

// holds says what is certain of a valid token: no more of whose key it was, and
// of its time, than the checks themselves say.
func (r *Report) holds() []string {
	out := make([]string, 0, 3)
	switch {
	case r.given():
		out = append(out, "signed with the key that was given")
	case r.key.Trouble != "":
		out = append(out, "signed with one of the issuer's last known keys")
	default:
		out = append(out, "genuine")
	}
	if !r.outOfTime() {
		out = append(out, "in time")
	}
	return append(out, "made for what was expected")
}

// outOfTime reports that only the allowance for clocks keeps the token in time,
// or that it ends before it begins.
func (r *Report) outOfTime() bool {
	for _, i := range [...]int{ixExpiry, ixNotBefore, ixIssuedAt, ixLifetime} {
		switch r.outcomes[i].phrase {
		case &expSkew, &expSkewWide, &nbfSkew, &iatSkew, &lifeBackwards:
			return true
		}
	}
	return false
}

// remarks names the warnings that matter to whoever would accept the token.
func (r *Report) remarks() []string {
	var out []string
	if r.outcomes[ixAudience].phrase == &audSlash {
		out = append(out, "the audience differs by a slash")
	}
	switch r.outcomes[ixExpiry].phrase {
	case &expSkew:
		out = append(out, "it has expired, by less than the allowance for clocks")
	case &expSkewWide:
		out = append(out, "it has expired, and only an allowance of "+span(r.skew)+" keeps it")
	}
	switch {
	case r.outcomes[ixNotBefore].phrase == &nbfSkew:
		out = append(out, "by this clock it begins a moment from now")
	case r.outcomes[ixIssuedAt].phrase == &iatSkew:
		out = append(out, "by this clock it is issued a moment from now")
	}
	if r.outcomes[ixLifetime].phrase == &lifeBackwards {
		out = append(out, "it ends before it begins")
	}
	if r.outcomes[ixKey].phrase == &keyOld {
		out = append(out, "the issuer gives no new keys")
	}
	return out
}

// concerns reports whether check i means anything for this kind of token.
func (r *Report) concerns(i int) bool {
	switch i {
	case ixNonce:
		return r.Kind == KindID
	case ixScope:
		return r.Kind == KindAccess && r.SubjectKind != SubjectApp
	case ixRoles:
		return r.Kind == KindAccess && r.SubjectKind == SubjectApp
	}
	return r.Token.c.hasTid
}

// invalidSummary gives the first failure that matters most, and counts the rest.
func (r *Report) invalidSummary() string {
	order := [...]int{
		ixFormat, ixAlgorithm, ixSignature, ixKey, ixAudience, ixIssuer, ixTenant, ixTokenType, ixExpiry,
		ixNotBefore, ixIssuedAt, ixNonce, ixHash, ixAuthorizedParty, ixScope, ixRoles, ixVersion, ixLifetime,
	}
	first, failed := -1, 0
	for _, i := range order {
		if r.outcomes[i].status == StatusFail {
			if first < 0 {
				first = i
			}
			failed++
		}
	}
	who := "The API must refuse it: "
	if r.want.Type == KindID || r.Kind == KindID && r.want.Type != KindAccess {
		who = "The client must refuse it: "
	}
	why := r.words(first).Why
	if first == ixFormat { // all that is broken is long, and said by the check
		why = r.brokenFormat()
	}
	text := who + lowerFirst(strings.TrimSuffix(why, "."))
	switch failed {
	case 1:
		return text + "."
	case 2:
		return text + "; one more check fails."
	}
	return text + "; more checks fail, too."
}

// brokenFormat names the first member at fault, where it is one; where the text
// is broken as such is said by the check.
func (r *Report) brokenFormat() string {
	if r.Token.short != "" {
		return "The copy ends too early: " + r.Token.short + "; copy it again."
	}
	for _, f := range r.Token.Faults {
		if f.Name != "" {
			return "The format is broken: \"" + printable(f.Name, 64) + "\" " + f.Problem + "."
		}
	}
	return "The format is broken."
}

// list joins names as a sentence does.
func list(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// lowerFirst lets a sentence follow a colon. Names and quotations keep their case.
func lowerFirst(s string) string {
	word, _, _ := strings.Cut(s, " ")
	switch word {
	case "The", "This", "Another", "An", "A", "One", "Same", "Not", "Nobody", "With", "What", "There", "Three", "It", "Tokens", "By", "Only", "None", "Missing:", "Every":
		return strings.ToLower(s[:1]) + s[1:]
	}
	return s
}
