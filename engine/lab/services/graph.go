package services

import (
	"net/http"
	"strings"
	"time"

	"flowscope/engine/lab/directory"
)

type graphError struct {
	Error graphProblem `json:"error"`
}

type graphProblem struct {
	Code    string     `json:"code"`
	Message string     `json:"message"`
	Inner   graphInner `json:"innerError"`
}

type graphInner struct {
	Date      string `json:"date"`
	RequestID string `json:"request-id"`
	ClientID  string `json:"client-request-id"`
}

// Graph serves Microsoft Graph under base; path is what follows /graph. Graph
// has its own shape of errors.
func (s *Services) Graph(w http.ResponseWriter, r *http.Request, base, path string) {
	if s.graphCORS(w, r) {
		return
	}
	if path == "/oidc/userinfo" {
		s.UserInfo(w, r, base)
		return
	}
	parts := strings.Split(strings.TrimPrefix(path, "/v1.0/"), "/")
	method, serve := s.resource(strings.HasPrefix(path, "/v1.0/"), parts)
	switch {
	case serve == nil:
		s.graphFail(w, r, http.StatusNotFound, "ResourceNotFound", "The lab's Graph has no such resource.")
	case r.Method != method:
		w.Header().Set("Allow", method)
		s.graphFail(w, r, http.StatusMethodNotAllowed, "Request_BadRequest", "This resource takes "+method+".")
	default:
		if c, ok := s.graphCaller(w, r, base); ok {
			serve(&graphCall{Services: s, w: w, r: r, base: base, caller: c})
		}
	}
}

// graphCall is one request to Graph whose token is good.
type graphCall struct {
	*Services
	w      http.ResponseWriter
	r      *http.Request
	base   string
	caller caller
	of     string // the {id} of a path below /users
}

// resource finds what a path names, and its method.
func (s *Services) resource(version bool, parts []string) (string, func(*graphCall)) {
	if !version {
		return "", nil
	}
	switch strings.Join(parts, "/") {
	case "me":
		return http.MethodGet, (*graphCall).me
	case "me/memberOf":
		return http.MethodGet, (*graphCall).memberOf
	case "me/getMemberObjects":
		return http.MethodPost, (*graphCall).memberObjects
	case "me/photo/$value":
		return http.MethodGet, (*graphCall).photo
	case "users":
		return http.MethodGet, (*graphCall).users
	}
	if len(parts) == 3 && parts[0] == "users" && parts[2] == "getMemberObjects" {
		return http.MethodPost, func(g *graphCall) { g.of = parts[1]; g.memberObjects() }
	}
	return "", nil
}

// graphCaller judges the token; it has answered when the second value is
// false.
func (s *Services) graphCaller(w http.ResponseWriter, r *http.Request, base string) (caller, bool) {
	api, _ := s.dir.App("graph")
	c, no := s.caller(r, base, api)
	if no == nil {
		return c, true
	}
	challenge := no.demand(base, api)
	if challenge == "" {
		challenge = `Bearer realm="", authorization_uri="` + base + `/common/oauth2/authorize", client_id="` + directory.GraphAppID + `"`
	}
	w.Header().Set("WWW-Authenticate", challenge)
	s.graphFail(w, r, http.StatusUnauthorized, "InvalidAuthenticationToken", no.words)
	return c, false
}

// person is the person of the token; it has answered when the second value is
// false.
func (g *graphCall) person() (directory.User, bool) {
	if g.caller.app() {
		g.fail(http.StatusBadRequest, "BadRequest", "This request is only valid with a delegated token; the token is of an application alone.")
		return directory.User{}, false
	}
	u, ok := g.dir.Person(g.caller.TID, g.caller.OID)
	if !ok {
		g.fail(http.StatusNotFound, "Request_ResourceNotFound", "The user of the token does not exist.")
	}
	return u, ok
}

func (g *graphCall) fail(status int, code, words string) { g.graphFail(g.w, g.r, status, code, words) }

