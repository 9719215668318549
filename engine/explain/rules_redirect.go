package explain

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"flowscope/engine/trace"
)

// redirectURI explains AADSTS50011: the redirect URI character by character
// beside the registered one that was probably meant.
func redirectURI(s scene, f *Finding) {
	sent := s.sent("redirect_uri")
	registered := s.reg.RedirectURIs()
	f.FlowRight = s.right(needConfig)
	if sent == "" {
		f.see("redirect_uri", "not sent", "")
	}
	if len(registered) == 0 {
		if sent != "" {
			f.see("sent", sent, "")
		}
		f.replaceFixes(restored(s.ask, placeOf(s.ask), "redirect_uri", "In the request: send the address that the program built"), s.addRedirect(sent))
		return
	}
	meant := nearestRedirect(sent, registered)
	parts := redirectParts(sent, meant)
	f.Confidence = Certain
	if len(parts) == 0 {
		f.Confidence = Possible
		f.Why = append(f.Why, "As far as the registration is known here the address is in it. A change of it takes a minute or two to reach every server.")
	} else {
		f.Why = redirectWhy(sent, meant, parts)
	}
	note := ""
	if len(parts) > 0 {
		note = parts[0].note
	}
	f.compareAt("sent", sent, "registered", meant, note, redirectDifference(sent, meant))
	for _, r := range registered {
		if r != meant && len(f.Evidence) < 8 {
			f.see("also there", r, s.platformOf(r))
		}
	}
	isRegistered := func(uri string) bool { return s.platformOf(uri) != "" }
	op, ok := put(s.ask, placeOf(s.ask), "redirect_uri", meant, isRegistered)
	if op.Verb == trace.Restore {
		meant, _ = valueOf(*s.ask.Original, op.Place, "redirect_uri")
	}
	f.replaceFixes(mend("In the request: send the registered address", "redirect_uri = "+meant, s.ask, "the registered redirect_uri", op, ok), s.addRedirect(sent))
}

// redirectScheme explains AADSTS500117 and 500111: the scheme alone rules the
// redirect URI out, whatever is registered.
func redirectScheme(s scene, f *Finding) {
	why := f.Why
	redirectURI(s, f)
	f.Why = why
}

func redirectWhy(sent, registered string, parts []part) []string {
	var why []string
	for _, p := range parts {
		why = append(why, p.why)
	}
	last := "Entra compares scheme, host and path as text. Only the port of localhost is free."
	if s, r := portText(sent), portText(registered); digits(s) && digits(r) && s != r && !slices.ContainsFunc(parts, func(p part) bool { return p.name == "port" }) {
		last += " " + s + " is not the reason."
	}
	return append(why, last)
}

// portText is the port as it is written in a URI.
func portText(uri string) string {
	_, rest, _ := strings.Cut(uri, "://")
	host, _, _ := strings.Cut(rest, "/")
	if i := strings.LastIndexByte(host, ':'); i >= 0 {
		return host[i+1:]
	}
	return ""
}

// digits reports whether a text is a number without a sign.
func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// addRedirect is the fix in the registration: the address that is sent, added
// to those that are there.
func (s scene) addRedirect(sent string) []Fix {
	if sent == "" {
		return nil
	}
	if reason := registrable(sent); reason != "" {
		return one(Fix{Title: "In the registration: this address can't be added, " + reason, Where: s.portal("Authentication")})
	}
	platform := s.platform()
	var today []string
	for _, p := range s.reg.Platforms {
		if p.Type == platform {
			today = p.RedirectURIs
		}
	}
	fix := Fix{
		Title: "In the registration: add the address that is sent", Where: s.portal("Authentication"),
		Command: s.redirectCommand(platform, append(slices.Clone(today), sent)),
		Note:    "replaces the whole list: " + todayWords(len(today)),
	}
	if !s.reg.Known {
		fix.Note = "replaces the whole list: add the addresses of today, which az ad app show --id " + s.appID() + " lists"
	}
	return one(fix)
}

func todayWords(n int) string {
	switch n {
	case 0:
		return "there is none today"
	case 1:
		return "the one of today is in it"
	case 2:
		return "the two of today are in it"
	case 3:
		return "the three of today are in it"
	}
	return fmt.Sprintf("the %d of today are in it", n)
}

// platform is the platform type that the client of the run belongs to.
func (s scene) platform() string {
	switch s.t.As {
	case "spa", "web":
		return s.t.As
	case "native":
		return "publicClient"
	}
	if len(s.reg.Platforms) > 0 {
		return s.reg.Platforms[0].Type
	}
	return "web"
}

// redirectCommand sets the redirect URIs of one platform. The CLI has a flag
// for two of the three; a single-page app's go through Microsoft Graph.
func (s scene) redirectCommand(platform string, uris []string) string {
	switch platform {
	case "spa":
		return s.graphPatch(map[string]any{"spa": map[string]any{"redirectUris": uris}})
	case "publicClient":
		return "az ad app update --id " + s.appID() + " --public-client-redirect-uris " + quoteAll(uris)
	}
	return "az ad app update --id " + s.appID() + " --web-redirect-uris " + quoteAll(uris)
}

// graphPatch changes the application through Microsoft Graph.
func (s scene) graphPatch(body map[string]any) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(body); err != nil {
		return ""
	}
	return `az rest --method PATCH --url "https://graph.microsoft.com/v1.0/applications(appId='` + s.rawAppID() + `')"` +
		" --headers Content-Type=application/json --body " + quote(strings.TrimSpace(b.String()))
}

// noRedirect explains AADSTS500113: nothing is registered to come back to.
func noRedirect(s scene, f *Finding) {
	sent := s.sent("redirect_uri")
	f.see("sent", sent, "")
	f.see("registered", "none", "")
	if s.reg.Known && len(s.reg.RedirectURIs()) == 0 {
		f.Confidence = Certain
	}
	f.FlowRight = s.right(needConfig)
	f.replaceFixes(s.addRedirect(sent))
}

// redirectDiffers explains AADSTS500112: the token request names another
// redirect URI than the authorization request did.
func redirectDiffers(s scene, f *Finding) {
	sent := s.sent("redirect_uri")
	f.FlowRight = s.right(needRequest)
	auth, ok := s.authorizeOf()
	if !ok {
		f.see("sent", sent, "")
		return
	}
	before, _ := auth.Request.Get("redirect_uri")
	f.compare("sent here", sent, fmt.Sprintf("sent at step %d", auth.Step), before, "must be equal, letter for letter")
	if sent != before {
		f.Confidence = Certain
	}
	op, ok := put(s.ask, placeOf(s.ask), "redirect_uri", before, func(v string) bool { return v == before })
	f.replaceFixes(mend("In the request: send the same address again", "redirect_uri = "+before, s.ask, "the redirect_uri of the authorization request", op, ok),
		one(Fix{Title: "In the program: take both from one setting", Note: "behind a proxy, scheme and host seen by the program may not be those that the browser used"}))
}
