package har

import (
	"fmt"
	"net/url"
	"strings"

	"flowscope/engine/trace"
)

// httpFile writes a file for the HTTP clients of editors (Visual Studio Code's
// REST Client, JetBrains'): variables on top, then one request after another.
func (x *export) httpFile() (string, error) {
	vars := &variables{x: x}
	var body strings.Builder
	for _, e := range x.shown {
		x.httpRequest(&body, e, vars)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n", oneLine(x.title()+": "+x.outcome()))
	if x.unserved() {
		fmt.Fprintf(&b, "# %s\n@LAB = %s\n", labWords, labHint)
	}
	chained := false
	for _, v := range vars.list {
		chained = chained || v.from.member != ""
	}
	if len(vars.list) > 0 && !x.o.WithSecrets {
		b.WriteString("# No secret is written here: fill in the variables.")
		if chained {
			b.WriteString(" Those that name an answer fill\n# themselves in Visual Studio Code once that request was sent; elsewhere put the value there.")
		}
		b.WriteString("\n")
	}
	for _, v := range vars.list {
		fmt.Fprintf(&b, "@%s = %s\n", v.name, x.setting(v))
	}
	b.WriteString(body.String())
	b.WriteString("\n###\n")
	for _, l := range x.receipt().Lines() {
		fmt.Fprintf(&b, "# %s\n", l)
	}
	return b.String(), nil
}

// setting is what a variable of the file is set to: a reference to the answer
// that brings it, the secret where it was asked for, or an instruction.
func (x *export) setting(v *variable) string {
	switch {
	case v.from.member != "" && !v.encoded:
		return fmt.Sprintf("{{exchange%d.response.body.%s}}", v.from.exchange, v.from.member)
	case x.o.WithSecrets:
		return oneLine(v.literal())
	}
	return v.hint()
}

func (x *export) httpRequest(b *strings.Builder, e trace.Exchange, vars *variables) {
	fmt.Fprintf(b, "\n### %d %s%s\n", e.N, oneLine(x.name(e)), travelled(e))
	fmt.Fprintf(b, "# @name exchange%d\n", e.N)
	if e.Channel == trace.Front {
		b.WriteString("# @no-redirect\n")
	}
	for _, c := range e.Changes {
		fmt.Fprintf(b, "# changed: %s\n", oneLine(x.line(c)))
	}
	r := x.served(e.Request)
	fmt.Fprintf(b, "%s %s\n", method(r.Method), x.httpURL(r, vars))
	for _, h := range r.HeaderParams() {
		lower := strings.ToLower(h.Name)
		if !isToken(h.Name) || skipHeader(lower) {
			continue
		}
		fmt.Fprintf(b, "%s: %s\n", h.Name, x.httpHeader(h, vars))
	}
	switch {
	case r.IsForm():
		b.WriteString("\n" + x.httpPairs(r.FormParams(), vars) + "\n")
	case len(r.Body) > 0:
		text := x.text(string(r.Body))
		if !fitsHTTPFile(text) {
			fmt.Fprintf(b, "# a body of %d bytes is left out: it can't be written in a file like this\n", len(r.Body))
			return
		}
		b.WriteString("\n" + text + "\n")
	}
}

func (x *export) httpURL(r trace.Request, vars *variables) string {
	address, _, _ := strings.Cut(r.URL, "#")
	base, query, asked := strings.Cut(address, "?")
	out := oneLine(printable(x.text(base)))
	if rest, ok := x.labURL(out); ok {
		out = "{{LAB}}" + rest
	}
	if asked {
		out += "?" + x.httpPairs((trace.Request{URL: "?" + query}).QueryParams(), vars)
	}
	return out
}

// httpPairs writes a query or a form, percent-encoded, with variables in place of
// secrets. Variables are put in as they are, so that theirs have to be encoded.
func (x *export) httpPairs(params []trace.Param, vars *variables) string {
	var out []string
	for _, p := range params {
		name := url.QueryEscape(p.Name)
		if isSecret(p) {
			out = append(out, name+"={{"+vars.of(p.Name, p.Value, needsEncoding(p.Value)).name+"}}")
			continue
		}
		out = append(out, name+"="+url.QueryEscape(x.text(p.Value)))
	}
	return strings.Join(out, "&")
}

// needsEncoding reports whether a value differs once it is percent-encoded. A
// token never does, a client secret often.
func needsEncoding(s string) bool { return url.QueryEscape(s) != s }

func (x *export) httpHeader(h trace.Param, vars *variables) string {
	ref := func(name, value string) string { return "{{" + vars.of(name, value, false).name + "}}" }
	switch lower := strings.ToLower(h.Name); {
	case lower == "authorization" || lower == "proxy-authorization":
		scheme, rest, ok := strings.Cut(h.Value, " ")
		if id, secret, basic := trace.BasicCredentials(h.Value); basic {
			x.count("authorization", rest)
			return "Basic " + oneLine(id) + " {{" + vars.basic(secret).name + "}}" // the editor encodes the pair
		}
		if !ok || !isToken(scheme) {
			return ref("authorization", h.Value)
		}
		if strings.EqualFold(scheme, "bearer") {
			return scheme + " " + ref("access_token", strings.TrimSpace(rest))
		}
		return scheme + " " + ref("authorization", rest)
	case lower == "cookie":
		return ref("cookie", h.Value)
	case isSecret(h):
		return ref(h.Name, h.Value)
	}
	return oneLine(x.line(h.Value))
}

// oneLine keeps a value from beginning a request or naming a variable of its own.
func oneLine(s string) string {
	return strings.NewReplacer("{{", "{ {", "}}", "} }").Replace(trace.Plain(s))
}

// fitsHTTPFile reports whether a body can stand in the file as it is: no line of
// it may be read as the file's own.
func fitsHTTPFile(s string) bool {
	if trace.PlainLines(s) != strings.ReplaceAll(s, "\r\n", "\n") || strings.Contains(s, "{{") {
		return false
	}
	for line := range strings.SplitSeq(s, "\n") {
		line = strings.TrimSpace(line)
		for _, mark := range []string{"###", "<", ">", "@", "#", "//"} {
			if strings.HasPrefix(line, mark) {
				return false
			}
		}
	}
	return true
}

// method is the method of a request line.
func method(s string) string {
	if isToken(s) {
		return strings.ToUpper(s)
	}
	return "GET"
}
