package har

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"time"

	"flowscope/engine/trace"
)

// What follows is HAR 1.2 (W3C Web Performance Working Group: HTTP Archive
// format), member by member. Members that begin with an underscore are ours, as
// the format provides.

type harLog struct {
	Version   string     `json:"version"`
	Creator   harCreator `json:"creator"`
	Pages     []harPage  `json:"pages"`
	Entries   []harEntry `json:"entries"`
	Comment   string     `json:"comment"`
	Flowscope harRun     `json:"_flowscope"`
}

type harCreator struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

type harPage struct {
	Started string   `json:"startedDateTime"`
	ID      string   `json:"id"`
	Title   string   `json:"title"`
	Timings struct{} `json:"pageTimings"`
	Comment string   `json:"comment,omitempty"`
}

type harEntry struct {
	Page      string       `json:"pageref"`
	Started   string       `json:"startedDateTime"`
	Time      float64      `json:"time"`
	Request   harRequest   `json:"request"`
	Response  harResponse  `json:"response"`
	Cache     struct{}     `json:"cache"`
	Timings   harTimings   `json:"timings"`
	Comment   string       `json:"comment,omitempty"`
	Flowscope harExchange  `json:"_flowscope"`
	Error     string       `json:"_error,omitempty"`
	Initiator harInitiator `json:"_initiator"`
}

// harInitiator is what Chromium's developer tools expect beside the standard.
type harInitiator struct {
	Type string `json:"type"`
}

type harPair struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type harCookie struct {
	Name     string `json:"name"`
	Value    string `json:"value"`
	Path     string `json:"path,omitempty"`
	Domain   string `json:"domain,omitempty"`
	Expires  string `json:"expires,omitempty"`
	HTTPOnly bool   `json:"httpOnly"`
	Secure   bool   `json:"secure"`
}

type harRequest struct {
	Method      string       `json:"method"`
	URL         string       `json:"url"`
	HTTPVersion string       `json:"httpVersion"`
	Cookies     []harCookie  `json:"cookies"`
	Headers     []harPair    `json:"headers"`
	QueryString []harPair    `json:"queryString"`
	PostData    *harPostData `json:"postData,omitempty"`
	HeadersSize int          `json:"headersSize"` // -1: not known
	BodySize    int          `json:"bodySize"`
}

// harPostData holds params and text both, as browsers write it: the standard
// calls them exclusive, but developer tools read the text alone.
type harPostData struct {
	MimeType string    `json:"mimeType"`
	Params   []harPair `json:"params,omitempty"`
	Text     string    `json:"text"`
}

type harResponse struct {
	Status      int         `json:"status"`
	StatusText  string      `json:"statusText"`
	HTTPVersion string      `json:"httpVersion"`
	Cookies     []harCookie `json:"cookies"`
	Headers     []harPair   `json:"headers"`
	Content     harContent  `json:"content"`
	RedirectURL string      `json:"redirectURL"`
	HeadersSize int         `json:"headersSize"`
	BodySize    int         `json:"bodySize"`
}

type harContent struct {
	Size     int    `json:"size"`
	MimeType string `json:"mimeType"`
	Text     string `json:"text,omitempty"`
	Encoding string `json:"encoding,omitempty"` // base64
	Comment  string `json:"comment,omitempty"`
}

type harTimings struct {
	Blocked float64 `json:"blocked"` // -1: does not apply
	DNS     float64 `json:"dns"`
	Connect float64 `json:"connect"`
	Send    float64 `json:"send"`
	Wait    float64 `json:"wait"`
	Receive float64 `json:"receive"`
	SSL     float64 `json:"ssl"`
}

// harRun is what a HAR has no member for, of the run.
type harRun struct {
	Run      string       `json:"run"`
	Flow     string       `json:"flow"`
	As       string       `json:"as,omitempty"`
	Target   string       `json:"target"`
	Live     bool         `json:"live"`
	Driver   string       `json:"driver,omitempty"`
	Outcome  string       `json:"outcome"`
	Failure  string       `json:"failure,omitempty"`
	Refusal  *harRefusal  `json:"refusal,omitempty"`
	Steps    []harStep    `json:"steps,omitempty"`
	Findings []harFinding `json:"findings,omitempty"`
	Receipt  harReceipt   `json:"receipt"`
}

type harRefusal struct {
	Check string `json:"check"`
	Step  int    `json:"step"`
	Why   string `json:"why"`
}

