package explain

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"flowscope/engine/trace"
)

// trouble is what is said of one kind of trouble on the way.
type trouble struct {
	name   string
	what   string // %s is the host
	why    []string
	fix    []Fix
	who    string
	source []string
	sure   Confidence
}

// troubles are the words for each kind, but for a timeout, whose words depend on
// its phase.
var troubles = map[trace.ErrKind]trouble{
	trace.NoName: {
		"name not found", "No address was found for %s.",
		[]string{"The name can't be resolved: it is misspelt, this machine is offline, or the name lives in a private network that this machine is not in."},
		[]Fix{{Title: "Look whether this machine is online"}, {Title: "Look at the spelling of the host in the profile or the issuer"},
			{Title: "In a private network: connect to it; behind a proxy: set HTTPS_PROXY, and the proxy looks names up"}},
		User, []string{"RFC 1034 section 4.3.1"}, Certain,
	},
	trace.NoListener: {
		"connection refused", "%s refused the connection.",
		[]string{"The machine is there, and nothing listens at that port; or a firewall refuses in its name."},
		[]Fix{{Title: "Look at host and port; start the service, if it is yours"}, {Title: "Look at the firewall and at the proxy settings"}},
		Developer, []string{"RFC 9293 section 3.10.7.1"}, Certain,
	},
	trace.NoRoute: {
		"no route", "There is no way from here to %s.",
		[]string{"This machine has no network, or none that leads to that address."},
		[]Fix{{Title: "Look whether this machine is online, and whether a VPN is needed"}},
		User, []string{"RFC 1122 section 3.3.1"}, Certain,
	},
	trace.Untrusted: {
		"certificate not trusted", "The certificate of %s is not trusted here.",
		[]string{"Nobody whom this machine trusts has signed it: the server has a private CA, it leaves an intermediate certificate out, or something in between opens the connection and signs anew.", "Nothing was sent over the connection."},
		[]Fix{{Title: "If it is the CA of your company or of a test provider: name its PEM file in the profile, ca_file"}, {Title: "If you know no such CA: do not go on in this network", Note: "somebody may be reading along"}, {Title: "If the server is yours: let it send its intermediate certificates too"}},
		Administrator, []string{"RFC 5280 section 6", "RFC 8446 section 4.4.2"}, Certain,
	},
	trace.WrongName: {
		"wrong host in the certificate", "The certificate that came is not for %s.",
		[]string{"It is for other names: the address leads to another server, or a proxy answers in the server's place.", "Nothing was sent over the connection."},
		[]Fix{{Title: "Use a name that the certificate is for"}, {Title: "Look at the address that the name has here, and at the proxy"}},
		Developer, []string{"RFC 9525 section 6", "RFC 9110 section 4.3.4"}, Certain,
	},
	trace.OutOfTime: {
		"certificate out of time", "The certificate of %s is not valid at this time.",
		[]string{"It has expired or is not valid yet; or the clock of this machine is wrong, and then tokens fail too.", "Nothing was sent over the connection."},
		[]Fix{{Title: "Compare the clock of this machine with the times of the certificate"}, {Title: "If the server is yours: renew its certificate"}},
		Administrator, []string{"RFC 5280 section 4.1.2.5"}, Certain,
	},
	trace.NoTLS: {
		"no TLS", "No secure connection to %s could be made.",
		[]string{"It speaks no TLS at that port, or none that is safe enough (1.2 or newer); or something in between broke the handshake off."},
		[]Fix{{Title: "Look at the port: https is 443 unless the address says otherwise"}, {Title: "Look at the proxy and at the firewall"}},
		Developer, []string{"RFC 8446 section 4.1", "RFC 9325 section 3.1.1"}, Likely,
	},
	trace.NoProxy: {
		"proxy not reached", "The proxy %s can't be reached.",
		[]string{"The environment sends requests through a proxy (HTTPS_PROXY, HTTP_PROXY), and it does not answer."},
		[]Fix{{Title: "Look at HTTPS_PROXY: host and port of the proxy"}, {Title: "Where there is no proxy any more: unset HTTPS_PROXY", Command: "unset HTTPS_PROXY https_proxy"}, {Title: "For this host alone: put it into NO_PROXY"}},
		User, []string{"RFC 9110 section 9.3.6"}, Certain,
	},
	trace.ProxyDenied: {
		"refused by the proxy", "The proxy %s refused to connect.",
		[]string{"The request never reached the authorization server: the proxy stands before it."},
		[]Fix{{Title: "Ask who runs the proxy to let the host through"}, {Title: "For this host alone, where the network allows it: put it into NO_PROXY"}},
		Administrator, []string{"RFC 9110 section 9.3.6"}, Certain,
	},
	trace.CutOff: {
		"broken off", "The connection to %s ended before the answer did.",
		[]string{"The server, or something in between, closed it; the server may have acted on the request already."},
		[]Fix{{Title: "Try again; a code that was sent may be used up, so begin with the sign-in"}},
		Nobody, []string{"RFC 9112 section 8"}, Likely,
	},
	trace.BadAnswer: {
		"unreadable answer", "What came from %s can't be read.",
		[]string{"It is no HTTP, or its body is not in the encoding that its head names."},
		[]Fix{{Title: "Look at host and port: something else may listen there"}, {Title: "Look at the proxy in between"}},
		Developer, []string{"RFC 9112 section 2", "RFC 9110 section 8.4"}, Likely,
	},
}

