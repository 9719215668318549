package validatetest

import (
	"strings"

	"flowscope/validate"
)

// template is WantUser of an application for many tenants, with its list of tenants.
func template(tenants ...string) validate.Expectations {
	w := WantUser()
	w.Issuer, w.Tenants = IssuerTemplate, tenants
	return w
}

// mistakeIssuer are wrong expectations of issuer and tenant.
//
// long because every such mistake stands here once.
func mistakeIssuer() []Case {
	h, want := Header(), WantUser()
	issuer := func(iss string) validate.Expectations {
		return change(want, func(w *validate.Expectations) { w.Issuer = iss })
	}
	v2, foreign := Sign(h, UserV2()), Sign(h, of(OtherTenant, UserV2()))
	v1 := Sign(h, UserV1())
	return []Case{
		{Name: "issuer expected with a slash", Token: v2, Want: issuer(IssuerV2 + "/"), Fails: list("issuer"), Says: "slash", Lesson: "v2.0 issuers have no slash at the end."},
		{Name: "v1.0 issuer expected without its slash", Token: v1, Want: change(WantV1(), func(w *validate.Expectations) { w.Issuer = strings.TrimSuffix(IssuerV1, "/") }), Fails: list("issuer"), Says: "slash", Lesson: "v1.0 issuers have one."},
		{Name: "v1.0 token, v2.0 expected", Token: v1, Want: want, Fails: list("issuer", "audience"), Says: "requestedAccessTokenVersion", Lesson: "The API's registration decides the version; left alone it is 1."},
		{Name: "v1.0 token, v2.0 issuer pinned, audience right", Token: v1, Want: aud(want, APIURI), Fails: list("issuer"), Says: "requestedAccessTokenVersion", Lesson: "Right audience, issuer of the other version."},
		{Name: "v2.0 token, v1.0 expected", Token: v2, Want: WantV1(), Fails: list("issuer"), Says: "requestedAccessTokenVersion", Lesson: "The API moved to version 2 and its settings did not."},
		{Name: "common expected", Token: v2, Want: issuer("https://login.microsoftonline.com/common/v2.0"), Fails: list("issuer"), Says: "no token ever names it", Lesson: "common is an authority, never an issuer."},
		{Name: "organizations expected", Token: v2, Want: issuer("https://login.microsoftonline.com/organizations/v2.0"), Fails: list("issuer"), Says: "no token ever names it", Lesson: "So is organizations."},
		{Name: "tenant expected by its domain in the issuer", Token: v2, Want: issuer(DomainIssuer), Fails: list("issuer"), Says: "by GUID", Lesson: "A domain works in the authority and never stands in an issuer."},
		{Name: "the template itself in the token", Token: Sign(h, Claims(UserV2(), "iss", quote(IssuerTemplate))), Want: template(Tenant), Fails: list("key", "issuer"), Says: "as it stands in the metadata", Lesson: "A token that carries the template is nobody's."},
		{Name: "cross-tenant with common keys", Token: foreign, Want: want, Fails: list("issuer"), Says: "another tenant", Lesson: "Keys are shared among tenants; only the issuer keeps the others out."},
		{Name: "cross-tenant, template and list", Token: foreign, Want: template(Tenant), Fails: list("tenant"), Says: "not on the list", Lesson: "Behind the template the list of tenants decides."},
		{Name: "template without a list of tenants", Token: foreign, Want: template(), NotRun: list("tenant"), Says: "every tenant", Lesson: "Any tenant of the world may come in; say so only on purpose."},
		{Name: "personal account, template without a list", Token: Sign(Header("kid", quote(ConsumersKeyID)), of(Consumers, UserV2())), Want: template(), NotRun: list("tenant"), Says: "personal", Lesson: "Without a list personal accounts come in, too."},
		{Name: "personal account, not listed", Token: Sign(Header("kid", quote(ConsumersKeyID)), of(Consumers, UserV2())), Want: template(Tenant), Fails: list("tenant"), Says: "personal", Lesson: "Personal accounts are a tenant like any other; list it if they may come in."},
		{Name: "issuer not checked with common keys", Token: foreign, Want: issuer(""), Keys: Metadata{KeySource: Source(), Issuer: IssuerTemplate}, Verdict: validate.Unverified, NotRun: list("issuer"), Lesson: "A good signature says Entra, and nothing about which company."},
		{Name: "tid missing, template", Token: Sign(h, Claims(UserV2(), "tid", "")), Want: template(Tenant), Fails: list("issuer", "tenant"), Says: "names no tenant", Lesson: "Without tid the template cannot be filled in, and the list has nothing to look at."},
		{Name: "tid is no GUID", Token: Sign(Header("kid", quote(PlainKeyID)), Claims(UserV2(), "tid", `"contoso.example"`)), Want: template("contoso.example"), Fails: list("issuer", "tenant"), Lesson: "tid is a GUID, always."},
		{Name: "tid of another tenant than iss", Token: Sign(h, Claims(UserV2(), "tid", quote(OtherTenant))), Want: want, Fails: list("key", "tenant"), Says: "agrees with itself", Lesson: "iss and tid name one tenant."},
		{Name: "tenant listed by its domain", Token: v2, Want: change(want, func(w *validate.Expectations) { w.Tenants = []string{"contoso.example"} }), Fails: list("tenant"), Says: "domain name never matches", Lesson: "Tokens name their tenant by GUID."},
		{Name: "guest, home tenant expected", Token: Sign(h, Claims(UserV2(), "idp", `"https://sts.windows.net/`+OtherTenant+`/"`, "acct", "1")), Want: change(want, func(w *validate.Expectations) { w.Tenants = []string{OtherTenant} }), Fails: list("tenant"), Says: "not on the list", Lesson: "A guest's tid is the host's tenant, not the home."},
		{Name: "iss is missing", Token: Sign(Header("kid", quote(PlainKeyID)), Claims(UserV2(), "iss", "")), Want: want, Fails: list("issuer"), Says: "who issued", Lesson: "Every token says who issued it."},
		{Name: "iss begins like the issuer", Token: Sign(Header("kid", quote(PlainKeyID)), Claims(UserV2(), "iss", quote(IssuerV2+".evil.example"))), Want: want, Fails: list("issuer"), Lesson: "Never compare issuers by how they begin."},
		{Name: "iss in capitals", Token: Sign(Header("kid", quote(PlainKeyID)), Claims(UserV2(), "iss", quote("https://LOGIN.microsoftonline.com/"+Tenant+"/v2.0"))), Want: want, Fails: list("issuer"), Lesson: "Issuers are compared character by character."},
		{Name: "issuer of another cloud", Token: Sign(Header("kid", quote(PlainKeyID)), Claims(UserV2(), "iss", `"https://login.microsoftonline.us/`+Tenant+`/v2.0"`)), Want: want, Fails: list("issuer"), Lesson: "Each cloud has its own issuers."},
		{Name: "metadata of another issuer", Token: v2, Want: issuer(""), Keys: Metadata{KeySource: Source(), Issuer: "https://login.microsoftonline.com/" + OtherTenant + "/v2.0"}, Fails: list("issuer"), Says: "another issuer", Lesson: "Keys prove something about their own issuer alone."},
		{Name: "keys for many tenants that name no issuer", Token: Sign(Header("kid", quote(PlainKeyID)), UserV2()), Want: template(Tenant), Keys: Metadata{KeySource: Source(), Issuer: IssuerTemplate}, Warn: list("key"), Says: "many tenants", Lesson: "Where a key names no issuer, take the tenant's own key set."},
		{Name: "ver and iss disagree", Token: Sign(h, Claims(UserV2(), "ver", `"1.0"`)), Want: want, Warn: list("version"), Lesson: "ver and the form of the issuer say the same."},
		{Name: "ver unheard of", Token: Sign(h, Claims(UserV2(), "ver", `"3.0"`)), Want: want, Warn: list("version"), Lesson: "Entra knows two versions."},
	}
}

