package lab

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"flowscope/engine/lab/aadsts"
	"flowscope/engine/lab/pages"
	"flowscope/engine/lab/state"
)

// problem is the error body of the token endpoint and of the documents; its
// members are in the order in which Entra writes them.
type problem struct {
	Error         string `json:"error"`
	Description   string `json:"error_description"`
	Codes         []int  `json:"error_codes"`
	Timestamp     string `json:"timestamp"`
	TraceID       string `json:"trace_id"`
	CorrelationID string `json:"correlation_id"`
	URI           string `json:"error_uri,omitempty"`
	Suberror      string `json:"suberror,omitempty"`
	Claims        string `json:"claims,omitempty"`
	ChangeURL     string `json:"password_change_url,omitempty"`
}

func (v *visit) errorURI(e *aadsts.Error) string {
	if e.NoURI {
		return ""
	}
	return v.base + "/error?code=" + strconv.Itoa(e.Code)
}

// failJSON answers with an error body and keeps the true reason aside.
func (v *visit) failJSON(e *aadsts.Error) {
	v.keepAside(v.trace, e)
	now := v.clock()
	if e.Delay > 0 {
		v.w.Header().Set("Retry-After", retryAfter(e.Delay))
	}
	v.w.Header().Set("x-ms-clitelem", fmt.Sprintf("1,%d,0,,", e.Code))
	v.json(e.Status, problem{
		Error: e.OAuth, Description: e.Description(v.trace, v.correlation, now), Codes: []int{e.Code},
		Timestamp: aadsts.Timestamp(now), TraceID: v.trace, CorrelationID: v.correlation,
		URI: v.errorURI(e), Suberror: e.Suberror, Claims: e.Claims, ChangeURL: e.ChangeURL,
	})
}

// retryAfter is a Retry-After header in whole seconds (RFC 9110 section 10.2.3).
func retryAfter(d time.Duration) string { return strconv.Itoa(int(math.Ceil(d.Seconds()))) }

// json writes a body that must not be kept.
func (v *visit) json(status int, body any) {
	h := v.w.Header()
	h.Set("Cache-Control", "no-store, no-cache")
	h.Set("Pragma", "no-cache")
	h.Set("Expires", "-1")
	v.write(status, body)
}

func (v *visit) write(status int, body any) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(body); err != nil {
		panic(fmt.Sprintf("lab: %T is no JSON: %v", body, err)) // our own types only
	}
	text := bytes.TrimSuffix(out.Bytes(), []byte("\n"))
	h := v.w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(len(text)))
	v.w.WriteHeader(status)
	if v.r.Method != http.MethodHead {
		_, _ = v.w.Write(text) // the client went away: nobody to tell
	}
}

// failPage shows an error that must not travel to the application.
func (v *visit) failPage(owner string, e *aadsts.Error) {
	v.keepAside(v.trace, e)
	v.draw(pages.Failure{
		Code: fmt.Sprintf("AADSTS%d", e.Code), Message: e.Message, RequestID: v.trace,
		CorrelationID: v.correlation, Timestamp: v.clock().UTC().Format("2006-01-02T15:04:05Z"),
	}.Write(v.w, owner))
}

// failRedirect sends an error to the application (RFC 6749 section 4.1.2.1).
func (v *visit) failRedirect(a authorization, e *aadsts.Error) {
	v.keepAside(v.trace, e)
	fields := []pages.Field{{Name: "error", Value: e.OAuth}, {Name: "error_description", Value: e.Description(v.trace, v.correlation, v.clock())}}
	if uri := v.errorURI(e); uri != "" {
		fields = append(fields, pages.Field{Name: "error_uri", Value: uri})
	}
	if e.Code == 65004 {
		fields = append(fields, pages.Field{Name: "error_subcode", Value: "cancel"})
	}
	if e.Suberror != "" {
		fields = append(fields, pages.Field{Name: "suberror", Value: e.Suberror})
	}
	if a.kind == state.ForAdminConsent {
		fields = append(fields, pages.Field{Name: "admin_consent", Value: "True"})
	}
	if e.Claims != "" {
		fields = append(fields, pages.Field{Name: "claims", Value: e.Claims})
	}
	v.deliver(a, fields)
}

// refuse answers a bad authorization request: by redirect once the redirect
// URI is known to be the client's, as a page before.
func (v *visit) refuse(a authorization, e *aadsts.Error) {
	if a.redirectable {
		v.failRedirect(a, e)
		return
	}
	v.failPage(place(a.authority), e)
}

// deliver hands an authorization response to the redirect URI, by the response
// mode asked. state comes back as it was sent, when it was sent: last, but
// before session_state.
func (v *visit) deliver(a authorization, fields []pages.Field) {
	if a.hasState {
		at := len(fields)
		if fields[at-1].Name == "session_state" {
			at--
		}
		fields = append(fields[:at:at], append([]pages.Field{{Name: "state", Value: a.state}}, fields[at:]...)...)
	}
	if a.mode == modeFormPost {
		v.draw(pages.FormPost(v.w, place(a.authority), a.redirect, fields))
		return
	}
	v.redirect(withFields(a.redirect, a.mode, fields))
}

func (v *visit) redirect(location string) {
	h := v.w.Header()
	h.Set("Location", location)
	h.Set("Cache-Control", "no-store, no-cache")
	h.Set("Pragma", "no-cache")
	h.Set("Referrer-Policy", "no-referrer")
	v.w.WriteHeader(http.StatusFound)
}

// withFields adds fields to a redirect URI. One without any path gets a slash
// (Entra: reply-url).
func withFields(uri, mode string, fields []pages.Field) string {
	if u, err := url.Parse(uri); err == nil && u.Host != "" && u.Path == "" {
		u.Path = "/"
		uri = u.String()
	}
	if len(fields) == 0 {
		return uri
	}
	var out strings.Builder
	out.WriteString(uri)
	switch {
	case mode == modeFragment:
		out.WriteByte('#')
	case strings.Contains(uri, "?"):
		out.WriteByte('&')
	default:
		out.WriteByte('?')
	}
	for i, f := range fields {
		if i > 0 {
			out.WriteByte('&')
		}
		out.WriteString(url.QueryEscape(f.Name) + "=" + url.QueryEscape(f.Value))
	}
	return out.String()
}