func (g *graphCall) denied() {
	g.fail(http.StatusForbidden, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
}

// reader is the person of a token that may read the person's own data.
func (g *graphCall) reader() (directory.User, bool) {
	u, ok := g.person()
	if ok && !g.caller.hasScope("User.Read") {
		g.denied()
		return u, false
	}
	return u, ok
}

// graphUser is a user as Graph shows one.
type graphUser struct {
	Context   string   `json:"@odata.context,omitempty"`
	Phones    []string `json:"businessPhones"`
	Name      string   `json:"displayName"`
	GivenName string   `json:"givenName"`
	JobTitle  *string  `json:"jobTitle"`
	Mail      string   `json:"mail"`
	Mobile    *string  `json:"mobilePhone"`
	Office    *string  `json:"officeLocation"`
	Language  *string  `json:"preferredLanguage"`
	Surname   string   `json:"surname"`
	Principal string   `json:"userPrincipalName"`
	ID        string   `json:"id"`
}

func asGraph(u directory.User, context string) graphUser {
	return graphUser{Context: context, Phones: []string{}, Name: u.Name, GivenName: u.GivenName,
		Mail: u.Email, Surname: u.Surname, Principal: u.Username, ID: u.ObjectID}
}

func (g *graphCall) me() {
	if u, ok := g.reader(); ok {
		respond(g.w, http.StatusOK, asGraph(u, g.context("users/$entity")))
	}
}

func (g *graphCall) context(of string) string { return g.base + "/graph/v1.0/$metadata#" + of }

// photo is of a resource that nobody of the lab has.
func (g *graphCall) photo() {
	if _, ok := g.reader(); ok {
		g.fail(http.StatusNotFound, "ImageNotFound", "There is no photo of this user.")
	}
}

// UserInfo is the userinfo endpoint (OpenID Connect Core section 5.3). It takes
// a Graph token with the scope openid; sub is that of the ID token.
func (s *Services) UserInfo(w http.ResponseWriter, r *http.Request, base string) {
	if s.graphCORS(w, r) {
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodPost {
		w.Header().Set("Allow", "GET, POST")
		s.graphFail(w, r, http.StatusMethodNotAllowed, "Request_BadRequest", "The userinfo endpoint takes GET and POST.")
		return
	}
	c, ok := s.graphCaller(w, r, base)
	if !ok {
		return
	}
	u, ok := (&graphCall{Services: s, w: w, r: r, base: base, caller: c}).person()
	if !ok {
		return
	}
	if !c.hasScope("openid") {
		s.graphFail(w, r, http.StatusForbidden, "Authorization_RequestDenied", "The token lacks the scope openid.")
		return
	}
	info := struct {
		Sub        string `json:"sub"`
		Name       string `json:"name,omitempty"`
		FamilyName string `json:"family_name,omitempty"`
		GivenName  string `json:"given_name,omitempty"`
		Picture    string `json:"picture,omitempty"`
		Email      string `json:"email,omitempty"`
	}{Sub: c.Status.Sub}
	if c.hasScope("profile") {
		info.Name, info.FamilyName, info.GivenName = u.Name, u.Surname, u.GivenName
		info.Picture = base + "/graph/v1.0/me/photo/$value"
	}
	if c.hasScope("email") {
		info.Email = u.Email
	}
	respond(w, http.StatusOK, info)
}

func (s *Services) graphFail(w http.ResponseWriter, r *http.Request, status int, code, words string) {
	id := s.ids.GUID()
	echo := r.Header.Get("client-request-id")
	if !directory.IsGUID(echo) {
		echo = id
	}
	w.Header().Set("request-id", id)
	w.Header().Set("client-request-id", echo)
	respond(w, status, graphError{graphProblem{code, words, graphInner{s.clock().UTC().Format(time.DateTime), id, echo}}})
}

// graphCORS lets every origin read Graph, as the real one does: a token is
// needed anyway, and no cookie counts.
func (s *Services) graphCORS(w http.ResponseWriter, r *http.Request) bool {
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.Header().Set("Access-Control-Expose-Headers", "request-id, client-request-id, WWW-Authenticate")
	if r.Method != http.MethodOptions {
		return false
	}
	w.Header().Set("Access-Control-Allow-Methods", "GET, POST, OPTIONS")
	w.Header().Set("Access-Control-Allow-Headers", "Authorization, Content-Type, client-request-id")
	w.WriteHeader(http.StatusNoContent)
	return true
}
