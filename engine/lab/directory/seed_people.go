package directory

import (
	"crypto/sha256"
	"fmt"
)

func people() []User {
	contoso := func(oid, first, last, alias, password, about string, roles ...string) User {
		return User{
			TenantID: ContosoID, ObjectID: oid, Username: alias + "@contoso.example", Password: password,
			Name: first + " " + last, GivenName: first, Surname: last, Email: alias + "@contoso.example",
			Roles: map[string][]string{ordersID: roles}, About: about,
		}
	}
	ada := contoso("71710605-4b43-4661-98ab-3173cd3be2ef", "Ada", "Moreau", "ada", "Harbour-Lamp-42", "member, role Editor on Orders API", "Editor")
	ben := contoso("d4b647b3-8df4-4182-87a4-bb61c8d739d0", "Ben", "Okafor", "ben", "Copper-Kettle-17", "member without any role")
	vera := contoso("9de14a52-44a8-4463-969d-6775ae8b207c", "Vera", "Haddad", "vera", "Paper-Comet-88", "member, role Viewer on Orders API", "Viewer")
	grace := contoso("e00fea80-af27-4510-bb98-c428eae8d15b", "Grace", "Lindqvist", "grace", "Silver-Anchor-03", "administrator, role Admin on Orders API", "Admin")
	dimitri := contoso("1efe328e-0e10-45d5-8dfc-39d173a2c49a", "Dimitri", "Kovac", "dimitri", "Quiet-Meadow-61", "account is disabled")
	ben.Roles, dimitri.Roles = nil, nil
	grace.Admin, dimitri.Disabled = true, true
	grace.Roles[payrollID] = nil // assigned, without a role
	mia := contoso("dc93a2cd-4937-4a64-89c0-8a040e7fb9bc", "Mia", "Tanaka", "mia", "Velvet-Lantern-35", "member with a second factor (MFA)", "Viewer")
	omar := contoso("0e427f3d-ab3b-46d2-a639-cd41edb24849", "Omar", "Nasser", "omar", "Wooden-Bridge-72", "must register a second factor first")
	boris := contoso("b4d94edc-a6a9-4d2a-a5db-b13763610762", "Boris", "Petrov", "boris", "Frozen-Harvest-14", "blocked by a Conditional Access policy")
	gus := contoso("e00148e8-6a70-4a7f-9cc1-cfed0311e4d6", "Gus", "Almeida", "gus", "Marble-Garden-90", "in 250 groups: their list does not fit into a token", "Viewer")
	paula := contoso("bb0722e6-b30e-4bbd-923f-5d6f8da34c35", "Paula", "Winter", "paula", "Rusty-Compass-26", "password has expired")
	nils := contoso("61409389-37a0-463f-82df-dc8e87960271", "Nils", "Brandt", "nils", "", "has no password at all")
	mia.Factor, omar.Factor, boris.Blocked, paula.PasswordExpired = FactorRegistered, FactorMissing, true, true
	gus.Groups = groups(250)
	noor := fabrikam("b270cf6d-af76-45fa-8fd0-daf6f2c665e6", "Noor", "Aziz", "noor", "Golden-Ferry-29", "works at another company, Fabrikam")
	hugo := fabrikam("42cd9e05-4858-44ed-9a05-5b17847aff03", "Hugo", "Meyer", "hugo", "Amber-Thunder-51", "administrator of Fabrikam")
	gina := fabrikam("2ff63489-fa45-461c-83c9-8a2b3603747a", "Gina", "Rossi", "gina", "Linen-Castle-68", "works at Fabrikam and is a guest in Contoso")
	rita := fabrikam("f762e233-cb69-4f23-aed2-6563de309446", "Rita", "Svensson", "rita", "Cotton-Rocket-39", "was invited to Contoso and has not answered")
	hugo.Admin = true
	pat := User{
		TenantID: ConsumersTenantID, ObjectID: "00000000-0000-0000-66f3-3332eca7ea81", Username: "pat@outlook.example", Password: "Sunny-Pebble-57",
		Name: "Pat Doyle", GivenName: "Pat", Surname: "Doyle", Email: "pat@outlook.example", About: "personal account",
	}
	ginaHere := guest(gina, "550767ec-b455-4da6-ad54-402e84e93362", "guest from Fabrikam, role Viewer on Orders API")
	ginaHere.Roles = map[string][]string{ordersID: {"Viewer"}}
	ritaHere := guest(rita, "717f24ab-6078-494f-8c39-bf4fbfb07dfc", "guest from Fabrikam who has not redeemed the invitation")
	ritaHere.Pending = true
	return []User{ada, ben, vera, grace, mia, omar, boris, gus, paula, nils, dimitri, noor, hugo, gina, rita, pat, ginaHere, ritaHere}
}

func fabrikam(oid, first, last, alias, password, about string) User {
	return User{
		TenantID: FabrikamID, ObjectID: oid, Username: alias + "@fabrikam.example", Password: password,
		Name: first + " " + last, GivenName: first, Surname: last, Email: alias + "@fabrikam.example", About: about,
	}
}

// guest is what someone of Fabrikam is in Contoso: an object of its own, with
// a user name that can't be typed anywhere.
func guest(home User, oid, about string) User {
	return User{
		TenantID: ContosoID, ObjectID: oid, Username: home.GivenName + "_fabrikam.example#EXT#@contoso.onmicrosoft.com",
		Name: home.Name, GivenName: home.GivenName, Surname: home.Surname, Email: home.Email, About: about,
		HomeTenantID: home.TenantID, HomeObjectID: home.ObjectID,
	}
}

// groups makes n object ids of groups, the same ones every time.
func groups(n int) []string {
	out := make([]string, n)
	for i := range out {
		h := sha256.Sum256(fmt.Appendf(nil, "flowscope lab group %d", i+1))
		h[6], h[8] = h[6]&0x0f|0x40, h[8]&0x3f|0x80
		out[i] = fmt.Sprintf("%x-%x-%x-%x-%x", h[0:4], h[4:6], h[6:8], h[8:10], h[10:16])
	}
	return out
}
