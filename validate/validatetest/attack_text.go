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
	blind := func() { out[len(out)-1].Kind = validate.KindOpaque } // nothing of the claims could be read
	resign := func(header, claims string) string { return SignInput(RSA(), "RS256", header+"."+claims) }
	add("padding on the signature", good+"==", "padded", "Another text for the same token gets past lists of refused tokens.", "format")
	add("padding on the claims", resign(p[0], p[1]+strings.Repeat("=", 4-len(p[1])%4)), "padded", "base64url in a token has no padding.", "format")
	blind()
	add("spare bits in the signature", p[0]+"."+p[1]+"."+spare(p[2]), "spare bits", "The last character has bits that mean nothing; they have to be zero.", "format")
	add("spare bits in the claims", resign(p[0], spare(p[1])), "spare bits", "Two texts for one set of claims, each with a good signature.", "format")
	blind()
	add("spare bits in the header", resign(spare(b64([]byte(uneven(Header())))), p[1]), "spare bits", "A header is read as strictly as the rest.", "format")
	add("standard alphabet", p[0]+"."+p[1]+".+/"+p[2][2:], "standard base64", "Tokens use - and _.", "format")
	add("a line break inside", resign(p[0], p[1][:40]+"\n"+p[1][40:]), "white space", "A lenient decoder skips it, and the signature covers it.", "format")
	blind()
	add("a space at the end", good+" ", "white space", "Outside the paste a token has no white space.", "format")
	add("a space at the start", " "+good, "white space", "A reader that trims sees another text than the one that was signed.", "format")
	add("a NUL inside", p[0]+"."+p[1]+"."+p[2][:100]+"\x00"+p[2][101:], "base64url does not have", "C ends a string there, others do not.", "format")
	add("a byte order mark before it", "\ufeff"+good, "base64url does not have", "A mark that nobody sees changes the text.", "format")
	add("cut off", good[:len(good)-1], "255 bytes, 256 or more are needed", "A copy that misses its end.", "format")
	add("four segments", good+".x", "4 segments", "Three segments make a signed token.", "format")
	add("two segments", p[0]+"."+p[1], "the signature is missing", "Without the second dot there is no signature at all.", "format")
	add("two dots at the end", p[0]+"."+p[1]+"..", "4 segments", "An empty segment counts, too.", "format")
	add("header and claims swapped", resign(p[1], p[0]), "", "What a segment is depends on its place alone.", "algorithm", "key", "issuer", "audience", "expiry")
	add("claims and signature swapped", p[0]+"."+p[2]+"."+p[1], "", "A signature is no set of claims.", "format", "signature")
	blind()
	add("claims empty", resign(p[0], ""), "empty", "Nothing signed is still nothing.", "format")
	blind()
	add("header empty", resign("", p[1]), "empty", "Without a header nothing says how to verify.", "format")
	add("nested token", resign(b64([]byte(Header("cty", `"JWT"`))), b64([]byte(good))), "a token itself", "A token inside a token is taken out and checked by itself.", "format")
	blind()
	add("enc in a signed token", Sign(Header("enc", `"A256GCM"`), body), "encrypted tokens", "Members of encryption do not belong to a signature.", "format")
	add("zip in a signed token", Sign(Header("zip", `"DEF"`), body), "encrypted tokens", "A compressed payload may grow without end.", "format")
	for _, s := range []struct{ name, token string }{
		{"JSON serialisation, flattened", `{"protected":"` + p[0] + `","payload":"` + p[1] + `","signature":"` + p[2] + `"}`},
		{"JSON serialisation, general", `{"payload":"` + p[1] + `","signatures":[{"protected":"` + p[0] + `","signature":"` + p[2] + `"},{"protected":"` + p[0] + `","signature":"` + p[2] + `"}]}`},
		{"JSON serialisation, header not protected", `{"header":{"alg":"none"},"payload":"` + p[1] + `","signature":""}`},
	} {
		add(s.name, s.token, "compact form", "Only the compact form is a token (RFC 7519 section 3).", "format")
		blind()
	}
	add("encrypted without enc", encrypted(`{"alg":"dir"}`), "is missing", "Five segments without enc are nothing.", "format")
	out[len(out)-1].Kind = validate.KindEncrypted
	add("1 MiB and a byte", good+strings.Repeat("A", validate.MaxToken+1-len(good)), "1 MiB", "A bound on size keeps the work bounded.", "format")
	blind()
	add("1 MiB exactly", Sign(Header(), large(validate.MaxToken-len(p[0])-len(p[2])-3)), "", "Large, but within the bound; no server takes such a header.")
	out[len(out)-1].Warn = list("format")
	add("nothing", "", "empty", "An empty string is no token.", "format")
	blind()
	add("dots alone", "..", "empty", "Three empty segments.", "format")
	blind()
	return append(out, attackJSON()...)
}

// large is UserV2 with a claim that fills the segment up to about size characters.
func large(size int) string {
	body := UserV2()
	room := size/4*3 - len(body) - len(`,"x":""`) - 3
	return Claims(body, "x", quote(strings.Repeat("x", room)))
}

