package pages

import (
	"strings"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// rows puts every node on a line of its own, so that a page can be read in the
// recorded exchange. It leaves out what is nil.
func rows(nodes ...g.Node) g.Group {
	var out g.Group
	for _, n := range nodes {
		switch n := n.(type) {
		case nil:
		case g.Group:
			out = append(out, rows(n...)...)
		default:
			out = append(out, n, g.Text("\n"))
		}
	}
	return out
}

// inside puts the rows of an element between its tags.
func inside(nodes ...g.Node) g.Group { return append(g.Group{g.Text("\n")}, rows(nodes...)...) }

// document is the frame around the body of every page.
func document(title, place string, body g.Node) g.Node {
	return rows(
		g.Raw("<!DOCTYPE html>"),
		h.HTML(h.Lang("en"), inside(
			h.Head(inside(
				h.Meta(h.Charset("utf-8")),
				h.Meta(h.Name("viewport"), h.Content("width=device-width, initial-scale=1")),
				h.TitleEl(g.Text(title+" · flowscope lab")),
				h.StyleEl(g.Raw(style)), // as it is: the policy names its hash
			)),
			h.Body(inside(
				h.Div(h.Class("band"), g.Text("flowscope lab: not Microsoft")),
				h.Main(inside(
					h.Header(h.Span(h.Class("place"), g.Text(place))),
					body,
				)),
			)),
		)),
	)
}

func heading(text string) g.Node { return h.H1(g.Text(text)) }

func sentence(text string) g.Node { return h.P(g.Text(text)) }

func muted(text string) g.Node { return h.P(h.Class("muted"), g.Text(text)) }

func sentences(lines []string) g.Group { return g.Map(lines, sentence) }

// form is a form that belongs to a sign-in.
func form(f Form, nodes ...g.Node) g.Node {
	context := h.Input(h.Type("hidden"), h.Name("ctx"), h.Value(f.Context))
	return post(address(f.Action), append([]g.Node{context}, nodes...)...)
}

// post is a form that is sent to an address, which is written as it is given.
func post(action string, nodes ...g.Node) g.Node {
	return h.Form(h.Method("post"), h.Action(action), inside(nodes...))
}

// field is an input with its label; its name is its id too.
func field(label, name string, attributes ...g.Node) g.Group {
	return g.Group{
		h.Label(h.For(name), g.Text(label)),
		h.Input(h.ID(name), h.Name(name), g.Group(attributes)),
	}
}

// secret is an input for a password.
func secret(label, name, complete string, focus bool) g.Group {
	return field(label, name, h.Type("password"), h.AutoComplete(complete), g.If(focus, h.AutoFocus()))
}

func buttons(nodes ...g.Node) g.Node { return h.Div(h.Class("buttons"), inside(nodes...)) }

// mainButton is what Enter presses; action says what the form then asks for.
func mainButton(action, text string, attributes ...g.Node) g.Node {
	return h.Button(h.Class("main"), h.Name("action"), h.Value(action), g.Group(attributes), g.Text(text))
}

func button(action, text string) g.Node {
	return h.Button(h.Name("action"), h.Value(action), g.Text(text))
}

// accountList is one button for every account, and a last one for what is not
// in the list.
func accountList(accounts []Account, last, lastText string) g.Node {
	var lines g.Group
	for i, a := range accounts {
		lines = append(lines, h.Button(h.Name("account"), h.Value(a.ID), g.If(i == 0, h.AutoFocus()),
			h.Strong(g.Text(a.Name)), g.Text(" "), h.Span(g.Text(a.Username)), g.Text(" "), h.Span(g.Text(a.Place))))
	}
	return h.Div(h.Class("accounts"), inside(lines,
		h.Button(h.Name("account"), h.Value(last), h.Strong(g.Text(lastText)))))
}

// alert tells what went wrong; it is nil when nothing did.
func alert(p Problem) g.Node {
	if p.Message == "" {
		return nil
	}
	return fault(p.Code, p.Message)
}

// fault is a message in a box of its own, with its code.
func fault(code, message string) g.Node {
	return h.Div(h.Class("problem"), h.Role("alert"), inside(
		h.P(h.Class("error"), g.Text(message)),
		h.P(h.Class("code"), g.Text(code)),
	))
}

func permissions(all []Permission) g.Node {
	return h.Ul(inside(g.Map(all, func(p Permission) g.Node {
		return h.Li(h.Strong(g.Text(p.Title)), g.Text(" "), h.Span(g.Text(p.Text)))
	})))
}

// application says which application asks, who publishes it and who is asked.
func application(app, publisher, username string) g.Group {
	return g.Group{h.P(h.Strong(g.Text(app))), publishedBy(publisher), signedInAs(username)}
}

func publishedBy(publisher string) g.Node {
	return muted("Publisher: " + publisher + " (not verified)")
}

func signedInAs(username string) g.Node { return muted("Signed in as " + username) }

// refused stands where an address was not fit to be followed. Go's own
// templates write the same mark, so it can be looked up.
const refused = "#ZgotmplZ"

// address makes text from outside fit to be followed: a relative address, or
// one of http, https and mailto. Everything else, javascript: before all, could
// act in the page itself.
func address(text string) string {
	scheme, _, found := strings.Cut(text, ":")
	if found && !strings.Contains(scheme, "/") {
		switch strings.ToLower(scheme) {
		case "http", "https", "mailto":
		default:
			return refused
		}
	}
	return registered(text)
}

// registered writes an address that an application has registered, of whatever
// scheme: it percent-encodes what may not stand in one (RFC 3986 section 2) and
// changes nothing else.
func registered(text string) string {
	const digits = "0123456789abcdef"
	var b strings.Builder
	for i := range len(text) {
		c := text[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9',
			strings.IndexByte("-._~!#$&*+,/:;=?@[]", c) >= 0,
			c == '%' && i+2 < len(text) && hexadecimal(text[i+1]) && hexadecimal(text[i+2]):
			b.WriteByte(c)
		default:
			b.WriteByte('%')
			b.WriteByte(digits[c>>4])
			b.WriteByte(digits[c&15])
		}
	}
	return b.String()
}

func hexadecimal(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}
