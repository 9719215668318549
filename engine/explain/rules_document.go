package explain

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"flowscope/engine/trace"
)

// garbled reports an answer that went well by its status and is not the JSON that
// it has to be, in a run that failed.
func (s scene) garbled() bool {
	resp := s.e.Response
	return s.t.Outcome == trace.Failed && resp != nil && resp.Status >= 200 && resp.Status < 300 && s.wantsJSON() && (resp.Truncated || !json.Valid(resp.Body)) && s.last()
}

// last reports that the run went no further: a program that goes on could read
// the answer, or did without it.
func (s scene) last() bool {
	n := len(s.t.Exchanges)
	return n > 0 && s.t.Exchanges[n-1].N == s.e.N
}

// noJSON explains such an answer: cut, too long, empty, or no JSON at all.
func (s scene) noJSON() Finding {
	resp := s.e.Response
	f := Finding{
		Code: "json", Name: "no JSON", Stage: s.stage(), Step: s.e.Step, Exchange: s.e.N, Confidence: Certain, Who: Developer, Retry: true,
		What: "The answer is not the JSON that it has to be.",
		Fix: []Fix{
			{Title: "Try again: it may have been cut on its way"},
			{Title: "Look at what stands between here and the server"},
			{Title: "If the server is yours: look at what it sends, and at its Content-Length"},
		},
		Source: []string{"RFC 8259 section 2", "RFC 6749 section 5.1"},
	}
	f.see("status", fmt.Sprintf("%d %s", resp.Status, http.StatusText(resp.Status)), "")
	f.see("Content-Type", orName(resp.Header.Get("Content-Type"), "none"), "")
	f.see("length", fmt.Sprintf("%d bytes", len(resp.Body)), "")
	switch at, cut := jsonFault(resp.Body); {
	case resp.Truncated:
		f.Name, f.Retry = "too long", false
		f.What = "The answer is longer than any answer of this kind, and was cut."
		f.Why = []string{fmt.Sprintf("No more than %d MiB are read, unpacked: a small answer may unpack to an endless one.", len(resp.Body)>>20), "The server is not what it seems to be, or it is broken."}
	case len(strings.TrimSpace(head(string(resp.Body)))) == 0:
		f.Name, f.What = "empty", "The answer is empty, and JSON was to come."
		f.Why = []string{"The status says that all went well, and there is nothing to read."}
	case cut:
		f.Name, f.What = "truncated JSON", "The answer is JSON that ends in its middle."
		f.Why = []string{"The server, or something in between, stopped before the end. What was in it is not used: half a token is none."}
	default:
		f.Why = []string{"Something else answers at this address, or something in between has changed the answer."}
		f.see("no JSON from byte", fmt.Sprint(at), "")
	}
	f.FlowRight = s.right(needAgain)
	return f
}

// jsonFault gives the place of the first fault and whether it is the end.
func jsonFault(body []byte) (at int64, cut bool) {
	d := json.NewDecoder(strings.NewReader(string(body)))
	for {
		_, err := d.Token()
		var syntax *json.SyntaxError
		switch {
		case err == nil:
		case errors.Is(err, io.ErrUnexpectedEOF):
			return d.InputOffset(), true
		case errors.Is(err, io.EOF):
			return d.InputOffset(), true // the end inside an object or an array
		case errors.As(err, &syntax):
			return syntax.Offset, syntax.Offset > int64(len(body))
		default:
			return d.InputOffset(), false
		}
	}
}

// wellKnown is where a discovery document lies below its issuer (OpenID Connect
// Discovery 1.0 section 4).
const wellKnown = "/.well-known/openid-configuration"

// otherIssuer reports a discovery document that speaks for another issuer than the
// one whose document was asked for (OpenID Connect Discovery 1.0 section 4.3), in
// a run that failed.
func (s scene) otherIssuer() bool {
	if s.e.Purpose != trace.Metadata || s.t.Outcome != trace.Failed || s.t.Refusal != nil || s.e.Response == nil || s.e.Response.Status != http.StatusOK {
		return false
	}
	asked, found := s.issuers()
	return asked != "" && found != "" && !issuerFits(asked, found)
}

// issuers are the issuer that was asked and the one that the document names.
func (s scene) issuers() (asked, found string) {
	address, _, _ := strings.Cut(s.e.Request.URL, "?")
	asked, ok := strings.CutSuffix(address, wellKnown)
	if !ok {
		return "", ""
	}
	var doc struct {
		Issuer string `json:"issuer"`
	}
	if json.Unmarshal(s.e.Response.Body, &doc) != nil {
		return "", ""
	}
	return asked, doc.Issuer
}

// issuerFits compares letter by letter, save where Entra answers for a tenant's
// domain, or for many tenants, with the tenant's GUID or a placeholder in its
// place, and save its v1.0 document, whose issuer is another host (Entra: issuer
// values).
func issuerFits(asked, found string) bool {
	if strings.TrimSuffix(asked, "/") == strings.TrimSuffix(found, "/") {
		return true
	}
	a, err := url.Parse(asked)
	if err != nil {
		return false
	}
	f, err := url.Parse(found)
	if err != nil || found == "" {
		return false
	}
	tenant, rest, _ := strings.Cut(strings.Trim(a.Path, "/"), "/")
	if rest == "" && (f.Host == "sts.windows.net" || f.Host == "sts.chinacloudapi.cn") {
		return true
	}
	named, ending, _ := strings.Cut(strings.Trim(f.Path, "/"), "/")
	guid := len(tenant) == 36 && strings.Count(tenant, "-") == 4
	return !guid && a.Host == f.Host && rest == "v2.0" && ending == rest && named != ""
}

// wrongIssuer explains such a document.
func (s scene) wrongIssuer() Finding {
	asked, found := s.issuers()
	f := Finding{
		Code: "issuer", Name: "issuer mismatch", Stage: s.stage(), Step: s.e.Step, Exchange: s.e.N, Confidence: Certain, Who: Developer,
		What: "The discovery document speaks for another issuer than the one that was asked.",
		Why: []string{
			"The issuer in the document has to be exactly the address that stands before /.well-known, letter by letter, the slash at the end included.",
			"Otherwise one server could hand out another one's endpoints and keys, and get codes and secrets that are not meant for it (a mix-up).",
		},
		Fix: []Fix{
			{Title: "If both are the same server: write the issuer as the document has it, in the profile or behind --issuer"},
			{Title: "If the server is yours: let its issuer follow the address at which it is asked"},
		},
		Source: []string{"OpenID Connect Discovery 1.0 section 4.3", "RFC 9207 section 2.4"},
	}
	f.Evidence = append(f.Evidence, Evidence{Label: "issuer in the document", Value: orName(found, "none"), Compare: asked, Note: "expected: " + asked, At: firstDifference(found, asked)})
	f.FlowRight = "This says nothing about the flow: it has not begun. Only the issuer that is asked needs a hand."
	return f
}