// attackJSON are tokens whose JSON no two readers take in the same way.
//
// long because every such text stands here once.
func attackJSON() []Case {
	want, body := WantUser(), UserV2()
	var out []Case
	add := func(name, body, says, lesson string, fails ...string) {
		out = append(out, Case{Name: name, Token: Sign(Header(), body), Want: want, Fails: fails, Says: says, Lesson: lesson})
	}
	blind := func() { out[len(out)-1].Kind = validate.KindOpaque }
	head := func(name, header, says, lesson string, fails ...string) {
		out = append(out, Case{Name: name, Token: Sign(header, body), Want: want, Fails: fails, Says: says, Lesson: lesson})
	}
	before := func(name, text string) string { return strings.Replace(body, quote(name), text+quote(name), 1) }
	after := func(text string) string { return strings.TrimSuffix(body, "}") + "," + text + "}" }
	const readers = "First or last: readers differ, so a name that comes twice is refused."
	add("aud twice, a stranger first", before("aud", `"aud":"x",`), "twice", readers, "format", "audience")
	add("aud twice, a stranger last", after(`"aud":"x"`), "twice", readers, "format")
	add("iss twice", after(`"iss":"https://evil.example"`), "twice", readers, "format")
	add("tid twice", before("tid", `"tid":"`+OtherTenant+`",`), "twice", readers, "format", "key", "tenant")
	add("exp twice", after(`"exp":99999999999`), "twice", readers, "format")
	add("exp twice, escaped", after(`"\u0065xp":99999999999`), "twice", "An escape in a name hides it from eyes, not from readers.", "format")
	add("scp twice", after(`"scp":"Orders.Admin"`), "twice", readers, "format")
	add("a name twice deep inside", after(`"x":{"a":[{"c":1,"c":2}]}`), "twice", "At every level.", "format")
	add("tid and Tid", after(`"Tid":"`+OtherTenant+`"`), "case alone", "Some readers do not look at case.", "format")
	add("aud and AUD", after(`"AUD":"x"`), "case alone", "Some readers do not look at case.", "format")
	add("iss with a long s", after(`"i\u017fs":"x"`), "case alone", "Folding case the way of Unicode makes ſ an s.", "format")
	head("kid twice", `{"typ":"JWT","alg":"RS256","kid":"`+KeyID+`","kid":"`+SecondKeyID+`"}`, "twice", readers, "format")
	head("header is an array", `["RS256"]`, "not a JSON object", "A header is an object.", "format")
	head("header with text after it", Header()+"{}", "more text", "What follows the object is read by some.", "format")
	head("header with a byte order mark", "\ufeff"+Header(), "not a JSON object", "JSON in a token begins with a brace.", "format")
	add("text after the claims", body+`{"scp":"Orders.Admin"}`, "more text", "What follows the object is read by some.", "format")
	add("claims are an array", `[`+body+`]`, "not a JSON object", "A claims set is an object.", "format")
	blind()
	add("claims are null", "null", "not a JSON object", "A claims set is an object.", "format")
	blind()
	add("a comment", strings.Replace(body, `{"aud"`, `{/*x*/"aud"`, 1), "quotation marks", "JSON has no comments.", "format")
	blind()
	add("single quotation marks", strings.ReplaceAll(body, `"`, `'`), "quotation marks", "JSON has one kind of them.", "format")
	blind()
	add("a comma too many", strings.TrimSuffix(body, "}")+",}", "quotation marks", "Some readers overlook it.", "format")
	add("not UTF-8", strings.Replace(body, "Ada", "A\xffa", 1), "UTF-8", "Readers replace or drop such bytes.", "format")
	blind()
	add("overlong UTF-8", strings.Replace(body, "Ada", "A\xc0\xafa", 1), "UTF-8", "Two bytes for a slash get past filters.", "format")
	blind()
	add("half a surrogate pair in a value", strings.Replace(body, "Ada", `\ud800`, 1), "escape", "There is no such character.", "format")
	out[len(out)-1].NotRun = list("tenant")
	add("half a surrogate pair in a name", after(`"\udc00":1`), "escape", "There is no such character.", "format")
	add("a bare control character", strings.Replace(body, "Ada", "A\x1b[2Ja", 1), "control character", "Control characters have to be escaped.", "format")
	add("ends in the middle", body[:len(body)/2], "no end", "What is missing may have been there.", "format")
	add("nested 70 levels deep", after(`"x":`+strings.Repeat("[", 70)+strings.Repeat("]", 70)), "64 levels", "A bound on depth keeps the stack bounded.", "format")
	add("nested 100,000 levels deep", after(`"x":`+strings.Repeat(`{"a":`, 100_000)), "64 levels", "The bound holds however deep it goes.", "format")
	for _, c := range [][3]string{
		{"aud is a number", "aud", "7"}, {"iss is an array", "iss", `["` + IssuerV2 + `"]`}, {"aud holds a number", "aud", `["` + API + `",7]`},
		{"tid is null", "tid", "null"}, {"roles is a string", "roles", `"Admin"`}, {"scp is an array", "scp", `["Orders.Read"]`}, {"ver is a number", "ver", "2.0"},
		{"oid is an object", "oid", "{}"}, {"nonce is a number", "nonce", "1"},
	} {
		add(c[0], Claims(body, c[1], c[2]), "", "A claim of another type is read by some as if it were none.", "format")
	}
	add("escape sequences in a name that is twice", after(`"\u001b[2J\u202e\u0000x":1,"\u001b[2J\u202e\u0000x":2`), "twice", "What is shown of a token must not steer the terminal.", "format")
	return out
}
