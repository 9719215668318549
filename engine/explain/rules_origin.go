package explain

import (
	"net/url"
	"slices"

	"flowscope/engine/trace"
)

// originOf is what a browser would send for a page at this address (RFC 6454
// section 6).
func originOf(uri string) string {
	u, err := url.Parse(uri)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// originMissing explains AADSTS9002327: a single-page app's code, redeemed
// without an Origin header.
func originMissing(s scene, f *Finding) {
	uri := s.sent("redirect_uri")
	origin, sent := valueOf(s.ask.Request, trace.Header, "Origin")
	if !sent {
		f.Confidence = Certain
		f.see("Origin", "not sent", "a browser sends it by itself")
	} else {
		f.see("Origin", origin, "")
	}
	platform := s.seePlatform(f)
	op, ok := put(s.ask, trace.Header, "Origin", originOf(uri), nil)
	request := mend("In the request: send the Origin of the page", "Origin = "+originOf(uri), s.ask, "an Origin header", op, ok)
	server := one(Fix{Title: "If a server redeems the code: register its address as Web", Where: s.portal("Authentication"), Command: s.moveRedirect(uri, "spa", "web"), Note: "replaces both lists: the addresses of today are in them"})
	if s.t.As == "spa" || s.t.As == "" {
		f.FlowRight = s.right(needRequest)
		f.replaceFixes(request, server)
		return
	}
	f.FlowRight = s.right(needRegistration)
	if platform == "spa" {
		f.Why = append([]string{"The address is registered as a single-page app, but this client is not one."}, f.Why...)
		for i := range request {
			request[i].Title = "To try it: send an Origin as a page would"
		}
	}
	f.replaceFixes(server, request)
}

// originSent explains AADSTS9002326: an Origin header with a code that is not a
// single-page app's.
func originSent(s scene, f *Finding) {
	uri := s.sent("redirect_uri")
	origin, sent := valueOf(s.ask.Request, trace.Header, "Origin")
	if sent {
		f.Confidence = Certain
		f.see("Origin", origin, "only a single-page app may send it")
	}
	s.seePlatform(f)
	op, ok := leaveOut(s.ask, trace.Header, "Origin")
	request := mend("In the request: send no Origin", "", s.ask, "no Origin header", op, ok)
	page := one(Fix{Title: "If this is a page in the browser: register its address as a single-page app", Where: s.portal("Authentication"), Command: s.moveRedirect(uri, s.platformOf(uri), "spa"), Note: "replaces both lists: the addresses of today are in them"})
	f.FlowRight = s.right(needRequest)
	if s.t.As == "spa" {
		f.FlowRight = s.right(needRegistration)
	}
	f.replaceFixes(request, page)
}

// moveRedirect takes an address from one platform to another. It gives no
// command where the lists of today are not known: it would lose them.
func (s scene) moveRedirect(uri, from, to string) string {
	if !s.reg.Known || uri == "" || from == "" || from == to || registrable(uri) != "" {
		return ""
	}
	lists := map[string][]string{}
	for _, p := range s.reg.Platforms {
		lists[p.Type] = append(lists[p.Type], p.RedirectURIs...)
	}
	kept := slices.DeleteFunc(slices.Clone(lists[from]), func(u string) bool { return len(redirectParts(uri, u)) == 0 })
	if kept == nil {
		kept = []string{}
	}
	return s.graphPatch(map[string]any{
		from: map[string]any{"redirectUris": kept},
		to:   map[string]any{"redirectUris": append(slices.Clone(lists[to]), uri)},
	})
}
