package services

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"flowscope/engine/lab/directory"
)

// Sizes of a page of a list (Graph: paging).
const (
	pageSize    = 100
	maxPageSize = 999
)

// collection is one page of a list.
type collection[T any] struct {
	Context string `json:"@odata.context"`
	Next    string `json:"@odata.nextLink,omitempty"`
	Value   []T    `json:"value"`
}

type graphGroup struct {
	Type     string `json:"@odata.type"`
	ID       string `json:"id"`
	Name     string `json:"displayName"`
	Security bool   `json:"securityEnabled"`
}

// page reads which page is asked: $top is its size, $skiptoken where it starts.
// It has answered when the last value is false.
func (g *graphCall) page(total int) (from, size int, ok bool) {
	q := g.r.URL.Query()
	size = pageSize
	if text := q.Get("$top"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > maxPageSize {
			g.fail(http.StatusBadRequest, "Request_BadRequest", "$top takes a number from 1 to 999.")
			return 0, 0, false
		}
		size = n
	}
	if text := q.Get("$skiptoken"); text != "" {
		n, err := strconv.ParseUint(text, 16, 31)
		if err != nil || int(n) > total {
			g.fail(http.StatusBadRequest, "Directory_ExpiredPageToken", "$skiptoken is not one that was given.")
			return 0, 0, false
		}
		from = int(n)
	}
	return from, size, true
}

// send answers with one page of a list.
func send[T any](g *graphCall, path, context string, all []T) {
	from, size, ok := g.page(len(all))
	if !ok {
		return
	}
	to := min(from+size, len(all))
	out := collection[T]{Context: g.context(context), Value: append([]T{}, all[from:to]...)}
	if to < len(all) {
		out.Next = g.base + "/graph/v1.0/" + path + "?"
		if size != pageSize {
			out.Next += "$top=" + strconv.Itoa(size) + "&"
		}
		out.Next += "$skiptoken=" + strconv.FormatInt(int64(to), 16)
	}
	respond(g.w, http.StatusOK, out)
}

// memberOf lists the groups of the person. Entra asks for a permission on
// groups to show their names; here User.Read is enough.
func (g *graphCall) memberOf() {
	u, ok := g.reader()
	if !ok {
		return
	}
	all := make([]graphGroup, 0, len(u.Groups))
	for _, id := range u.Groups {
		name, _, _ := strings.Cut(id, "-")
		all = append(all, graphGroup{"#microsoft.graph.group", id, "Group " + name, true})
	}
	send(g, "me/memberOf", "directoryObjects", all)
}

// memberObjects gives the ids of all groups at once: where a token says that
// they did not fit into it, this is what to call.
func (g *graphCall) memberObjects() {
	u, ok := g.member()
	if !ok {
		return
	}
	raw, err := io.ReadAll(http.MaxBytesReader(g.w, g.r.Body, maxBody))
	if err != nil {
		g.fail(http.StatusRequestEntityTooLarge, "Request_BadRequest", "The body is too large.")
		return
	}
	var body struct {
		SecurityOnly *bool `json:"securityEnabledOnly"`
	}
	if json.Unmarshal(raw, &body) != nil || body.SecurityOnly == nil {
		g.fail(http.StatusBadRequest, "Request_BadRequest", "The body must be a JSON object with securityEnabledOnly, true or false.")
		return
	}
	respond(g.w, http.StatusOK, collection[string]{Context: g.context("Collection(Edm.String)"), Value: append([]string{}, u.Groups...)})
}

// member is the person whose groups are asked: oneself, or someone of the same
// tenant for a caller that may read all users.
func (g *graphCall) member() (directory.User, bool) {
	if g.of == "" || strings.EqualFold(g.of, g.caller.OID) && !g.caller.app() {
		return g.reader()
	}
	if !g.readsAll() {
		g.denied()
		return directory.User{}, false
	}
	i := slices.IndexFunc(g.dir.Users, func(u directory.User) bool {
		return u.TenantID == g.caller.TID && (strings.EqualFold(u.ObjectID, g.of) || strings.EqualFold(u.Username, g.of))
	})
	if i < 0 {
		g.fail(http.StatusNotFound, "Request_ResourceNotFound", "The tenant of the token has no such user.")
		return directory.User{}, false
	}
	return g.dir.Users[i], true
}

// readsAll reports whether the caller may read all users of its tenant.
func (g *graphCall) readsAll() bool {
	if g.caller.app() {
		return g.caller.hasRole("User.Read.All")
	}
	return g.caller.hasScope("User.Read.All") || g.caller.hasScope("Directory.Read.All")
}

// users lists the people of the tenant.
func (g *graphCall) users() {
	if !g.readsAll() {
		g.denied()
		return
	}
	var all []graphUser
	for _, u := range g.dir.Users {
		if u.TenantID == g.caller.TID {
			all = append(all, asGraph(u, ""))
		}
	}
	send(g, "users", "users", all)
}
