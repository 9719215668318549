package diff_test

import (
	"encoding/base64"
	"fmt"

	"flowscope/validate"
	"flowscope/validate/diff"
)

// A consent between two tokens of one client.
func ExampleTokens() {
	e := base64.RawURLEncoding.EncodeToString
	decode := func(claims string) *validate.Token {
		t, _ := validate.Decode(e([]byte(`{"alg":"RS256","kid":"k"}`)) + "." + e([]byte(claims)) + ".c2ln")
		return t
	}
	before := decode(`{"aud":"api","azp":"c","azpacr":"0","oid":"o","sub":"s","tid":"t","iat":1000,"scp":"Read"}`)
	after := decode(`{"aud":"api","azp":"c","azpacr":"0","oid":"o","sub":"s","tid":"t","iat":4600,"scp":"Write Read"}`)
	c := diff.Tokens(before, after)
	fmt.Println(c.What)
	for _, r := range c.Rows {
		if r.Matters {
			fmt.Println(r.Name, r.Added, r.Says)
		}
	}
	// Output:
	// The same client, API and person, before and after more was consented to.
	// scp [Write] More was consented to between the two (Write). A refreshed token carries everything consented to so far.
	// iat [] The right one was issued 1 h later.
}
