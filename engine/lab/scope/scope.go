// Package scope reads the scope parameter as Entra does: OpenID Connect
// scopes, permissions qualified by the API that defines them, bare names for
// Microsoft Graph, and /.default.
//
// It says what is asked and of which API. Whether it was granted is not its
// business.
package scope

import (
	"slices"
	"strings"

	"flowscope/engine/lab/aadsts"
	"flowscope/engine/lab/directory"
)

// Default is the name that stands for all permissions of a registration.
const Default = ".default"

// Item is one permission asked for.
type Item struct {
	Text     string // as sent
	Resource string // App ID URI or GUID as sent; empty for a bare name, which means Graph
	Name     string
}

// Form writes another permission of the same API in the form of this item.
func (i Item) Form(name string) string {
	if i.Resource == "" {
		return name
	}
	return i.Resource + "/" + name
}

// Request is a scope parameter, read.
type Request struct {
	Text                            string
	OpenID, Profile, Email, Offline bool
	Items                           []Item
	V1                              bool // from the resource parameter of a v1.0 endpoint
}

// maxScope bounds a scope parameter: it is kept with codes and refresh tokens.
const maxScope = 4 << 10

// Parse reads the parameter. The only error is 70011, for text that breaks the
// grammar (RFC 6749 section 3.3) or names a resource without a permission.
func Parse(text string) (Request, *aadsts.Error) {
	if len(text) > maxScope {
		return Request{}, bad(text[:64]+"…", "the scope has %d characters, where %d are allowed", len(text), maxScope)
	}
	r := Request{Text: text}
	for part := range strings.FieldsSeq(text) {
		if !token(part) {
			return r, bad(text, "%q holds a character that a scope can't have", part)
		}
		switch strings.ToLower(part) {
		case "openid":
			r.OpenID = true
			continue
		case "profile":
			r.Profile = true
			continue
		case "email":
			r.Email = true
			continue
		case "offline_access":
			r.Offline = true
			continue
		}
		item, ok := read(part)
		if !ok {
			return r, bad(text, "%q names a resource but no permission on it", part)
		}
		r.Items = append(r.Items, item)
	}
	if len(r.Items) == 0 && !r.OpenID && !r.Profile && !r.Email && !r.Offline {
		return r, bad(text, "the scope is empty")
	}
	return r, nil
}

// FromResource reads the resource parameter of the v1.0 endpoints, which asks
// for everything that the registration lists, as /.default does. Sign-in and
// refresh token come with it unasked. No resource stands for Microsoft Graph;
// whether that is allowed is for the caller to say. The only error is 70011.
func FromResource(resource string) (Request, *aadsts.Error) {
	if len(resource) > maxScope {
		return Request{}, bad(resource[:64]+"…", "the resource has %d characters, where %d are allowed", len(resource), maxScope)
	}
	if resource != "" && !token(resource) {
		return Request{}, bad(resource, "%q holds a character that a resource can't have", resource)
	}
	item := Item{Resource: resource, Name: Default}
	item.Text = item.Form(Default)
	return Request{Text: item.Text, OpenID: true, Profile: true, Email: true, Offline: true, Items: []Item{item}, V1: true}, nil
}

func bad(text, format string, args ...any) *aadsts.Error {
	return aadsts.New(70011, text).Because("scope", format, args...)
}

// token reports whether s is a scope-token. The comma is legal in the standard,
// but Entra takes a list with commas for one scope that is not valid.
func token(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < 0x21 || c > 0x7e || c == '"' || c == '\\' || c == ',' {
			return false
		}
	}
	return s != ""
}

// read splits at the last slash: App ID URIs may hold slashes themselves,
// permission names can't.
func read(part string) (Item, bool) {
	i := strings.LastIndexByte(part, '/')
	if i < 0 {
		return Item{Text: part, Name: part}, true
	}
	item := Item{Text: part, Resource: part[:i], Name: part[i+1:]}
	return item, item.Name != "" && item.Resource != "" && !strings.HasSuffix(item.Resource, ":/")
}

// OpenIDNames lists the OpenID Connect scopes asked, which are permissions of
// Microsoft Graph.
func (r Request) OpenIDNames() []string {
	var names []string
	for _, s := range []struct {
		asked bool
		name  string
	}{{r.OpenID, "openid"}, {r.Profile, "profile"}, {r.Email, "email"}, {r.Offline, "offline_access"}} {
		if s.asked {
			names = append(names, s.name)
		}
	}
	return names
}

// HasDefault reports whether /.default is asked.
func (r Request) HasDefault() bool {
	return slices.ContainsFunc(r.Items, func(i Item) bool { return i.Name == Default })
}

// Resources lists the distinct APIs asked, each by the form in which it comes
// first. An API that is known by two names counts once.
func (r Request) Resources(d directory.Directory) []string {
	var forms, ids []string
	for _, i := range r.Items {
		if id := identity(d, i.Resource); !slices.Contains(ids, id) {
			ids, forms = append(ids, id), append(forms, i.Resource)
		}
	}
	return forms
}

// FirstResource keeps only what is asked of the first API; the refresh token
// grant reads a longer list that way.
func (r Request) FirstResource(d directory.Directory) Request {
	all := r.Resources(d)
	if len(all) < 2 {
		return r
	}
	first := identity(d, all[0])
	r.Items = slices.DeleteFunc(slices.Clone(r.Items), func(i Item) bool { return identity(d, i.Resource) != first })
	return r
}

func identity(d directory.Directory, resource string) string {
	if resource == "" {
		return directory.GraphAppID
	}
	if app, ok := d.Resource(resource); ok {
		return app.ClientID
	}
	return strings.ToLower(strings.TrimSuffix(resource, "/"))
}
