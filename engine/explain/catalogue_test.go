package explain

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// wanted are the codes that the catalogue has to hold.
const wanted = `50011 500113 700016 700038 90002 900023 7000215 7000222 7000218 7000216 700025 501481 50148 9002325 54005 70008
9002313 700005 500112 650053 70011 500011 650057 28000 28003 1002012 65001 65004 9002327 9002326 900144 70003 900561
700051 700054 70007 501491 50149 50126 50034 50057 50058 16000 50105 50076 50079 53003 50173
invalid_request unauthorized_client access_denied unsupported_response_type invalid_scope server_error temporarily_unavailable
invalid_client invalid_grant unsupported_grant_type invalid_resource invalid_tenant invalid_instance interaction_required
login_required consent_required account_selection_required invalid_request_uri invalid_request_object request_not_supported
request_uri_not_supported registration_not_supported authorization_pending slow_down expired_token code_expired
authorization_declined bad_verification_code invalid_token insufficient_scope insufficient_claims invalid_target
permission_denied user_password_expired state nonce code address`

// wantedToo are further codes that it has to hold, with no rule of their own
// demanded.
const wantedToo = `16001 16003 50012 50013 50014 50020 50027 50048 50049 50050 50053 50055 50056 50059 50074 50089 50146 50147
50194 50196 53000 70000 70005 70016 70018 70019 70020 70021 70043 70044 90009 90010 90013 90015 90023 90027 90033 90055 90093
90094 90095 90100 90102 90119 90120 90130 120000 120002 120003 120018 160021 240002 500014 500021 500111 500117 500131 500133
500181 500201 500341 501051 530035 530036 700021 700022 700024 700027 700082 700084 700211 700212 700213 700229 900971 901002
1000502 5000225 5002730 5002741 7000110 7000112 7000113 7002137 7002138 9001023 9002332`

func TestCatalogueIsComplete(t *testing.T) {
	for code := range strings.FieldsSeq(wanted + " " + wantedToo) {
		if _, ok := Lookup(code); !ok {
			t.Errorf("%s is missing", code)
		}
	}
	seen := map[string]bool{}
	sentence := regexp.MustCompile(`^[\pL\d].*[.)]$`)
	for _, e := range Entries() {
		if seen[strings.ToLower(e.Code)] {
			t.Errorf("%s stands there twice", e.Code)
		}
		seen[strings.ToLower(e.Code)] = true
		if len(e.Why) == 0 || len(e.Fix) == 0 || len(e.Source) == 0 {
			t.Errorf("%s lacks a reason, a fix or a source", e.Code)
		}
		if !slices.Contains([]string{Developer, Administrator, User, Nobody}, e.Who) || stageWords[e.Stage] == "" {
			t.Errorf("%s: who %q, stage %q", e.Code, e.Who, e.Stage)
		}
		for _, s := range slices.Concat([]string{e.What}, e.Why, e.Fix) {
			if !sentence.MatchString(s) {
				t.Errorf("%s: %q is no sentence", e.Code, s)
			}
		}
		for _, r := range e.Related {
			if _, ok := Lookup(r); !ok || r == e.Code {
				t.Errorf("%s: related %q is not there", e.Code, r)
			}
		}
	}
}

// Every code with a rule of its own must also have an entry, or its findings
// would say that the code is unknown.
func TestRulesHaveEntries(t *testing.T) {
	for code := range strings.FieldsSeq(wanted) {
		n, ok := number(code)
		if !ok {
			continue
		}
		if _, ok := codeRule(n); !ok && n != 0 {
			t.Errorf("%s has no rule", code)
		}
	}
}

func TestLookup(t *testing.T) {
	for in, want := range map[string]string{
		"50011": "AADSTS50011", "AADSTS50011": "AADSTS50011", "aadsts50011": "AADSTS50011", " 50011 ": "AADSTS50011",
		"invalid_grant": "invalid_grant", "Invalid_Grant": "invalid_grant", "7000215": "AADSTS7000215",
	} {
		if e, ok := Lookup(in); !ok || e.Code != want {
			t.Errorf("%q: %s %v", in, e.Code, ok)
		}
	}
	for _, in := range []string{"", "AADSTS", "50017", "0", "-50011", "invalid", "AADSTS50011x", "99999999999999999999"} {
		if e, ok := Lookup(in); ok {
			t.Errorf("%q gives %s", in, e.Code)
		}
	}
}

// The numbered codes come first, by number.
func TestOrderOfCodes(t *testing.T) {
	for _, entries := range [][]Entry{Entries(), Search("")} {
		last, words := 0, false
		for _, e := range entries {
			n, ok := number(e.Code)
			if ok && (words || n < last) {
				t.Errorf("%s stands too late", e.Code)
			}
			last, words = n, words || !ok
		}
	}
	var got []string
	for _, e := range Search("70005") {
		got = append(got, e.Code)
	}
	if s := strings.Join(got, " "); s != "AADSTS70005 AADSTS700051 AADSTS700054" {
		t.Errorf("found %s", s)
	}
}

func TestSearch(t *testing.T) {
	for query, first := range map[string]string{
		"50011": "AADSTS50011", "aadsts7000215": "AADSTS7000215", "InvalidReplyTo": "AADSTS50011", "pkce single-page": "AADSTS9002325",
		"SECRET expired": "AADSTS7000222", "device code expired": "AADSTS70019", "expired_token": "expired_token",
	} {
		got := Search(query)
		if len(got) == 0 || got[0].Code != first {
			t.Errorf("%q: %d entries, first %+v", query, len(got), got[:min(1, len(got))])
		}
	}
	if got := Search("  "); len(got) != len(Entries()) {
		t.Errorf("an empty query gives %d", len(got))
	}
	if got := Search("no such thing at all"); len(got) != 0 {
		t.Errorf("%d entries for nothing", len(got))
	}
	if a, b := Search("scope"), Search("scope"); !slices.EqualFunc(a, b, func(x, y Entry) bool { return x.Code == y.Code }) {
		t.Error("the order is not stable")
	}
}
