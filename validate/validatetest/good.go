package validatetest

import (
	"strings"
	"time"

	"flowscope/validate"
)

// Short names for tables.
const (
	user    = validate.SubjectUser
	app     = validate.SubjectApp
	unknown = validate.SubjectUnknown
)

// system and assigned are what a managed identity's token says of its resource.
const (
	system   = `"/subscriptions/5/resourcegroups/orders/providers/Microsoft.Compute/virtualMachines/vm1"`
	assigned = `"/subscriptions/5/resourcegroups/orders/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id1"`
)

// managed are the claims of a managed identity's token: v1.0, and it lives for a day.
func managed(changes ...string) string {
	body := Claims(AppV1(), "aud", `"https://vault.azure.net"`, "appidacr", `"2"`, "roles", "", "exp", seconds(Now().Add(-10*time.Minute+24*time.Hour+5*time.Minute)))
	return Claims(body, changes...)
}

// of moves a body into another tenant.
func of(tenant, body string) string { return strings.ReplaceAll(body, Tenant, tenant) }

// goodAccess are access tokens that their API may accept.
//
// long because every kind of access token stands here once.
func goodAccess() []Case {
	h, v2, v1 := Header(), WantUser(), WantV1()
	h1 := Header("x5t", quote(KeyID))
	guest := Claims(UserV1(), "idp", `"https://sts.windows.net/`+OtherTenant+`/"`, "upn", `"ada_fabrikam.example#EXT#@contoso.example"`, "unique_name", `"ada@fabrikam.example"`, "acct", "1")
	many := change(v2, func(w *validate.Expectations) {
		w.Issuer, w.Tenants = IssuerTemplate, []string{OtherTenant, Tenant}
	})
	return []Case{
		{Name: "v2.0 for a person", Token: Sign(h, UserV2()), Want: v2, Subject: user, Lesson: "An API with version 2 tokens expects its own client id and the tenant's v2.0 issuer."},
		{Name: "v2.0 for a person, all stated", Token: Sign(h, UserV2()), Subject: user, Want: change(v2, func(w *validate.Expectations) {
			w.Tenants, w.Scopes, w.Caller, w.Type, w.ClientID = []string{Tenant}, []string{"Orders.Read"}, user, validate.KindAccess, Client
		}), Lesson: "Stating everything leaves nothing open but what does not concern an access token."},
		{Name: "v1.0 for a person", Token: Sign(h1, UserV1()), Want: v1, Subject: user, Lesson: "A v1.0 token carries the App ID URI that was asked for and the issuer of sts.windows.net."},
		{Name: "v1.0 with the client id as audience", Token: Sign(h1, Claims(UserV1(), "aud", quote(API))), Want: v1, Subject: user, Lesson: "A v1.0 token asked for by GUID has the GUID for its audience; list both."},
		{Name: "v1.0 signed with a key of its own set", Token: Sign(Header("kid", quote(PlainKeyID)), UserV1()), Want: v1, Subject: user, Lesson: "Keys of v1.0 metadata carry no issuer; the rule on it does not apply."},
		{Name: "v2.0 application with a role", Token: Sign(h, AppV2()), Subject: app, Want: change(v2, func(w *validate.Expectations) { w.Caller, w.Roles = app, []string{"Orders.Process"} }),
			Lesson: "An application's permissions stand in roles."},
		{Name: "v2.0 application without a role", Token: Sign(h, Claims(AppV2(), "roles", "")), Subject: app, Want: v2, Warn: list("token-type"),
			Lesson: "Entra gives a token to any application of the tenant; without roles it grants nothing."},
		{Name: "v1.0 application with a role", Token: Sign(h1, AppV1()), Subject: app, Want: v1, Lesson: "idtyp is there in v1.0 tokens of applications."},
		{Name: "v2.0 application with idtyp", Token: Sign(h, Claims(AppV2(), "idtyp", `"app"`)), Subject: app, Want: change(v2, func(w *validate.Expectations) { w.Caller = app }),
			Lesson: "The optional claim idtyp settles who came."},
		{Name: "delegated with roles of the user", Token: Sign(h, Claims(UserV2(), "roles", `["Admin"]`)), Subject: user, Want: change(v2, func(w *validate.Expectations) {
			w.Scopes, w.Roles, w.Caller = []string{"Orders.Read"}, []string{"Admin"}, user
		}), Lesson: "Roles beside scopes are the person's roles."},
		{Name: "multi-tenant, listed tenant", Token: Sign(h, of(OtherTenant, UserV2())), Subject: user, Want: many, Lesson: "The template takes the token's tenant; the list decides whether it may come in."},
		{Name: "tenant in capitals", Token: Sign(h, UserV2()), Subject: user, Want: change(v2, func(w *validate.Expectations) { w.Tenants = []string{strings.ToUpper(Tenant)} }),
			Lesson: "GUIDs are compared without regard to case."},
		{Name: "guest", Token: Sign(h1, guest), Want: v1, Subject: user, Lesson: "A guest's tid is the host's tenant; idp names the home."},
		{Name: "guest, v2.0", Token: Sign(h, Claims(UserV2(), "idp", `"https://sts.windows.net/`+OtherTenant+`/"`, "acct", "1")), Want: v2, Subject: user, Lesson: "acct 1 is a guest."},
		{Name: "guest with a personal account", Token: Sign(h1, Claims(UserV1(), "idp", `"live.com"`, "unique_name", `"live.com#ada@outlook.example"`)), Want: v1, Subject: user, Lesson: "idp live.com is a personal account as a guest."},
		{Name: "personal account", Token: Sign(Header("kid", quote(ConsumersKeyID)), of(Consumers, UserV2())), Subject: user, Want: change(v2, func(w *validate.Expectations) {
			w.Issuer, w.Tenants = IssuerTemplate, []string{Consumers}
		}), Lesson: "Personal accounts have a tenant of their own and a key that signs for it alone."},
		{Name: "managed identity, system-assigned", Token: Sign(h1, managed("xms_mirid", system)), Subject: app, Want: aud(v1, "https://vault.azure.net"),
			Lesson: "A managed identity is an application; its token names the resource it runs on and lives for a day."},
		{Name: "managed identity, user-assigned", Token: Sign(h1, managed("xms_mirid", assigned, "xms_az_rid", system)), Subject: app, Want: aud(v1, "https://vault.azure.net"),
			Lesson: "A user-assigned identity names itself in xms_mirid and its host in xms_az_rid."},
		{Name: "on-behalf-of", Token: Sign(h, Claims(UserV2(), "aud", quote(OtherAPI), "azp", quote(API), "scp", `"Stock.Read"`)), Subject: user, Want: change(aud(v2, OtherAPI), func(w *validate.Expectations) {
			w.ClientID = API
		}), Lesson: "After on-behalf-of the client is the API in the middle, and the person stays."},
		{Name: "group overage", Token: Sign(h, Claims(UserV2(), "_claim_names", `{"groups":"src1"}`, "_claim_sources", `{"src1":{"endpoint":"https://graph.windows.net/`+Tenant+`/users/`+User+`/getMemberObjects"}}`)),
			Want: v2, Subject: user, Lesson: "Over 200 groups the token says where to ask; a missing groups claim is no empty one."},
		{Name: "groups", Token: Sign(h, Claims(UserV2(), "groups", `["eeeeeeee-0000-4000-8000-000000000005"]`, "wids", `["b79fbf4d-3ef9-4689-8143-76b194e85509"]`)), Want: v2, Subject: user, Lesson: "Groups are object ids."},
		{Name: "continuous access evaluation", Token: Sign(h, Claims(UserV2(), "xms_cc", `["cp1"]`, "exp", seconds(Now().Add(-10*time.Minute+28*time.Hour)))), Want: v2, Subject: user, Lesson: "With continuous access evaluation a token lives up to 28 hours."},
		{Name: "step-up", Token: Sign(h, Claims(UserV2(), "acrs", `["c1","p1"]`)), Want: v2, Subject: user, Lesson: "acrs names the authentication contexts that were met."},
		{Name: "federated credential", Token: Sign(h, Claims(AppV2(), "xms_ficinfo", `"CAAQ"`)), Want: v2, Subject: app, Lesson: "A federated credential counts as a certificate."},
		{Name: "agent identity", Token: Sign(h, Claims(AppV2(), "xms_act_fct", `"9 3 11"`, "xms_sub_fct", `"9 3 11"`, "xms_par_app_azp", quote(OtherClient))), Want: v2, Subject: app, Lesson: "An agent's own identity carries facet 11."},
		{Name: "agent user", Token: Sign(h, Claims(UserV2(), "xms_act_fct", `"11"`, "xms_sub_fct", `"13"`)), Want: v2, Subject: user, Lesson: "A user of an agent carries facet 13."},
		{Name: "proof of possession", Token: Sign(h, Claims(UserV2(), "cnf", `{"kid":"abc"}`)), Want: v2, Subject: user, Lesson: "cnf binds the token to a key of the client."},
		{Name: "client shares the API's registration", Token: Sign(h, Claims(UserV2(), "azp", quote(API), "azpacr", `"0"`)), Want: v2, Subject: user, Lesson: "With one registration for both, azp and aud are the same."},
		{Name: "second key", Token: SignWith(SecondRSA(), "RS256", Header("kid", quote(SecondKeyID)), UserV2()), Want: v2, Subject: user, Lesson: "An issuer publishes several keys; kid picks one."},
		{Name: "typ in small letters", Token: Sign(Header("typ", `"jwt"`), UserV2()), Want: v2, Subject: user, Lesson: "Media types are compared without regard to case (RFC 7515 section 4.1.9)."},
		{Name: "with the issuer's metadata", Token: Sign(h, UserV2()), Want: v2, Subject: user, Keys: Metadata{KeySource: Source(), Issuer: IssuerV2, Cloud: "microsoftonline.com", KeyCloud: "microsoftonline.com"}, Lesson: "Key, metadata and token name one issuer and one cloud."},
		{Name: "v1.0 slash audience", Token: Sign(h1, Claims(UserV1(), "aud", `"https://api.example/"`)), Want: aud(v1, "https://api.example"), Subject: user, Warn: list("audience"), Says: "slash",
			Lesson: "v1.0 repeats the resource as it was asked for, slash included."},
	}
}

