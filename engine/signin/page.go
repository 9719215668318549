package signin

import (
	"bytes"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"flowscope/engine"
	"flowscope/engine/trace"
)

// page is a page with what is needed to send its form.
type page struct {
	engine.Page
	form   *html.Node
	method string
	action *url.URL
	hidden []trace.Param
}

// maxText bounds the text taken from one element, in bytes.
const maxText = 2000

var codePattern = regexp.MustCompile(`AADSTS[0-9]{4,8}`)

// parse reads an HTML page. It never fails: what it can't read it leaves out.
func parse(body []byte, at *url.URL) *page {
	p := &page{action: at, method: http.MethodGet}
	p.URL = at.String()
	doc, err := html.Parse(bytes.NewReader(body))
	if err != nil {
		return p
	}
	labels := map[string]string{}
	p.walk(doc, labels)
	for i, f := range p.Fields {
		if l := labels[f.Name]; l != "" {
			p.Fields[i].Label = l
		}
	}
	if p.Code == "" {
		p.Code = codePattern.FindString(string(body))
	}
	return p
}

func (p *page) walk(n *html.Node, labels map[string]string) {
	if n.Type == html.ElementNode && p.element(n, labels) {
		return
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		p.walk(c, labels)
	}
}

// element reads one element and reports whether its children are done with.
func (p *page) element(n *html.Node, labels map[string]string) bool {
	switch {
	case hasClass(n, "code"):
		p.Code = codePattern.FindString(text(n))
		return true
	case hasClass(n, "error"):
		p.Error = text(n)
		if c := codePattern.FindString(p.Error); c != "" && p.Code == "" {
			p.Code = c
		}
		return true
	}
	switch n.DataAtom {
	case atom.Script, atom.Style, atom.Head:
		return true
	case atom.H1:
		p.Title = text(n)
		return true
	case atom.P:
		if t := text(n); t != "" {
			p.Text = append(p.Text, engine.PageText{Text: t})
		}
		return true
	case atom.Li:
		p.Text = append(p.Text, item(n))
		return true
	case atom.Form:
		p.takeForm(n)
	case atom.Label:
		labels[attr(n, "for")] = text(n)
	case atom.Input:
		p.takeInput(n)
	case atom.Textarea:
		if name := attr(n, "name"); name != "" {
			p.Fields = append(p.Fields, engine.PageField{Name: name, Label: name, Value: text(n)})
		}
		return true
	case atom.Button:
		p.Buttons = append(p.Buttons, engine.PageButton{Name: attr(n, "name"), Value: attr(n, "value"), Label: text(n)})
		return true
	}
	return false
}

func (p *page) takeForm(n *html.Node) {
	if p.form != nil {
		return
	}
	p.form, p.method = n, strings.ToUpper(attr(n, "method"))
	if p.method == "" {
		p.method = http.MethodGet
	}
	if a := attr(n, "action"); a != "" {
		if u, err := p.action.Parse(a); err == nil {
			p.action = u
		}
	}
}

func (p *page) takeInput(n *html.Node) {
	name, value := attr(n, "name"), attr(n, "value")
	switch kind := strings.ToLower(attr(n, "type")); kind {
	case "hidden":
		p.hidden = append(p.hidden, trace.Param{Place: trace.Form, Name: name, Value: value})
	case "submit":
		p.Buttons = append(p.Buttons, engine.PageButton{Name: name, Value: value, Label: trace.Plain(value)})
	case "checkbox", "radio", "file", "image", "reset", "button":
	default:
		if name != "" {
			p.Fields = append(p.Fields, engine.PageField{Name: name, Label: name, Value: trace.Plain(value), Secret: kind == "password"})
		}
	}
}

// autoPost reports whether the page is the self-sending form of the form_post
// response mode: nothing to fill in, and addressed to the redirect URI.
func (p *page) autoPost(redirectURI string) bool {
	return len(p.Fields) == 0 && isRedirect(p.action, redirectURI)
}

// request builds what the browser would send for an answer.
func (p *page) request(a engine.PageAnswer) trace.Request {
	params := append([]trace.Param(nil), p.hidden...)
	for _, f := range p.Fields {
		v, ok := a.Values[f.Name]
		if !ok {
			v = f.Value
		}
		params = append(params, trace.Param{Place: trace.Form, Name: f.Name, Value: v})
	}
	for _, b := range p.Buttons {
		if b.Label == a.Button && b.Name != "" {
			params = append(params, trace.Param{Place: trace.Form, Name: b.Name, Value: b.Value})
			break
		}
	}
	r := trace.Request{Method: p.method, URL: p.action.String(), Header: http.Header{}}
	if p.method == http.MethodGet {
		return r.WithQuery(params)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r.WithForm(params)
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func hasClass(n *html.Node, class string) bool {
	for c := range strings.FieldsSeq(attr(n, "class")) {
		if c == class {
			return true
		}
	}
	return false
}

// item reads a list item: what it sets in bold first, and the rest.
func item(n *html.Node) engine.PageText {
	out := engine.PageText{Item: true, Text: text(n)}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.DataAtom == atom.Strong || c.DataAtom == atom.B {
			out.Strong = text(c)
			out.Text = strings.TrimSpace(strings.TrimPrefix(out.Text, out.Strong))
			break
		}
	}
	return out
}

// text gives the words of an element, white space folded, cleaned and bounded.
func text(n *html.Node) string {
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.TextNode && b.Len() < maxText {
			b.WriteString(n.Data)
			b.WriteByte(' ')
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(n)
	return trace.Plain(strings.Join(strings.Fields(b.String()), " "))
}

// fill puts what is known into the fields of the page.
func (p *page) fill(known map[string]string) {
	for i, f := range p.Fields {
		if v, ok := known[f.Name]; ok && f.Value == "" {
			p.Fields[i].Value, p.Fields[i].Known = v, true
		}
	}
}
