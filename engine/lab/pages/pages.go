// Package pages draws what people see of the lab: sign-in, account choice,
// password and second factor, consent, device code, failures, sign-out and the
// form that carries an answer back to an application.
//
// The pages are plain forms that work without script and without style; the
// one script there is submits the form_post answer. Everything shown is
// escaped, and every page says that it is a lab's. The package refuses to
// decide anything: it draws what it is given.
package pages

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"html/template"
	"net/http"
	"strconv"
	"strings"
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
		templates: template.Must(template.ParseFS(files, "templates/pages.html", "templates/parts.html")),
		style:     template.CSS(css), //nolint:gosec // our own file
		policy:    policy,
		scripted:  policy + "; script-src " + source(submit),
	}
})

func source(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// sheet is what makes one page differ from another beside its data.
type sheet struct {
	status             int
	name, title, place string
	script             bool     // the one script may run
	frames             []string // origins that may be framed
}

func write(w http.ResponseWriter, s sheet, data any) error {
	d := load()
	var out bytes.Buffer
	err := d.templates.ExecuteTemplate(&out, s.name, struct {
		Title, Place string
		Style        template.CSS
		Data         any
	}{s.title, s.place, d.style, data})
	if err != nil {
		return err
	}
	policy := d.policy
	if s.script {
		policy = d.scripted
	}
	if len(s.frames) > 0 {
		policy += "; frame-src " + strings.Join(s.frames, " ")
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(out.Len()))
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store, no-cache")
	h.Set("Pragma", "no-cache")
	w.WriteHeader(s.status)
	_, err = w.Write(out.Bytes())
	return err
}

// CheckSession writes the page that check_session_iframe names. It is the one
// page that other sites may frame, and it says nothing about anyone: a client
// that asks it learns no more than from prompt=none.
func CheckSession(w http.ResponseWriter) error {
	const text = "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>flowscope lab: check session</title></head><body></body></html>\n"
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; base-uri 'none'")
	h.Set("Content-Length", strconv.Itoa(len(text)))
	h.Set("Cache-Control", "no-store, no-cache")
	w.WriteHeader(http.StatusOK)
	_, err := w.Write([]byte(text))
	return err
}
