package directory

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
