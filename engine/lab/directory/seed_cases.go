package directory

// The applications in this file each show one situation beside the ordinary
// rows of the decision table.

func partner() App {
	return App{
		TenantID: FabrikamID, Name: "Fabrikam Insights", Key: "partner", About: "multi-tenant web app of another company, not yet installed in Contoso", ClientID: partnerID,
		ObjectID: "ee31b2c1-17a4-42f4-a456-18723c06e358", ServicePrincipalID: "b9bea59a-af16-4b8d-9516-d7441e86f832",
		Platforms:          []Platform{{Type: PlatformWeb, RedirectURIs: []string{"http://localhost:3000/auth/callback", "https://insights.fabrikam.example/auth/callback"}}},
		Secrets:            []Secret{secret("03bed0a1-3f1d-4554-89c9-9e5454e93027", "lab-partner-secret-S1lkRoadCompass", 2099)},
		Permissions:        []Permission{{ResourceAppID: GraphAppID, Scopes: []string{"User.Read"}, Roles: []string{"User.Read.All"}}},
		AccessTokenVersion: 2, SignInAudience: AudienceMultipleOrgs,
	}
}

func everyone() App {
	return App{
		TenantID: ContosoID, Name: "Contoso Trail Diary", Key: "everyone", About: "single-page and mobile app for work, school and personal accounts", ClientID: everyoneID, Public: true,
		ObjectID: "badbbfdd-a82b-4b96-b13f-4cb0df0fd0ea", ServicePrincipalID: "80473a3d-93ec-4d19-98ab-fe33735b4ec1",
		Platforms: []Platform{
			{Type: PlatformSPA, RedirectURIs: []string{"http://localhost:5173"}},
			{Type: PlatformNative, RedirectURIs: []string{"http://localhost", "msal" + everyoneID + "://auth"}},
		},
		Permissions:        []Permission{{ResourceAppID: GraphAppID, Scopes: []string{"User.Read"}}},
		AccessTokenVersion: 2, SignInAudience: AudienceEveryone, AllowPublicClientFlows: true,
	}
}

func workload() App {
	return App{
		TenantID: ContosoID, Name: "Contoso Build Pipeline", Key: "workload", About: "no secret: trusts the tokens of another issuer (federated credential)", ClientID: workloadID,
		ObjectID: "f36702d8-eabe-4e67-b5fe-34ff1b401894", ServicePrincipalID: "a852a59f-b6c4-4db8-a0a4-266e34e3c18f",
		FederatedCredentials: []FederatedCredential{
			{Name: "main-branch", Issuer: federationIssuer, Subject: "repo:contoso/orders:ref:refs/heads/main", Audience: "api://AzureADTokenExchange"},
			{Name: "daemon", Issuer: "{base}/" + ContosoID + "/v2.0", Subject: "82641418-6618-4462-8c2f-8d2bc021fc1c", Audience: "api://AzureADTokenExchange"},
		},
		Permissions:        []Permission{{ResourceAppID: ordersID, Roles: []string{"Orders.Read.All"}}},
		GrantedRoles:       map[string][]string{ordersID: {"Orders.Read.All"}},
		AccessTokenVersion: 2, SignInAudience: AudienceMyOrg,
	}
}

func legacy() App {
	return App{
		TenantID: ContosoID, Name: "Contoso Old Portal", Key: "legacy", About: "implicit and hybrid flow are switched on, as old apps have them", ClientID: legacyID,
		ObjectID: "8222b822-2f55-4251-b1b2-cd8f6af19585", ServicePrincipalID: "21dab387-3115-4227-8ec0-47204498b112",
		Platforms: []Platform{{Type: PlatformWeb, RedirectURIs: []string{"http://localhost:3000/portal"}}},
		Secrets:   []Secret{secret("1811b767-f7f9-433b-845e-369286ee82fb", "lab-legacy-secret-Du5tyTypewriter", 2099)},
		Permissions: []Permission{
			{ResourceAppID: ordersID, Scopes: []string{"access_as_user"}},
			{ResourceAppID: GraphAppID, Scopes: []string{"User.Read"}},
		},
		ImplicitAccessTokens: true, ImplicitIDTokens: true, GroupMembershipClaims: GroupsSecurity, AllowPublicClientFlows: true,
		AccessTokenVersion: 2, SignInAudience: AudienceMyOrg,
	}
}

func payroll() App {
	return App{
		TenantID: ContosoID, Name: "Contoso Payroll", Key: "payroll", About: "lets in assigned people only; Grace is assigned", ClientID: payrollID,
		ObjectID: "e85178be-3f2f-4e66-b0b3-a7963a4f5107", ServicePrincipalID: "d46cd2bc-d244-46df-91c6-6a91eae9e738",
		Platforms:          []Platform{{Type: PlatformWeb, RedirectURIs: []string{"http://localhost:3000/payroll"}}},
		Secrets:            []Secret{secret("4e153d62-8512-4f30-ab2a-7198b656dbb3", "lab-payroll-secret-C0inOnTheCounter", 2099)},
		Permissions:        []Permission{{ResourceAppID: GraphAppID, Scopes: []string{"User.Read"}}},
		AssignmentRequired: true, AccessTokenVersion: 2, SignInAudience: AudienceMyOrg,
	}
}

