package claims_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"flowscope/validate"
	"flowscope/validate/claims"
)

// A glossary is only good when every entry is whole.
func TestEveryEntryIsWhole(t *testing.T) {
	seen := map[string]int{}
	for _, e := range claims.All() {
		for field, text := range map[string]string{
			"Type": e.Type, "Presence": e.Presence, "Meaning": e.Meaning, "Detail": e.Detail, "Reader": e.Reader, "Example": e.Example, "Source": e.Source,
		} {
			if text == "" {
				t.Errorf("%s has no %s", e.Name, field)
			}
		}
		if n := len([]rune(e.Meaning)); n > 60 {
			t.Errorf("%s: meaning is %d characters long: %q", e.Name, n, e.Meaning)
		}
		for _, sentence := range []string{e.Meaning, e.Detail, e.Trap, e.Reader} {
			if sentence != "" && !strings.HasSuffix(sentence, ".") {
				t.Errorf("%s: %q is no sentence", e.Name, sentence)
			}
		}
		if !json.Valid([]byte(e.Example)) {
			t.Errorf("%s: example %s is not JSON", e.Name, e.Example)
		}
		if !slices.Contains(claims.Groups(), e.Group) {
			t.Errorf("%s: group %q is not listed", e.Name, e.Group)
		}
		form, _, _ := strings.Cut(e.Type, ":")
		form, _, _ = strings.Cut(form, ",")
		for word := range strings.SplitSeq(form, " or ") {
			if !slices.Contains([]string{"string", "number", "boolean", "object", "array of strings", "array of GUIDs"}, word) {
				t.Errorf("%s: type %q", e.Name, e.Type)
			}
		}
		if strings.HasSuffix(e.Type, "URL") && !strings.HasPrefix(e.Example, `"https://`) {
			t.Errorf("%s is an address and has the example %s", e.Name, e.Example)
		}
		kind := "claim"
		if h, ok := claims.Header(e.Name); ok && h == e {
			kind = "header"
		}
		seen[kind+" "+e.Name+"|"+e.Meaning]++
	}
	for key, n := range seen {
		if n > 1 {
			t.Errorf("%s stands there %d times", key, n)
		}
	}
}

func TestLookup(t *testing.T) {
	for _, c := range []struct {
		name, meaning string
		kind          validate.Kind
	}{
		{"aud", "The API that this token is for.", validate.KindAccess},
		{"aud", "The client that asked for the sign-in.", validate.KindID},
		{"sub", "The person, as this client knows them.", validate.KindID},
		{"exp", "When this token ends.", validate.KindID},
		{"exp", "When this token ends.", ""},
		{"nonce", "The value the client sent with this sign-in.", validate.KindID},
	} {
		e, ok := claims.Lookup(c.name, c.kind)
		if !ok || e.Meaning != c.meaning {
			t.Errorf("Lookup(%q, %q) = %q, %v; want %q", c.name, c.kind, e.Meaning, ok, c.meaning)
		}
	}
	for _, name := range []string{"", "Aud", "extension_abc"} {
		if e, ok := claims.Lookup(name, validate.KindAccess); ok {
			t.Errorf("Lookup(%q) knows %q", name, e.Meaning)
		}
	}
	if _, ok := claims.Lookup("aud", validate.KindOpaque); !ok {
		t.Error("aud is unknown where the kind has no meaning of its own")
	}
}

// The nonce of the header is another thing than the claim of that name.
func TestHeader(t *testing.T) {
	e, ok := claims.Header("nonce")
	if !ok || e.Group != claims.SignedBy {
		t.Fatalf("header nonce: %+v, %v", e, ok)
	}
	if _, ok := claims.Header("aud"); ok {
		t.Error("aud is no member of the header")
	}
}

// No name stands twice for one kind of token.
func TestNamesAreSingle(t *testing.T) {
	count := map[string]int{}
	for _, e := range claims.All() {
		for _, kind := range []validate.Kind{validate.KindAccess, validate.KindID} {
			found, ok := claims.Lookup(e.Name, kind)
			if ok && found == e {
				count[string(kind)+" "+e.Name]++
			}
		}
	}
	for key, n := range count {
		if n != 1 {
			t.Errorf("%s is explained %d times", key, n)
		}
	}
	// An entry that no lookup reaches is a name that stands twice.
	for _, e := range claims.All() {
		header, _ := claims.Header(e.Name)
		access, _ := claims.Lookup(e.Name, validate.KindAccess)
		id, _ := claims.Lookup(e.Name, validate.KindID)
		if e != header && e != access && e != id {
			t.Errorf("%s (%s) is never found", e.Name, e.Meaning)
		}
	}
}

// The examples of codes are codes that have a meaning.
func TestExamplesHaveMeanings(t *testing.T) {
	for _, name := range strings.Fields("amr azpacr appidacr acr acct idtyp wids xms_cc xms_edov ver hasgroups in_corp signin_state acrs xms_idrel xms_act_fct xms_sub_fct tenant_region_scope idp xms_ssm") {
		e, ok := claims.Lookup(name, validate.KindAccess)
		if !ok || claims.Value(name, value(t, e.Example)) == "" {
			t.Errorf("%s: the example %s means nothing", name, e.Example)
		}
	}
}

// Every claim that Entra documents or that was seen in its tokens has words.
func TestCoverage(t *testing.T) {
	names := strings.Fields(`aud iss iat nbf exp auth_time sub oid tid ver nonce at_hash c_hash jti
		aio rh uti sid acct acr acrs amr appid azp appidacr azpacr app_displayname idp idtyp ipaddr name
		given_name family_name nickname preferred_username unique_name upn email verified_primary_email
		verified_secondary_email xms_edov login_hint roles scp wids groups hasgroups _claim_names _claim_sources
		ctry tenant_ctry tenant_region_scope fwd vnet in_corp onprem_sid pwd_exp pwd_url enfpolids ztdid
		xms_cc xms_ssm xms_pdl xms_pl xms_tpl xms_mpci xms_mirid xms_az_rid xms_tcdt xms_tdbr xms_ftd
		xms_idrel xms_st xms_rd xms_acd xms_pftexp xms_spcu xms_ficinfo xms_act_fct xms_sub_fct xms_tnt_fct
		xms_par_app_azp home_oid act client_id scope updated_at email_verified picture platf puid signin_state deviceid controls cnf`)
	for _, name := range names {
		if _, ok := claims.Lookup(name, validate.KindAccess); !ok {
			t.Errorf("no words for the claim %q", name)
		}
	}
	for _, name := range strings.Fields("typ alg x5t kid nonce enc zip crit b64 jku jwk x5u x5c") {
		if _, ok := claims.Header(name); !ok {
			t.Errorf("no words for the header member %q", name)
		}
	}
}
