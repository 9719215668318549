package clients

import (
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"

	"golang.org/x/net/html"
)

// person uses the lab's pages with a browser of their own. It knows no page: it
// fills in the fields that it finds and presses the button that a willing
// person presses.
type person struct {
	account
	browser *http.Client
	code    string // on a device's display
}

// arrival is where the person left the lab, and with what.
type arrival struct {
	address *url.URL
	values  url.Values // of the query, the fragment or the form
}

func newPerson(a account) *person {
	jar, _ := cookiejar.New(nil) // fails for no options
	browser := *web
	browser.Jar, browser.CheckRedirect = jar, func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &person{account: a, browser: &browser}
}

// enter types a device's code on the page that the device names, and agrees.
func (p *person) enter(page, code string) error {
	p.code = code
	_, err := p.open(page)
	return err
}

// open follows an address through the pages until the lab hands over to
// somebody else, or a page asks nothing more.
func (p *person) open(address string) (arrival, error) {
	r, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		return arrival{}, err
	}
	for range 12 {
		resp, err := p.browser.Do(r)
		if err != nil {
			return arrival{}, err
		}
		page, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil {
			return arrival{}, err
		}
		at, form := r.URL, url.Values(nil)
		to, _ := resp.Location() // none on a page
		if to == nil {
			if to, form, err = p.answer(at, string(page)); to == nil {
				return arrival{at, nil}, err
			}
		} else if to.Host != at.Host {
			return arrival{to, handed(to)}, nil
		}
		if to.Host != at.Host {
			return arrival{to, form}, nil
		}
		if form == nil {
			r, err = http.NewRequest(http.MethodGet, to.String(), nil)
		} else {
			r, err = http.NewRequest(http.MethodPost, to.String(), strings.NewReader(form.Encode()))
		}
		if err != nil {
			return arrival{}, err
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return arrival{}, fmt.Errorf("%s leads in circles", address)
}

// handed is what a redirect carries.
func handed(u *url.URL) url.Values {
	if values, err := url.ParseQuery(u.EscapedFragment()); err == nil && len(values) > 0 {
		return values
	}
	return u.Query()
}

// answer fills in a page and says where it goes: nowhere if it asks nothing.
func (p *person) answer(at *url.URL, page string) (*url.URL, url.Values, error) {
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		return nil, nil, err
	}
	asked := false
	for n := range root.Descendants() {
		if n.Type != html.ElementNode || n.Data != "form" {
			continue
		}
		asked = true
		action, err := at.Parse(attribute(n, "action"))
		if err != nil {
			return nil, nil, err
		}
		fields, buttons := read(n)
		if action.Host != at.Host {
			return action, fields, nil
		}
		if fields.Has("username") && fields.Has("password") {
			fields.Set("username", p.Username)
			fields.Set("password", p.Password)
		}
		if fields.Has("user_code") {
			fields.Set("user_code", p.code)
		}
		for _, label := range []string{"Sign in", "Accept", "Next", "Continue", "Approve"} {
			if b, ok := buttons[label]; ok {
				if name := attribute(b, "name"); name != "" {
					fields.Set(name, attribute(b, "value"))
				}
				return action, fields, nil
			}
		}
	}
	if asked {
		err = fmt.Errorf("nothing to press on %s: %s", at, words(root))
	}
	return nil, nil, err
}

// read gives the fields and the buttons, by label, of a form.
func read(form *html.Node) (url.Values, map[string]*html.Node) {
	fields, buttons := url.Values{}, map[string]*html.Node{}
	for n := range form.Descendants() {
		switch {
		case n.Type != html.ElementNode:
		case n.Data == "button":
			buttons[words(n)] = n
		case n.Data == "input" && attribute(n, "type") != "checkbox" && attribute(n, "name") != "":
			fields.Set(attribute(n, "name"), attribute(n, "value"))
		}
	}
	return fields, buttons
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func words(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode && (d.Parent == nil || d.Parent.Data != "style") {
			b.WriteString(d.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}
