package har

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"flowscope/engine/trace"
)

// Curl gives the command line that sends a request, with shell variables in place
// of secrets and without the lines that set them: what a screen shows. Export
// gives what can be run.
func Curl(r trace.Request) string {
	x := &export{trace: &trace.Trace{}, red: trace.NewRedactor(nil)}
	x.red.Learn(trace.Exchange{Request: r})
	return x.command(r, &variables{x: x})
}

// curl writes a shell script. Remarks are arguments of ":", which does nothing:
// a line that begins with "#" is no comment where it is pasted into zsh.
func (x *export) curl() (string, error) {
	vars := &variables{x: x}
	var body strings.Builder
	commands := make([]string, len(x.shown))
	for i, e := range x.shown {
		before := len(vars.list)
		commands[i] = x.command(x.served(e.Request), vars)
		for _, v := range vars.list[before:] {
			v.taken = !x.o.WithSecrets && !v.encoded && v.from.exchange > 0 && v.from.exchange < e.N
		}
	}
	for i, e := range x.shown {
		fmt.Fprintln(&body)
		if len(x.shown) > 1 || e.Channel == trace.Front {
			fmt.Fprintln(&body, remark(fmt.Sprintf("%d %s%s", e.N, x.name(e), travelled(e))))
		}
		for _, c := range e.Changes {
			fmt.Fprintln(&body, remark("changed: "+x.line(c)))
		}
		body.WriteString(vars.capture(e.N, commands[i]))
	}
	var b strings.Builder
	if len(x.shown) > 1 {
		fmt.Fprintln(&b, "#!/bin/sh")
		fmt.Fprintln(&b, remark(x.title()+": "+x.outcome()))
	}
	if x.unserved() {
		fmt.Fprintln(&b, remark(labWords))
		fmt.Fprintf(&b, ": \"${LAB:?set LAB to %s}\"\n", labHint)
	}
	for _, v := range vars.list {
		if !v.taken {
			fmt.Fprintln(&b, x.assignment(v))
		}
	}
	b.WriteString(strings.TrimPrefix(body.String(), "\n"))
	fmt.Fprintln(&b)
	for _, l := range x.receipt().Lines() {
		fmt.Fprintln(&b, remark(l))
	}
	return strings.TrimLeft(b.String(), "\n"), nil
}

// travelled says of an exchange that a browser makes it.
func travelled(e trace.Exchange) string {
	if e.Channel == trace.Front {
		return " (front channel: a browser sends it)"
	}
	return ""
}

// remark is a line that does nothing in any shell, pasted or run.
func remark(s string) string { return ": " + quote(trace.Plain(s)) }

// capture writes a command so that later ones can use members of its answer: it is
// shown, and each value is read out of it with what every POSIX system has.
func (v *variables) capture(n int, command string) string {
	var lines strings.Builder
	for _, one := range v.list {
		if one.taken && one.from.exchange == n {
			fmt.Fprintf(&lines, "%s=$(printf '%%s' \"$ANSWER\" | tr -d '\\n' | sed -n 's/.*\"%s\" *: *\"\\([^\"]*\\)\".*/\\1/p')\n: \"${%s:?the answer brings no %s}\"\n", one.name, one.from.member, one.name, one.from.member)
		}
	}
	if lines.Len() == 0 {
		return command
	}
	return "ANSWER=$(" + strings.TrimSuffix(command, "\n") + ")\nprintf '%s\\n' \"$ANSWER\"\n" + lines.String()
}

// assignment is the line that sets a variable where secrets are written out, else
// one that stops with what is to be set where the environment does not have it.
func (x *export) assignment(v *variable) string {
	if x.o.WithSecrets {
		return v.name + "=" + quote(v.literal())
	}
	return fmt.Sprintf(`: "${%s:?set %s to the %s}"`, v.name, v.name, strings.TrimSuffix(strings.TrimPrefix(v.hint(), "put the "), " here"))
}

