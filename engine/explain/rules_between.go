package explain

import (
	"fmt"
	"net/http"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"flowscope/engine/trace"
)

// maxTitle bounds the title of a page that is shown, in runes.
const maxTitle = 100

// stranger reports whether a page came where only JSON can: from discovery, the
// keys or the token endpoint. A page with an error status may be the server's
// own trouble, which status explains.
func (s scene) stranger() bool {
	resp := s.e.Response
	if resp == nil || resp.Status >= 400 {
		return false
	}
	switch s.e.Purpose {
	case trace.Metadata, trace.Keys, trace.DeviceStart:
		return isPage(resp)
	}
	return s.e.Purpose.AtTokenEndpoint() && isPage(resp)
}

// isPage reports whether an answer is HTML, by its type or by how it begins.
func isPage(resp *trace.Response) bool {
	kind, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";")
	return strings.EqualFold(strings.TrimSpace(kind), "text/html") || strings.HasPrefix(strings.TrimSpace(head(string(resp.Body))), "<")
}

// intercepted explains a page in place of JSON: a network's log-in page or a
// proxy answered in the server's name.
func (s scene) intercepted() Finding {
	host := orName(shown(s.e.Host()), "the host")
	f := Finding{
		Code: "intercepted", Name: "captive portal or proxy", Stage: s.stage(), Step: s.e.Step, Exchange: s.e.N, Confidence: Likely, Who: User, Retry: true,
		What: "Something else answered in Entra's place: a captive portal or a proxy.",
		Why: []string{
			"The server itself answers this request with JSON, and this is a page.",
			"Networks of hotels, trains and guests answer every request with their own log-in page, and proxies with a page of theirs, until they let it through.",
		},
		Source: []string{"RFC 8910 section 1 (captive portals)", "OpenID Connect Discovery 1.0 section 4.2"},
	}
	f.see("status", fmt.Sprintf("%d %s", s.e.Response.Status, http.StatusText(s.e.Response.Status)), "")
	f.see("address", s.e.Request.URL, "")
	s.seePage(&f)
	f.Fix = []Fix{
		{Title: "Sign in to the network: open any page in a browser", Note: "then start again"},
		{Title: "Let " + host + " past the proxy", Note: "the environment variable NO_PROXY, or the exceptions of the proxy itself"},
		{Title: "Check which address the name has here", Command: "nslookup " + quote(shown(hostName(s.e.Host()))), Note: "a network may answer for names that are not its own"},
	}
	if s.lab() {
		f.Fix = append(f.Fix, labFix("On the lab: the condition captive-portal does this; switch it off"))
	}
	f.FlowRight = s.right("Only the network in between needs a hand.")
	return f
}

// hostName is a host without its port.
func hostName(host string) string {
	if i := strings.LastIndexByte(host, ':'); i >= 0 && !strings.HasSuffix(host, "]") {
		host = host[:i]
	}
	return strings.Trim(host, "[]")
}

// seePage tells what kind of answer it is without showing its body: its type,
// the title of a page, and whether the id is there that Entra gives to each of
// its answers.
func (s scene) seePage(f *Finding) {
	resp := s.e.Response
	f.see("Content-Type", orName(resp.Header.Get("Content-Type"), "none"), "")
	if isPage(resp) {
		f.see("title of the page", orName(titleOf(resp.Body), "none"), "")
	}
	if s.e.Purpose != trace.CallAPI && resp.Header.Get("x-ms-request-id") == "" {
		f.see("x-ms-request-id", "not sent", "Entra sends it with its answers, a proxy does not")
	}
}

// titleOf reads the title of a page, on one line and bounded.
func titleOf(body []byte) string {
	doc, err := html.Parse(strings.NewReader(tame(head(string(body)))))
	if err != nil {
		return ""
	}
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode && n.DataAtom == atom.Title && n.FirstChild != nil {
			return bound(strings.Join(strings.Fields(n.FirstChild.Data), " "), maxTitle)
		}
	}
	return ""
}

// lab reports whether the run was one on the lab.
func (s scene) lab() bool { return s.t.Target == "lab" && !s.t.Live }

func labFix(title string) Fix { return Fix{Title: title, Command: "flowscope lab conditions"} }

// onLab says of a policy's refusal where the lab has its policies: it keeps no
// sign-in logs.
func (s scene) onLab(f *Finding) {
	if !s.lab() {
		return
	}
	switch f.Code {
	case "AADSTS50074", "AADSTS50076", "AADSTS50079", "AADSTS53000", "AADSTS530035", "AADSTS530036", "AADSTS70043", "AADSTS70044":
		f.Fix = append(f.Fix, labFix("On the lab: a condition may ask for it, or the person or the API always does; the list says what is on"))
	case "AADSTS53003":
		f.Fix = append(f.Fix, labFix("On the lab: a condition blocks it, or the person is one who is always blocked (Boris)"))
	case "AADSTS90033", "AADSTS90055":
		f.Fix = append(f.Fix, labFix("On the lab: a condition may stand in between; the list says what is on"))
	}
}
