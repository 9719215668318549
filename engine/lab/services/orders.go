package services

import (
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	maxBody  = 64 << 10
	maxTasks = 100 // per person
	maxTitle = 200 // characters
)

type task struct {
	ID      int    `json:"id"`
	Title   string `json:"title"`
	Created string `json:"created"`
}

type order struct {
	Number   string `json:"number"`
	Customer string `json:"customer"`
	State    string `json:"state"`
}

// hello answers to every good token.
func (s *Services) hello(w http.ResponseWriter, _ *http.Request, c caller) {
	kind := "user"
	if c.app() {
		kind = "application"
	}
	respond(w, http.StatusOK, struct {
		Message  string `json:"message"`
		Caller   string `json:"caller"`
		Audience string `json:"audience"`
	}{"this token is good here", kind, c.Aud})
}

// me answers from the claims alone.
func (s *Services) me(w http.ResponseWriter, _ *http.Request, c caller) {
	respond(w, http.StatusOK, struct {
		TID    string   `json:"tid"`
		OID    string   `json:"oid"`
		Name   string   `json:"name,omitempty"`
		Client string   `json:"client"`
		Scopes []string `json:"scopes"`
		Roles  []string `json:"roles"`
	}{c.TID, c.OID, c.Name, cmp.Or(c.Azp, c.AppID), strings.Fields(c.Scp), append([]string{}, c.Roles...)})
}

func (s *Services) recent(w http.ResponseWriter, _ *http.Request, _ caller) {
	respond(w, http.StatusOK, struct {
		Orders []order `json:"orders"`
	}{[]order{{"10432", "Alpine Ski House", "packed"}, {"10433", "Fourth Coffee", "sent"}, {"10434", "Tailspin Toys", "new"}}})
}

func (s *Services) admin(w http.ResponseWriter, _ *http.Request, c caller) {
	s.mu.Lock()
	kept := len(s.tasks)
	s.mu.Unlock()
	respond(w, http.StatusOK, struct {
		Message string `json:"message"`
		People  int    `json:"people_with_tasks"`
	}{"you may administer orders, " + c.OID, kept})
}

func (s *Services) listTasks(w http.ResponseWriter, _ *http.Request, c caller) {
	s.mu.Lock()
	list := slices.Clone(s.tasks[[2]string{c.TID, c.OID}])
	s.mu.Unlock()
	respond(w, http.StatusOK, struct {
		Tasks []task `json:"tasks"`
	}{append([]task{}, list...)})
}

func (s *Services) addTask(w http.ResponseWriter, r *http.Request, c caller) {
	title, status, err := readTitle(w, r)
	if err != nil {
		respond(w, status, failure{"invalid_request", err.Error()})
		return
	}
	key := [2]string{c.TID, c.OID}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.tasks[key]) >= maxTasks {
		respond(w, http.StatusConflict, failure{"too_many_tasks", "this person has a hundred tasks already"})
		return
	}
	t := task{ID: len(s.tasks[key]) + 1, Title: title, Created: s.clock().UTC().Format(time.RFC3339)}
	s.tasks[key] = append(s.tasks[key], t)
	respond(w, http.StatusCreated, t)
}

func readTitle(w http.ResponseWriter, r *http.Request) (string, int, error) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return "", http.StatusUnsupportedMediaType, errors.New("the body must be application/json")
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return "", http.StatusRequestEntityTooLarge, errors.New("the body is too large")
	}
	var body struct {
		Title string `json:"title"`
	}
	if err := json.Unmarshal(raw, &body); err != nil {
		return "", http.StatusBadRequest, errors.New("the body is not a JSON object with a title")
	}
	title := strings.TrimSpace(body.Title)
	if title == "" || utf8.RuneCountInString(title) > maxTitle {
		return "", http.StatusBadRequest, errors.New("a title of 1 to 200 characters is required")
	}
	return title, http.StatusOK, nil
}
