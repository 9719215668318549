// Package har writes exchanges in the forms of other tools: a curl command line,
// and the same flow in the MSALs of other languages.
//
// What it writes never holds a secret: where one belongs stands a shell variable
// or a call that reads the environment, so that the text can be shown and kept.
package har

import (
	"fmt"
	"strings"

	"flowscope/engine/trace"
)

// Curl gives the command line that sends the same request. Secrets are shell
// variables named after their parameter, such as "$CLIENT_SECRET".
func Curl(r trace.Request) string {
	var b strings.Builder
	b.WriteString("curl")
	address := r
	var query []trace.Param
	for _, p := range r.QueryParams() {
		if trace.IsSecret(p.Name) || trace.IsToken(p.Name) {
			p.Value = "" // written below, as a variable
			continue
		}
		query = append(query, p)
	}
	secretQuery := secrets(r.QueryParams())
	fmt.Fprintf(&b, " %s", quote(address.WithQuery(query).URL))
	if len(secretQuery) > 0 {
		b.WriteString(" --get")
	}
	for _, p := range secretQuery {
		fmt.Fprintf(&b, " \\\n  --data-urlencode %s", variable(p.Name))
	}
	for _, h := range r.HeaderParams() {
		writeHeader(&b, h)
	}
	for _, p := range r.FormParams() {
		if trace.IsSecret(p.Name) || trace.IsToken(p.Name) {
			fmt.Fprintf(&b, " \\\n  --data-urlencode %s", variable(p.Name))
			continue
		}
		fmt.Fprintf(&b, " \\\n  --data-urlencode %s", quote(p.Name+"="+p.Value))
	}
	return b.String() + "\n"
}

func secrets(params []trace.Param) []trace.Param {
	var out []trace.Param
	for _, p := range params {
		if trace.IsSecret(p.Name) || trace.IsToken(p.Name) {
			out = append(out, p)
		}
	}
	return out
}

func writeHeader(b *strings.Builder, h trace.Param) {
	switch strings.ToLower(h.Name) {
	case "content-type", "content-length", "user-agent", "cookie":
		return
	case "authorization":
		fmt.Fprintf(b, " \\\n  -H \"Authorization: Bearer $ACCESS_TOKEN\"")
		return
	}
	if strings.HasPrefix(strings.ToLower(h.Name), "x-client-") || strings.Contains(strings.ToLower(h.Name), "client-request-id") {
		return
	}
	fmt.Fprintf(b, " \\\n  -H %s", quote(h.Name+": "+h.Value))
}

// variable is a parameter whose value is a shell variable of its name.
func variable(name string) string {
	var b strings.Builder
	for _, r := range strings.ToUpper(name) {
		if (r >= 'A' && r <= 'Z') || (r >= '0' && r <= '9') {
			b.WriteRune(r)
		} else {
			b.WriteByte('_')
		}
	}
	return fmt.Sprintf("\"%s=$%s\"", name, b.String())
}

// quote puts text into single quotes for a POSIX shell.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
