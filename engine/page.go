package engine

import (
	"maps"
	"slices"
)

// Page is a sign-in, consent or error page of the authorization server, read
// from its HTML so that it can be shown and answered without a browser.
type Page struct {
	ID      int // rises with every page of a run
	URL     string
	Title   string
	Text    []PageText
	Error   string // the error the page reports; empty when it reports none
	Code    string // its AADSTS code; empty when the page names none
	User    string // user name of who is to answer it, as the flow has it; empty where nobody is known
	Fields  []PageField
	Buttons []PageButton
	// Person says that nobody but the person can answer it: what a browser
	// elsewhere ended at. It is asked even in a run that is not stepped. URL is
	// then the address to open.
	Person bool
}

// PageText is a paragraph or a list item of a page, in the order of the page.
type PageText struct {
	Item   bool
	Strong string // the words that the page sets in bold first
	Text   string // the rest
}

// PageField is a field of the page that a person fills in.
type PageField struct {
	Name   string
	Label  string
	Value  string
	Secret bool // a password field: masked, never logged
	Known  bool // filled in for this run alone, as a user code is: what an earlier run was told does not count
}

// PageButton is a way to send the page.
type PageButton struct {
	Name  string
	Value string
	Label string
}

// PageAnswer is what a person does with a page.
type PageAnswer struct {
	Values map[string]string // field values by name
	Button string            // the label of the button that is pressed
}

// with gives the answer with what is known of the fields in this run.
func (a PageAnswer) with(fields []PageField) PageAnswer {
	a.Values = maps.Clone(a.Values)
	for _, f := range fields {
		if f.Known && a.Values != nil {
			a.Values[f.Name] = f.Value
		}
	}
	return a
}

// offers reports whether the page has the button of an answer: one that was given
// to another page, which does not come this time, is no answer to this one.
func (p *Page) offers(a PageAnswer) bool {
	return a.Button == "" || slices.ContainsFunc(p.Buttons, func(b PageButton) bool { return b.Label == a.Button })
}

// HasField reports whether the page asks for a field of this name.
func (p *Page) HasField(name string) bool {
	for _, f := range p.Fields {
		if f.Name == name {
			return true
		}
	}
	return false
}

// AsksConsent reports whether the page asks for permissions, or whether a device
// is meant, and nothing else: where a run that is to decline does so.
func (p *Page) AsksConsent() bool {
	return len(p.Fields) == 0 && len(p.Buttons) > 1 && (p.Buttons[0].Value == "accept" || p.Buttons[0].Value == "continue")
}
