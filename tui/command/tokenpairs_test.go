package command

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"flowscope/validate"
	"flowscope/validate/validatetest"
)

// Of several access tokens an ID token gets the one that its at_hash fits.
func TestAccessTokenOfAnIDToken(t *testing.T) {
	access := []string{"one.1234567890", "two.1234567890", "three.1234567890"}
	all := []*given{}
	for _, raw := range access {
		all = append(all, &given{Found: validate.Found{Raw: raw, Kind: validate.KindAccess}})
	}
	idWith := func(name, hash string) *given {
		header := validatetest.Header("alg", `"`+name+`"`)
		claims := validatetest.Claims(validatetest.IDV2(), "at_hash", hash)
		token, _ := validate.Decode(validatetest.Sign(header, claims))
		return &given{token: token}
	}
	for _, alg := range []string{"RS256", "ES384", "PS512"} {
		for _, raw := range access {
			h, ok := validate.HalfHash(alg, raw)
			tc := &tokenCheck{all: all}
			if got := tc.accessFor(idWith(alg, `"`+h+`"`)); got != raw || !ok {
				t.Errorf("%s of %s: %q", alg, raw, got)
			}
		}
		tc := &tokenCheck{all: all}
		if got := tc.accessFor(idWith(alg, `"AAAA"`)); got != "" {
			t.Errorf("%s of none: %q", alg, got)
		}
		if got := tc.accessFor(idWith(alg, "")); got != "" {
			t.Errorf("no at_hash: %q", got)
		}
	}
}

// The code beside an ID token is that of its own address.
func TestFromFront(t *testing.T) {
	text := "see https://a/cb#code=C1&id_token=ey1.a.b&state=x and 'code=C2&id_token=ey2.a.b' {\"id_token\":\"ey3.a.b\"} id_token=ey4.a.b."
	fronts := fromFront(text)
	for raw, want := range map[string]front{"ey1.a.b": {true, "C1"}, "ey2.a.b": {true, "C2"}, "ey3.a.b": {}, "ey4.a.b": {true, ""}} {
		if fronts[raw] != want {
			t.Errorf("%s: %v", raw, fronts[raw])
		}
	}
}

// BenchmarkManyPairs is what finding the access tokens of many ID tokens costs; twice
// as many take twice the time.
func BenchmarkManyPairs(b *testing.B) {
	for _, n := range []int{250, 500} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				tc := &tokenCheck{all: manyAccess(n)}
				id, _ := validate.Decode(validatetest.Sign(validatetest.Header(), validatetest.Claims(validatetest.IDV2(), "at_hash", `"AAAA"`)))
				begin := time.Now()
				for range n {
					_ = tc.accessFor(&given{token: id})
				}
				b.ReportMetric(float64(time.Since(begin).Microseconds())/float64(n), "us/token")
				_ = fromFront(strings.Repeat("code=a&id_token=eyJhIjox.eyJhIjox.AAAA&", n*100))
			}
		})
	}
}

func manyAccess(n int) []*given {
	out := make([]*given, n)
	for i := range out {
		out[i] = &given{Found: validate.Found{Raw: fmt.Sprintf("%d.%s", i, strings.Repeat("x", 1000)), Kind: validate.KindAccess}}
	}
	return out
}