// mistakeAudience are tokens for somebody else, or expected under another name.
//
// long because every such mistake stands here once.
func mistakeAudience() []Case {
	h, want, wantID := Header(), WantUser(), WantID()
	v2, v1, id := Sign(h, UserV2()), Sign(h, UserV1()), Sign(h, IDV2())
	const idKind = validate.KindID
	typed := func(w validate.Expectations, k validate.Kind) validate.Expectations {
		return change(w, func(w *validate.Expectations) { w.Type = k })
	}
	graphBody := Claims(UserV1(), "aud", `"https://graph.microsoft.com"`, "scp", `"User.Read"`)
	return []Case{
		{Name: "App ID URI expected of a v2.0 token", Token: v2, Want: aud(want, APIURI), Fails: list("audience"), Says: "another spelling", Lesson: "A v2.0 token carries the client id."},
		{Name: "App ID URI by name expected of a v2.0 token", Token: v2, Want: aud(want, "api://orders"), Fails: list("audience"), Says: "unless both name the same API", Lesson: "Names and ids of one API cannot be told from those of two."},
		{Name: "client id alone expected of a v1.0 token", Token: v1, Want: aud(WantV1(), API), Fails: list("audience"), Says: "another spelling", Lesson: "A v1.0 token carries what was asked for; list both."},
		{Name: "App ID URI alone expected, asked for by client id", Token: Sign(h, Claims(UserV1(), "aud", quote(API))), Want: aud(WantV1(), APIURI), Fails: list("audience"), Says: "another spelling", Lesson: "A v1.0 token asked for by GUID has the GUID."},
		{Name: "audience in capitals", Token: v2, Want: aud(want, strings.ToUpper(API)), Fails: list("audience"), Says: "case", Lesson: "Audiences are compared exactly."},
		{Name: "v2.0 audience with a slash", Token: v2, Want: aud(want, API+"/"), Fails: list("audience"), Lesson: "Only v1.0 repeats slashes."},
		{Name: "token for another API", Token: Sign(h, Claims(UserV2(), "aud", quote(OtherAPI))), Want: want, Fails: list("audience"), Says: "One token serves one API", Lesson: "The scope that was asked for decides the audience."},
		{Name: "token of the API in the middle passed on", Token: v2, Want: aud(want, OtherAPI), Fails: list("audience"), Says: "One token serves one API", Lesson: "The API further down needs on-behalf-of, not the token that came in."},
		{Name: "audience is missing", Token: Sign(h, Claims(UserV2(), "aud", "")), Want: want, Fails: list("audience"), Says: "for whom", Lesson: "A token for nobody is for nobody."},
		{Name: "audience is empty", Token: Sign(h, Claims(UserV2(), "aud", `""`)), Want: aud(want, ""), Fails: list("audience"), Lesson: "An empty name matches nothing, stated or not."},
		{Name: "audience with a NUL", Token: Sign(h, Claims(UserV2(), "aud", `"`+API+`\u0000evil"`)), Want: want, Fails: list("audience"), Lesson: "A string does not end at a NUL."},
		{Name: "Graph token to an own API", Token: graph("n", graphBody), Want: aud(WantV1(), API), Fails: list("audience"), NotRun: list("signature"), Says: "Microsoft Graph", Lesson: "User.Read is a scope of Graph; ask for a scope of your own API."},
		{Name: "Graph token to an own API with version 2", Token: graph("n", graphBody), Want: want, Fails: list("issuer", "audience"), NotRun: list("signature"), Says: "Microsoft Graph", Lesson: "Graph's tokens are v1.0, so the issuer differs as well."},
		{Name: "token for another API of Microsoft's, with a header nonce", Token: graph("n", Claims(UserV1(), "aud", `"https://outlook.office365.com/"`)), Want: aud(WantV1(), "https://outlook.office365.com/"), Verdict: validate.Unverified, NotRun: list("signature"), Says: "Microsoft's own APIs", Lesson: "Exchange and SharePoint change the nonce as Graph does."},
		{Name: "token for an API of Microsoft's to an own API", Token: graph("n", Claims(UserV1(), "aud", `"https://contoso.sharepoint.com"`)), Want: WantV1(), Fails: list("audience"), NotRun: list("signature"), Lesson: "One token serves one API."},
		{Name: "kid and x5t name different keys", Token: Sign(Header("x5t", quote(SecondKeyID)), UserV1()), Want: WantV1(), Warn: list("key"), Says: "x5t", Lesson: "Entra writes the same into both; readers differ in which one they take."},
		{Name: "header nonce for another API", Token: graph("n", UserV2()), Want: want, Fails: list("signature"), Says: `"nonce"`, Lesson: "Some of Microsoft's own APIs use the nonce, too."},
		{Name: "ID token to an API", Token: id, Kind: idKind, Want: typed(want, validate.KindAccess), Fails: list("audience", "token-type"), Says: "opens no API", Lesson: "An ID token tells the client who signed in."},
		{Name: "ID token to an API that shares the registration", Token: id, Kind: idKind, Want: typed(aud(want, Client), validate.KindAccess), Fails: list("token-type"), Says: "opens no API", Lesson: "Only the type of token keeps it out here."},
		{Name: "ID token where a scope is required", Token: id, Kind: idKind, Want: change(aud(want, Client), func(w *validate.Expectations) { w.Scopes = []string{"Orders.Read"} }), Fails: list("scope"), Says: "ID tokens grant no scopes", Lesson: "An ID token grants nothing."},
		{Name: "access token as an ID token", Token: v2, Want: change(wantID, func(w *validate.Expectations) { w.Nonce = "" }), Fails: list("audience", "token-type"), Says: "nothing about a sign-in", Lesson: "Whoever holds an access token need not be who it speaks of."},
		{Name: "access token as an ID token, shared registration", Token: Sign(h, Claims(UserV2(), "aud", quote(Client))), Want: wantID, Fails: list("token-type", "nonce"), Says: "nothing about a sign-in", Lesson: "The audience fits; type and nonce do not."},
		{Name: "logout token", Token: Sign(Header("typ", `"logout+jwt"`), IDV2()), Kind: idKind, Want: wantID, Fails: list("token-type"), Says: "logout+jwt", Lesson: "Each kind of token has its purpose, and typ says which."},
		{Name: "ID token of another client", Token: Sign(h, Claims(IDV2(), "aud", quote(OtherClient))), Kind: idKind, Want: wantID, Fails: list("audience"), Says: "for one client", Lesson: "An ID token of another client proves a sign-in there."},
		{Name: "ID token, nonce of another sign-in", Token: Sign(h, Claims(IDV2(), "nonce", `"n2"`)), Kind: idKind, Want: wantID, Fails: list("nonce"), Says: "another sign-in", Lesson: "The nonce ties the token to the browser that asked."},
		{Name: "ID token without the nonce", Token: Sign(h, Claims(IDV2(), "nonce", "")), Kind: idKind, Want: wantID, Fails: list("nonce"), Says: "does not carry it", Lesson: "A nonce that was sent has to come back."},
		{Name: "ID token, nonce hashed by MSAL for Python", Token: Sign(h, Claims(IDV2(), "nonce", hashed("n1"))), Kind: idKind, Want: wantID, Fails: list("nonce"), Says: "SHA-256", Lesson: "MSAL for Python sends a hash of the value it was given."},
		{Name: "ID token beside another access token", Token: Sign(h, Claims(IDV2(), "at_hash", half("another"))), Kind: idKind, Want: change(wantID, func(w *validate.Expectations) { w.AccessToken = "the access token" }), Fails: list("hash"), Says: "at_hash", Lesson: "at_hash shows that the access token was exchanged on its way."},
		{Name: "ID token beside another code", Token: Sign(h, Claims(IDV2(), "c_hash", half("another"))), Kind: idKind, Want: change(wantID, func(w *validate.Expectations) { w.Code = "the code" }), Fails: list("hash"), Says: "c_hash", Lesson: "c_hash shows that the code was exchanged on its way."},
		{Name: "ID token, hybrid without c_hash", Token: id, Kind: idKind, Want: change(wantID, func(w *validate.Expectations) { w.Code, w.FrontChannel = "the code", true }), Fails: list("hash"), Says: "c_hash", Lesson: "Straight from the authorization endpoint, beside a code, c_hash has to be there."},
		{Name: "ID token, implicit without at_hash", Token: id, Kind: idKind, Want: change(wantID, func(w *validate.Expectations) { w.AccessToken, w.FrontChannel = "the access token", true }), Fails: list("hash"), Says: "at_hash", Lesson: "Without at_hash anybody can put another access token beside it."},
		{Name: "ID token with several audiences and no azp", Token: Sign(h, Claims(IDV2(), "aud", `["x",`+quote(Client)+`]`)), Kind: idKind, Want: change(wantID, func(w *validate.Expectations) { w.ClientID = Client }), Fails: list("authorized-party"), Says: "several audiences", Lesson: "With several audiences azp has to say for whom."},
	}
}

