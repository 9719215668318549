package command

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"flowscope/engine/inspect"
	"flowscope/validate"
)

// narrow leaves the API of the profile that --api names, and its ID tokens.
func (tc *tokenCheck) narrow(cmd *cobra.Command) error {
	api := tc.flags.api
	if api == "" {
		return nil
	}
	var names []string
	left := slices.DeleteFunc(slices.Clone(tc.presets), func(p inspect.Preset) bool {
		if p.Want.Type == validate.KindID {
			return false
		}
		names = append(names, p.Want.Audiences...)
		return !slices.Contains(p.Want.Audiences, api) && !strings.HasSuffix(p.Name, ": "+api)
	})
	if !slices.ContainsFunc(left, func(p inspect.Preset) bool { return p.Want.Type != validate.KindID }) {
		return usage(cmd, "the profile %s has no API %q; it has %s", tc.flags.profile, short(api), listOr(names, "none"))
	}
	tc.presets = left
	return nil
}

func listOr(names []string, none string) string {
	if len(names) == 0 {
		return none
	}
	return strings.Join(names, ", ")
}

// wanted gives what one token is held against: what the flags say, and beside it
// what the profile says. Where ID tokens and access tokens are judged together,
// each is held against what is meant for its kind.
func (tc *tokenCheck) wanted(ctx context.Context, g *given) validate.Expectations {
	isID := g.kind() == validate.KindID
	want := tc.want
	switch sure := g.sure(); {
	case sure == validate.KindID:
		tc.leaveToAccess(g, &want)
	case isID && want.ClientID != "" && slices.Contains(g.token.Audiences(), want.ClientID):
		want.Type = validate.KindID // of which it must have the form
		tc.leaveToAccess(g, &want)
	case sure != "":
		tc.leaveToID(g, &want)
	}
	if isID && g.token.Kind == validate.KindID && len(want.Audiences) == 0 && want.ClientID != "" {
		want.Audiences = []string{want.ClientID} // before the profile's
	}
	if preset, ok := tc.preset(g, isID); ok {
		want = withPreset(want, preset)
	}
	if isID && want.AccessToken == "" {
		want.AccessToken = tc.accessFor(g)
	}
	if isID && g.front.yes {
		want.FrontChannel = true
		if want.Code == "" {
			want.Code = g.front.code
		}
	}
	return want
}

// leaveToAccess takes out of what is wanted of an ID token what is put to the
// access tokens that are judged beside it.
func (tc *tokenCheck) leaveToAccess(g *given, want *validate.Expectations) {
	others := tc.whose(validate.KindAccess, "access token")
	if others == "" {
		return
	}
	stated := want.Audiences
	want.Audiences = ofToken(stated, g.token)
	if len(stated) > 0 && len(want.Audiences) == 0 {
		g.leave("audience", "The audience stated is put to "+others+", and this ID token is not for it.",
			"State the client id with --client, or pick the ID token with --type id")
	}
	if len(want.Scopes) > 0 {
		g.leave("scope", "The scope stated is put to "+others+": ID tokens grant none.", "")
	}
	if len(want.Roles) > 0 {
		g.leave("roles", "The role stated is put to "+others+".", "Pick the ID token with --type id if its roles are meant")
	}
	want.Scopes, want.Roles, want.Caller = nil, nil, ""
}

// leaveToID is leaveToAccess the other way round.
func (tc *tokenCheck) leaveToID(g *given, want *validate.Expectations) {
	others := tc.whose(validate.KindID, "ID token")
	if others == "" {
		return
	}
	if want.Nonce != "" {
		g.leave("nonce", "The nonce stated is put to "+others+": access tokens carry none.", "")
	}
	want.Nonce, want.Code = "", ""
}

// whose names the tokens of a kind that are judged, as a sentence does; "" where
// there is none.
func (tc *tokenCheck) whose(kind validate.Kind, name string) string {
	n := 0
	for _, g := range tc.tokens {
		if g.sure() == kind {
			n++
		}
	}
	switch n {
	case 0:
		return ""
	case 1:
		return "the " + name + " of this paste"
	}
	return "the " + name + "s of this paste"
}

// leave notes in what words a check says that what was stated is put to others.
func (g *given) leave(id, why, fix string) {
	if g.left == nil {
		g.left = map[string][2]string{}
	}
	g.left[id] = [2]string{why, fix}
}

// checks are those of the report. One that was not run, since what was stated is
// put to other tokens, says that and not that nobody stated it.
func (g *given) checks() []validate.Result {
	all := g.report.Checks()
	for i := range all {
		if words, ok := g.left[string(all[i].ID)]; ok && all[i].Status == validate.StatusNotRun {
			all[i].Why, all[i].Fix = words[0], words[1]
		}
	}
	return all
}

// ofToken leaves those audiences that the token names: of several tokens the
// stated ones are not all for this one.
func ofToken(stated []string, t *validate.Token) []string {
	own := t.Audiences()
	return slices.DeleteFunc(slices.Clone(stated), func(a string) bool { return !slices.Contains(own, a) })
}

// preset picks what the profile expects of a token: its client of ID tokens, of
// others the API that the token names, else the first.
func (tc *tokenCheck) preset(g *given, isID bool) (validate.Expectations, bool) {
	var of []validate.Expectations
	for _, p := range tc.presets {
		if (p.Want.Type == validate.KindID) == isID {
			of = append(of, p.Want)
		}
	}
	if len(of) == 0 {
		return validate.Expectations{}, false
	}
	for _, want := range of {
		if len(ofToken(want.Audiences, g.token)) > 0 {
			return want, true
		}
	}
	var audiences []string
	for _, want := range of {
		audiences = append(audiences, want.Audiences...)
	}
	of[0].Audiences = audiences
	return of[0], true
}

// withPreset adds what a profile says to what the flags say; the flags go before.
func withPreset(want, preset validate.Expectations) validate.Expectations {
	if want.Issuer == "" {
		want.Issuer = preset.Issuer
	}
	if len(want.Audiences) == 0 {
		want.Audiences = preset.Audiences
	}
	if len(want.Tenants) == 0 {
		want.Tenants = preset.Tenants
	}
	if want.Type == "" {
		want.Type = preset.Type
	}
	if want.ClientID == "" {
		want.ClientID = preset.ClientID
	}
	return want
}