func expired() App {
	return App{
		TenantID: ContosoID, Name: "Contoso Forgotten Job", Key: "expired", About: "its only client secret has expired", ClientID: expiredID,
		ObjectID: "32273d1f-4a41-4cd1-b5e0-701130cb8eae", ServicePrincipalID: "16b1e35a-23b7-4f55-a3f4-5de8eb1f7f5d",
		Secrets:            []Secret{secret("0f8e2a3f-57f7-4f0b-bb6e-3d5b7c9f1f11", "lab-expired-secret-L0ngAgoTicket", 2020)},
		Permissions:        []Permission{{ResourceAppID: ordersID, Roles: []string{"Orders.Read.All"}}},
		AccessTokenVersion: 2, SignInAudience: AudienceMyOrg,
	}
}

func retired() App {
	return App{
		TenantID: ContosoID, Name: "Contoso Retired App", Key: "retired", About: "disabled for sign-in by an administrator", ClientID: retiredID, Disabled: true,
		ObjectID: "7a3f9d53-9d6f-4df6-9a6e-2a1f0c1c8a55", ServicePrincipalID: "c4d7c6d1-0d0a-4c3c-8d59-6ad0a3b0f1be",
		Platforms:          []Platform{{Type: PlatformWeb, RedirectURIs: []string{"http://localhost:3000/retired"}}},
		Secrets:            []Secret{secret("5d6c7a7e-90f6-4a7f-8f0e-77b6a2f3c9d4", "lab-retired-secret-Cl0sedCurtain", 2099)},
		AccessTokenVersion: 2, SignInAudience: AudienceMyOrg,
	}
}

func vault() App {
	key, _ := pair(3)
	return App{
		TenantID: ContosoID, Name: "Vault API", Key: "vault-api", About: "API that asks for encrypted access tokens", ClientID: vaultID,
		ObjectID: "2b8d6a44-6f0e-4f7b-a7b8-51b6f6a2a1c3", ServicePrincipalID: "9d0f2c1b-3a57-4b5e-8f70-0e9f4a3f7d12", AppIDURI: "api://vault.contoso.example",
		Scopes: []Scope{{Name: "secrets.read", ID: "7c1d2e3f-4a5b-4c6d-8e7f-9a0b1c2d3e4f", AdminConsentTitle: "Read secrets as the signed-in user",
			UserConsentTitle: "Read your secrets", UserConsentText: "Lets the app read the secrets that you may see."}},
		EncryptionKeyPEM: key, AccessTokenVersion: 2, SignInAudience: AudienceMyOrg,
	}
}

func badges() App {
	return App{
		TenantID: ContosoID, Name: "Badges API", Key: "badges-api", About: "API with a signing key of its own, published with ?appid= only", ClientID: badgesID,
		ObjectID: "6e5d4c3b-2a19-4087-9f6e-5d4c3b2a1908", ServicePrincipalID: "1f2e3d4c-5b6a-4798-8796-a5b4c3d2e1f0", AppIDURI: "api://badges.contoso.example",
		Secrets: []Secret{secret("0f8e2a3f-57f7-4f0b-bb6e-3d5b7c9f1f22", "lab-badges-secret-Br4ssButton", 2099)},
		Scopes: []Scope{{Name: "badges.read", ID: "b7a6c5d4-e3f2-4101-9a8b-7c6d5e4f3a2b", AdminConsentTitle: "Read badges as the signed-in user",
			UserConsentTitle: "See your badges", UserConsentText: "Lets the app see your badges."}},
		CustomSigningKey: true, AccessTokenVersion: 2, SignInAudience: AudienceMyOrg,
	}
}

func reports() App {
	return App{
		TenantID: ContosoID, Name: "Reports API", Key: "reports-api", About: "API for assigned callers; its scope needs an administrator", ClientID: reportsID,
		ObjectID: "3c4d5e6f-7a8b-4c9d-8e0f-1a2b3c4d5e6f", ServicePrincipalID: "8f7e6d5c-4b3a-4291-8071-6f5e4d3c2b1a", AppIDURI: "api://reports.contoso.example",
		Scopes: []Scope{{Name: "reports.read", ID: "d1c2b3a4-9586-4778-8695-a4b3c2d1e0f9", AdminOnly: true, AdminConsentTitle: "Read reports as the signed-in user",
			UserConsentTitle: "Read reports", UserConsentText: "Lets the app read all reports, as you."}},
		AppRoles:           []AppRole{{Value: "Reports.Read.All", ID: "0a9b8c7d-6e5f-4a3b-9c2d-1e0f9a8b7c6d", ForApps: true, DisplayName: "Read all reports without a user"}},
		AssignmentRequired: true, AccessTokenVersion: 2, SignInAudience: AudienceMyOrg,
	}
}

func archive() App {
	return App{
		TenantID: ContosoID, Name: "Archive API", Key: "archive-api", About: "API that was disabled by an administrator", ClientID: archiveID, Disabled: true,
		ObjectID: "4f5e6d7c-8b9a-4a0b-9c1d-2e3f4a5b6c7d", ServicePrincipalID: "5a6b7c8d-9e0f-4a1b-8c2d-3e4f5a6b7c8d", AppIDURI: "api://archive.contoso.example",
		Scopes: []Scope{{Name: "archive.read", ID: "e9d8c7b6-a5f4-4e3d-8c2b-1a0f9e8d7c6b", AdminConsentTitle: "Read the archive as the signed-in user",
			UserConsentTitle: "Read the archive", UserConsentText: "Lets the app read archived orders."}},
		AccessTokenVersion: 2, SignInAudience: AudienceMyOrg,
	}
}
