package directory

import "time"

// Tenants and application ids of the lab. They never change, so that
// screenshots, recordings and configuration files stay right.
const (
	ContosoID   = "c0f75a3e-4a12-4f0e-9d0c-3a700c302009"
	FabrikamID  = "fab81c70-2342-4d72-9f9a-9f024e53991e"
	webID       = "899990f6-2476-4365-85b4-827f8587cb91"
	spaID       = "6334ecbf-b113-4222-ab81-0e919b045902"
	nativeID    = "7c5b3942-f3c7-4b57-9f98-5647c393e006"
	daemonID    = "b2f3c456-3023-41f3-b4c9-19c5826715e0"
	ordersID    = "f4f9cdd6-0c3f-428f-94f5-b424da1d3acb"
	inventoryID = "d03736d6-924c-40ce-89db-671a6fda9dc1"
)

// Seed returns the lab's directory. The passwords and secrets in it are
// public by intent: they open nothing but the lab.
func Seed() Directory {
	return Directory{
		Tenants: []Tenant{
			{ID: ContosoID, Name: "Contoso", Domain: "contoso.onmicrosoft.com", OtherDomains: []string{"contoso.example"}, Region: "EU"},
			{ID: FabrikamID, Name: "Fabrikam", Domain: "fabrikam.onmicrosoft.com", OtherDomains: []string{"fabrikam.example"}, Region: "NA"},
			{ID: ConsumersTenantID, Name: "Personal accounts", Domain: "live.com"},
		},
		Users: people(),
		Apps:  []App{web(), spa(), native(), daemon(), orders(), inventory(), graph()},
	}
}

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
	noor := User{
		TenantID: FabrikamID, ObjectID: "b270cf6d-af76-45fa-8fd0-daf6f2c665e6", Username: "noor@fabrikam.example", Password: "Golden-Ferry-29",
		Name: "Noor Aziz", GivenName: "Noor", Surname: "Aziz", Email: "noor@fabrikam.example", About: "works at another company, Fabrikam",
	}
	return []User{ada, ben, vera, grace, dimitri, noor}
}

func web() App {
	return App{
		TenantID: ContosoID, Name: "Contoso Orders Web", Key: "web", ClientID: webID,
		ObjectID: "ee7d087a-9b0e-4288-89ce-4e758f8c8a86", ServicePrincipalID: "5f443d85-926f-42f3-89d4-548fa1ec4dd6",
		Platforms: []Platform{{Type: PlatformWeb, RedirectURIs: []string{"http://localhost:3000/auth/callback", "https://app.contoso.example/auth/callback"}}},
		Secrets: []Secret{
			secret("c707c588-2988-4a65-8655-91b49faff115", "lab-web-secret-W3bTr0utRiverStone", 2099),
			secret("ecc62363-db5b-4889-9679-0b44efecfb34", "lab-web-secret-0ldAndExpiredLantern", 2020),
		},
		Permissions: []Permission{
			{ResourceAppID: ordersID, Scopes: []string{"access_as_user", "Orders.Read"}},
			{ResourceAppID: inventoryID, Scopes: []string{"stock.read"}},
			{ResourceAppID: GraphAppID, Scopes: []string{"User.Read"}},
		},
		AccessTokenVersion: 2, SignInAudience: AudienceMyOrg,
	}
}

func spa() App {
	return App{
		TenantID: ContosoID, Name: "Contoso Orders Page", Key: "spa", ClientID: spaID, Public: true,
		ObjectID: "b59ad307-5363-4c00-9faf-4d9f7678e14e", ServicePrincipalID: "ed034d4b-3469-4e4e-bc28-bab09d5b8745",
		Platforms: []Platform{{Type: PlatformSPA, RedirectURIs: []string{"http://localhost:3000"}}},
		Permissions: []Permission{
			{ResourceAppID: ordersID, Scopes: []string{"access_as_user"}},
			{ResourceAppID: GraphAppID, Scopes: []string{"User.Read"}},
		},
		AccessTokenVersion: 2, SignInAudience: AudienceMyOrg,
	}
}

func native() App {
	return App{
		TenantID: ContosoID, Name: "Contoso Orders Desktop", Key: "native", ClientID: nativeID, Public: true,
		ObjectID: "c55da30f-46f5-4557-ada4-d59709a0a5b3", ServicePrincipalID: "4e0ebc8e-bcfb-4b67-8b30-f97c92cdb40e",
		InstalledIn: []string{FabrikamID},
		Platforms:   []Platform{{Type: PlatformNative, RedirectURIs: []string{"http://localhost", "msal" + nativeID + "://auth"}}},
		Permissions: []Permission{
			{ResourceAppID: ordersID, Scopes: []string{"access_as_user"}},
			{ResourceAppID: GraphAppID, Scopes: []string{"User.Read"}},
		},
		AccessTokenVersion: 2, SignInAudience: AudienceMultipleOrgs, AllowPublicClientFlows: true,
	}
}

func daemon() App {
	return App{
		TenantID: ContosoID, Name: "Contoso Nightly Export", Key: "daemon", ClientID: daemonID,
		ObjectID: "1d28c487-8f8d-4504-a37c-4864072f200f", ServicePrincipalID: "82641418-6618-4462-8c2f-8d2bc021fc1c",
		Secrets:            []Secret{secret("c3e2cd89-e13b-463d-8444-f7b0f5eaec56", "lab-daemon-secret-N1ghtTrainWhistle", 2099)},
		Permissions:        []Permission{{ResourceAppID: ordersID, Roles: []string{"Orders.Read.All"}}},
		GrantedRoles:       map[string][]string{ordersID: {"Orders.Read.All"}},
		AccessTokenVersion: 2, SignInAudience: AudienceMyOrg,
	}
}