// late is what is said of a timeout, by the phase in which it struck.
var late = map[trace.Phase]trouble{
	trace.AtName: {
		what: "The name service did not answer for %s.",
		why:  []string{"Looking the name up took too long: this machine is offline, or its name service is."},
		fix:  []Fix{{Title: "Look whether this machine is online"}, {Title: "Look at the name servers of this network"}},
	},
	trace.AtConnect: {
		what: "%s did not take the connection in time.",
		why:  []string{"Nobody answers at that address, not even with a refusal: the machine is off, this one is offline, or a firewall drops what is sent there."},
		fix:  []Fix{{Title: "Look whether this machine is online"}, {Title: "Look at the firewall; where a proxy is the way out, set HTTPS_PROXY"}},
	},
	trace.AtTLS: {
		what: "%s took the connection and did not secure it in time.",
		why:  []string{"The TLS handshake did not end: the server is overloaded, or something in between holds it up."},
		fix:  []Fix{{Title: "Try again; then look at proxy and firewall"}},
	},
	trace.AtHeader: {
		what: "%s took the request and did not answer in time.",
		why:  []string{"The answer did not begin: the server is overloaded or stuck. It may have acted on the request already."},
		fix:  []Fix{{Title: "Try again; a code that was sent may be used up, so begin with the sign-in"}},
	},
	trace.AtBody: {
		what: "%s began its answer and did not end it in time.",
		why:  []string{"The body comes too slowly, or never ends. It may have acted on the request already."},
		fix:  []Fix{{Title: "Try again; a code that was sent may be used up, so begin with the sign-in"}, {Title: "Look at what stands between here and the server"}},
	},
}

// transport explains a request that got no answer: by the kind of its failure,
// never by its words.
func (s scene) transport() Finding {
	net := s.e.Net
	if net == nil {
		net = &trace.NetError{Host: s.e.Host()}
	}
	t := troubleOf(net)
	host := orName(shown(net.Host), "the host")
	f := Finding{
		Code: "transport", Name: t.name, Stage: s.stage(), Step: s.e.Step, Exchange: s.e.N, Confidence: t.sure, Who: t.who, Retry: true,
		What: fmt.Sprintf(t.what, host), Why: slices.Clone(t.why), Fix: slices.Clone(t.fix), Source: t.source,
	}
	f.see("host", orName(net.Host, "none"), "")
	s.seeNet(&f, net)
	f.see("error", s.e.Err, "")
	f.FlowRight = wayWords(net)
	return f
}

// wayWords say what a failure on the way says of the flow: nothing. Only one that
// passes by itself is mended by another try.
func wayWords(net *trace.NetError) string {
	switch net.Kind {
	case trace.TimedOut, trace.CutOff:
		return "This says nothing about the flow: no answer came. Another try may be enough."
	}
	return "This says nothing about the flow: no server has judged it. The way to the server has to be mended first."
}

func troubleOf(net *trace.NetError) trouble {
	if net.Kind == trace.TimedOut {
		t := late[net.Phase]
		t.name, t.who, t.source, t.sure = "timeout", Nobody, []string{"RFC 9110 section 15.6"}, Likely
		return t
	}
	if t, ok := troubles[net.Kind]; ok {
		return withStatus(t, net)
	}
	return trouble{
		"no answer", "No answer came from %s.", []string{"The network gave the reason above; no server has judged the request."},
		[]Fix{{Title: "Try again; then look at the network"}}, Developer, []string{"RFC 9110 section 15.6"}, Likely,
	}
}

// withStatus adds what a proxy's own answer says (RFC 9110 section 15.5.8).
func withStatus(t trouble, net *trace.NetError) trouble {
	if net.Kind == trace.ProxyDenied && net.Status == http.StatusProxyAuthRequired {
		t.name = "the proxy wants a sign-in"
		t.why = append(slices.Clone(t.why), "It answers 407: it wants a user name and a password.")
		t.fix = []Fix{{Title: "Put them into HTTPS_PROXY: http://user:password@host:port", Note: "signs such as @ percent-encoded"}, {Title: "Or use a local helper that signs in to the proxy for you"}}
		t.who = User
	}
	return t
}

// phaseWords say in a few words how far it came.
var phaseWords = map[trace.Phase]string{
	trace.AtName: "looking the name up", trace.AtConnect: "connecting", trace.AtTLS: "securing the connection",
	trace.AtHeader: "waiting for the answer", trace.AtBody: "reading the answer",
}

