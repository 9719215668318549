package command

import (
	"strings"

	"flowscope/engine/labinfo"
)

// labColumn is where values stand behind their labels.
const labColumn = 15

// labIntro says how other programs reach the lab.
func (p *page) labIntro(d labinfo.Description, ca string) {
	file := ca
	if file == "" {
		file = "ca.pem"
	}
	p.line(p.st.Title.Render("The lab is served on this machine"))
	p.text(0, p.st.Muted, "until you interrupt it. Its passwords and secrets are public, and open nothing else.")
	p.gap()
	at := func(label, value string) {
		p.line("  ", p.st.Muted.Render(pad(label, labColumn)), p.st.Bright.Render(value))
	}
	at("Authority", d.Authority)
	at("Plain HTTP", d.HTTPAuthority)
	at("Discovery", d.Discovery)
	at("Keys", d.JWKSURI)
	at("Orders API", d.Services.Orders)
	at("Inventory API", d.Services.Inventory)
	at("Graph", d.Services.Graph)
	if ca != "" {
		at("CA", ca)
	} else {
		p.labelled(2, "CA", labColumn, p.st.Text, "made for this run, in memory: --ca FILE writes its certificate, --json prints it")
	}
	p.text(2+labColumn, p.st.Muted, "A token's issuer is the address that it was asked for at: call the APIs of the lab under the same one.")
	p.labPeople(d)
	p.labApps(d)
	p.head("Configuration", "instance discovery is off: it would ask Microsoft's public cloud")
	for _, s := range labinfo.Snippets(d, file) {
		p.gap()
		p.line("  ", p.st.Accent.Render(s.Title))
		p.text(2, p.st.Muted, s.About)
		for line := range strings.SplitSeq(strings.TrimRight(s.Code, "\n"), "\n") {
			p.line("    ", p.st.Text.Render(line))
		}
	}
	p.head("Requests", "each as it arrives; type help for what can be switched meanwhile")
	p.flush()
}

func (p *page) labPeople(d labinfo.Description) {
	p.head("People", "user name, password")
	for _, u := range d.Users {
		about := u.About
		if u.Guest {
			about = "in " + u.Tenant + ", with the account at home: " + about
		}
		p.line("  ", p.st.Bright.Render(pad(u.Username, 24)), p.st.Text.Render(pad(u.Password, 18)), p.st.Muted.Render(about))
	}
}

func (p *page) labApps(d labinfo.Description) {
	p.head("Applications", "client id; below it what the application has")
	for _, a := range d.Apps {
		p.line("  ", p.st.Bright.Render(pad(a.Name, 15)), p.st.Text.Render(a.ClientID), "  ", p.st.Muted.Render(a.About))
		have := func(label string, values ...string) {
			for _, v := range values {
				if v != "" {
					p.line(strings.Repeat(" ", 17), p.st.Muted.Render(pad(label, labColumn)), p.st.Text.Render(v))
					label = ""
				}
			}
		}
		have("redirect URI", firstOf(a.RedirectURIs))
		secret := a.ClientSecret
		if a.SecretExpired {
			secret += "  (expired)"
		}
		have("secret", secret)
		if a.AppIDURI == "" {
			continue
		}
		have("App ID URI", a.AppIDURI)
		have("audience", a.Audience())
		have("scopes", a.Scopes...)
		have("app roles", a.AppRoles...)
	}
}

func firstOf(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

func (p *page) labHelp() {
	for _, l := range [][2]string{
		{"on ID [VALUE]", "switch a condition on, such as: on mfa-required, on clock 2h, on app-disabled web"},
		{"off ID", "switch it off"},
		{"conditions", "list them, and how they stand"},
		{"quit", "end the lab"},
	} {
		p.labelled(2, l[0], 16, p.st.Text, l[1])
	}
}

// conditions lists the switches in their groups.
func (p *page) conditions(all []labinfo.Condition) {
	group := ""
	for _, c := range all {
		if c.Group != group {
			group = c.Group
			p.head(group, "")
		}
		p.condition(c)
		p.text(8, p.st.Muted, c.About)
	}
}

func (p *page) condition(c labinfo.Condition) {
	word, style := "off", p.st.Muted
	if c.On {
		word, style = "on", p.st.Warn
	}
	takes := ""
	switch {
	case c.On && c.Value != "":
		takes = c.Value
	case c.Takes != "":
		takes = c.Takes + ", such as " + c.Default
	}
	p.line("  ", style.Render(pad(word, 4)), p.st.Accent.Render(pad(c.ID, 23)), p.st.Text.Render(pad(c.Title, 27)), p.st.Muted.Render(takes))
}
