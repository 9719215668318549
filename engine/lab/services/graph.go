package services

import (
	"net/http"
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
	switch {
	case path == "/oidc/userinfo":
		s.UserInfo(w, r, base)
	case path == "/v1.0/me" && r.Method == http.MethodGet:
		s.graphMe(w, r, base)
	case path == "/v1.0/me":
		s.graphFail(w, r, http.StatusMethodNotAllowed, "Request_BadRequest", "This resource is read with GET.")
	default:
		s.graphFail(w, r, http.StatusNotFound, "ResourceNotFound", "The lab's Graph has no such resource.")
	}
}

// graphCaller judges the token; it has answered when the second value is
// false.
func (s *Services) graphCaller(w http.ResponseWriter, r *http.Request, base string) (caller, directory.User, bool) {
	api, _ := s.dir.App("graph")
	c, no := s.caller(r, base, api)
	if no != nil {
		w.Header().Set("WWW-Authenticate", `Bearer realm="", authorization_uri="`+base+`/common/oauth2/authorize", client_id="`+directory.GraphAppID+`"`)
		s.graphFail(w, r, http.StatusUnauthorized, "InvalidAuthenticationToken", no.words)
		return c, directory.User{}, false
	}
	if c.app() {
		s.graphFail(w, r, http.StatusBadRequest, "BadRequest", "This request is only valid with a delegated token; the token is of an application alone.")
		return c, directory.User{}, false
	}
	u, ok := s.dir.Person(c.TID, c.OID)
	if !ok {
		s.graphFail(w, r, http.StatusNotFound, "Request_ResourceNotFound", "The user of the token does not exist.")
	}
	return c, u, ok
}

func (s *Services) graphMe(w http.ResponseWriter, r *http.Request, base string) {
	c, u, ok := s.graphCaller(w, r, base)
	if !ok {
		return
	}
	if !c.hasScope("User.Read") {
		s.graphFail(w, r, http.StatusForbidden, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
		return
	}
	respond(w, http.StatusOK, struct {
		Context   string   `json:"@odata.context"`
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
	}{Context: base + "/graph/v1.0/$metadata#users/$entity", Phones: []string{}, Name: u.Name, GivenName: u.GivenName,
		Mail: u.Email, Surname: u.Surname, Principal: u.Username, ID: u.ObjectID})
}

// UserInfo is the userinfo endpoint (OpenID Connect Core section 5.3). It takes
// a Graph token with the scope openid; sub is that of the ID token.
func (s *Services) UserInfo(w http.ResponseWriter, r *http.Request, base string) {
	if r.Method != http.MethodGet && r.Method != http.MethodPost {
		s.graphFail(w, r, http.StatusMethodNotAllowed, "Request_BadRequest", "The userinfo endpoint takes GET and POST.")
		return
	}
	c, u, ok := s.graphCaller(w, r, base)
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
