package middleware_test

import (
	"fmt"
	"strings"
	"testing"

	"flowscope/validate"
	"flowscope/validate/middleware"
	"flowscope/validate/validatetest"
)

// TestAnIDTokenIsNeverGood holds every profile to an ID token that is good for
// its client: nobody is called wrong for refusing it or right for accepting it,
// and no fix tells an API to take it.
func TestAnIDTokenIsNeverGood(t *testing.T) {
	token := sign(t, header, claims(`"azp":"bbbbbbbb-0000-4000-8000-000000000002","azpacr":"1",`, "", `"scp":"Orders.Read",`, ""))
	want := want()
	want.Type = validate.KindID
	r := validate.Check(t.Context(), token, keys(t), want)
	if r.Kind != validate.KindID || r.Verdict != validate.Valid {
		t.Fatalf("%s, %s", r.Kind, r.Verdict)
	}
	for _, o := range middleware.Judge(t.Context(), r, keys(t)) {
		switch {
		case o.Answer == middleware.Accepts && o.Harm != middleware.HarmAccepts, o.Answer == middleware.Rejects && (o.Harm != "" || o.Fix != ""):
			t.Errorf("%s %s, harm %q, fix %q", o.Profile.ID, o.Answer, o.Harm, o.Fix)
		}
	}
}

// TestStricter covers refusals that are a choice and not a fault.
func TestStricter(t *testing.T) {
	exp := fmt.Sprint(now.Unix() + 3600)
	start := fmt.Sprintf(`"nbf":%d`, now.Unix()-600)
	for _, c := range []struct {
		name, token, profile string
		harm                 middleware.Harm
		rule, fix            string
	}{
		{"the second of exp", sign(t, header, claims(exp, fmt.Sprint(now.Unix()))), "jose", middleware.HarmStricter, "ERR_JWT_EXPIRED", "clockTolerance"},
		{"the second of exp", sign(t, header, claims(exp, fmt.Sprint(now.Unix()))), "pyjwt", middleware.HarmStricter, "ExpiredSignatureError", "leeway"},
		{"over for a minute", sign(t, header, claims(exp, fmt.Sprint(now.Unix()-60))), "go-oidc", middleware.HarmStricter, "TokenExpiredError", "leaves four"},
		{"not yet for a minute", sign(t, header, claims(start, fmt.Sprintf(`"nbf":%d`, now.Unix()+60))), "jsonwebtoken", middleware.HarmStricter, "jwt not active", "clockTolerance"},
		{"issued in a minute", sign(t, header, claims(fmt.Sprintf(`"iat":%d`, now.Unix()-600), fmt.Sprintf(`"iat":%d`, now.Unix()+60))), "pyjwt", middleware.HarmStricter, "ImmatureSignatureError (iat)", "leeway"},
		{"over for an hour", sign(t, header, claims(exp, fmt.Sprint(now.Unix()-3600))), "pyjwt", "", "ExpiredSignatureError", ""},
		{"nothing granted", sign(t, header, claims(`"scp":"Orders.Read",`, `"idtyp":"app",`)), "microsoft-identity-web", middleware.HarmStricter, "IDW10201", "an app role"},
	} {
		t.Run(c.profile+"/"+c.name, func(t *testing.T) {
			o := ask(t, c.profile, c.token, keys(t), want())
			if o.Answer != middleware.Rejects || o.Harm != c.harm || o.Wrong() || o.Rule != c.rule || !strings.Contains(o.Fix, c.fix) || c.fix == "" && o.Fix != "" {
				t.Errorf("%s by %q (%s), harm %q, fix %q", o.Answer, o.Rule, o.Why, o.Harm, o.Fix)
			}
		})
	}
}

