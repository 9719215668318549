// Package pages draws what people see of the lab: sign-in, account choice,
// password and second factor, consent, device code, failures, sign-out and the
// form that carries an answer back to an application.
//
// The pages are plain forms that work without script and without style; the
// one script there is submits the form_post answer. They are built from nodes
// in Go, with the style sheet embedded, because a template engine calls methods
// by name and so keeps every method of the whole program in the binary.
// Everything shown is escaped, addresses from outside lead nowhere but to the
// web, and every page says that it is a lab's. The package refuses to decide
// anything: it draws what it is given.
package pages

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the style
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"sync"

	g "maragu.dev/gomponents"
)

//go:embed style.css
var style string

// submit is the script of the form_post page; the policy allows this text and
// no other.
const submit = "document.forms[0].submit()"

// policy is the Content-Security-Policy of a page without script, made when the
// first page is drawn.
var policy = sync.OnceValue(func() string {
	return "default-src 'none'; style-src " + source(style) + "; base-uri 'none'; frame-ancestors 'none'"
})

func source(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// sheet is what makes one page differ from another.
type sheet struct {
	status       int
	title, place string
	body         g.Node
	script       bool     // the one script may run
	frames       []string // origins that may be framed
}

func write(w http.ResponseWriter, s sheet) error {
	var out bytes.Buffer
	if err := document(s.title, s.place, s.body).Render(&out); err != nil {
		return err
	}
	policy := policy()
	if s.script {
		policy += "; script-src " + source(submit)
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
	_, err := w.Write(out.Bytes())
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
