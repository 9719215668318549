package validate_test

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"flowscope/validate"
)

// wrapAt breaks a text into lines of a width.
func wrapAt(s string, width int, sep string) string {
	var b strings.Builder
	for i := 0; i < len(s); i += width {
		if i > 0 {
			b.WriteString(sep)
		}
		b.WriteString(s[i:min(i+width, len(s))])
	}
	return b.String()
}

// paste is a text and the tokens in it.
type paste struct {
	name, text string
	want       []validate.Found
}

const (
	opaqueToken  = "0.AXoAuFoOh1zQ0kGtJ8Qm4y6b7nOGq1nDq8pBhD0w1pQ3zR0AAA.AgABAwEAAADW6jl31mB3T7ugrWTT8pFe"
	personal     = "M.C507_BAY.0.U.-Cj9!kLm*Zx$q3"
	otherOpaque  = "mF_9.B5f-4.1JqM"
	grantedScope = "api://orders.contoso.example/Orders.Read offline_access"
)

func one(raw, place string, kind validate.Kind) []validate.Found {
	return []validate.Found{{Raw: raw, Place: place, Kind: kind}}
}

// bareTokens are pastes of tokens with little around them.
func bareTokens(a, id, jwe string) []paste {
	lone := one(a, "", "")
	return []paste{
		{"as it is", a, lone},
		{"white space", " \t" + a + "\r\n\r\n", lone},
		{"quotation marks", `"` + a + `"`, lone},
		{"typographic marks", "“" + a + "”", lone},
		{"single marks and a semicolon", "'" + a + "';", lone},
		{"backticks", "`" + a + "`", lone},
		{"code fence", "```\n" + a + "\n```\n", lone},
		{"code fence with a language", "Here it is:\n\n```text\n" + a + "\n```\nThanks!", lone},
		{"angle brackets", "<" + a + ">", lone},
		{"brackets", "[" + a + "]", lone},
		{"byte order mark", "\ufeff" + a, lone},
		{"zero width within", a[:100] + "\u200b" + a[100:300] + "\u2060" + a[300:], lone},
		{"soft hyphens", a[:64] + "\u00ad" + a[64:], lone},
		{"no-break space before it", "\u00a0" + a + "\u00a0", lone},
		{"two bytes a character", utf16le(a), lone},
		{"colours of a terminal", "\x1b[32m" + a + "\x1b[0m", lone},
		{"within a sentence", "Why is " + a + " refused?", lone},
		{"full stop", "The token is " + a + ".", lone},
		{"comma", "Look at " + a + ", please", lone},
		{"parenthesis", "my token (" + a + ") fails", lone},
		{"a word on the next line", a + "\nhello", lone},
		{"words on the next line", a + "\nis what I got", lone},
		{"prose before it", "I got this:\n" + a, lone},
		{"HTML", "<code>" + a + "</code>", lone},
		{"encrypted", jwe, one(jwe, "", "")},
		{"encrypted in prose", "what is " + jwe + " for?", one(jwe, "", "")},
		{"opaque alone", opaqueToken + "\n", one(opaqueToken, "", "")},
		{"opaque of a personal account", " " + personal, one(personal, "", "")},
		{"opaque wrapped", wrapAt(opaqueToken, 50, "\n"), one(opaqueToken, "", "")},
		{"opaque of another issuer", otherOpaque, one(otherOpaque, "", "")},
		{"unsigned", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.", one("eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.", "", "")},
		{"unsigned in prose", "see eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0. for more", one("eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.", "", "")},
		{"padded", "eyJhbGciOiJub25lIn0=.eyJzdWIiOiJ4In0=.c2ln", one("eyJhbGciOiJub25lIn0=.eyJzdWIiOiJ4In0=.c2ln", "", "")},
		{"four segments", a + ".x", one(a+".x", "", "")},
		{"two on two lines", a + "\n" + id, []validate.Found{{Raw: a}, {Raw: id}}},
		{"two with an empty line", a + "\n\n" + id + "\n", []validate.Found{{Raw: a}, {Raw: id}}},
		{"two with a comma", a + ", " + id, []validate.Found{{Raw: a}, {Raw: id}}},
		{"the same twice", a + "\n" + a, lone},
	}
}

func utf16le(s string) string {
	b := []byte{0xff, 0xfe}
	for i := 0; i < len(s); i++ {
		b = append(b, s[i], 0)
	}
	return string(b)
}

// wrapped are tokens that came in lines.
func wrapped(a, id, jwe string) []paste {
	short := a[:strings.IndexByte(a, '.')] + "." + b64([]byte(`{"sub":"x"}`)) + a[strings.LastIndexByte(a, '.'):]
	lone := one(a, "", "")
	auth := one(a, "Authorization header", validate.KindAccess)
	out := []paste{
		{"backslashes", wrapAt(a, 76, "\\\n"), lone},
		{"backslashes with spaces", wrapAt(a, 64, " \\\r\n  "), lone},
		{"quoted mail", "> " + wrapAt(a, 72, "\n> "), lone},
		{"quoted twice", "> > " + wrapAt(a, 72, "\n> > "), lone},
		{"indented", "    " + wrapAt(a, 80, "\n    "), lone},
		{"wrapped header", "Authorization: Bearer " + wrapAt(a, 76, "\r\n "), auth},
		{"wrapped by a terminal", termWrap("Authorization: Bearer "+a, 80), auth},
		{"wrapped in a curl command", termWrap("curl -H 'Authorization: Bearer "+a+"' https://orders.example/", 100), auth},
		{"pane of a terminal", "│ " + wrapAt(a, 70, " │\n│ "), lone},
		{"strings in Java", `String jwt = "` + wrapAt(a, 60, "\" +\n    \"") + `";`, one(a, "jwt", "")},
		{"strings in Python", `token = ("` + wrapAt(a, 60, "\"\n         \"") + `")`, one(a, "token", "")},
		{"segments on lines", strings.ReplaceAll(a, ".", ".\n"), lone},
		{"segments apart", strings.ReplaceAll(a, ".", " . "), lone},
		{"wrapped and a word", wrapAt(a, 64, "\n") + "\n\nhello", lone},
		{"wrapped and words", wrapAt(a, 64, "\n") + "\nis the token", lone},
		{"a curl command of several lines", "curl -H 'Authorization: Bearer " + a + "' \\\n  'https://x.example'", auth},
		{"strings on two lines", "x = '" + strings.Repeat("y", 30) + "." + a[:30] + "'\n'https'", nil},
		{"format-list", termWrap12("Token     : "+a, 120) + "\nExpiresOn : 11/20/2026 11:02:00 AM +00:00", one(a, "Token", "")},
		{"segments on lines, a short one", strings.ReplaceAll(short, ".", ".\n"), one(short, "", "")},
		{"verbose curl", "* TLS\n> GET /orders HTTP/2\n> authorization: Bearer " + a + "\n> accept: */*\n", auth},
		{"a prompt behind it", wrapAt(a, 80, "\n") + "\nme@host:~$ ", lone},
		{"websocket", "Sec-WebSocket-Protocol: bearer, " + a, one(a, "Sec-WebSocket-Protocol", validate.KindAccess)},
		{"two wrapped", wrapAt(a, 76, "\n") + "\n" + wrapAt(id, 76, "\n"), []validate.Found{{Raw: a}, {Raw: id}}},
		{"encrypted and wrapped", wrapAt(jwe, 64, "\n"), one(jwe, "", "")},
		{"escaped line ends", `{"access_token":"` + wrapAt(a, 76, `\n`) + `"}`, one(a, "access_token", validate.KindAccess)},
	}
	for _, width := range []int{40, 64, 72, 76, 80, 100, 120, 132, 200} {
		out = append(out, paste{fmt.Sprintf("at %d columns", width), wrapAt(a, width, "\n"), lone},
			paste{fmt.Sprintf("at %d columns, CRLF", width), wrapAt(a, width, "\r\n") + "\r\n", lone})
	}
	return out
}

// termWrap breaks a line where a terminal of that width does.
func termWrap(s string, width int) string { return wrapAt(s, width, "\n") }

// termWrap12 wraps a value as PowerShell's lists do, under itself.
func termWrap12(s string, width int) string {
	out := s[:width]
	for s = s[width:]; s != ""; s = s[min(len(s), width-12):] {
		out += "\n            " + s[:min(len(s), width-12)]
	}
	return out
}

// headers are requests and source code.
func headers(a, id string) []paste {
	auth := one(a, "Authorization header", validate.KindAccess)
	bearer := one(a, "bearer token", validate.KindAccess)
	return []paste{
		{"Bearer", "Bearer " + a, bearer},
		{"bearer, more spaces", "bearer   " + a, bearer},
		{"header", "Authorization: Bearer " + a, auth},
		{"header in upper case", "AUTHORIZATION: BEARER " + a, auth},
		{"header without a scheme", "authorization: " + a, auth},
		{"DPoP scheme", "Authorization: DPoP " + a, auth},
		{"PoP scheme", "Authorization: PoP " + a, auth},
		{"DPoP proof", "DPoP: " + id + "\r\nAuthorization: DPoP " + a, []validate.Found{
			{Raw: id, Place: "DPoP header"}, {Raw: a, Place: "Authorization header", Kind: validate.KindAccess}}},
		{"curl", `curl -sS -H "Authorization: Bearer ` + a + `" https://graph.example/v1.0/me`, auth},
		{"curl of Windows", "curl ^\n  -H ^\"Authorization: Bearer " + a + "^\" ^\n  https://x.example", auth},
		{"fetch", `fetch(u, {headers: {Authorization: "Bearer ` + a + `"}})`, auth},
		{"fetch, joined", `headers: { 'Authorization': 'Bearer ' + '` + a + `' }`, auth},
		{"Python", `requests.get(u, headers={"Authorization": f"Bearer ` + a + `"})`, auth},
		{"C#", `client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "` + a + `");`, bearer},
		{"Go", `req.Header.Set("Authorization", "Bearer ` + a + `")`, auth},
		{"PowerShell", `Invoke-RestMethod -Headers @{ Authorization = "Bearer ` + a + `" } -Uri $u`, auth},
		{"PowerShell variable", `$token = "` + a + `"`, one(a, "token", "")},
		{"http file", "GET https://x.example/orders HTTP/1.1\nAuthorization: Bearer " + a + "\nAccept: */*\n", auth},
		{"http file variable", "@token = " + a + "\n\n### Orders", one(a, "token", "")},
		{"request dump", "POST /orders HTTP/1.1\r\nHost: x.example\r\nAuthorization: Bearer " + a + "\r\nContent-Length: 2\r\n\r\n{}", auth},
		{"HAR", `{"headers":[{"name":"Accept","value":"*/*"},{"name":"Authorization","value":"Bearer ` + a + `"}]}`, auth},
		{"HAR, form", `{"params":[{"name":"id_token","value":"` + id + `"}]}`, one(id, "id_token", validate.KindID)},
		{"JSON in JSON", `{"msg":"{\"access_token\":\"` + a + `\"}"}`, one(a, "access_token", validate.KindAccess)},
		{"JSON in JSON in JSON", `"{\"msg\":\"{\\\"access_token\\\":\\\"` + a + `\\\"}\"}"`, one(a, "access_token", validate.KindAccess)},
		{"App Service", "x-ms-token-aad-access-token: " + a + "\nx-ms-token-aad-id-token: " + id, []validate.Found{
			{Raw: a, Place: "x-ms-token-aad-access-token", Kind: validate.KindAccess}, {Raw: id, Place: "x-ms-token-aad-id-token", Kind: validate.KindID}}},
		{"opaque bearer", "Authorization: Bearer " + otherOpaque, one(otherOpaque, "Authorization header", validate.KindAccess)},
		{"cookie", "Cookie: a=1; session=" + a + "; theme=dark", one(a, "cookie session", "")},
		{"cookies, two", "Cookie: at=" + a + "; idt=" + id, []validate.Found{{Raw: a, Place: "cookie at"}, {Raw: id, Place: "cookie idt"}}},
		{"set-cookie", "Set-Cookie: auth_session=" + a + "; Path=/; HttpOnly; SameSite=Lax", one(a, "cookie auth_session", "")},
		{"cookie in curl", `curl -H 'Cookie: session=` + a + `' https://x.example/`, one(a, "cookie session", "")},
		{"cookie in HAR", `{"name":"Cookie","value":"a=b; session=` + a + `"}`, one(a, "cookie session", "")},
		{"cookie in pieces", "Cookie: sess=chunks-2; sessC1=" + a[:500] + "; sessC2=" + a[500:] + "; b=c", one(a, "cookie sess", "")},
		{"cookies in pieces", "Set-Cookie: s.0=" + a[:200] + "; path=/\r\nSet-Cookie: s.1=" + a[200:700] + "; path=/\r\nSet-Cookie: s.2=" + a[700:], one(a, "cookie s", "")},
		{"a piece alone", "Cookie: sessC1=" + a[:50] + "; b=c", nil},
		{"no token among cookies", "Cookie: .AspNetCore.Cookies=CfDJ8Gk3nsZ0aXq; ARRAffinity=0a1b2c3d4e5f60718293", nil},
	}
}

// responses are token responses, caches, configuration.
func responses(a, id string) []paste {
	scoped := func(raw, place string, kind validate.Kind) validate.Found {
		return validate.Found{Raw: raw, Place: place, Kind: kind, Scope: grantedScope}
	}
	whole := []validate.Found{
		scoped(a, "access_token", validate.KindAccess), scoped(opaqueToken, "refresh_token", validate.KindRefresh), scoped(id, "id_token", validate.KindID),
	}
	body := fmt.Sprintf(`{"token_type":"Bearer","scope":%q,"expires_in":3599,"ext_expires_in":3599,"access_token":%q,"refresh_token":%q,"id_token":%q}`, grantedScope, a, opaqueToken, id)
	pretty := strings.NewReplacer(`{`, "{\n  ", `,`, ",\n  ", `":`, `": `, `}`, "\n}").Replace(body)
	access := one(a, "access_token", validate.KindAccess)
	form := url.Values{"access_token": {a}, "token_type": {"Bearer"}, "expires_in": {"3599"}, "scope": {grantedScope}, "state": {"12345"}}.Encode()
	return []paste{
		{"response", body, whole},
		{"response, pretty", pretty, whole},
		{"response as it travelled", "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + body, whole},
		{"response in a log", `2026-11-20T10:02:00Z DEBUG http: response body=` + body + ` took=120ms`, whole},
		{"response in a string", strconv.Quote(body), whole},
		{"response, cut off", body[:strings.Index(body, `","refresh_token`)], []validate.Found{whole[0]}},
		{"response, cut in the token", body[:strings.Index(body, a)+600], []validate.Found{scoped(a[:600], "access_token", validate.KindAccess)}},
		{"scope behind the token", `{"access_token":"` + a + `","scope":"Orders.Read"}`, []validate.Found{{Raw: a, Place: "access_token", Kind: validate.KindAccess, Scope: "Orders.Read"}}},
		{"scope of another object", `{"request":{"scope":"x"},"response":{"access_token":"` + a + `"}}`, access},
		{"scope that was asked for", "grant_type=refresh_token&scope=Orders.Read&refresh_token=" + opaqueToken, one(opaqueToken, "refresh_token", validate.KindRefresh)},
		{"JSON lines", `{"access_token":"` + a + `"}` + "\n" + `{"id_token":"` + id + `"}`, []validate.Found{access[0], {Raw: id, Place: "id_token", Kind: validate.KindID}}},
		{"array", `[{"token":"` + a + `"},{"token":"` + id + `"}]`, []validate.Found{{Raw: a, Place: "token"}, {Raw: id, Place: "token"}}},
		{"nested", `{"data":{"auth":{"accessToken":"` + a + `"}}}`, one(a, "accessToken", validate.KindAccess)},
		{"az", "{\n  \"accessToken\": \"" + a + "\",\n  \"expiresOn\": \"2026-11-20 11:02:00.000000\",\n  \"tenant\": \"" + tenant + "\",\n  \"tokenType\": \"Bearer\"\n}", one(a, "accessToken", validate.KindAccess)},
		{"MSAL cache", `{"AccessToken":{"k":{"credential_type":"AccessToken","secret":"` + a + `","target":"User.Read"}},"RefreshToken":{"k":{"secret":"` + opaqueToken + `","credential_type":"RefreshToken"}},"IdToken":{"k":{"credential_type":"IdToken","secret":"` + id + `"}}}`,
			[]validate.Found{{Raw: a, Place: "cached access_token", Kind: validate.KindAccess, Scope: "User.Read"}, {Raw: opaqueToken, Place: "cached refresh_token", Kind: validate.KindRefresh}, {Raw: id, Place: "cached id_token", Kind: validate.KindID}}},
		{"MSAL cache of a browser", `{\"credentialType\":\"AccessToken\",\"secret\":\"` + a + `\",\"target\":\"User.Read\"}`, []validate.Found{{Raw: a, Place: "cached access_token", Kind: validate.KindAccess, Scope: "User.Read"}}},
		{"a secret that is none of a cache", `{"secret":"s3cr3tV4lue~ofAnApp"}`, nil},
		{"query", "https://app.example/cb?id_token=" + id + "&state=1", one(id, "id_token", validate.KindID)},
		{"fragment", "https://app.example/#" + form, []validate.Found{scoped(a, "access_token", validate.KindAccess)}},
		{"fragment in an address", "https://x.example/?u=" + url.QueryEscape("https://app.example/#access_token="+a+"&token_type=Bearer"), access},
		{"encoded twice", "u=" + url.QueryEscape(url.QueryEscape("https://app.example/#access_token="+a+"&token_type=Bearer")), access},
		{"link in HTML", `<a href="https://app.example/#state=1&amp;access_token=` + a + `&amp;x=y">`, access},
		{"form", "client_id=x&id_token=" + id + "&code=0.AXoAuFoOh1zQ0kGt", one(id, "id_token", validate.KindID)},
		{"client assertion", "grant_type=client_credentials&client_assertion=" + id, one(id, "client_assertion", "")},
		{"padding in percent signs", "access_token=" + url.QueryEscape("eyJhbGciOiJub25lIn0=.eyJzdWIiOiJ4In0=.c2ln"), one("eyJhbGciOiJub25lIn0=.eyJzdWIiOiJ4In0=.c2ln", "access_token", validate.KindAccess)},
		{"a token in a path", "https://x.example/verify/" + a + "/now", one(a, "", "")},
		{"env file", "TENANT=x\nORDERS_TOKEN=" + a + "\nDEBUG=1\n", one(a, "ORDERS_TOKEN", "")},
		{"export", `export ACCESS_TOKEN="` + a + `"`, one(a, "ACCESS_TOKEN", validate.KindAccess)},
		{"kubectl", "users:\n- name: me\n  user:\n    token: " + a + "\n", one(a, "token", "")},
		{"YAML, folded", "token: >-\n  " + wrapAt(a, 76, "\n  ") + "\n", one(a, "token", "")},
		{"YAML, opaque", "    token: 9f8e7d6c5b4a39281706\n", one("9f8e7d6c5b4a39281706", "token", "")},
		{"words before it", "access token: " + a + "\nID token: " + id, []validate.Found{{Raw: a, Place: "access token", Kind: validate.KindAccess}, {Raw: id, Place: "ID token", Kind: validate.KindID}}},
		{"XML", "<access_token>" + a + "</access_token>", access},
		{"table of developer tools", "session\t" + a + "\t.x.example", one(a, "session", "")},
	}
}

// nothing are texts without a token.
func nothing() []paste {
	var out []paste
	for i, text := range []string{
		"", " \n\t", "hello", "documentation", "correct-horse-battery", "AADSTS50011", "two words", "prose about an access token, which is none", "Use a Bearer token for it: a bearer token12 is a string.",
		"access_token: accessToken,", `headers["Authorization"] = "Bearer " + accessToken`, `{"access_token":"YOUR_ACCESS_TOKEN"}`, "token: https://login.example/token/12345",
		`{"token_type":"Bearer","expires_in":3599}`, "https://app.example/cb?code=0.AXoAuFoOh1zQ0kGtJ8Qm4y6b7nOGq1nDq8pBhD0w1pQ3zR0AAA&state=12345",
		"AADSTS700016: Application with identifier 'f4f9cdd6-0c3f-428f-94f5-b424da1d3acb' was not found.", "eyes.open.wide and see", "eyJzdGF0ZSI6IngifQ is a state",
		"https://orders.contoso.example/api/v1.2.3", "refresh_token_expires_in=86399", "token, 1234567890ab", "ada@contoso.example",
		"{}", "[]", "äöü", "\x00\x01\x02", "eyJ", "eyJ.", "..", "===", "\\", "%", "&", "Authorization:", "Bearer", "Cookie: ", "access_token=",
	} {
		out = append(out, paste{fmt.Sprintf("nothing %d", i+1), text, nil})
	}
	return out
}

func TestFind(t *testing.T) {
	a, id := sign(t, header, userClaims()), sign(t, header, idClaims())
	jwe := b64([]byte(`{"alg":"RSA-OAEP","enc":"A256GCM"}`)) + "." + strings.Repeat("q1w2", 60) + ".AAAAAAAAAAAAAAAA." + strings.Repeat("Zx9_", 40) + ".AAAAAAAAAAAAAAAAAAAAAA"
	var all []paste
	for _, group := range [][]paste{bareTokens(a, id, jwe), wrapped(a, id, jwe), headers(a, id), responses(a, id), nothing()} {
		all = append(all, group...)
	}
	if len(all) < 120 {
		t.Errorf("only %d pastes", len(all))
	}
	for _, p := range all {
		t.Run(p.name, func(t *testing.T) {
			got := validate.Find(p.text)
			if len(got) != len(p.want) {
				t.Fatalf("%d tokens, want %d: %s\nin %.300q", len(got), len(p.want), brief(got), p.text)
			}
			for i := range got {
				if got[i] != p.want[i] {
					t.Errorf("token %d: got  %s\nwant %s", i+1, brief(got[i:i+1]), brief(p.want[i:i+1]))
				}
				if again := validate.Find(got[i].Raw); len(again) != 1 || again[0].Raw != got[i].Raw {
					t.Errorf("the token alone gives %s", brief(again))
				}
			}
		})
	}
}

// brief shows what was found without filling the screen.
func brief(found []validate.Found) string {
	var out []string
	for _, f := range found {
		raw := f.Raw
		if len(raw) > 60 {
			raw = fmt.Sprintf("%s...%s (%d)", raw[:30], raw[len(raw)-20:], len(raw))
		}
		out = append(out, fmt.Sprintf("{%q %q %q %q}", raw, f.Place, f.Kind, f.Scope))
	}
	return strings.Join(out, " ")
}
