package lab

import (
	"encoding/json"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"flowscope/engine/labinfo"
	"flowscope/tui/screen"
	"flowscope/tui/widget"
)

// details are the title and the lines of what is under the cursor.
func (l *Lab) details(w int) (string, []string) {
	switch l.at {
	case directory:
		if u, ok := l.user(); ok {
			return u.Name, l.userLines(u, w)
		}
		if a, ok := l.app(); ok {
			return a.Name, l.appLines(a, w)
		}
	case conditions:
		if c, ok := l.condition(); ok {
			return c.Title, l.conditionLines(c, w)
		}
	case requests:
		if r, ok := l.request(); ok {
			return l.plain(r.What), l.requestLines(r, w)
		}
		return "Request", l.prose(l.sh.Styles.Muted, "What a request was, what it carried and got, and why it failed.", w)
	case connect:
		if l.info.Served() {
			return l.connectLines(w)
		}
		return "Configuration", l.prose(l.sh.Styles.Muted, "Authority, certificate and a few lines for each library.", w)
	}
	return "", nil
}

func (l *Lab) userLines(u labinfo.User, w int) []string {
	st := l.sh.Styles
	out := append(l.prose(st.Text, sentence(u.About), w), "")
	fields := []widget.Field{{Label: "user name", Value: u.Username}}
	if u.Password == "" {
		fields = append(fields, widget.Field{Label: "password", Value: "none", Style: &st.Muted})
	} else {
		fields = append(fields, widget.Field{Label: "password", Value: u.Password})
	}
	fields = append(fields, widget.Field{Label: "object id", Value: u.OID}, widget.Field{Label: "tenant", Value: u.Tenant, Style: &st.Text, Note: u.TenantID})
	if len(u.Roles) > 0 {
		fields = append(fields, widget.Field{Label: "app roles", Value: strings.Join(u.Roles, ", "), Style: &st.Text})
	}
	if u.Admin {
		fields = append(fields, widget.Field{Label: "administrator", Value: "may consent for the organisation", Style: &st.Text})
	}
	if u.Groups > 0 {
		fields = append(fields, widget.Field{Label: "groups", Value: widget.Thousands(u.Groups), Style: &st.Text})
	}
	if u.Guest {
		fields = append(fields, widget.Field{Label: "guest", Value: "signs in with the account at home", Style: &st.Text})
	}
	out = append(out, widget.Fields(l.sh, fields, w)...)
	return append(append(out, ""), l.prose(st.Muted, "Everything here is public and opens the lab alone.", w)...)
}

func (l *Lab) appLines(a labinfo.App, w int) []string {
	st := l.sh.Styles
	out := append(l.prose(st.Text, sentence(a.About), w), "")
	fields := []widget.Field{
		{Label: "name", Value: a.DisplayName, Style: &st.Text}, {Label: "client id", Value: a.ClientID}, {Label: "client type", Value: a.ClientType, Style: &st.Text},
	}
	add := func(label string, values []string) {
		for i, v := range values {
			if i > 0 {
				label = ""
			}
			fields = append(fields, widget.Field{Label: label, Value: v})
		}
	}
	if a.ClientSecret != "" {
		secret := widget.Field{Label: "client secret", Value: a.ClientSecret}
		if a.SecretExpired {
			secret.Note = "expired: AADSTS7000222"
		}
		fields = append(fields, secret)
	}
	if a.CertificatePEM != "" {
		fields = append(fields, widget.Field{Label: "certificate", Value: "and its private key: y copies both", Style: &st.Text})
	}
	for _, p := range a.Platforms {
		add("redirect · "+p.Type, p.RedirectURIs)
	}
	if a.AppIDURI != "" {
		fields = append(fields, widget.Field{Label: "App ID URI", Value: a.AppIDURI}, widget.Field{Label: "audience", Value: a.Audience()})
	}
	add("scopes", a.Scopes)
	add("app roles", a.AppRoles)
	add("may ask for", a.Permissions)
	if a.TenantID != l.info.TenantID {
		fields = append(fields, widget.Field{Label: "tenant", Value: a.TenantID, Style: &st.Text})
	}
	for i := range fields {
		fields[i].Label = widget.Say(l.sh, fields[i].Label)
	}
	return append(out, widget.Fields(l.sh, fields, w)...)
}

// sentence makes a sentence of a line.
func sentence(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:] + "."
}