type harStep struct {
	N       int    `json:"n"`
	Title   string `json:"title"`
	From    string `json:"from"`
	To      string `json:"to"`
	Channel string `json:"channel"`
	State   string `json:"state,omitempty"`
}

type harFinding struct {
	Title string   `json:"title"`
	Lines []string `json:"lines"`
}

type harReceipt struct {
	WithSecrets bool         `json:"withSecrets"`
	Removed     []harRemoved `json:"removed"`
}

type harRemoved struct {
	Kind    string   `json:"kind"`
	Places  int      `json:"places"`
	Aliases []string `json:"aliases"`
}

// harExchange is what a HAR has no member for, of an exchange.
type harExchange struct {
	N                int          `json:"n"`
	Step             int          `json:"step"`
	Title            string       `json:"title,omitempty"`
	Purpose          string       `json:"purpose"`
	Channel          string       `json:"channel"`
	From             string       `json:"from"`
	To               string       `json:"to"`
	Changes          []string     `json:"changes,omitempty"`
	OriginalRequest  *harRequest  `json:"originalRequest,omitempty"`
	AnswerChanges    []string     `json:"answerChanges,omitempty"`
	OriginalResponse *harResponse `json:"originalResponse,omitempty"`
	Refused          string       `json:"refused,omitempty"`
	Note             string       `json:"note,omitempty"`
	Truncated        bool         `json:"truncated,omitempty"`
}

// har writes HAR 1.2: one page for the run, one entry for each exchange.
func (x *export) har() (string, error) {
	id := "run_" + plainID(x.trace.RunID)
	log := harLog{
		Version: "1.2", Creator: harCreator{"flowscope", orUnknown(trace.Plain(x.o.Version))},
		Pages: []harPage{{Started: x.started(), ID: id, Title: x.title(), Comment: x.outcome()}}, Entries: []harEntry{},
	}
	for _, e := range x.shown {
		entry := x.entry(x.exchange(e))
		entry.Page = id
		log.Entries = append(log.Entries, entry)
	}
	log.Flowscope = x.harRun()
	receipt := x.receipt()
	log.Comment = strings.Join(receipt.Lines(), "\n")
	log.Flowscope.Receipt = harReceipt{receipt.WithSecrets, []harRemoved{}}
	for _, item := range receipt.Removed {
		log.Flowscope.Receipt.Removed = append(log.Flowscope.Receipt.Removed, harRemoved(item))
	}
	return encodeJSON(map[string]any{"log": log})
}

func (x *export) harRun() harRun {
	t := x.trace
	out := harRun{
		Run: t.RunID, Flow: string(t.Flow), As: t.As, Target: t.Target, Live: t.Live, Driver: t.Driver,
		Outcome: string(t.Outcome), Failure: x.text(t.Failure),
	}
	if t.Refusal != nil {
		out.Refusal = &harRefusal{t.Refusal.Check, t.Refusal.Step, x.text(t.Refusal.Why)}
	}
	for _, s := range x.o.Steps {
		out.Steps = append(out.Steps, harStep{s.N, s.Title, string(s.From), string(s.To), string(s.Channel), s.State})
	}
	for _, f := range x.o.Findings {
		out.Findings = append(out.Findings, harFinding{x.text(f.Title), x.lines(f.Lines)})
	}
	return out
}

func (x *export) lines(list []string) []string {
	out := []string{}
	for _, s := range list {
		out = append(out, x.text(s))
	}
	return out
}

// started is when the run's first exchange began.
func (x *export) started() string {
	if len(x.shown) == 0 {
		return harTime(time.Time{})
	}
	return harTime(x.shown[0].Started)
}

func harTime(t time.Time) string { return t.Format("2006-01-02T15:04:05.000Z07:00") }

// plainID keeps letters and digits alone.
func plainID(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x80 && simpleName(string(r)) {
			return r
		}
		return -1
	}, s)
}

func orUnknown(s string) string {
	if s == "" {
		return "unknown"
	}
	return s
}