// goodID are ID tokens that their client may accept.
func goodID() []Case {
	h, want := Header(), WantID()
	const id = validate.KindID
	whole := change(want, func(w *validate.Expectations) {
		w.AccessToken, w.Code, w.ClientID = "the access token", "the code", Client
	})
	return []Case{
		{Name: "ID token, code flow", Kind: id, Token: Sign(h, IDV2()), Want: want, NotRun: list("hash"), Lesson: "From the token endpoint Entra leaves the hashes out."},
		{Name: "ID token, hybrid", Kind: id, Token: Sign(h, Claims(IDV2(), "c_hash", half("the code"), "at_hash", half("the access token"))), Want: whole, Lesson: "Beside a code the ID token carries c_hash."},
		{Name: "ID token, hybrid without access token", Kind: id, Token: Sign(h, Claims(IDV2(), "c_hash", half("the code"))), Want: change(whole, func(w *validate.Expectations) { w.AccessToken = "" }), Lesson: "response_type code id_token has c_hash alone."},
		{Name: "ID token, implicit", Kind: id, Token: Sign(h, Claims(IDV2(), "at_hash", half("the access token"))), Want: change(whole, func(w *validate.Expectations) { w.Code = "" }), Lesson: "Beside an access token the ID token carries at_hash."},
		{Name: "ID token, v1.0", Kind: id, Token: Sign(Header("x5t", quote(KeyID)), IDV1()), Want: change(want, func(w *validate.Expectations) { w.Issuer = IssuerV1 }), Lesson: "The endpoint decides the version of an ID token."},
		{Name: "ID token with azp", Kind: id, Token: Sign(h, Claims(IDV2(), "azp", quote(Client))), Want: whole, Lesson: "azp may stand there, and is then the client."},
		{Name: "ID token with several audiences", Kind: id, Token: Sign(h, Claims(IDV2(), "aud", `["x",`+quote(Client)+`]`, "azp", quote(Client))), Want: whole, Lesson: "With several audiences azp says for whom."},
		{Name: "ID token of a personal account", Kind: id, Token: Sign(Header("kid", quote(ConsumersKeyID)), of(Consumers, Claims(IDV2(), "exp", seconds(Now().Add(23*time.Hour))))),
			Want: change(want, func(w *validate.Expectations) { w.Issuer, w.Tenants = IssuerTemplate, []string{Consumers} }), Lesson: "Personal accounts' ID tokens live for a day."},
		{Name: "ID token with group overage", Kind: id, Token: Sign(h, Claims(IDV2(), "hasgroups", "true", "at_hash", half("the access token"))), Want: change(whole, func(w *validate.Expectations) { w.Code = "" }), Lesson: "In a fragment more than six groups become hasgroups."},
		{Name: "ID token with roles", Kind: id, Token: Sign(h, Claims(IDV2(), "roles", `["Admin"]`)), Want: change(want, func(w *validate.Expectations) { w.Roles = []string{"Admin"} }), Lesson: "App roles of the client stand in the ID token."},
		{Name: "ID token without a person's claims", Kind: id, Token: Sign(h, Claims(IDV2(), "name", "", "preferred_username", "", "oid", "", "tid", "")), Want: want, Lesson: "Without the scope profile there is neither oid nor tid."},
		{Name: "ID token, nonce not stated", Kind: id, Token: Sign(h, IDV2()), Want: change(want, func(w *validate.Expectations) { w.Nonce = "" }), NotRun: list("nonce"), Lesson: "A nonce nobody stated is listed and blocks nothing."},
	}
}
