package inspect

import (
	"strings"

	"flowscope/engine/trace"
	"flowscope/validate"
)

const (
	// minConcealed is the shortest value of a claim that is taken for a secret, in
	// bytes: a claim called "code" may also hold the code of a country.
	minConcealed = 16
	// maxConcealed bounds how many secrets of one token are looked for.
	maxConcealed = 2000
	// maxNested bounds how deep claims within claims are read.
	maxNested = 8
)

// Conceal makes a Redactor mask the secrets that stand in the claims of a token:
// nobody should put a refresh token or a password there, and some do. All other
// claims stay readable.
func Conceal(r *trace.Redactor, t *validate.Token) {
	for _, secret := range Secrets(t) {
		_ = r.Token(secret)
	}
}

// Secrets gives the values of claims whose name says that they are secret, also
// of claims within claims; nil where there is none, as in most tokens.
func Secrets(t *validate.Token) []string {
	var out []string
	secretsOf(t.Claims, 0, &out)
	return out
}

func secretsOf(o *validate.Object, depth int, out *[]string) {
	for i := range o.Len() {
		m := o.At(i)
		secretsIn(m.Name, m.Value, depth, out)
	}
}

func secretsIn(name string, v validate.Value, depth int, out *[]string) {
	if len(v.Raw) < minConcealed || len(*out) == maxConcealed {
		return
	}
	switch v.Type {
	case validate.TypeString:
		if text := v.Text(); len(text) >= minConcealed && namesSecret(name) {
			*out = append(*out, text)
		}
	case validate.TypeArray:
		if depth == maxNested || !namesSecret(name) && strings.IndexByte(v.Raw, '{') < 0 {
			return
		}
		elements, _ := v.Array()
		for _, e := range elements {
			secretsIn(name, e, depth+1, out)
		}
	case validate.TypeObject:
		if depth < maxNested {
			o, _ := validate.ParseObject([]byte(v.Raw)) // whatever is wrong with it, its values are shown
			secretsOf(o, depth+1, out)
		}
	}
}

// namesSecret recognises the name of a secret in any of its spellings:
// "refresh_token", "refreshToken", "refresh-token".
func namesSecret(name string) bool {
	if len(name) < 4 || len(name) > 32 {
		return false
	}
	var buf [32]byte
	b := buf[:0]
	for i := range len(name) {
		switch c := name[i]; {
		case c == '_' || c == '-':
		case c >= 'A' && c <= 'Z':
			b = append(b, c|0x20)
		default:
			b = append(b, c)
		}
	}
	switch string(b) {
	case "refreshtoken", "accesstoken", "clientsecret", "secret", "code", "authorizationcode", "devicecode", "codeverifier",
		"password", "passwd", "assertion", "clientassertion", "apikey", "privatekey":
		return true
	}
	return false
}
