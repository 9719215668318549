package scope

import (
	"slices"
	"strings"
	"testing"

	"flowscope/engine/lab/directory"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		text  string
		items []Item
		code  int
	}{
		{text: "openid Profile"},
		{text: "User.Read", items: []Item{{"User.Read", "", "User.Read"}}},
		{text: "api://x/y/z", items: []Item{{"api://x/y/z", "api://x/y", "z"}}},
		{text: "https://m.example//.default", items: []Item{{"https://m.example//.default", "https://m.example/", ".default"}}},
		{text: "api://x", code: 70011},
		{text: "api://x/", code: 70011},
		{text: "/x", code: 70011},
		{text: `a"b`, code: 70011},
		{text: "a\x7f", code: 70011},
		{text: "ä", code: 70011},
		{text: "  ", code: 70011},
	} {
		r, err := Parse(c.text)
		if c.code != 0 {
			if err == nil || err.Code != c.code {
				t.Errorf("%q: error %v, want %d", c.text, err, c.code)
			}
			continue
		}
		if err != nil || !slices.Equal(r.Items, c.items) {
			t.Errorf("%q: %v, %v", c.text, r.Items, err)
		}
	}
}

func TestEcho(t *testing.T) {
	d := directory.Seed()
	tenant, _ := d.Tenant(directory.ContosoID)
	client, _ := d.App("web")
	orders, _ := d.App("orders-api")
	for _, c := range []struct{ asked, held, want string }{
		{"openid API://orders.contoso.example/ACCESS_AS_USER", "access_as_user", "API://orders.contoso.example/ACCESS_AS_USER"},
		{"api://orders.contoso.example/access_as_user", "access_as_user Orders.Read", "api://orders.contoso.example/access_as_user api://orders.contoso.example/Orders.Read"},
		{orders.ClientID + "/.default", "Orders.Read", orders.ClientID + "/Orders.Read " + orders.ClientID + "/.default"},
		{"user.read openid", "openid offline_access User.Read", "openid user.read"},
		{"https://graph.microsoft.com/User.Read", "User.Read", "https://graph.microsoft.com/User.Read"},
	} {
		r, err := Parse(c.asked)
		if err != nil {
			t.Fatal(err)
		}
		target, err := Resolve(d, tenant, client, r)
		if err != nil {
			t.Fatal(err)
		}
		if got := target.Echo(strings.Fields(c.held)); got != c.want {
			t.Errorf("%q echoes %q, want %q", c.asked, got, c.want)
		}
	}
}

func TestDefaultWantsTheWholeRegistration(t *testing.T) {
	d := directory.Seed()
	tenant, _ := d.Tenant(directory.ContosoID)
	client, _ := d.App("web")
	r, err := Parse("api://orders.contoso.example/.default openid")
	if err != nil {
		t.Fatal(err)
	}
	target, err := Resolve(d, tenant, client, r)
	if err != nil {
		t.Fatal(err)
	}
	names := func(granted Granted) string {
		var out []string
		for _, p := range target.Wanted(d, client, granted, false) {
			out = append(out, p.Scope.Name)
		}
		return strings.Join(out, " ")
	}
	if got := names(func(string, string) bool { return false }); got != "access_as_user Orders.Read stock.read User.Read openid" {
		t.Errorf("without consent: %s", got)
	}
	if got := names(func(_, name string) bool { return name == "Orders.Read" }); got != "openid" {
		t.Errorf("with a consent for the API: %s", got)
	}
}

func FuzzParse(f *testing.F) {
	d := directory.Seed()
	tenant, _ := d.Tenant(directory.ContosoID)
	client, _ := d.App("web")
	f.Add("openid api://orders.contoso.example/access_as_user")
	f.Add("a//b///.default x")
	f.Fuzz(func(t *testing.T, text string) {
		r, err := Parse(text)
		if err != nil {
			return
		}
		r = r.FirstResource(d)
		if n := len(r.Resources(d)); n > 1 {
			t.Fatalf("%d resources are left", n)
		}
		if target, err := Resolve(d, tenant, client, r); err == nil && target.Audience == "" {
			t.Fatal("no audience")
		}
	})
}
