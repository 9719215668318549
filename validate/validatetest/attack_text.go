package validatetest

import (
	"strings"

	"flowscope/validate"
)

// spare is another text for the same base64url bytes: one of the bits that mean
// nothing is set in its last character.
func spare(segment string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := strings.IndexByte(alphabet, segment[len(segment)-1])
	if len(segment)%4 == 0 {
		panic("validatetest: a segment without spare bits")
	}
	return segment[:len(segment)-1] + string(alphabet[last|1])
}

// uneven makes a body whose text has spare bits in its last character.
func uneven(body string) string {
	for len(body)%3 == 0 {
		body = "{ " + body[1:]
	}
	return body
}

// attackText are tokens that are mangled as text.
//
// long because every way to write a token wrongly stands here once.
func attackText() []Case {
	want, body := WantUser(), uneven(UserV2())
	good := Sign(Header(), body)
	p := strings.Split(good, ".")
	var out []Case
	add := func(name, token, says, lesson string, fails ...string) {
		out = append(out, Case{Name: name, Token: token, Want: want, Fails: fails, Says: says, Lesson: lesson})
	}
	resign := func(claims string) string { return SignInput(RSA(), "RS256", p[0]+"."+claims) }
	add("padding on the signature", good+"==", "padded", "Another text for the same token gets past lists of refused tokens.", "format")
	blind := func() { out[len(out)-1].Kind = validate.KindOpaque }
	add("padding on the claims", resign(p[1]+strings.Repeat("=", 4-len(p[1])%4)), "padded", "base64url in a token has no padding.", "format")
	blind()
	add("spare bits in the signature", p[0]+"."+p[1]+"."+spare(p[2]), "spare bits", "The last character has bits that mean nothing; they have to be zero.", "format")
	add("spare bits in the claims", resign(spare(p[1])), "spare bits", "Two texts for one set of claims, each with a good signature.", "format")
	blind()
	add("standard alphabet", p[0]+"."+p[1]+".+/"+p[2][2:], "standard base64", "Tokens use - and _.", "format")
	add("a line break inside", resign(p[1][:40]+"\n"+p[1][40:]), "white space", "A lenient decoder skips it, and the signature covers it.", "format")
	blind()
	add("a space at the end", good+" ", "white space", "Outside the paste a token has no white space.", "format")
	add("cut off", good[:len(good)-1], "cut off", "A copy that misses its end.", "format")
	return append(out, attackJSON()...)
}

// attackJSON are tokens whose JSON no two readers take in the same way.
func attackJSON() []Case {
	want, body := WantUser(), UserV2()
	var out []Case
	add := func(name, body, says, lesson string, fails ...string) {
		out = append(out, Case{Name: name, Token: Sign(Header(), body), Want: want, Fails: fails, Says: says, Lesson: lesson})
	}
	before := func(name, text string) string { return strings.Replace(body, quote(name), text+quote(name), 1) }
	add("aud twice", before("aud", `"aud":"x",`), "twice", "First or last: readers differ.", "format", "audience")
	add("tid twice", before("tid", `"tid":"`+OtherTenant+`",`), "twice", "First or last: readers differ.", "format", "key", "tenant")
	return append(out, Case{Name: "JSON serialisation", Token: `{"payload":"e30","signatures":[]}`, Want: want, Kind: validate.KindOpaque, Fails: list("format"), Says: "compact form", Lesson: "Only the compact form is a token."})
}
