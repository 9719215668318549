package validate_test

import (
	"context"
	"strings"
	"testing"

	"flowscope/validate"
	"flowscope/validate/infer"
	"flowscope/validate/jwks"
)

// cutClaims are claims that end, for a reader of JSON, at the value of a member.
func cutClaims(t *testing.T, name, raw string) string {
	t.Helper()
	body := userClaims()
	v, ok := mustObject(t, body).Get(name)
	if !ok {
		t.Fatalf("no %q", name)
	}
	return strings.Replace(body, `"`+name+`":`+v.Raw, `"`+name+`":`+raw, 1)
}

func mustObject(t *testing.T, text string) *validate.Object {
	t.Helper()
	o, err := validate.ParseObject([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// everything states all that can be stated of the token of userClaims.
func everything() validate.Expectations {
	want := expectations()
	want.Tenants, want.Scopes, want.Roles = []string{tenant}, []string{"Orders.Read"}, []string{"Admin"}
	want.Nonce, want.ClientID, want.Caller, want.Type = "n", clientID, validate.SubjectUser, validate.KindAccess
	want.AccessToken = "t"
	return want
}

// Where the claims end in the middle, nothing is said of those that follow.
func TestCutClaims(t *testing.T) {
	for _, exp := range []string{"01", "1.", "NaN", "+5", "0x10", "", "-", "1e", "tru", `"x`} {
		for _, want := range []validate.Expectations{expectations(), everything()} {
			r := check(t, sign(t, header, cutClaims(t, "exp", exp)), want)
			if r.Verdict != validate.Invalid || r.Kind != validate.KindOpaque || r.SubjectKind != validate.SubjectUnknown {
				t.Errorf("exp %s: %s %s %s", exp, r.Verdict, r.Kind, r.SubjectKind)
			}
			for _, c := range r.Checks() {
				switch c.ID {
				case "format":
					if c.Status != validate.StatusFail {
						t.Errorf("exp %s: format %s", exp, c.Status)
					}
				case "expiry", "token-type", "lifetime", "version":
					if c.Why != "Not run: the format is broken." || c.Found != "" {
						t.Errorf("exp %s: %s says %q, found %q", exp, c.ID, c.Why, c.Found)
					}
				default:
					if c.Status == validate.StatusFail {
						t.Errorf("exp %s: %s fails: %s", exp, c.ID, c.Why)
					}
				}
			}
			if g := infer.Flow(r.Token); g.Name != infer.Unknown || !strings.Contains(g.Because[0], "to their end") {
				t.Errorf("exp %s: %+v", exp, g)
			}
		}
	}
}

// At whichever claim the text breaks, format fails alone.
func TestCutAnywhere(t *testing.T) {
	want := everything()
	want.Roles, want.Issuer = nil, "https://login.microsoftonline.com/{tenantid}/v2.0"
	for _, m := range mustObject(t, userClaims()).Members() {
		r := check(t, sign(t, header, cutClaims(t, m.Name, "01")), want)
		for _, c := range r.Checks() {
			if c.Status == validate.StatusFail && c.ID != "format" && (c.ID != "nonce" || r.Kind != validate.KindAccess) {
				t.Errorf("cut at %s: %s fails: %s", m.Name, c.ID, c.Why)
			}
		}
	}
}

// What was read before the break still counts.
func TestCutClaimsKeepWhatIsCertain(t *testing.T) {
	want := everything()
	want.Scopes, want.Audiences, want.Nonce, want.Roles = []string{"Orders.Delete"}, []string{"api://other"}, "", nil
	r := check(t, sign(t, header, cutClaims(t, "sub", "01")), want)
	if r.Kind != validate.KindAccess {
		t.Errorf("kind %s", r.Kind)
	}
	for id, status := range map[string]validate.Status{
		"scope": validate.StatusFail, "audience": validate.StatusFail, "expiry": validate.StatusPass, "issuer": validate.StatusPass,
		"tenant": validate.StatusNotRun, "token-type": validate.StatusNotRun, "authorized-party": validate.StatusPass,
	} {
		if got := r.Status(id); got != status {
			t.Errorf("%s: %s, want %s", id, got, status)
		}
	}
	person := strings.Replace(cutClaims(t, "tid", "01"), `{"aud"`, `{"idtyp":"user","aud"`, 1)
	if r := check(t, sign(t, header, person), want); r.SubjectKind != validate.SubjectUser || r.Status("token-type") != validate.StatusPass {
		t.Errorf("idtyp user: %s, %s", r.SubjectKind, r.Status("token-type"))
	}
}

// A header that ends in the middle says nothing of what would follow.
func TestCutHeader(t *testing.T) {
	for _, h := range []string{`{"typ":01,"alg":"RS256","kid":"` + keyID + `"}`, `{"alg":"RS256","typ":01,"kid":"k"}`} {
		r := check(t, sign(t, h, userClaims()), expectations())
		for _, c := range r.Checks() {
			if (c.Status == validate.StatusFail) != (c.ID == "format") {
				t.Errorf("%s: %s %s: %s", h, c.ID, c.Status, c.Why)
			}
		}
	}
}

// An exp that JSON can read and no date is held against the format alone.
func TestUnreadableDateIsNoCut(t *testing.T) {
	for _, exp := range []string{q("1772370600"), "-5", "1e400", "true"} {
		r := check(t, sign(t, header, claims(t, userClaims(), "exp", exp)), expectations())
		if r.Kind != validate.KindAccess || r.Status("format") != validate.StatusFail || r.Status("token-type") != validate.StatusPass {
			t.Errorf("exp %s: %s, format %s, token-type %s", exp, r.Kind, r.Status("format"), r.Status("token-type"))
		}
	}
}

func TestWhole(t *testing.T) {
	var none *validate.Object
	cut, _ := validate.ParseObject([]byte(`{"a":1,"b":01}`))
	twice, _ := validate.ParseObject([]byte(`{"a":1,"a":2} x`))
	if none.Whole() || cut.Whole() || !twice.Whole() {
		t.Errorf("nil %v, cut %v, twice %v", none.Whole(), cut.Whole(), twice.Whole())
	}
}

// An empty audience or role is nobody's.
func TestEmptyNeverMatches(t *testing.T) {
	for _, c := range []struct {
		aud       string
		audiences []string
		status    validate.Status
	}{
		{`[""]`, []string{""}, validate.StatusNotRun},
		{`[""]`, []string{"", apiID}, validate.StatusFail},
		{`[]`, []string{apiID}, validate.StatusFail},
		{`["",` + q(apiID) + `]`, []string{"", apiID}, validate.StatusPass},
		{`["","x"]`, []string{"", apiID}, validate.StatusFail},
		{q(apiID), []string{""}, validate.StatusNotRun},
	} {
		want := expectations()
		want.Audiences = c.audiences
		r := check(t, sign(t, header, claims(t, userClaims(), "aud", c.aud)), want)
		if got := r.Status("audience"); got != c.status || r.Verdict == validate.Valid && c.status != validate.StatusPass {
			t.Errorf("aud %s for %q: %s, %s", c.aud, c.audiences, got, r.Verdict)
		}
	}
	want := expectations()
	want.Roles = []string{""}
	if r := check(t, sign(t, header, claims(t, userClaims(), "roles", `[""]`)), want); r.Status("roles") != validate.StatusFail {
		t.Errorf("an empty role is met: %s", r.Status("roles"))
	}
}

// countingSource counts how often a key is asked for.
type countingSource struct {
	*jwks.Source
	asked int
}

func (s *countingSource) Key(ctx context.Context, q validate.KeyQuery) (validate.Key, error) {
	s.asked++
	return s.Source.Key(ctx, q)
}

// A header that is refused anyway makes nobody be asked.
func TestRefusedHeaderAsksNobody(t *testing.T) {
	for _, change := range [][2]string{
		{"alg", q("none")}, {"alg", q("nOnE")}, {"alg", q("HS256")}, {"jku", q("https://evil.example")}, {"x5u", q("u")},
		{"jwk", "{}"}, {"x5c", "[]"}, {"crit", `["x"]`}, {"b64", "false"}, {"typ", q("JWT")},
	} {
		source := &countingSource{Source: sharedSource()}
		token := sign(t, claims(t, header, change[0], change[1]), userClaims())
		r := validate.Check(t.Context(), token, source, expectations())
		if fine := change[0] == "typ"; (source.asked == 1) != fine || (r.Verdict == validate.Valid) != fine {
			t.Errorf("%s: asked %d times, %s", change[0], source.asked, r.Verdict)
		}
	}
}
