package explain

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// errorPage is what a page of the authorize endpoint says of an error.
type errorPage struct {
	details string // an element with a code and its words: class details
	code    string // class code
	error   string // class error: words for the person
	prose   string // all words of the page that are neither a form nor a script
	all     string // all words of the page
}

// readPage reads the error page of the authorize endpoint: the elements that
// are there for it, else the words of the page. What a form asks for and the
// words on its buttons are never taken for the server's words.
func readPage(body []byte) (answer, bool) {
	raw := tame(head(string(body)))
	p := parsePage(raw)
	a := answer{form: pageForm, support: supportIn(p.all).or(supportIn(raw))}
	for _, text := range []string{p.details, p.code, p.error, p.all, raw} {
		if a.codes = codesIn(text); len(a.codes) > 0 {
			a.codes = a.codes[:1]
			break
		}
	}
	if len(a.codes) == 0 {
		return answer{}, false
	}
	a.words = p.words(raw, a.codes[0])
	return a, true
}

// words are the server's own words on a code: those beside it in the details,
// else the error's, else those behind it on the page or, as on Entra's own
// pages, in a script.
func (p errorPage) words(raw string, code int) string {
	if words := wordsOf(sentence(p.details, code)); words != "" {
		return words
	}
	if words := wordsOf(p.error); words != "" {
		if !slices.Contains(codesIn(words), code) {
			words = aadsts(code) + ": " + words
		}
		return words
	}
	if words := wordsOf(sentence(p.prose, code)); words != "" {
		return words
	}
	if slices.Contains(codesIn(p.all), code) {
		return "" // a label or a button
	}
	words, _, _ := strings.Cut(sentence(raw, code), `"`)
	words, _, _ = strings.Cut(words, "<")
	return wordsOf(words)
}

// parsePage walks a page. It never fails: what it can't read it leaves out.
func parsePage(raw string) errorPage {
	doc, err := html.Parse(strings.NewReader(raw))
	if err != nil {
		return errorPage{}
	}
	var p errorPage
	var prose, all strings.Builder
	for n := range doc.Descendants() {
		switch {
		case n.Type == html.ElementNode:
			p.element(n)
		case n.Type == html.TextNode && !within(n, atom.Script, atom.Style):
			all.WriteString(n.Data + " ")
			if !within(n, atom.Label, atom.Button, atom.Select, atom.Textarea, atom.Title) {
				prose.WriteString(n.Data + " ")
			}
		}
	}
	p.prose, p.all = prose.String(), all.String()
	return p
}

// element keeps the words of an element whose class says what they are.
func (p *errorPage) element(n *html.Node) {
	for class := range strings.FieldsSeq(classOf(n)) {
		switch {
		case class == "details" && p.details == "":
			p.details = textOf(n)
		case class == "code" && p.code == "":
			p.code = textOf(n)
		case class == "error" && p.error == "":
			p.error = textOf(n)
		}
	}
}

func classOf(n *html.Node) string {
	for _, a := range n.Attr {
		if a.Key == "class" {
			return a.Val
		}
	}
	return ""
}

// maxNesting bounds how far up an element is looked for.
const maxNesting = 64

// within reports whether a node stands inside one of these elements.
func within(n *html.Node, elements ...atom.Atom) bool {
	for range maxNesting {
		if n = n.Parent; n == nil {
			return false
		}
		if slices.Contains(elements, n.DataAtom) {
			return true
		}
	}
	return false
}

// textOf gives the words inside an element.
func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode && !within(d, atom.Script, atom.Style, atom.Button, atom.Label) {
			b.WriteString(d.Data + " ")
		}
	}
	return b.String()
}