// seeNet shows what is known of the failure: how far it came, how long was
// waited, what the proxy said, and what the certificate says.
func (s scene) seeNet(f *Finding, net *trace.NetError) {
	if words := phaseWords[net.Phase]; words != "" {
		f.see("broke while", words, "")
	}
	if net.Limit > 0 {
		f.see("waited", net.Limit.String(), "")
	}
	if net.Status != 0 {
		f.see("status", fmt.Sprintf("%d %s", net.Status, http.StatusText(net.Status)), "")
	}
	if net.Host != s.e.Host() && s.e.Host() != "" {
		f.see("on the way to", s.e.Host(), "")
	}
	if len(net.Names) > 0 {
		f.see("certificate for", strings.Join(net.Names, ", "), "")
	}
	if net.Signer != "" {
		f.see("signed by", net.Signer, "")
	}
	if net.Kind != trace.OutOfTime {
		return
	}
	note := ""
	if !net.At.IsZero() && net.At.Before(net.NotBefore) {
		note = "that is still to come"
	}
	f.see("valid from", net.NotBefore.UTC().Format(time.RFC3339), note)
	if note = ""; net.At.After(net.NotAfter) {
		note = "that is over"
	}
	f.see("valid until", net.NotAfter.UTC().Format(time.RFC3339), note)
	if !net.At.IsZero() {
		f.see("clock of this machine", net.At.UTC().Format(time.RFC3339), "")
	}
}

// maxWait bounds the seconds of a Retry-After that are taken at their word.
const maxWait = 24 * 60 * 60

// seeRetryAfter shows how long the server asks to be left alone (RFC 9110 section
// 10.2.3), and says it as the way out.
func (s scene) seeRetryAfter(f *Finding) {
	if s.e.Response == nil {
		return
	}
	after := s.e.Response.Header.Get("Retry-After")
	if after == "" || s.e.Response.Status < 400 || slices.ContainsFunc(f.Evidence, func(e Evidence) bool { return e.Label == "Retry-After" }) {
		return
	}
	f.see("Retry-After", after, "wait at least as long")
	if n, err := strconv.Atoi(strings.TrimSpace(after)); err == nil && n > 0 && n <= maxWait {
		f.Fix = append([]Fix{{Title: fmt.Sprintf("Wait %d seconds, as Retry-After asks, then try again", n), Note: "in code: read it at every 429 and 503, and wait"}}, f.Fix...)
	}
}

// wantsJSON reports whether only JSON, and only at this address, is the answer.
func (s scene) wantsJSON() bool {
	switch s.e.Purpose {
	case trace.Metadata, trace.Keys, trace.DeviceStart:
		return true
	}
	return s.e.Purpose.AtTokenEndpoint()
}

// redirected reports a redirect where nothing is to be redirected: such requests
// carry credentials, and are sent to the address that they were made for.
func (s scene) redirected() bool {
	resp := s.e.Response
	return resp != nil && resp.Status >= 300 && resp.Status < 400 && resp.Status != http.StatusNotModified && s.wantsJSON()
}

// notFollowed explains such a redirect.
func (s scene) notFollowed() Finding {
	resp := s.e.Response
	f := Finding{
		Code: "redirect", Name: "redirect at a back-channel address", Stage: s.stage(), Step: s.e.Step, Exchange: s.e.N, Confidence: Certain, Who: Developer,
		What: "The answer sends the request elsewhere, and it was not followed.",
		Why: []string{
			"A token request carries credentials and codes: whoever follows a redirect with it gives them to another address. Discovery and keys say whom to trust, so they too are asked at their own address alone.",
			"Something before the server does this: a load balancer that wants https or another host name, or a network's log-in page.",
		},
		Fix: []Fix{
			{Title: "Use the address to which it leads, if it is the server's own: correct the issuer or the authority"},
			{Title: "If it leads to a network's log-in page: open any page in a browser and sign in to the network"},
			{Title: "If the server is yours: let it answer at the address that its discovery document names"},
		},
		Source: []string{"RFC 9700 section 4.12", "RFC 9110 section 15.4"},
	}
	f.see("status", fmt.Sprintf("%d %s", resp.Status, http.StatusText(resp.Status)), "")
	f.see("asked", askedAt(s.e.Request.URL), "")
	f.see("leads to", orName(leadsTo(s.e.Request.URL, resp.Header.Get("Location")), "nowhere: it has no Location"), "")
	f.FlowRight = s.right("Only the address that is asked needs a hand.")
	return f
}

// askedAt is scheme, host and path: a query may hold secrets.
func askedAt(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return "an address that can't be read"
	}
	return u.Scheme + "://" + u.Host + u.Path
}

func leadsTo(asked, location string) string {
	base, err := url.Parse(asked)
	if err != nil || location == "" {
		return ""
	}
	u, err := base.Parse(location)
	if err != nil {
		return "an address that can't be read"
	}
	return u.Scheme + "://" + u.Host + u.Path
}
