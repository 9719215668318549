package insight_test

import (
	"encoding/base64"
	"fmt"

	"flowscope/validate"
	"flowscope/validate/insight"
)

// A token of an application that nobody granted anything.
func ExampleOf() {
	e := base64.RawURLEncoding.EncodeToString
	token, _ := validate.Decode(e([]byte(`{"alg":"RS256","kid":"k"}`)) + "." + e([]byte(`{
		"aud":"aaaaaaaa-0000-4000-8000-000000000001","ver":"2.0","azp":"bbbbbbbb-0000-4000-8000-000000000002","azpacr":"1",
		"tid":"11111111-2222-4333-8444-555555555555","oid":"o","sub":"o","idtyp":"app"}`)) + ".c2ln")
	for _, i := range insight.Of(token, insight.Context{}) {
		if i.Warn {
			fmt.Println(i.Text)
			fmt.Println("do:", i.Do)
		}
	}
	// Output:
	// It has no roles. Unless the API requires assignment, Entra gives such a token to any application of the tenant that asks: a good signature and audience are no permission.
	// do: Let the API demand a role, and grant it to this application (App registrations, API permissions, admin consent)
}

// Two scopes were asked for, and one came.
func ExampleGrants() {
	e := base64.RawURLEncoding.EncodeToString
	token, _ := validate.Decode(e([]byte(`{"alg":"RS256","kid":"k"}`)) + "." + e([]byte(`{"aud":"api://orders","appid":"c","scp":"Read","tid":"t","ver":"1.0"}`)) + ".c2ln")
	requested := []string{"openid", "api://orders/Read", "https://graph.microsoft.com/User.Read"}
	for _, g := range insight.Grants(token, insight.Context{Requested: requested}) {
		fmt.Printf("%s in scp: %v, %q\n", g.Name, g.Scp, g.Says)
	}
	// Output:
	// openid in scp: false, "Asks for an ID token: this is a sign-in, and not only a permission. It is no permission at this API, so it is not in scp."
	// Read in scp: true, ""
	// User.Read in scp: false, "A scope of another API. A token serves one API; the client gets the next with its refresh token."
}