// maxArgument is the length from which a body is piped: systems bound one
// argument of a program at 128 KiB.
const maxArgument = 100 << 10

// command writes the curl command of one request.
func (x *export) command(r trace.Request, vars *variables) string {
	var parts []string
	add := func(format string, args ...any) { parts = append(parts, fmt.Sprintf(format, args...)) }
	method := strings.ToUpper(r.Method)
	hasBody := len(r.Body) > 0
	address, inQuery := x.address(r, vars, hasBody || (method != http.MethodGet && method != ""))
	add("curl%s %s", x.guards(r), address)
	switch {
	case len(inQuery) > 0:
		add("--get")
		parts = append(parts, inQuery...)
	case method == http.MethodHead:
		add("--head")
	case method == http.MethodPost && !hasBody:
		add("--data ''")
	case hasBody && method != http.MethodPost, !hasBody && method != http.MethodGet && method != "":
		add("--request %s", quote(trace.Plain(method)))
	}
	parts = append(parts, x.headers(r, vars)...)
	pipe := ""
	switch {
	case r.IsForm():
		for _, p := range r.FormParams() {
			parts = append(parts, x.field(p, vars))
		}
	case hasBody:
		var arg string
		pipe, arg = x.rawBody(r.Body)
		parts = append(parts, arg)
	}
	return pipe + strings.Join(parts, " \\\n  ") + "\n"
}

// guards are the switches that keep curl from reading more into a URL than it is.
func (x *export) guards(r trace.Request) string {
	out := ""
	if strings.ContainsAny(r.URL, "[]{}") {
		out += " --globoff"
	}
	if !strings.HasPrefix(r.URL, "https://") && !strings.HasPrefix(r.URL, "http://") {
		out += " --proto =http,https --url" // an edited address may name a file or an option
	}
	return out
}

// address gives the URL as an argument and, where its query holds secrets and the
// request is a GET, the query as arguments behind --get. A fragment is left out:
// it is never sent.
func (x *export) address(r trace.Request, vars *variables, bodied bool) (string, []string) {
	r.URL, _, _ = strings.Cut(r.URL, "#")
	query := r.QueryParams()
	secret := false
	for _, p := range query {
		secret = secret || isSecret(p)
	}
	base, raw, _ := strings.Cut(r.URL, "?")
	switch {
	case !secret && raw == "":
		return x.quoteURL(printable(x.text(base))), nil
	case !secret:
		return x.quoteURL(printable(x.text(r.URL))), nil
	case bodied:
		return x.quoteURL(printable(x.text(base))+"?") + x.rawQuery(raw, vars), nil
	}
	var args []string
	for _, p := range query {
		args = append(args, x.field(p, vars))
	}
	return x.quoteURL(printable(x.text(base))), args
}

// quoteURL quotes a URL, with a variable in place of a lab that nobody serves.
func (x *export) quoteURL(s string) string {
	if rest, ok := x.labURL(s); ok {
		return `"$LAB"` + quote(rest)
	}
	return quote(s)
}

// rawQuery writes a query with variables inside, for a request that has a body as
// well.
func (x *export) rawQuery(raw string, vars *variables) string {
	var out []string
	for _, p := range (trace.Request{URL: "?" + raw}).QueryParams() {
		if isSecret(p) {
			out = append(out, quote(url.QueryEscape(p.Name)+"=")+`"$`+vars.of(p.Name, p.Value, true).name+`"`)
			continue
		}
		out = append(out, quote(url.QueryEscape(p.Name)+"="+url.QueryEscape(x.text(p.Value))))
	}
	return strings.Join(out, quote("&"))
}

