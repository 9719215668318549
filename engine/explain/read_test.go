package explain

import (
	"slices"
	"strings"
	"testing"

	"flowscope/engine/trace"
)

// TestRead is long because it is a table.
func TestRead(t *testing.T) {
	const older = "AADSTS70008: The provided authorization code has expired.\r\nTrace ID: 5c1e0d52-77a1-4c32-9f3a-1b2c3d4e9d00\r\nCorrelation ID: 0b7a2f0e-1111-4222-8333-44445555aaee\r\nTimestamp: 2026-11-20 10:02:11Z"
	for _, c := range []struct {
		name, text string
		codes      []string
		words      string // of the first finding; exact
		oauth      string // of the first finding
		ids        bool   // trace id, correlation id and time are there
	}{
		{"nothing", "hello world, port 50011 is in use", nil, "", "", false},
		{"empty", "", nil, "", "", false},
		{"number", " 50011\n", []string{"AADSTS50011"}, "", "invalid_request", false},
		{"numbers", "50011, 7000215", []string{"AADSTS50011", "AADSTS7000215"}, "", "invalid_request", false},
		{"code", "aadsts50011", []string{"AADSTS50011"}, "", "invalid_request", false},
		{"unknown number", "123456", []string{"AADSTS123456"}, "", "", false},
		{"too long a number", "12345678901", nil, "", "", false},
		{"error value", "invalid_grant", []string{"invalid_grant"}, "", "invalid_grant", false},
		{"newer words", "AADSTS70008: The code has expired." + trailers, []string{"AADSTS70008"}, "AADSTS70008: The code has expired.", "invalid_grant", true},
		{"older words", older, []string{"AADSTS70008"}, "AADSTS70008: The provided authorization code has expired.", "invalid_grant", true},
		{"unknown code keeps the words", "AADSTS999777: Something new." + trailers, []string{"AADSTS999777"}, "AADSTS999777: Something new.", "", true},
		{"JSON", string(failure(400, 50076, "invalid_grant", "suberror", "basic_action").Body), []string{"AADSTS50076"}, "AADSTS50076: The server's words.", "invalid_grant", true},
		{"JSON, two codes", `{"error":"invalid_grant","error_codes":[70002,70008],"error_description":"AADSTS70002: x AADSTS70008: y"}`, []string{"AADSTS70008"}, "AADSTS70002: x AADSTS70008: y", "invalid_grant", false},
		{"JSON, codes as a string", `{"error":"invalid_client","error_codes":"7000215"}`, []string{"AADSTS7000215"}, "", "invalid_client", false},
		{"JSON in a log line", `12:00 POST /token -> 400 {"error":"invalid_scope","error_codes":[70011]} in 3ms`, []string{"AADSTS70011"}, "", "invalid_scope", false},
		{"JSON in JSON", `{"body":{"error":"invalid_grant","error_codes":[54005]}}`, []string{"AADSTS54005"}, "", "invalid_grant", false},
		{"JSON in a string", `{"msg":"{\"error\":\"invalid_grant\",\"error_codes\":[54005]}"}`, []string{"AADSTS54005"}, "", "invalid_grant", false},
		{"Graph", `{"error":{"code":"InvalidAuthenticationToken","message":"Access token has expired."}}`, []string{"InvalidAuthenticationToken"}, "Access token has expired.", "InvalidAuthenticationToken", false},
		{"redirect", "http://localhost:3000/cb?error=access_denied&error_description=AADSTS65004%3a+No." + strings.ReplaceAll(trailers, " ", "+") + "&state=" + plantedState, []string{"AADSTS65004"}, "AADSTS65004: No.", "access_denied", true},
		{"redirect in a fragment", "http://localhost:3000/#error=login_required&error_description=AADSTS50058%3A%20Silent", []string{"AADSTS50058"}, "AADSTS50058: Silent", "login_required", false},
		{"redirect without a code", "https://app.example/cb?error=temporarily_unavailable&state=x", []string{"temporarily_unavailable"}, "", "temporarily_unavailable", false},
		{"redirect, decoded", "http://localhost/cb?error=access_denied&error_description=AADSTS65004: The user said no." + trailers, []string{"AADSTS65004"}, "AADSTS65004: The user said no.", "access_denied", true},
		{"page", string(page(700016).Body), []string{"AADSTS700016"}, "AADSTS700016: The words & more.", "unauthorized_client", true},
		{"Entra's own page", `<!DOCTYPE html><html><script>$Config={"strServiceExceptionMessage":"AADSTS50011: The reply address.","correlationId":"0b7a2f0e-1111-4222-8333-44445555aaee"};</script></html>`, []string{"AADSTS50011"}, "AADSTS50011: The reply address.", "invalid_request", false},
		{"log of MSAL", "MSAL: invalid_client: AADSTS7000215: Invalid client secret provided." + trailers + "\nretry\nerror code: 50126", []string{"AADSTS7000215", "AADSTS50126"}, "AADSTS7000215: Invalid client secret provided.", "invalid_client", true},
		{"each code once", "AADSTS50011 x\nAADSTS65001 y\nAADSTS50011 z", []string{"AADSTS50011", "AADSTS65001"}, "AADSTS50011 x", "invalid_request", false},
		{"values on lines", "invalid_grant\nslow_down", []string{"invalid_grant", "slow_down"}, "", "invalid_grant", false},
		{"sign-in log", "Sign-in error code 50126 Failure reason", []string{"AADSTS50126"}, "", "invalid_grant", false},
		{"escape sequences", "AADSTS50011: \x1b[2J\u202eevil", []string{"AADSTS50011"}, "AADSTS50011: \uFFFD\uFFFDevil", "invalid_request", false},
		{"an escape sequence before the code", "\x1b[2JAADSTS50011", []string{"AADSTS50011"}, "", "invalid_request", false},
		{"a title before the code", "\x1b]0;t\x07AADSTS50011: x", []string{"AADSTS50011"}, "AADSTS50011: x", "invalid_request", false},
		{"controls in JSON", `{"error":"\u001b[2Jinvalid","error_description":"\u202eAADSTS7: x"}`, []string{"AADSTS7"}, "\uFFFDAADSTS7: x", "", false},
		{"controls in a redirect", "http://localhost/cb?error=%1b[2Jx&error_description=%1b[2JAADSTS50011%3a+x", []string{"AADSTS50011"}, "\uFFFDAADSTS50011: x", "invalid_request", false},
		{"a short code", "AADSTS7: x", []string{"AADSTS7"}, "AADSTS7: x", "", false},
		{"a short number alone", "7", nil, "", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			found := Read(c.text)
			var got []string
			for _, f := range found {
				got = append(got, f.Code)
			}
			if !slices.Equal(got, c.codes) {
				t.Fatalf("codes %v, want %v", got, c.codes)
			}
			if len(found) == 0 {
				return
			}
			f := found[0]
			ids := f.Support.TraceID != "" && f.Support.CorrelationID != "" && f.Support.Timestamp == "2026-11-20 10:02:11Z"
			if f.ServerWords != c.words || f.OAuthError != c.oauth || ids != c.ids {
				t.Errorf("words %q, oauth %q, support %+v", f.ServerWords, f.OAuthError, f.Support)
			}
			if f.What == "" || len(f.Why) == 0 || len(f.Fix) == 0 || f.Who == "" || f.Stage == "" {
				t.Errorf("incomplete: %+v", f)
			}
			noSecrets(t, found)
		})
	}
}

