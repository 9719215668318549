package token

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"flowscope/engine/inspect"
	"flowscope/engine/trace"
	"flowscope/tui/widget"
	"flowscope/validate"
	"flowscope/validate/claims"
)

// namesMsg brings the expectations that are known by name, which name the
// parties of a token too; reading them may take a file.
type namesMsg struct {
	owner *Token
	list  []inspect.Preset
}

// learn reads what is known by name, once for a screen.
func (t *Token) learn() tea.Cmd {
	if t.learned || t.deps.Checker == nil {
		return nil
	}
	t.learned = true
	presets := t.deps.Checker.Presets
	return func() tea.Msg { return namesMsg{t, presets()} }
}

// How well a preset fits a token, the best first.
const (
	fitsBoth   = iota // it names the token's audience and issuer
	fitsName          // it names the audience
	fitsIssuer        // it is of the same site: Entra's tokens and the lab's are never mixed
	fitsKind          // it is for tokens of this kind
	fitsNot
)

// fit says how well a preset fits a token.
func fit(p inspect.Preset, r *inspect.Report) int {
	iss := r.Token.Claims.String("iss")
	here := iss != "" && strings.ReplaceAll(p.Want.Issuer, "{tenantid}", r.Token.Claims.String("tid")) == iss
	for _, aud := range r.Token.Claims.Strings("aud") {
		switch {
		case !slices.Contains(p.Want.Audiences, aud) || otherKind(p, r.Kind) != 0:
		case here:
			return fitsBoth
		default:
			return fitsName
		}
	}
	switch {
	case otherKind(p, r.Kind) != 0:
		return fitsNot
	case sameSite(p.Want.Issuer, iss):
		return fitsIssuer
	}
	return fitsKind
}

// sameSite reports whether two issuers are of one host, or both of Entra's, which
// has several.
func sameSite(a, b string) bool {
	x, err := url.Parse(a)
	if err != nil {
		return false
	}
	y, err := url.Parse(b)
	if err != nil || x.Host == "" {
		return false
	}
	return x.Host == y.Host || validate.EntraHost(x.Hostname()) && validate.EntraHost(y.Hostname())
}

// partyOf is the API or the client that a preset is about.
func partyOf(p inspect.Preset) string {
	name := strings.TrimSuffix(p.Name, ": ID tokens")
	if rest, ok := strings.CutPrefix(name, "profile "); ok {
		if _, api, ok := strings.Cut(rest, ": "); ok {
			return api
		}
	}
	return name
}

// audienceOf names whom the token is for: by its name where somebody knows it,
// else by what the token calls it, in at most room cells. It says nothing of
// whether the token is genuine.
func (t *Token) audienceOf(r *inspect.Report, room int) string {
	all := r.Token.Claims.Strings("aud")
	if len(all) == 0 {
		return ""
	}
	name := ""
	best := fitsIssuer
	for _, p := range t.presets {
		if n := fit(p, r); n < best {
			best, name = n, partyOf(p)
		}
	}
	for _, aud := range all {
		if name == "" {
			name = t.deps.Names[aud]
		}
		if name == "" {
			name, _ = claims.Resource(aud)
		}
	}
	more := ""
	if len(all) > 1 {
		more = fmt.Sprintf(" and %d more", len(all)-1)
	}
	if name == "" {
		name = all[0]
		if !strings.ContainsAny(name, "/:. ") {
			room = min(room, 20) // an id: its ends tell it from others
		}
	}
	return widget.Elide(trace.Plain(bounded(name, 400)), max(8, room-len(more)), t.sh.Glyphs.Ellipsis) + more
}

// clientOf names the application that asked for the token, "" where nobody here
// knows it.
func (t *Token) clientOf(r *inspect.Report, room int) string {
	for _, claim := range [...]string{"azp", "appid"} {
		id := r.Token.Claims.String(claim)
		if id == "" {
			continue
		}
		name := t.deps.Names[id]
		if name == "" {
			name = claims.Word(claim, id)
		}
		for _, p := range t.presets {
			if name == "" && p.Want.Type == validate.KindID && slices.Contains(p.Want.Audiences, id) {
				name = partyOf(p)
			}
		}
		return widget.Elide(trace.Plain(bounded(name, 400)), room, t.sh.Glyphs.Ellipsis)
	}
	return ""
}

// personOf is what the token calls the person.
func (t *Token) personOf(r *inspect.Report, room int) string {
	for _, claim := range [...]string{"name", "preferred_username", "upn", "unique_name"} {
		if name := strings.TrimSpace(trace.Plain(bounded(r.Token.Claims.String(claim), 400))); name != "" {
			return widget.Elide(name, room, t.sh.Glyphs.Ellipsis)
		}
	}
	return ""
}

// longestName is the room of one name in the first line.
const longestName = 30

// who says who comes with the token: a person by way of a client, or an
// application as itself.
func (t *Token) who(r *inspect.Report, client bool) string {
	app := ""
	if client && r.Kind == validate.KindAccess {
		app = t.clientOf(r, longestName)
	}
	switch {
	case r.Kind == validate.KindAccess && r.SubjectKind == validate.SubjectApp:
		return strings.TrimSpace("application " + app)
	case r.Kind == validate.KindID, r.SubjectKind == validate.SubjectUser:
		person := t.personOf(r, longestName)
		if person == "" && r.Kind == validate.KindAccess {
			person = "a person"
		}
		if app != "" && person != "" {
			person += " by " + app
		}
		return person
	}
	return ""
}

// titleParts says what the token is and for whom, who comes with it, its version
// and which flow made it: as much of it as w cells have room for, the API first.
func (t *Token) titleParts(it *item, w int) []string {
	r := it.report
	kind := kindWords(r)
	whole := func(room int, client, version bool, flow string, delegated bool) []string {
		parts := []string{kind}
		if aud := t.audienceOf(r, room); aud != "" {
			parts[0] += " for " + aud
		}
		if who := t.who(r, client); who != "" {
			parts = append(parts, who)
		}
		if delegated && r.Kind == validate.KindAccess && r.SubjectKind == validate.SubjectUser {
			parts = append(parts, "delegated")
		}
		if version && r.Version != "" {
			parts = append(parts, "v"+r.Version)
		}
		if flow != "" {
			parts = append(parts, flow)
		}
		return parts
	}
	long, short := flowOf(r, it.from, true), flowOf(r, it.from, false)
	const dots = 3
	for _, parts := range [][]string{
		whole(48, true, true, long, true), whole(48, true, true, long, false), whole(48, true, true, flowWords(r.Flow), false),
		whole(48, true, true, short, false), whole(longestName, true, true, short, false), whole(longestName, true, true, "", false),
		whole(longestName, true, false, "", false), whole(longestName, false, false, "", false),
	} {
		if ansi.StringWidth(strings.Join(parts, ""))+dots*(len(parts)-1) <= w {
			return parts
		}
	}
	return whole(max(8, w-len(kind)-5), false, false, "", false)[:1]
}