// entry writes an exchange that was masked already.
func (x *export) entry(e trace.Exchange) harEntry {
	ms := max(0, float64(e.Took)/float64(time.Millisecond))
	out := harEntry{
		Started: harTime(e.Started), Time: ms, Request: request(e.Request), Response: x.response(e.Response),
		Timings:   harTimings{Blocked: -1, DNS: -1, Connect: -1, Wait: ms, SSL: -1},
		Initiator: harInitiator{"other"},
		Flowscope: harExchange{
			N: e.N, Step: e.Step, Purpose: string(e.Purpose), Channel: string(e.Channel), From: string(e.From), To: string(e.To),
			Changes: e.Changes, AnswerChanges: e.AnswerChanges, Refused: e.Refused, Note: e.Note, Title: x.name(e),
			Truncated: e.Response != nil && e.Response.Truncated,
		},
	}
	switch {
	case e.Refused != "":
		out.Comment, out.Error = "was not sent: "+e.Refused, "refused"
	case e.Err != "":
		out.Comment, out.Error = "no answer: "+e.Err, e.Err
	case e.Response == nil && e.Note == "":
		out.Comment = "was not sent"
	case e.Note != "":
		out.Comment = e.Note
	}
	if e.Original != nil {
		r := request(*e.Original)
		out.Flowscope.OriginalRequest = &r
	}
	if e.OriginalResponse != nil {
		r := x.response(e.OriginalResponse)
		out.Flowscope.OriginalResponse = &r
	}
	return out
}

func pairs(params []trace.Param) []harPair {
	out := []harPair{}
	for _, p := range params {
		out = append(out, harPair{p.Name, p.Value})
	}
	return out
}

func request(r trace.Request) harRequest {
	address, _, _ := strings.Cut(r.URL, "#") // a HAR has URLs without their fragment
	out := harRequest{
		Method: method(r.Method), URL: address, HTTPVersion: "HTTP/1.1", Cookies: []harCookie{},
		Headers: pairs(r.HeaderParams()), QueryString: pairs(r.QueryParams()), HeadersSize: -1, BodySize: len(r.Body),
	}
	for _, c := range (&http.Request{Header: r.Header}).Cookies() {
		out.Cookies = append(out.Cookies, harCookie{Name: c.Name, Value: c.Value})
	}
	if len(r.Body) > 0 {
		out.PostData = &harPostData{MimeType: r.Header.Get("Content-Type"), Text: strings.ToValidUTF8(string(r.Body), "\uFFFD"), Params: pairs(r.FormParams())}
	}
	return out
}

func (x *export) response(r *trace.Response) harResponse {
	out := harResponse{HTTPVersion: "HTTP/1.1", Cookies: []harCookie{}, Headers: []harPair{}, HeadersSize: -1, BodySize: -1, Content: harContent{MimeType: "x-unknown"}}
	if r == nil {
		return out
	}
	out.Status, out.StatusText, out.BodySize = r.Status, http.StatusText(r.Status), len(r.Body)
	out.Headers = pairs(trace.Request{Header: r.Header}.HeaderParams())
	out.RedirectURL = r.Header.Get("Location")
	for _, c := range (&http.Response{Header: r.Header}).Cookies() {
		cookie := harCookie{Name: c.Name, Value: c.Value, Path: c.Path, Domain: c.Domain, HTTPOnly: c.HttpOnly, Secure: c.Secure}
		if !c.Expires.IsZero() {
			cookie.Expires = harTime(c.Expires)
		}
		out.Cookies = append(out.Cookies, cookie)
	}
	out.Content = x.content(r)
	return out
}

// content writes a body: as text, else as base64. What is no text can't be
// searched for secrets (it may be compressed): it stays only where secrets are
// asked for, or where it is a picture or a font.
func (x *export) content(r *trace.Response) harContent {
	out := harContent{Size: len(r.Body), MimeType: r.Header.Get("Content-Type")}
	if out.MimeType == "" {
		out.MimeType = "x-unknown"
	}
	if r.Truncated {
		out.Comment = "cut: the body was longer than 8 MiB"
	}
	switch {
	case len(r.Body) == 0:
	case isText(r.Body):
		out.Text = string(r.Body)
	case x.o.WithSecrets || searchable(r):
		out.Text, out.Encoding = base64.StdEncoding.EncodeToString(r.Body), "base64"
	default:
		out.Comment = fmt.Sprintf("removed: %d bytes that are no text", len(r.Body))
	}
	return out
}

func searchable(r *trace.Response) bool {
	kind := strings.ToLower(r.Header.Get("Content-Type"))
	return r.Header.Get("Content-Encoding") == "" && (strings.HasPrefix(kind, "image/") || strings.HasPrefix(kind, "font/"))
}
