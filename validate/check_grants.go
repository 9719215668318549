package validate

import (
	"crypto"
	_ "crypto/sha256" // the hashes behind at_hash and c_hash
	_ "crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"
	"unicode"
)

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

func (r *Report) checkNonce() outcome {
	nonce, want := r.Token.c.nonce, r.want.Nonce
	switch {
	case want == "":
		return outcome{phrase: &nonceNotStated}
	case r.unread("nonce") && r.Kind != KindAccess:
		return outcome{phrase: &claimsUnread}
	case nonce == "" && r.Kind == KindAccess && r.want.Type == "":
		return outcome{phrase: &nonceElsewhere}
	case nonce == "" && r.Kind == KindAccess:
		return outcome{phrase: &nonceAccess}
	case nonce == "":
		return outcome{phrase: &nonceMissing}
	case same(nonce, want):
		return outcome{phrase: &nonceOK}
	case strings.EqualFold(nonce, hex.EncodeToString(digest(crypto.SHA256, want))):
		return outcome{phrase: &nonceHashed}
	}
	return outcome{phrase: &nonceWrong}
}

func digest(h crypto.Hash, text string) []byte {
	sum := h.New()
	_, _ = sum.Write([]byte(text)) // a hash never fails to write
	return sum.Sum(nil)
}

func (r *Report) checkScope() outcome {
	switch {
	case len(r.want.Scopes) > 0:
	case r.Kind == KindID:
		return outcome{phrase: &scopeElsewhere}
	default:
		return outcome{phrase: &scopeNotStated}
	}
	c := &r.Token.c
	switch {
	case c.scp.Type == TypeNone && r.Token.Claims.Has("scp"):
		return outcome{phrase: &valueRefused, note: "scp"}
	case c.scp.Type == TypeNone && c.cut:
		return outcome{phrase: &claimsUnread}
	case c.scp.Type == TypeNone && r.Kind == KindID:
		return outcome{phrase: &scopeID}
	case c.scp.Type == TypeNone && r.SubjectKind == SubjectApp:
		return outcome{phrase: &scopeApp}
	case c.scp.Type == TypeNone:
		return outcome{phrase: &scopeMissing}
	}
	granted := words(c.scp, true)
	lacking := lack(scopeNames(r.want.Scopes), granted)
	if len(lacking) == 0 {
		return outcome{phrase: &scopeOK}
	}
	note := strings.Join(lacking, " ")
	for _, s := range lacking {
		switch i := strings.LastIndexByte(s, '/'); {
		case s[i+1:] == ".default":
			return outcome{phrase: &scopeDefault}
		case i >= 0 && slices.Contains(granted, s[i+1:]):
			return outcome{phrase: &scopeFull, note: s[i+1:]}
		case slices.ContainsFunc(granted, func(g string) bool { return strings.EqualFold(g, s) }):
			return outcome{phrase: &scopeCase, note: s}
		}
	}
	return outcome{phrase: &scopeLacking, note: note}
}

// scopeNames parts the elements that hold several scopes: no scope has white
// space in it (RFC 6749 section 3.3). An element of nothing else stays one.
func scopeNames(stated []string) []string {
	if !slices.ContainsFunc(stated, func(s string) bool { return strings.ContainsFunc(s, unicode.IsSpace) }) {
		return stated
	}
	var out []string
	for _, s := range stated {
		if names := strings.Fields(s); len(names) > 0 {
			out = append(out, names...)
		} else {
			out = append(out, "")
		}
	}
	return out
}

// lack returns what of wanted is not in granted; whole words, case counts. An
// empty word is never granted.
func lack(wanted, granted []string) []string {
	var out []string
	for _, w := range wanted {
		if w == "" || !slices.Contains(granted, w) {
			out = append(out, w)
		}
	}
	return out
}

func (r *Report) checkRoles() outcome {
	if len(r.want.Roles) == 0 {
		return outcome{phrase: &rolesNotStated}
	}
	c := &r.Token.c
	switch {
	case c.roles.Type == TypeNone && r.Token.Claims.Has("roles"):
		return outcome{phrase: &valueRefused, note: "roles"}
	case c.roles.Type == TypeNone && c.cut:
		return outcome{phrase: &claimsUnread}
	case c.roles.Type == TypeNone && r.SubjectKind == SubjectApp:
		return outcome{phrase: &rolesApp}
	case c.roles.Type == TypeNone && r.SubjectKind == SubjectUnknown:
		return outcome{phrase: &rolesMissingUnknown}
	case c.roles.Type == TypeNone:
		return outcome{phrase: &rolesMissing}
	}
	granted := words(c.roles, false)
	lacking := lack(r.want.Roles, granted)
	switch {
	case len(lacking) == 0 && r.want.Caller == "" && len(r.want.Scopes) == 0 && r.Kind == KindAccess && r.SubjectKind == SubjectUser:
		return outcome{phrase: &rolesPerson}
	case len(lacking) == 0:
		return outcome{phrase: &rolesOK}
	}
	p := &rolesLacking
	switch r.SubjectKind {
	case SubjectApp:
		p = &rolesLackingApp
	case SubjectUnknown:
		p = &rolesLackingUnknown
	}
	return outcome{phrase: p, note: strings.Join(lacking, ", ")}
}