// TestAudienceAsStated tells the set-up with the client identifier alone from
// that with a list of audiences, which replaces the rule for the identifier.
func TestAudienceAsStated(t *testing.T) {
	v1 := func(aud string) string {
		return sign(t, header, claims(`"ver":"2.0"`, `"ver":"1.0"`, issuer, "https://sts.windows.net/"+tenant+"/", `"azp"`, `"appid"`, `"azpacr"`, `"appidacr"`, apiID, aud))
	}
	v2 := func(aud string) string { return sign(t, header, claims(apiID, aud)) }
	for _, c := range []struct {
		name, token, profile string
		stated               []string
		answer               middleware.Answer
		harm                 middleware.Harm
		setup                string // how it ends
	}{
		{"v2.0, identifier", v2(apiID), "microsoft-identity-web", []string{apiID}, middleware.Accepts, "", "ClientId"},
		{"v2.0, api:// of identifier", v2("api://" + apiID), "microsoft-identity-web", []string{apiID}, middleware.Rejects, "", "ClientId"},
		{"v2.0, a stated URI", v2("api://orders"), "microsoft-identity-web", []string{"api://orders"}, middleware.Accepts, "", "ValidAudiences as stated"},
		{"v2.0, identifier where a URI is stated", v2(apiID), "microsoft-identity-web", []string{"api://" + apiID}, middleware.Rejects, "", "ValidAudiences as stated"},
		{"v1.0, api:// of identifier", v1("api://" + apiID), "microsoft-identity-web", []string{apiID}, middleware.Accepts, middleware.HarmAccepts, "ClientId"},
		{"v1.0, identifier", v1(apiID), "microsoft-identity-web", []string{apiID}, middleware.Rejects, middleware.HarmRefuses, "ClientId"},
		{"v1.0, identifier and URI stated", v1(apiID), "microsoft-identity-web", []string{apiID, "api://orders"}, middleware.Accepts, "", "ValidAudiences as stated"},
		{"identifier", v2(apiID), "passport-azure-ad", []string{apiID}, middleware.Accepts, "", "clientID"},
		{"spn: of identifier", v2("spn:" + apiID), "passport-azure-ad", []string{apiID}, middleware.Accepts, middleware.HarmAccepts, "clientID"},
		{"a stated URI", v2("api://orders"), "passport-azure-ad", []string{"api://orders"}, middleware.Accepts, "", "audience as stated"},
		{"spn: where a list is stated", v2("spn:" + apiID), "passport-azure-ad", []string{apiID, "api://orders"}, middleware.Rejects, "", "audience as stated"},
		{"nothing stated", v2(apiID), "passport-azure-ad", nil, middleware.Open, "", "clientID"},
	} {
		t.Run(c.profile+"/"+c.name, func(t *testing.T) {
			want := want()
			want.Audiences = c.stated
			if strings.Contains(c.name, "v1.0") {
				want.Issuer = "https://sts.windows.net/" + tenant + "/"
			}
			o := ask(t, c.profile, c.token, keys(t), want)
			if o.Answer != c.answer || o.Harm != c.harm || !strings.HasSuffix(o.Profile.Setup, c.setup) || o.Wrong() != (o.Fix != "") {
				t.Errorf("%s by %q (%s), harm %q, set up %q, fix %q", o.Answer, o.Rule, o.Why, o.Harm, o.Profile.Setup, o.Fix)
			}
		})
	}
}

// TestFixes keeps advice out that switches a check off or names a library that
// validates nothing.
func TestFixes(t *testing.T) {
	for _, o := range everyFix(t) {
		for _, bad := range [...]string{"MSAL", "SkipIssuerCheck", "verify_at_hash", "ByACL: true"} {
			if strings.Contains(o.Fix, bad) {
				t.Errorf("%s, %s: %s", o.Profile.ID, o.Rule, o.Fix)
			}
		}
	}
}

// everyFix are the opinions on the catalogue that come with a fix.
func everyFix(t *testing.T) []middleware.Opinion {
	var out []middleware.Opinion
	for _, c := range validatetest.Catalogue() {
		_, got := opinions(t, c)
		for _, o := range got {
			if o.Fix != "" {
				out = append(out, o)
			}
		}
	}
	if len(out) < 100 {
		t.Fatalf("only %d opinions have a fix", len(out))
	}
	return out
}