// mistakeCaller are callers and permissions that are taken for others.
//
// long because every such mistake stands here once.
func mistakeCaller() []Case {
	h, want := Header(), WantUser()
	v2, service := Sign(h, UserV2()), Sign(h, AppV2())
	with := func(how func(*validate.Expectations)) validate.Expectations { return change(want, how) }
	scope := func(s ...string) validate.Expectations {
		return with(func(w *validate.Expectations) { w.Scopes = s })
	}
	role := func(caller string, r ...string) validate.Expectations {
		return with(func(w *validate.Expectations) { w.Caller, w.Roles = caller, r })
	}
	return []Case{
		{Name: "application where a person is wanted", Token: service, Subject: app, Want: with(func(w *validate.Expectations) { w.Caller = user }), Fails: list("token-type"), Says: "An application came as itself", Lesson: "The oid of an application is a service principal, nobody's account."},
		{Name: "person where an application is wanted", Token: v2, Subject: user, Want: with(func(w *validate.Expectations) { w.Caller = app }), Fails: list("token-type"), Says: "for a person", Lesson: "Application permissions are no person's."},
		{Name: "application where a scope is required", Token: service, Subject: app, Want: scope("Orders.Read"), Fails: list("scope"), Says: "roles, never scopes", Lesson: "An application's permissions stand in roles."},
		{Name: "application with idtyp and scp", Token: Sign(h, Claims(UserV2(), "idtyp", `"app"`)), Want: want, Warn: list("token-type"), Says: "idtyp", Lesson: "No token of Entra says both."},
		{Name: "application with idtyp and scp, a person wanted", Token: Sign(h, Claims(UserV2(), "idtyp", `"app"`)), Want: with(func(w *validate.Expectations) { w.Caller = user }), Fails: list("token-type"), Says: "no genuine token says both", Lesson: "A token that contradicts itself is refused."},
		{Name: "application whose sub is not its oid", Token: Sign(h, Claims(AppV2(), "idtyp", `"app"`, "sub", quote(sub))), Subject: app, Want: want, Warn: list("token-type"), Says: "oid", Lesson: "An application's sub is its oid."},
		{Name: "neither scopes nor roles", Token: Sign(h, Claims(UserV2(), "scp", "")), Want: want, Warn: list("token-type"), Says: "grants nothing", Lesson: "Issuer, audience and signature are right, and nothing is granted."},
		{Name: "application's token for itself", Token: Sign(h, Claims(AppV2(), "aud", quote(Client), "roles", "")), Subject: app, Want: aud(want, Client), Warn: list("token-type"), Says: "grants nothing", Lesson: "An application's own /.default gives a token that grants nothing."},
		{Name: "role of a person taken for an application's", Token: Sign(h, Claims(UserV2(), "roles", `["Orders.Process"]`)), Subject: user, Want: role("", "Orders.Process"), Lesson: "Roles hold people's roles and applications' permissions; say who may come in."},
		{Name: "role of a person, an application wanted", Token: Sign(h, Claims(UserV2(), "roles", `["Orders.Process"]`)), Subject: user, Want: role(app, "Orders.Process"), Fails: list("token-type"), Says: "for a person", Lesson: "The role fits, the caller does not."},
		{Name: "role of an application, person wanted", Token: service, Subject: app, Want: role(user, "Orders.Process"), Fails: list("token-type"), Says: "An application came", Lesson: "The role fits, the caller does not."},
		{Name: "application without the role", Token: Sign(h, Claims(AppV2(), "roles", "")), Subject: app, Want: role(app, "Orders.Process"), Fails: list("roles"), Says: "no role", Lesson: "Grant the application permission and the administrator's consent."},
		{Name: "role missing", Token: service, Subject: app, Want: role(app, "Orders.Admin"), Fails: list("roles"), Says: "Orders.Admin", Lesson: "Roles are compared exactly."},
		{Name: "role in small letters", Token: service, Subject: app, Want: role(app, "orders.process"), Fails: list("roles"), Lesson: "Case counts."},
		{Name: "person without a role", Token: v2, Subject: user, Want: role(user, "Admin"), Fails: list("roles"), Says: "no roles", Lesson: "People get roles by assignment."},
		{Name: "scope is part of another", Token: Sign(h, Claims(UserV2(), "scp", `"Orders.ReadWrite"`)), Want: scope("Orders.Read"), Fails: list("scope"), Says: "word by word", Lesson: "Orders.ReadWrite is not Orders.Read, whatever a search in the string says."},
		{Name: "scope is part of another, backwards", Token: Sign(h, Claims(UserV2(), "scp", `"Orders.Read"`)), Want: scope("Orders.ReadWrite"), Fails: list("scope"), Lesson: "Nor the other way round."},
		{Name: "scope parted by another white space", Token: Sign(h, Claims(UserV2(), "scp", `"Orders.Read\tOrders.ReadWrite"`)), Want: scope("Orders.Read"), Fails: list("scope"), Lesson: "Scopes are parted by spaces alone (RFC 6749 section 3.3)."},
		{Name: "scope in full", Token: v2, Want: scope(APIURI + "/Orders.Read"), Fails: list("scope"), Says: "short names", Lesson: "The address is for requests; scp holds the short name."},
		{Name: "scope in small letters", Token: v2, Want: scope("orders.read"), Fails: list("scope"), Says: "case counts", Lesson: "Case counts."},
		{Name: ".default as a scope", Token: v2, Want: scope(APIURI + "/.default"), Fails: list("scope"), Says: ".default", Lesson: ".default asks for what is granted and never stands in a token."},
		{Name: "one scope of two", Token: Sign(h, Claims(UserV2(), "scp", `"Orders.Read"`)), Want: scope("Orders.Read", "Orders.ReadWrite"), Fails: list("scope"), Says: "Orders.ReadWrite", Lesson: "All that are required have to be there."},
		{Name: "scope required and none granted", Token: Sign(h, Claims(UserV2(), "scp", "")), Want: scope("Orders.Read"), Fails: list("scope"), Lesson: "No scp, no scope.", Warn: list("token-type")},
		{Name: "another client", Token: v2, Want: with(func(w *validate.Expectations) { w.ClientID = OtherClient }), Fails: list("authorized-party"), Says: "another client", Lesson: "Where only some clients may come in, azp is checked."},
		{Name: "another client, v1.0", Token: Sign(h, UserV1()), Want: change(WantV1(), func(w *validate.Expectations) { w.ClientID = OtherClient }), Fails: list("authorized-party"), Says: "another client", Lesson: "v1.0 says appid."},
		{Name: "azp and appid disagree", Token: Sign(h, Claims(UserV2(), "appid", quote(OtherClient))), Want: want, Fails: list("authorized-party"), Says: "agrees with itself", Lesson: "A token has one client."},
		{Name: "client is missing", Token: Sign(h, Claims(UserV2(), "azp", "")), Want: with(func(w *validate.Expectations) { w.ClientID = Client }), Fails: list("authorized-party"), Says: "does not say", Lesson: "Entra always writes azp or appid."},
		{Name: "client is missing and not asked for", Token: Sign(h, Claims(UserV2(), "azp", "")), Want: want, Warn: list("authorized-party"), Says: "names its client", Lesson: "Every access token of Entra names its client."},
	}
}
