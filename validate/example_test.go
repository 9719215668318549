package validate_test

import (
	"context"
	"fmt"
	"strings"

	"flowscope/validate"
	"flowscope/validate/jwks"
	"flowscope/validate/validatetest"
)

// Decoding reads a token strictly and judges nothing.
func ExampleDecode() {
	raw := validatetest.Find("v2.0 for a person").Token
	token, err := validate.Decode(raw)
	if err != nil {
		fmt.Println("broken:", err)
		return
	}
	fmt.Println(token.Kind, "token for a", token.SubjectKind+", version", token.Version)
	fmt.Println("key:", token.Header.String("kid"))
	for _, name := range []string{"aud", "scp", "exp"} {
		value, _ := token.Claims.Get(name)
		fmt.Println(name+":", value.Text())
	}
	// Output:
	// access token for a user, version 2.0
	// key: WJf0nXhnjHkGl6xaVxQ8SPkOFyE
	// aud: aaaaaaaa-0000-4000-8000-000000000001
	// scp: Orders.Read Orders.ReadWrite
	// exp: 1772370000
}

// The faults of a text say where they are, all at once.
func ExampleDecode_faults() {
	_, err := validate.Decode(validatetest.Find("tid and Tid").Token)
	fmt.Println(err)
	// Output:
	// claims member "Tid": differs from "tid" in case alone; readers differ in which one they take
}

// A key set that is at hand needs no connection.
func ExampleCheck() {
	keys, err := jwks.FromJSON(validatetest.KeySet())
	if err != nil {
		fmt.Println(err)
		return
	}
	raw := validatetest.Find("v2.0 for a person").Token
	r := validate.Check(context.Background(), raw, keys, validate.Expectations{
		Issuer:    "https://login.microsoftonline.com/11111111-2222-4333-8444-555555555555/v2.0",
		Audiences: []string{"aaaaaaaa-0000-4000-8000-000000000001"},
		Scopes:    []string{"Orders.Read"},
		Now:       validatetest.Now(), // leave it out to judge by the present moment
	})
	fmt.Println(r.Verdict)
	fmt.Println(r.Summary())
	// Output:
	// valid
	// The audience may accept it: signed with the key that was given, in time and made for what was expected; tenant not asked for.
}

// A report lists every check. Those that failed say what was expected, what was
// found, why that matters and what to change.
func ExampleReport_Checks() {
	c := validatetest.Find("v1.0 token, v2.0 issuer pinned, audience right")
	r := validate.Check(context.Background(), c.Token, c.Keys, c.Want)
	for _, check := range r.Checks() {
		if check.Status == validate.StatusFail {
			fmt.Println(check.ID)
			fmt.Println("  expected:", check.Expected)
			fmt.Println("  found:   ", check.Found)
			fmt.Println("  why:     ", check.Why)
			fmt.Println("  fix:     ", check.Fix)
			fmt.Println("  source:  ", check.Source)
		}
	}
	// Output:
	// issuer
	//   expected: https://login.microsoftonline.com/11111111-2222-4333-8444-555555555555/v2.0
	//   found:    https://sts.windows.net/11111111-2222-4333-8444-555555555555/
	//   why:      Same tenant, other token version: the API's registration decides whether it gets v1.0 or v2.0 tokens, not the endpoint that was asked.
	//   fix:      Set requestedAccessTokenVersion in the API's manifest, or expect the issuer of the version it gets
	//   source:   Entra: access tokens, token formats
}

// An API for many tenants expects the issuer with {tenantid}, which stands for
// the token's own tenant, and lists the tenants that may come in.
func ExampleCheck_manyTenants() {
	want := validate.Expectations{
		Issuer:    "https://login.microsoftonline.com/{tenantid}/v2.0",
		Audiences: []string{validatetest.API},
		Tenants:   []string{validatetest.Tenant},
		Now:       validatetest.Now(),
	}
	for _, name := range []string{"v2.0 for a person", "cross-tenant with common keys"} {
		r := validate.Check(context.Background(), validatetest.Find(name).Token, validatetest.Source(), want)
		fmt.Println(r.Verdict, "- issuer:", r.Status("issuer")+", tenant:", r.Status("tenant"))
	}
	// Output:
	// valid - issuer: pass, tenant: pass
	// invalid - issuer: pass, tenant: fail
}

// A client checks the ID token that it got against the nonce that it sent.
func ExampleCheck_idToken() {
	raw := validatetest.Find("ID token, code flow").Token
	want := validate.Expectations{
		Issuer:    validatetest.IssuerV2,
		Audiences: []string{validatetest.Client}, // an ID token is made for the client
		Type:      validate.KindID,
		Nonce:     "n1",
		Now:       validatetest.Now(),
	}
	r := validate.Check(context.Background(), raw, validatetest.Source(), want)
	fmt.Println(r.Verdict)

	want.Nonce = "of another sign-in"
	r = validate.Check(context.Background(), raw, validatetest.Source(), want)
	fmt.Println(r.Verdict+":", strings.TrimPrefix(r.Summary(), "The client must refuse it: "))
	// Output:
	// valid
	// invalid: the token carries another nonce than the one stated: it belongs to another sign-in, or that nonce is not the one sent for it.
}

// Without keys everything but key and signature is still checked, and the
// verdict says that nothing was verified.
func ExampleCheck_offline() {
	raw := validatetest.Find("v2.0 for a person").Token
	r := validate.Check(context.Background(), raw, nil, validatetest.WantUser())
	fmt.Println(r.Verdict)
	fmt.Println(r.Summary())
	// Output:
	// unverified
	// Nothing speaks against it, but it is not verified: key and signature could not be checked.
}

// Clean takes a token out of what people paste.
func ExampleClean() {
	fmt.Println(validate.Clean("Authorization: Bearer eyJhbGciOiJub25lIn0.e30.\n"))
	fmt.Println(validate.Clean(`{"token_type":"Bearer","access_token":"eyJhbGciOiJub25lIn0.e30."}`))
	// Output:
	// eyJhbGciOiJub25lIn0.e30.
	// eyJhbGciOiJub25lIn0.e30.
}