func (r *Report) checkAuthorizedParty() outcome {
	c, want := &r.Token.c, r.want.ClientID
	client := c.client()
	many := c.aud.Type == TypeArray && len(words(c.aud, false)) > 1
	switch {
	case c.azp != "" && c.appid != "" && !strings.EqualFold(c.azp, c.appid):
		return outcome{phrase: &azpDisagree}
	case want == "" && r.Kind == KindID && many && client == "":
		return outcome{phrase: &azpManyWarn}
	case want == "" && r.Kind == KindAccess && client == "" && c.guidTid && r.Version != "" && !c.cut:
		return outcome{phrase: &azpMissingWarn}
	case want == "":
		return outcome{phrase: &azpNotStated}
	case client != "" && same(client, want):
		return outcome{phrase: &azpOK}
	case client != "":
		return outcome{phrase: &azpWrong}
	case c.cut:
		return outcome{phrase: &claimsUnread}
	case r.Kind == KindAccess:
		return outcome{phrase: &azpMissing}
	case many:
		return outcome{phrase: &azpMany}
	case slices.Contains(words(c.aud, false), want):
		return outcome{phrase: &azpAudience}
	}
	return outcome{phrase: &azpAudienceWrong}
}

// checkHash compares at_hash and c_hash with what the token came with
// (OpenID Connect Core 3.1.3.6, 3.3.2.11).
func (r *Report) checkHash() outcome {
	c := &r.Token.c
	switch {
	case c.atHash == "" && c.cHash == "" && c.cut && r.Kind != KindAccess:
		return outcome{phrase: &claimsUnread}
	case c.atHash == "" && c.cHash == "" && r.Kind != KindID:
		return outcome{phrase: &hashAccess}
	case r.want.FrontChannel && r.want.Code != "" && c.cHash == "" && !c.cut:
		return outcome{phrase: &hashMissing, note: "c_hash"}
	case r.want.FrontChannel && r.want.AccessToken != "" && c.atHash == "" && !c.cut:
		return outcome{phrase: &hashMissing, note: "at_hash"}
	case c.atHash == "" && c.cHash == "":
		return outcome{phrase: &hashNone}
	}
	h, ok := hashOf(r.Token.h.alg)
	if !ok {
		return outcome{phrase: &hashAlgorithm}
	}
	open := false
	for _, pair := range []struct{ name, carried, text string }{
		{"at_hash", c.atHash, r.want.AccessToken}, {"c_hash", c.cHash, r.want.Code},
	} {
		switch {
		case pair.carried == "":
		case pair.text == "":
			open = true
		case !same(pair.carried, halfHash(h, pair.text)):
			return outcome{phrase: &hashWrong, note: pair.name}
		}
	}
	if open {
		return outcome{phrase: &hashNotStated}
	}
	return outcome{phrase: &hashOK}
}

// hashOf returns the hash of a signature algorithm.
func hashOf(alg string) (crypto.Hash, bool) {
	switch {
	case !isSupported(alg):
		return 0, false
	case strings.HasSuffix(alg, "256"):
		return crypto.SHA256, true
	case strings.HasSuffix(alg, "384"):
		return crypto.SHA384, true
	}
	return crypto.SHA512, true
}

// halfHash is the left half of the hash of text, in base64url.
func halfHash(h crypto.Hash, text string) string {
	sum := digest(h, text)
	return base64.RawURLEncoding.EncodeToString(sum[:len(sum)/2])
}

// HalfHash gives what at_hash is of an access token, and c_hash of a code, in an
// ID token that is signed with alg: the left half of its hash, in base64url
// (OpenID Connect Core 1.0 sections 3.1.3.6 and 3.3.2.11). It is false for an
// algorithm that is not supported.
func HalfHash(alg, text string) (string, bool) {
	h, ok := hashOf(alg)
	if !ok {
		return "", false
	}
	return halfHash(h, text), true
}
