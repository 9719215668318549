package validatetest

import (
	"fmt"

	"flowscope/validate"
)

// Parts of tokens that stand for themselves.
const (
	aio = "AXQAi/8TAAAAJ1Zs0l3hP0kLk2fJrS9pV5u3mWlq7bGdO8yTn1cE4xHvRzUaQw6KtYfXoBiNsMjDgPeLhCuIvAyZrS2"
	rh  = "1.AXQAERERESIiM0OERFVVVVVVVQAAAAAAAAAAwAAAAAAAAAB0AAA."
	sub = "HKZpfaHyWadeOouYlitjrI-KffTm222X5rrV3xDqfKQ"
	uti = "fqiBqXLPj0eQa82S-IYFAA"
)

// dates are iat, nbf and exp of a token that lives for so many seconds.
func dates(life int64) string {
	return fmt.Sprintf(`"iat":%d,"nbf":%d,"exp":%d`, issued(), issued(), issued()+life)
}

// UserV2 are the claims of a v2.0 access token for a person, in Entra's order.
func UserV2() string {
	return fmt.Sprintf(`{"aud":%q,"iss":%q,%s,"aio":%q,"azp":%q,"azpacr":"1","name":"Ada Lovelace","oid":%q,`+
		`"preferred_username":"ada@contoso.example","rh":%q,"scp":"Orders.Read Orders.ReadWrite","sub":%q,"tid":%q,"uti":%q,"ver":"2.0"}`,
		API, IssuerV2, dates(4200), aio, Client, User, rh, sub, Tenant, uti)
}

// UserV1 are the claims of a v1.0 access token for a person.
func UserV1() string {
	return fmt.Sprintf(`{"aud":%q,"iss":%q,%s,"acr":"1","aio":%q,"amr":["pwd","mfa"],"appid":%q,"appidacr":"1",`+
		`"family_name":"Lovelace","given_name":"Ada","ipaddr":"203.0.113.7","name":"Ada Lovelace","oid":%q,"rh":%q,`+
		`"scp":"Orders.Read","sub":%q,"tid":%q,"unique_name":"ada@contoso.example","upn":"ada@contoso.example","uti":%q,"ver":"1.0"}`,
		APIURI, IssuerV1, dates(4200), aio, Client, User, rh, sub, Tenant, uti)
}

// AppV2 are the claims of a v2.0 access token of an application with a role.
func AppV2() string {
	return fmt.Sprintf(`{"aud":%q,"iss":%q,%s,"aio":%q,"azp":%q,"azpacr":"2","oid":%q,"rh":%q,`+
		`"roles":["Orders.Process"],"sub":%q,"tid":%q,"uti":%q,"ver":"2.0"}`,
		API, IssuerV2, dates(3900), aio, Client, Service, rh, Service, Tenant, uti)
}

// AppV1 are the claims of a v1.0 access token of an application with a role.
func AppV1() string {
	return fmt.Sprintf(`{"aud":%q,"iss":%q,%s,"aio":%q,"appid":%q,"appidacr":"1","idp":%q,"idtyp":"app","oid":%q,"rh":%q,`+
		`"roles":["Orders.Process"],"sub":%q,"tid":%q,"uti":%q,"ver":"1.0"}`,
		APIURI, IssuerV1, dates(3900), aio, Client, IssuerV1, Service, rh, Service, Tenant, uti)
}

// IDV2 are the claims of a v2.0 ID token from the token endpoint, with the nonce "n1".
func IDV2() string {
	return fmt.Sprintf(`{"aud":%q,"iss":%q,%s,"aio":%q,"name":"Ada Lovelace","nonce":"n1","oid":%q,`+
		`"preferred_username":"ada@contoso.example","rh":%q,"sub":"AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ","tid":%q,"uti":%q,"ver":"2.0"}`,
		Client, IssuerV2, dates(3900), aio, User, rh, Tenant, uti)
}

// IDV1 are the claims of a v1.0 ID token.
func IDV1() string {
	return fmt.Sprintf(`{"aud":%q,"iss":%q,%s,"amr":["pwd"],"family_name":"Lovelace","given_name":"Ada","ipaddr":"203.0.113.7",`+
		`"name":"Ada Lovelace","nonce":"n1","oid":%q,"rh":%q,"sub":"AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ","tid":%q,`+
		`"unique_name":"ada@contoso.example","upn":"ada@contoso.example","uti":%q,"ver":"1.0"}`,
		Client, IssuerV1, dates(3900), User, rh, Tenant, uti)
}

// Plain are the claims of an access token of another issuer (RFC 9068 section 2.2).
func Plain() string {
	return fmt.Sprintf(`{"iss":%q,"aud":"https://api.example","sub":"5ba552d67","client_id":"s6BhdRkqt3","scope":"orders.read profile",`+
		`"jti":"dbe39bf3a3ba4238a513f51d6e1691c4",%s}`, OtherIssuer, dates(3900))
}

// WantUser fits UserV2.
func WantUser() validate.Expectations {
	return validate.Expectations{Issuer: IssuerV2, Audiences: []string{API}, Now: Now()}
}

// WantV1 fits UserV1 and AppV1.
func WantV1() validate.Expectations {
	return validate.Expectations{Issuer: IssuerV1, Audiences: []string{APIURI, API}, Now: Now()}
}

// WantID fits IDV2.
func WantID() validate.Expectations {
	return validate.Expectations{Issuer: IssuerV2, Audiences: []string{Client}, Nonce: "n1", Type: validate.KindID, Now: Now()}
}

// WantPlain fits Plain.
func WantPlain() validate.Expectations {
	return validate.Expectations{Issuer: OtherIssuer, Audiences: []string{"https://api.example"}, Now: Now()}
}