func (l *Lab) conditionLines(c labinfo.Condition, w int) []string {
	st := l.sh.Styles
	out := append(l.prose(st.Text, c.About, w), "")
	state := widget.Field{Label: "now", Value: "off", Style: &st.Muted}
	if c.On {
		state.Value, state.Style = strings.TrimSpace("on "+c.Value), &st.Warn
	}
	fields := []widget.Field{{Label: "name", Value: c.ID}, state}
	if c.Takes != "" {
		note := ""
		switch c.Takes {
		case "users":
			note = "user names, separated by commas"
		case "apps":
			note = "short names of applications, separated by commas"
		}
		fields = append(fields, widget.Field{Label: "takes", Value: c.Takes + ", such as " + c.Default, Style: &st.Text, Note: note})
	}
	out = append(out, widget.Fields(l.sh, fields, w)...)
	return append(append(out, ""), l.prose(st.Muted, "It counts at once for every run and every program, until it is switched off or flowscope ends.", w)...)
}

func (l *Lab) connectLines(w int) (string, []string) {
	st := l.sh.Styles
	switch n := l.cursors[connect]; n {
	case 0:
		return "Addresses", l.addressLines(w)
	case 1:
		where := "w writes it to " + caFile + "."
		if *l.deps.CA != "" {
			where = "it is written to " + *l.deps.CA + "."
		}
		out := l.prose(st.Text, "Made for this run, in memory; it can speak for localhost alone and ends in a week. y copies it; "+l.plain(where), w)
		return "CA certificate", append(append(out, ""), widget.Plain(l.sh, l.info.CAPEM, w)...)
	default:
		all := labinfo.Snippets(l.info, l.ca())
		s := all[min(n-2, len(all)-1)]
		out := append(l.prose(st.Text, s.About, w), "")
		for line := range strings.SplitSeq(strings.TrimRight(s.Code, "\n"), "\n") {
			out = append(out, widget.Render(st.Back, widget.Wrap(strings.ReplaceAll(line, "\t", "    "), w))...)
		}
		return s.Title, out
	}
}

func (l *Lab) addressLines(w int) []string {
	st := l.sh.Styles
	var out []string
	for _, a := range [][2]string{
		{"authority", l.info.Authority}, {"plain HTTP", l.info.HTTPAuthority}, {"discovery", l.info.Discovery}, {"keys", l.info.JWKSURI},
		{"Orders API", l.info.Services.Orders}, {"Inventory API", l.info.Services.Inventory}, {"Microsoft Graph", l.info.Services.Graph},
		{"second issuer", l.info.FederatedIssuer.Issuer},
	} {
		out = append(out, st.Muted.Render(a[0]))
		out = append(out, widget.Indent(widget.Render(st.Bright, widget.Wrap(a[1], max(8, w-2))), 2)...)
	}
	return append(append(out, ""), l.prose(st.Muted, "A token's issuer is the address that it was asked for at: call the APIs of the lab under the same one.", w)...)
}

// copies says what y copies now; nothing where there is nothing.
func (l *Lab) copies() string {
	switch l.at {
	case directory:
		if _, ok := l.user(); ok {
			return "name and password"
		}
		return "registration"
	case conditions:
		return "command"
	case requests:
		if len(l.seen) > 0 {
			return "request"
		}
	case connect:
		if l.info.Served() {
			return "configuration"
		}
	}
	return ""
}

// copy puts what is under the cursor on the clipboard.
func (l *Lab) copy() tea.Cmd {
	text := ""
	switch l.at {
	case directory:
		if u, ok := l.user(); ok {
			text = u.Username + "\n" + u.Password + "\n"
		} else if a, ok := l.app(); ok {
			b, err := json.MarshalIndent(a, "", "  ")
			if err != nil {
				return screen.Notice("not copied: " + err.Error())
			}
			text = string(b) + "\n"
		}
	case conditions:
		if c, ok := l.condition(); ok {
			text = "flowscope lab --condition " + c.ID
			if value := c.Value; value != "" {
				text += "=" + value
			}
		}
	case requests:
		if r, ok := l.request(); ok {
			text = l.requestText(r)
		}
	case connect:
		text = l.connectText()
	}
	if text == "" {
		return screen.Notice("there is nothing to copy here")
	}
	return l.sh.Copy(text, l.copies())
}

func (l *Lab) connectText() string {
	if !l.info.Served() {
		return ""
	}
	switch n := l.cursors[connect]; n {
	case 0:
		return strings.Join([]string{l.info.Authority, l.info.HTTPAuthority, l.info.Discovery, l.info.JWKSURI, l.info.Services.Orders, l.info.Services.Inventory, l.info.Services.Graph}, "\n") + "\n"
	case 1:
		return l.info.CAPEM
	default:
		all := labinfo.Snippets(l.info, l.ca())
		return all[min(n-2, len(all)-1)].Code
	}
}
