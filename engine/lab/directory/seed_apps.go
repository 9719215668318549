package directory

import (
	_ "embed" // the public keys of applications
	"strings"
	"time"
)

// appKeys holds private keys and certificates that are public by intent, in
// this order: the daemon's, an expired one of the daemon's, that of the lab's
// second issuer, the Vault API's for token encryption, the web app's and Orders
// API's.
//
//go:embed public_app_keys.pem
var appKeys string

// pair is the i-th private key and certificate of appKeys.
func pair(i int) (key, cert string) {
	const end = "-----END CERTIFICATE-----\n"
	both := strings.SplitAfter(appKeys, end)[i]
	at := strings.Index(both, "-----BEGIN CERTIFICATE-----")
	return both[:at], both[at:]
}

func certificate(i int, name string, year int) Certificate {
	key, cert := pair(i)
	return Certificate{Name: name, KeyPEM: key, CertPEM: cert, Expires: endOf(year)}
}

// FederationKey is the private key of the lab's second issuer (PEM, PKCS #8).
func FederationKey() string {
	key, _ := pair(2)
	return key
}

// FederationCertificate is the certificate of that key (PEM).
func FederationCertificate() string {
	_, cert := pair(2)
	return cert
}

func web() App {
	return App{
		TenantID: ContosoID, Name: "Contoso Orders Web", Key: "web", About: "web app with a backend", ClientID: webID,
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
		Certificates:       []Certificate{certificate(4, "Contoso Orders Web", 2099)},
		LogoutURL:          "https://app.contoso.example/auth/signed-out",
		Optional:           OptionalClaims{ID: []string{"sid", "login_hint"}},
		AccessTokenVersion: 2, SignInAudience: AudienceMyOrg,
	}
}

func spa() App {
	return App{
		TenantID: ContosoID, Name: "Contoso Orders Page", Key: "spa", About: "single-page app", ClientID: spaID, Public: true,
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
		TenantID: ContosoID, Name: "Contoso Orders Desktop", Key: "native", About: "desktop app, multi-tenant", ClientID: nativeID, Public: true,
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
		TenantID: ContosoID, Name: "Contoso Nightly Export", Key: "daemon", About: "job that runs at night", ClientID: daemonID,
		ObjectID: "1d28c487-8f8d-4504-a37c-4864072f200f", ServicePrincipalID: "82641418-6618-4462-8c2f-8d2bc021fc1c",
		Secrets:            []Secret{secret("c3e2cd89-e13b-463d-8444-f7b0f5eaec56", "lab-daemon-secret-N1ghtTrainWhistle", 2099)},
		Permissions:        []Permission{{ResourceAppID: ordersID, Roles: []string{"Orders.Read.All"}}},
		Certificates:       []Certificate{certificate(0, "Contoso Nightly Export", 2099), certificate(1, "Contoso Nightly Export (old)", 2020)},
		GrantedRoles:       map[string][]string{ordersID: {"Orders.Read.All"}},
		AccessTokenVersion: 2, SignInAudience: AudienceMyOrg,
	}
}

func orders() App {
	return App{
		TenantID: ContosoID, Name: "Orders API", Key: "orders-api", About: "API with v2.0 tokens, calls Inventory API on behalf of the user", ClientID: ordersID,
		ObjectID: "133c5fb2-376f-407a-9bb4-21cda6f64dbc", ServicePrincipalID: "0c5e4b89-c240-4ac2-baee-15e036b95f1f",
		Secrets:      []Secret{secret("64a8c3a2-4e45-4486-a73b-476a6d5de70b", "lab-orders-secret-Br1dgeOverWater", 2099)},
		Certificates: []Certificate{certificate(5, "Orders API", 2099)},
		AppIDURI:     "api://orders.contoso.example",
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
		Permissions:  []Permission{{ResourceAppID: inventoryID, Scopes: []string{"stock.read"}}, {ResourceAppID: GraphAppID, Scopes: []string{"User.Read"}}},
		KnownClients: []string{webID, spaID, nativeID, cliID}, PreAuthorized: []string{cliID},
		Optional: OptionalClaims{Access: []string{"xms_cc", "acrs"}}, GroupMembershipClaims: GroupsSecurity,
		AccessTokenVersion: 2, SignInAudience: AudienceMyOrg,
	}
}

func inventory() App {
	return App{
		TenantID: ContosoID, Name: "Inventory API", Key: "inventory-api", About: "API with v1.0 tokens", ClientID: inventoryID,
		ObjectID: "43537eb6-73b3-47ab-8bf3-d3ba1144e1a0", ServicePrincipalID: "318869eb-aa78-4171-aab8-355b0c2d7658",
		AppIDURI: "api://inventory.contoso.example",
		Scopes: []Scope{{Name: "stock.read", ID: "ad5bf624-e62e-492a-b9be-86f9783991c3", AdminConsentTitle: "Read stock as the signed-in user",
			UserConsentTitle: "Read what is in stock", UserConsentText: "Lets the app see how much of each article is in stock, as you."}},
		AccessTokenVersion: 1, SignInAudience: AudienceMyOrg,
	}
}

func secret(id, value string, year int) Secret {
	return Secret{ID: id, Value: value, Hint: value[:3], Expires: endOf(year)}
}

func endOf(year int) time.Time { return time.Date(year, time.December, 31, 0, 0, 0, 0, time.UTC) }

func cli() App {
	return App{
		TenantID: ContosoID, Name: "Contoso Orders CLI", Key: "cli", About: "command line without a browser; Orders API has pre-authorised it", ClientID: cliID, Public: true,
		ObjectID: "45e46135-00db-4134-80e7-65e9d7e81a89", ServicePrincipalID: "2b995c52-05e0-4790-b08b-ecda89fbd6d3",
		Platforms: []Platform{{Type: PlatformNative, RedirectURIs: []string{"http://localhost"}}},
		Permissions: []Permission{
			{ResourceAppID: ordersID, Scopes: []string{"access_as_user"}},
			{ResourceAppID: GraphAppID, Scopes: []string{"User.Read"}},
		},
		AccessTokenVersion: 2, SignInAudience: AudienceMyOrg, AllowPublicClientFlows: true,
	}
}