// field writes a form field or a query parameter. curl encodes the value; what
// must not stand on a terminal is encoded here.
func (x *export) field(p trace.Param, vars *variables) string {
	name := url.QueryEscape(p.Name)
	if isSecret(p) {
		return `--data-urlencode "` + name + `=$` + vars.of(p.Name, p.Value, false).name + `"`
	}
	value := x.text(p.Value)
	if trace.Plain(value) != value || name == "" { // curl drops the "=" of a name that is empty
		return "--data " + quote(name+"="+url.QueryEscape(value))
	}
	return "--data-urlencode " + quote(name+"="+value)
}

// headers writes the headers that matter: not those that curl makes itself, and
// not those by which a library identifies itself.
func (x *export) headers(r trace.Request, vars *variables) []string {
	var out []string
	for _, h := range r.HeaderParams() {
		lower := strings.ToLower(h.Name)
		switch {
		case !isToken(h.Name), skipHeader(lower), lower == "content-type" && r.IsForm():
		case lower == "authorization" || lower == "proxy-authorization":
			out = append(out, x.authorization(h, vars))
		case lower == "cookie":
			out = append(out, `-H "`+h.Name+`: $`+vars.of("cookie", h.Value, false).name+`"`)
		case isSecret(h):
			out = append(out, `-H "`+h.Name+`: $`+vars.of(h.Name, h.Value, false).name+`"`)
		case h.Value == "":
			out = append(out, "-H "+quote(h.Name+";")) // an empty header, which ":" would remove
		default:
			out = append(out, "-H "+quote(h.Name+": "+x.line(h.Value)))
		}
	}
	if len(r.Body) > 0 && r.Header.Get("Content-Type") == "" {
		out = append(out, "-H 'Content-Type:'") // curl would call it a form
	}
	return out
}

// skipHeader names headers that another client makes anew.
func skipHeader(lower string) bool {
	switch lower {
	case "content-length", "user-agent", "host", "connection", "accept-encoding", "transfer-encoding":
		return true
	}
	return strings.HasPrefix(lower, "x-client-") || strings.Contains(lower, "client-request-id")
}

// isToken reports whether a header name is one (RFC 9110 section 5.6.2): curl
// takes "@name" for a file.
func isToken(s string) bool {
	return s != "" && strings.Trim(s, "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" && !strings.ContainsAny(s, "`$'!")
}

func (x *export) authorization(h trace.Param, vars *variables) string {
	scheme, rest, ok := strings.Cut(h.Value, " ")
	if id, secret, basic := trace.BasicCredentials(h.Value); basic {
		x.count("authorization", rest)
		return "-u " + quote(trace.Plain(id)+":") + `"$` + vars.basic(secret).name + `"`
	}
	if !ok || !isToken(scheme) {
		return `-H "` + h.Name + `: $` + vars.of("authorization", h.Value, false).name + `"`
	}
	name := "authorization"
	if strings.EqualFold(scheme, "bearer") {
		name = "access_token"
	}
	return `-H "` + h.Name + `: ` + scheme + ` $` + vars.of(name, strings.TrimSpace(rest), false).name + `"`
}

// rawBody writes a body that is no form: as it stands where that is safe, else
// through a pipe.
func (x *export) rawBody(body []byte) (pipe, arg string) {
	text := x.text(string(body))
	switch {
	case !isText(body) && !x.o.WithSecrets:
		return "", "--data-raw " + quote(fmt.Sprintf("(a body of %d bytes that is no text was removed)", len(body)))
	case !isText(body), trace.PlainLines(text) != text:
		return "printf %s " + quote(base64.StdEncoding.EncodeToString([]byte(text))) + " | base64 -d | ", "--data-binary @-"
	case len(text) > maxArgument:
		return "printf %s " + quote(text) + " | ", "--data-binary @-"
	}
	return "", "--data-raw " + quote(text)
}

// printable percent-encodes in a URL what does not belong there.
func printable(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		if c <= ' ' || c >= 0x7f || c == '"' || c == '<' || c == '>' || c == '\\' || c == '^' || c == '`' {
			fmt.Fprintf(&b, "%%%02X", c)
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

// quote puts text into single quotes for a POSIX shell.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
