package insight_test

import (
	"strings"
	"testing"

	"flowscope/validate/insight"
)

// line writes a row in one line: R requested, G granted, S scp, L roles.
func line(g insight.Grant) string {
	marks := ""
	for _, m := range []struct {
		on   bool
		mark string
	}{{g.Requested, "R"}, {g.Granted, "G"}, {g.Scp, "S"}, {g.Roles, "L"}} {
		if m.on {
			marks += m.mark
		}
	}
	return g.Name + " " + marks
}

// TestGrants lays requests beside what came; it is long because every
// combination that means something stands here once.
func TestGrants(t *testing.T) {
	scoped := func(scp string) string { return strings.Replace(userV2, "Orders.Read", scp, 1) }
	v1 := func(scp string) string { return strings.Replace(userV1, "Orders.Read", scp, 1) }
	toGraph := func(scp string) string { return strings.Replace(scoped(scp), api, graph, 1) }
	for _, c := range []struct {
		name, claims       string
		requested, granted string // "-" for not known
		rows               string // "name marks" with commas between
		says               string // "name: part of the sentence", parted by semicolons
	}{
		{"as expected", scoped("Orders.Read"), "api://" + api + "/Orders.Read", "api://" + api + "/Orders.Read", "Orders.Read RGS", ""},
		{"the scopes of OpenID Connect", scoped("Orders.Read"), "openid profile email offline_access api://orders/Orders.Read", "openid profile email api://orders/Orders.Read",
			"openid RG,profile RG,email RG,offline_access R,Orders.Read RGS", "openid: ID token;profile: preferred_username;email: email in the ID token;offline_access: refresh token;openid: not in scp"},
		{"Graph lists them", toGraph("openid profile User.Read"), "openid profile User.Read", "openid profile User.Read", "openid RGS,profile RGS,User.Read RGS", "openid: Graph's tokens list it"},
		{"a full scope of Graph", toGraph("User.Read"), "https://graph.microsoft.com/User.Read", "User.Read", "User.Read RGS", ""},
		{"consented to earlier", scoped("Orders.Read Orders.Write"), "api://orders/Orders.Read", "api://orders/Orders.Read api://orders/Orders.Write", "Orders.Read RGS,Orders.Write GS", "Orders.Write: consented to earlier"},
		{"not granted", scoped("Orders.Read"), "api://orders/Orders.Read api://orders/Orders.Write", "api://orders/Orders.Read", "Orders.Read RGS,Orders.Write R", "Orders.Write: consent is missing"},
		{"another API's", v1("Stock.Read"), "api://orders/Stock.Read api://inventory/Move", "api://orders/Stock.Read", "Stock.Read RGS,Move R", "Move: another API"},
		{"Graph beside an API of one's own", scoped("Orders.Read"), "api://orders/Orders.Read https://graph.microsoft.com/User.Read", "-", "Orders.Read RS,User.Read R", "User.Read: another API"},
		{"one name at two APIs", v1("Read"), "api://orders/Read api://inventory/Read", "-", "Read RS,Read R", "Read: another API"},
		{"another case", scoped("Orders.Read"), "api://orders/orders.read", "-", "Orders.Read RS", "Orders.Read: Asked for as orders.read"},
		{"everything consented", scoped("Orders.Read Orders.Write"), "api://orders/.default", "-", ".default R,Orders.Read S,Orders.Write S", ".default: everything that was consented"},
		{"an application", appV2 + `"roles":["Orders.All"],`, "api://orders/.default", "-", ".default R,Orders.All L", ".default: application permission"},
		{"an application asks for a scope", appV2 + `"roles":["Orders.All"],`, "api://orders/Orders.Read", "-", "Orders.Read R,Orders.All L", "Orders.Read: gets roles"},
		{"roles beside scopes", scoped("Orders.Read") + `"roles":["Editor"],`, "api://orders/Orders.Read", "-", "Orders.Read RS,Editor L", "Editor: assigned to the person"},
		{"one name for both", scoped("Admin") + `"roles":["Admin"],`, "-", "-", "Admin SL", "Admin: one name"},
		{"the response says more", scoped("Orders.Read"), "api://orders/Orders.Read", "api://orders/Orders.Read api://orders/Orders.Write", "Orders.Read RGS,Orders.Write G", "Orders.Write: The response names it"},
		{"the response says less", scoped("Orders.Read Orders.Write"), "api://orders/Orders.Read api://orders/Orders.Write", "api://orders/Orders.Read", "Orders.Read RGS,Orders.Write RS", "Orders.Write: although the response"},
		{"nothing is known of the request", scoped("Orders.Read"), "-", "-", "Orders.Read S", ""},
		{"an ID token", idV2 + `"nonce":"n",`, "openid api://orders/Orders.Read", "-", "openid R,Orders.Read R", "openid: is what it asked for;Orders.Read: in the access token"},
		{"a slash too many", strings.Replace(v1("user_impersonation"), "api://orders", "https://management.azure.com/", 1), "https://management.azure.com//.default", "-", ".default R,user_impersonation S", ".default: everything"},
		{"by the API's id", scoped("Orders.Read"), api + "/Orders.Read", "-", "Orders.Read RS", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			split := func(s string) []string {
				if s == "-" {
					return nil
				}
				return strings.Fields(s)
			}
			rows := insight.Grants(token(t, plain, c.claims), insight.Context{Requested: split(c.requested), Granted: split(c.granted)})
			var lines []string
			for _, g := range rows {
				lines = append(lines, line(g))
				if g.Says != "" && (g.Source == "" || !strings.HasSuffix(g.Says, ".")) {
					t.Errorf("%s: %q has no source or is no sentence", g.Name, g.Says)
				}
			}
			if got := strings.Join(lines, ","); got != c.rows {
				t.Errorf("rows\n %s, want\n %s", got, c.rows)
			}
			explained := map[string]bool{}
			for want := range strings.SplitSeq(c.says, ";") {
				name, part, ok := strings.Cut(want, ": ")
				if !ok {
					continue
				}
				explained[name] = true
				found := false
				for _, g := range rows {
					found = found || g.Name == name && strings.Contains(g.Says, part)
				}
				if !found {
					t.Errorf("%s does not say %q: %+v", name, part, rows)
				}
			}
			for _, g := range rows {
				if c.says == "" && g.Says != "" {
					t.Errorf("%s needs no explanation: %s", g.Name, g.Says)
				}
			}
		})
	}
	if insight.Grants(nil, insight.Context{}) != nil {
		t.Error("no token has grants")
	}
}
