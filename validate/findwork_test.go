package validate

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// fragments are texts of about n bytes, each one fragment again and again: every
// name that is read, with everything that may part a name from its value, alone
// and in braces.
func fragments(n int) map[string]string {
	out := map[string]string{}
	names := []string{
		"scope", "scopes", "target", "credential_type", "grant_type", "response_type", "access_token", "bearerToken", "refresh_token",
		"id_token", "id_token_hint", "authorization", "proxy-authorization", "dpop", "token", "cookie", "Set-Cookie", "secret", "value", "Bearer", "PoP", "aC1", "eyJhIjox", "a",
	}
	partings := []string{
		"=", ":", ": ", "\t", ",", "(", ">", "|", "\n", " ", "=\"", "='", "\":\"", "=[", ":[x]", "=[x ", "=\"\n", "=a", "=a b ", "=+", "&", "=$\"", ">-\n", "==", "=/", "=AAAA1/",
	}
	for _, name := range names {
		for _, by := range partings {
			for _, form := range []string{"%s%s", "{%s%s", "{%s%s}", "\"%s%s", "Cookie: %s%s"} {
				f := fmt.Sprintf(form, name, by)
				out[f] = strings.Repeat(f, n/len(f))
			}
		}
	}
	return out
}

// What is read ahead is bounded, whatever a text repeats: at most some dozens of
// bytes for each byte of it.
func TestFindReadsLittleTwice(t *testing.T) {
	const size, most = 24 << 10, 70
	texts := fragments(size)
	for _, fragment := range []string{"{scope=", "{scope=[x", "{target=a b ", "{\"scope\":\"a "} { // beyond the frames that are kept
		texts["many "+fragment] = strings.Repeat(fragment, maxText/len(fragment))
	}
	texts["arrays that end late"] = strings.Repeat(strings.Repeat("{scope=[x ", 400)+"]", maxText/4001)
	for name, text := range texts {
		f := finder{s: plainText(text), root: -1}
		f.walk()
		_ = f.found()
		if most := most*len(text) + maxPhrase; f.work > most {
			t.Errorf("%q: %d bytes were read ahead in %d", name, f.work, len(text))
		}
		if most := len(text) + 2*maxPhrase; f.phrased > most {
			t.Errorf("%q: %d bytes of values in %d", name, f.phrased, len(text))
		}
	}
}

// BenchmarkFindFragments gives the slowest fragment, repeated to 4 MiB: what a
// byte of it takes, and how many times longer twice the text takes, 2.6 at most.
func BenchmarkFindFragments(b *testing.B) {
	once := func(text string) float64 {
		least := time.Duration(1 << 62)
		for range 3 {
			begin := time.Now()
			_ = Find(text)
			least = min(least, time.Since(begin))
		}
		return float64(least)
	}
	var slowest float64
	var name string
	for b.Loop() {
		for fragment, text := range fragments(64 << 10) {
			if took := once(text) / float64(len(text)); took >= slowest {
				slowest, name = took, fragment
			}
		}
	}
	half, all := once(strings.Repeat(name, 2<<20/len(name))), once(strings.Repeat(name, 4<<20/len(name)))
	b.ReportMetric(all/(4<<20), "ns/byte")
	b.ReportMetric(all/half, "x-half")
	b.ReportMetric(0, "ns/op")
	b.Logf("the slowest is %q", name)
}