func TestReadUnknown(t *testing.T) {
	found := Read("AADSTS999777: Something new." + trailers)
	if len(found) != 1 || found[0].Known() || found[0].Confidence != Likely {
		t.Fatalf("%+v", found)
	}
	if known := Read("AADSTS50011"); !known[0].Known() {
		t.Error("AADSTS50011 is not known")
	}
}

func TestReadSubError(t *testing.T) {
	found := Read(`{"error":"invalid_grant","error_codes":[50076],"suberror":"basic_action","claims":"{\"access_token\":{\"acrs\":{\"value\":\"c1\"}}}"}`)
	if len(found) != 1 {
		t.Fatalf("%+v", found)
	}
	for label, want := range map[string]string{"suberror": "basic_action", "claims: acrs": "c1"} {
		if e, ok := evidenceOf(found[0], label); !ok || e.Value != want {
			t.Errorf("%s: %+v", label, e)
		}
	}
}

func TestReadIsBounded(t *testing.T) {
	if got := Read(strings.Repeat("é", maxText) + "AADSTS50011"); got != nil {
		t.Errorf("read past the limit: %+v", got)
	}
	words := Read("AADSTS50011: " + strings.Repeat("é", 5000))[0].ServerWords
	if n := len([]rune(words)); n > maxWords+1 {
		t.Errorf("%d runes of words", n)
	}
	var many strings.Builder
	for i := range 200 {
		many.WriteString(aadsts(100000+i) + "\n")
	}
	if n := len(Read(many.String())); n != maxCodes {
		t.Errorf("%d findings", n)
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{
		"50011", "AADSTS50011: x" + trailers, string(failure(400, 50076, "invalid_grant").Body), string(page(700016).Body),
		"http://localhost/?error=access_denied&error_description=AADSTS65004%3a+No&state=s", "{{{{\"error\":", "error=\x00%zz#error=", "error_codes: [\"70011\", 1]",
		`{"error":{"code":"x"},"error_codes":"12","claims":"{\"access_token\":{\"\":{}}}"}`, "<pre class=\"details\">AADSTS1</pre>",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		found := Read(text)
		seen := map[string]bool{}
		for _, x := range found {
			if x.Code == "" || seen[x.Code] || x.What == "" || len(x.Why) == 0 || len(x.Fix) == 0 {
				t.Fatalf("bad finding %+v of %q", x, text)
			}
			seen[x.Code] = true
			for _, s := range append([]string{x.Code, x.What, x.ServerWords, x.Support.TraceID, x.Support.CorrelationID, x.Support.Timestamp, x.OAuthError}, x.Why...) {
				if trace.Plain(s) != s {
					t.Fatalf("unsafe text %q of %q", s, text)
				}
			}
			if len([]rune(x.ServerWords)) > maxWords+1 {
				t.Fatalf("%d runes of words", len([]rune(x.ServerWords)))
			}
		}
		if len(found) == 0 && len(text) < maxText && len(codesIn(text)) > 0 {
			t.Fatalf("a code in %q is not found", text)
		}
	})
}

// A hostile paste must not keep the program busy: each of these is as long as
// what is read, and made to bring out the worst of one reader.
func TestReadHostile(t *testing.T) {
	var distinct strings.Builder
	for i := 0; distinct.Len() < maxText; i++ {
		distinct.WriteString("&code=" + aadsts(i+100000))
	}
	fill := func(s string) string { return strings.Repeat(s, maxText/len(s)) }
	for name, c := range map[string]struct {
		text string
		want int
	}{
		"braces":           {fill("{"), 0},
		"nested objects":   {fill(`{"a":`), 0},
		"parameters":       {fill("error="), 0},
		"distinct secrets": {"?error=invalid_grant" + distinct.String(), 1},
		"one code":         {fill("AADSTS50011 "), 1},
		"open tags":        {"<html>AADSTS50011" + fill("<script"), 1},
		"numbers":          {"error code " + fill("50011,"), 1},
		"one value":        {fill("invalid_grant "), 1},
		"objects":          {fill(`{"error":"invalid_grant"}`), 1},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Read(c.text); len(got) != c.want {
				t.Errorf("%d findings, want %d", len(got), c.want)
			}
		})
	}
}
