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
	text := who + ": genuine, in time and made for what was expected"
	if len(open) > 0 {
		return text + "; " + list(open) + " not asked for."
	}
	return text + "."
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
