// Package pages draws what people see of the lab: sign-in, consent, failures,
// sign-out and the form that carries an answer back to an application.
//
// The pages are plain forms that work without script and without style; the
// one script there is submits the form_post answer. Everything shown is
// escaped. The package refuses to decide anything: it draws what it is given.
package pages

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"html/template"
	"net/http"
	"strconv"
	"sync"
)

//go:embed templates
var files embed.FS

// submit is the script of the form_post page; the policy allows this text and
// no other.
const submit = "document.forms[0].submit()"

type drawing struct {
	templates *template.Template
	style     template.CSS
	policy    string // without script
	scripted  string // with the one script
}

// load parses the templates once, when the first page is drawn.
var load = sync.OnceValue(func() drawing {
	css, err := files.ReadFile("templates/style.css")
	if err != nil {
		panic("pages: " + err.Error())
	}
	policy := "default-src 'none'; style-src " + source(string(css)) + "; base-uri 'none'; frame-ancestors 'none'"
	return drawing{
		templates: template.Must(template.ParseFS(files, "templates/pages.html")),
		style:     template.CSS(css), //nolint:gosec // our own file
		policy:    policy,
		scripted:  policy + "; script-src " + source(submit),
	}
})

func source(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// SignIn is the page that asks who it is.
type SignIn struct {
	Action, Context string // where the form goes, and the sign-in it belongs to
	App             string
	Username        string // filled in
	SignedIn        string // user name of a session that may go on; empty for none
	Code, Message   string // what went wrong at the last try; empty for the first
}

// Consent is the page that asks for permissions.
type Consent struct {
	Action, Context          string
	App, Publisher, Username string
	Permissions              []Permission
	Admin                    bool // may consent for the organisation
}

// Permission is one line of a consent page.
type Permission struct{ Title, Text string }

// Failure is a page for an error that must not be sent to the application
// (RFC 6749 section 4.1.2.1).
type Failure struct{ Code, Message, RequestID, CorrelationID, Timestamp string }

// Details are the lines that a person copies into a report.
func (f Failure) Details() string {
	return "Request Id: " + f.RequestID + "\nCorrelation Id: " + f.CorrelationID +
		"\nTimestamp: " + f.Timestamp + "\nMessage: " + f.Code + ": " + f.Message
}

// Field is one hidden input.
type Field struct{ Name, Value string }

// Write draws the sign-in page.
func (p SignIn) Write(w http.ResponseWriter, place string) error {
	return write(w, http.StatusOK, "signin", "Sign in", place, false, p)
}

// Write draws the consent page.
func (p Consent) Write(w http.ResponseWriter, place string) error {
	return write(w, http.StatusOK, "consent", "Permissions requested", place, false, p)
}

// Write draws the failure. Entra answers such requests with status 200.
func (f Failure) Write(w http.ResponseWriter, place string) error {
	return write(w, http.StatusOK, "failure", "Sign-in did not work", place, false, f)
}

// Notice draws a page of plain sentences.
func Notice(w http.ResponseWriter, status int, place, title string, lines ...string) error {
	return write(w, status, "notice", title, place, false, struct{ Lines []string }{lines})
}

// FormPost draws the form that carries an authorization response to a redirect
// URI (OAuth 2.0 Form Post Response Mode). The caller must have found the
// address among the registered ones: it is written as it is.
func FormPost(w http.ResponseWriter, place, address string, fields []Field) error {
	return write(w, http.StatusOK, "formpost", "Back to the application", place, true, struct {
		Action template.URL
		Fields []Field
	}{template.URL(address), fields}) //nolint:gosec // a registered redirect URI
}

func write(w http.ResponseWriter, status int, name, title, place string, script bool, data any) error {
	d := load()
	var out bytes.Buffer
	err := d.templates.ExecuteTemplate(&out, name, struct {
		Title, Place string
		Style        template.CSS
		Data         any
	}{title, place, d.style, data})
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(out.Len()))
	h.Set("Content-Security-Policy", d.policy)
	if script {
		h.Set("Content-Security-Policy", d.scripted)
	}
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store, no-cache")
	h.Set("Pragma", "no-cache")
	w.WriteHeader(status)
	_, err = w.Write(out.Bytes())
	return err
}