func orders() App {
	return App{
		TenantID: ContosoID, Name: "Orders API", Key: "orders-api", ClientID: ordersID,
		ObjectID: "133c5fb2-376f-407a-9bb4-21cda6f64dbc", ServicePrincipalID: "0c5e4b89-c240-4ac2-baee-15e036b95f1f",
		Secrets:  []Secret{secret("64a8c3a2-4e45-4486-a73b-476a6d5de70b", "lab-orders-secret-Br1dgeOverWater", 2099)},
		AppIDURI: "api://orders.contoso.example",
		Scopes: []Scope{
			{Name: "access_as_user", ID: "136cf9eb-ee50-4d04-9cba-697e2557c5d4", AdminConsentTitle: "Use Orders API as the signed-in user",
				UserConsentTitle: "Use Orders API as you", UserConsentText: "Lets the app work with your orders and tasks as you, with the rights that you have."},
			{Name: "Orders.Read", ID: "054f5db5-e180-4806-abc5-2012d85033e8", AdminConsentTitle: "Read orders as the signed-in user",
				UserConsentTitle: "Read your orders", UserConsentText: "Lets the app read the orders that you may see. It can't change them."},
		},
		AppRoles: []AppRole{
			{Value: "Admin", ID: "121072ae-ca2b-43dd-b5da-2683d33f5d55", ForUsers: true, DisplayName: "Administrator of orders"},
			{Value: "Editor", ID: "7cfde4a6-3371-4bc6-8ebd-e108be262999", ForUsers: true, DisplayName: "Editor of orders"},
			{Value: "Viewer", ID: "709bfab9-db52-46f2-8999-f984133b7e51", ForUsers: true, DisplayName: "Viewer of orders"},
			{Value: "Orders.Read.All", ID: "9e06a57f-f981-45c2-b9f4-44c6dbc0f4a8", ForApps: true, DisplayName: "Read all orders without a user"},
		},
		Permissions:        []Permission{{ResourceAppID: inventoryID, Scopes: []string{"stock.read"}}, {ResourceAppID: GraphAppID, Scopes: []string{"User.Read"}}},
		AccessTokenVersion: 2, SignInAudience: AudienceMyOrg,
	}
}

func inventory() App {
	return App{
		TenantID: ContosoID, Name: "Inventory API", Key: "inventory-api", ClientID: inventoryID,
		ObjectID: "43537eb6-73b3-47ab-8bf3-d3ba1144e1a0", ServicePrincipalID: "318869eb-aa78-4171-aab8-355b0c2d7658",
		AppIDURI: "api://inventory.contoso.example",
		Scopes: []Scope{{Name: "stock.read", ID: "ad5bf624-e62e-492a-b9be-86f9783991c3", AdminConsentTitle: "Read stock as the signed-in user",
			UserConsentTitle: "Read what is in stock", UserConsentText: "Lets the app see how much of each article is in stock, as you."}},
		AccessTokenVersion: 1, SignInAudience: AudienceMyOrg,
	}
}

// graph carries the ids that the real Microsoft Graph gives its permissions.
func graph() App {
	return App{
		TenantID: MicrosoftTenantID, Name: "Microsoft Graph", Key: "graph", ClientID: GraphAppID,
		ObjectID: "5aad0e17-e116-4fc6-acb0-3008bf3ba852", ServicePrincipalID: "cac7ba72-9a80-4c30-9fcb-0ae45a41413f",
		AppIDURI: GraphURI,
		Scopes: []Scope{
			{Name: "openid", ID: "37f7f235-527c-4136-accd-4a02d197296e", AdminConsentTitle: "Sign users in",
				UserConsentTitle: "Sign in as you", UserConsentText: "Lets you sign in to the app with your work account and lets the app know who you are."},
			{Name: "profile", ID: "14dad69e-099b-42c9-810b-d002981feec1", AdminConsentTitle: "View users' basic profile",
				UserConsentTitle: "View your basic profile", UserConsentText: "Lets the app see your name, user name and object id."},
			{Name: "email", ID: "64a6cdd6-aab1-4aaf-94b8-3cc8405e90d0", AdminConsentTitle: "View users' email address",
				UserConsentTitle: "View your email address", UserConsentText: "Lets the app read your main email address."},
			{Name: "offline_access", ID: "7427e0e9-2fba-42fe-b0c0-848c9e6a8182", AdminConsentTitle: "Maintain access to data you have given it access to",
				UserConsentTitle: "Maintain access to data you have given it access to", UserConsentText: "Lets the app go on working with the data you allowed, also when you are not using it."},
			{Name: "User.Read", ID: "e1fe6dd8-ba31-4d61-89e7-88639da4683d", AdminConsentTitle: "Sign in and read user profile",
				UserConsentTitle: "Sign you in and read your profile", UserConsentText: "Lets you sign in to the app and lets the app read your profile."},
			{Name: "Directory.Read.All", ID: "06da0dbc-49e2-44d2-8312-53f166ab848a", AdminOnly: true, AdminConsentTitle: "Read directory data",
				UserConsentTitle: "Read directory data", UserConsentText: "Lets the app read all data in your organisation's directory, as you."},
		},
		AppRoles:           []AppRole{{Value: "User.Read.All", ID: "df021288-bdef-4463-88db-98f22de89214", ForApps: true, DisplayName: "Read all users' full profiles"}},
		AccessTokenVersion: 1, SignInAudience: AudienceMultipleOrgs,
	}
}

func secret(id, value string, year int) Secret {
	return Secret{ID: id, Value: value, Hint: value[:3], Expires: time.Date(year, time.December, 31, 0, 0, 0, 0, time.UTC)}
}
