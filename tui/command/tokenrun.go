package command

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"flowscope/engine/inspect"
	"flowscope/validate"
	"flowscope/validate/diff"
	"flowscope/validate/insight"
	"flowscope/validate/middleware"
)

// minOpaque is the length from which a string handed in as a token is masked
// wherever it turns up; a shorter one could be an ordinary word.
const minOpaque = 12

// given is one token of the input, and what is said about it.
type given struct {
	validate.Found
	token  *validate.Token
	report *inspect.Report
	front  front
	left   map[string][2]string // by check: why and fix of one whose expectation is put to other tokens
	// Beside the report:
	insights   []insight.Insight
	grants     []insight.Grant
	opinions   []middleware.Opinion
	comparison *diff.Comparison
	other      *given // that it is compared with
}

// kind is what the token is: what the text says of it, else what it looks like.
func (g *given) kind() validate.Kind {
	if g.Kind != "" {
		return g.Kind
	}
	return g.token.Kind
}

// sure is kind where a token that can be read is what the text says; "" where it
// is not: what stands in a text is no proof, and takes no check away.
func (g *given) sure() validate.Kind {
	if g.token.Claims.Len() > 0 && g.Kind != "" && g.Kind != g.token.Kind {
		return ""
	}
	return g.kind()
}

// is reports whether a token is of a kind, by the text or by its own look.
func (g *given) is(kind validate.Kind) bool { return g.Kind == kind || g.token.Kind == kind }

// tokenCheck is the work of one flowscope token.
type tokenCheck struct {
	c       *call
	app     *App
	flags   *tokenFlags
	want    validate.Expectations
	presets []inspect.Preset
	checker *inspect.Checker
	at      time.Time
	all     []*given      // of the input
	access  *accessTokens // among those, once somebody asked
	tokens  []*given      // of those that are judged
}

// token checks the tokens of the input and prints the reports.
func (c *call) token(cmd *cobra.Command, args []string, o tokenFlags, want validate.Expectations) error {
	ctx := cmd.Context()
	tc := &tokenCheck{c: c, flags: &o, want: want}
	if o.compare == "-" && (len(args) == 0 || args[0] == "-") {
		return usage(cmd, "only one of the two tokens can come from standard input: name a file for the other")
	}
	text, err := c.tokenText(ctx, args)
	if err != nil {
		return err
	}
	if tc.tokens, err = c.tokensIn(text); errors.Is(err, errEmpty) {
		return usage(cmd, "%v: give a token on standard input, or name a file", err)
	} else if err != nil {
		return err
	}
	if tc.app, err = c.application(); err != nil {
		return err
	}
	tc.aside()
	tc.pick()
	tc.idle()
	if err := tc.prepare(ctx, cmd); err != nil {
		return err
	}
	var other *given
	if o.compare != "" {
		if other, err = tc.second(ctx); err != nil {
			return err
		}
	}
	for _, g := range tc.tokens {
		tc.check(ctx, g)
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	if first := tc.tokens[0]; other != nil {
		compared := diff.Tokens(first.token, other.token)
		first.comparison, first.other = &compared, other
	}
	return tc.print()
}

// tokensIn finds the tokens of a text. What is none, but looks like something
// that people take for one, is an error that says what it is.
func (c *call) tokensIn(text string) ([]*given, error) {
	if strings.TrimSpace(text) == "" {
		return nil, errEmpty
	}
	found := validate.Find(text)
	if len(found) == 0 {
		if err := notToken(text); err != nil {
			return nil, err
		}
		word := validate.Clean(text)
		if !strings.HasPrefix(word, "{") && word != strings.Trim(strings.TrimSpace(text), "\"'`,;<>") {
			return nil, errNoToken
		}
		found = []validate.Found{{Raw: word}}
	}
	var out []*given
	fronts := fromFront(text)
	for _, f := range found {
		t, _ := validate.Decode(f.Raw)
		if len(found) == 1 && f.Place == "" && t.Kind == validate.KindOpaque && t.Header == nil {
			if err := notToken(f.Raw); err != nil {
				return nil, err
			}
		}
		if len(f.Raw) >= minOpaque {
			c.redactor().Token(f.Raw)
		}
		inspect.Conceal(c.redactor(), t)
		g := &given{Found: f, token: t, front: fronts[f.Raw]}
		if len(g.front.code) >= minOpaque {
			c.redactor().Token(g.front.code)
		}
		out = append(out, g)
	}
	return out, nil
}

// aside leaves out what a client signs itself to come with a request, where there
// are tokens beside it: a DPoP proof (RFC 9449 section 4.2) and a client assertion
// (RFC 7523 section 2.2) are judged by other rules.
func (tc *tokenCheck) aside() {
	own := func(g *given) bool {
		c := g.token.Claims
		if g.Place == "client_assertion" {
			return c.String("iss") != "" && c.String("iss") == c.String("sub") // RFC 7523 section 3
		}
		return strings.EqualFold(g.token.Header.String("typ"), "dpop+jwt") && g.token.Header.Has("jwk") && c.Has("htm") && c.Has("htu")
	}
	left := slices.DeleteFunc(slices.Clone(tc.tokens), own)
	if n := len(tc.tokens) - len(left); n > 0 && len(left) > 0 {
		tc.tokens = left
		tc.c.say(counted(n, "proof", "proofs") + " of the client left out: a DPoP proof or a client assertion is no token.")
	}
}

// pick leaves the tokens of the type that is wanted, where the input has others
// beside them.
func (tc *tokenCheck) pick() {
	tc.all = tc.tokens
	wanted := slices.DeleteFunc(slices.Clone(tc.tokens), func(g *given) bool { return !g.is(tc.want.Type) })
	if left := len(tc.tokens) - len(wanted); tc.want.Type != "" && len(wanted) > 0 && left > 0 {
		tc.tokens = wanted
		tc.c.say(fmt.Sprintf("%s of another type left out: --type %s.", counted(left, "token is", "tokens are"), tc.want.Type))
	}
}

// idle says which flags nothing is done with.
func (tc *tokenCheck) idle() {
	ids, read := 0, 0
	for _, g := range tc.tokens {
		if g.kind() == validate.KindID {
			ids++
		}
		if g.token.Header != nil {
			read++
		}
	}
	for _, f := range [...]struct{ name, value, claim string }{
		{"access-token", tc.flags.access, "at_hash"}, {"code-file", tc.flags.code, "c_hash"},
	} {
		if f.value != "" && ids == 0 {
			tc.c.say("--" + f.name + " is for " + f.claim + " of an ID token, and there is none here: it was not used.")
		}
	}
	if tc.flags.middleware && read == 0 {
		tc.c.say("--middleware is for tokens that can be read: what libraries would do with this is not known.")
	}
	if tc.flags.compare != "" && len(tc.tokens) > 1 {
		tc.c.say(fmt.Sprintf("--compare takes the first of these %d tokens%s; --type picks others.", len(tc.tokens), standing(tc.tokens[0])))
	}
}

// standing says where a token stood, where that is known.
func standing(g *given) string {
	if g.Place == "" {
		return ""
	}
	return " (" + g.Place + ")"
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// prepare reads what the flags name.
func (tc *tokenCheck) prepare(ctx context.Context, cmd *cobra.Command) (err error) {
	o, c := tc.flags, tc.c
	if o.profile != "" {
		if tc.presets, err = tc.app.Expectations(o.profile); err != nil {
			return err
		}
		if err := tc.narrow(cmd); err != nil {
			return err
		}
	}
	if tc.want.AccessToken, err = c.secretFile(ctx, "access-token", o.access); err != nil {
		return err
	}
	if found := validate.Find(tc.want.AccessToken); len(found) > 0 {
		tc.want.AccessToken = validate.Clean(tc.want.AccessToken)
	}
	if tc.want.Code, err = c.secretFile(ctx, "code-file", o.code); err != nil {
		return err
	}
	for _, secret := range []string{tc.want.AccessToken, tc.want.Code} {
		if len(secret) >= minOpaque {
			c.redactor().Token(secret)
		}
	}
	k, err := c.keyOptions(ctx, *o)
	if err != nil {
		return err
	}
	if tc.checker, err = tc.app.Checker(k); err != nil && o.jwks != "" {
		return fmt.Errorf("--jwks: %w", err)
	}
	tc.at = tc.want.Now
	if tc.at.IsZero() {
		tc.at = tc.app.Now()
	}
	return err
}

// second reads the token that the first one is compared with; it is not checked.
func (tc *tokenCheck) second(ctx context.Context) (*given, error) {
	text, err := tc.c.tokenText(ctx, []string{tc.flags.compare})
	if err == nil {
		var list []*given
		if list, err = tc.c.tokensIn(text); err == nil {
			pick := list[0]
			if i := slices.IndexFunc(list, func(g *given) bool { return g.kind() == tc.want.Type }); i >= 0 {
				pick = list[i]
			}
			if len(list) > 1 {
				tc.c.say(fmt.Sprintf("--compare: of the %d tokens there one is taken: %s%s.", len(list), kindName(pick.kind()), standing(pick)))
			}
			return pick, nil
		}
	}
	return nil, fmt.Errorf("--compare: %w", err)
}

// check judges one token.
func (tc *tokenCheck) check(ctx context.Context, g *given) {
	r := tc.checker.CheckAt(ctx, g.Raw, tc.wanted(ctx, g), tc.at)
	if r.Kind == validate.KindOpaque && g.Kind == validate.KindRefresh {
		r.Kind = validate.KindRefresh
	}
	if g.Scope != "" && g.kind() == validate.KindAccess { // it says what the access token may do
		r.Granted = strings.Fields(g.Scope)
	}
	g.report = r
	known := insight.Context{
		Kind: r.Kind, Requested: r.Requested, Granted: r.Granted, Now: tc.at,
		Ahead: r.Clock.Ahead, Measured: r.Clock.Known, Host: r.Clock.Host,
	}
	g.insights, g.grants = insight.Of(g.token, known), insight.Grants(g.token, known)
	if tc.flags.middleware && g.token.Header != nil {
		g.opinions = tc.checker.Judge(ctx, r)
		r.Requests = append(r.Requests, tc.checker.Took()...)
		for i := range r.Requests {
			r.Requests[i].N = i + 1
		}
	}
}

// worst is the status of the worst token. A refresh token beside others does not
// count: only its issuer can check it, and a good token response has one.
func (tc *tokenCheck) worst() status {
	out, others := status(exitFine), false
	for _, g := range tc.tokens {
		others = others || g.report.Kind != validate.KindRefresh
	}
	for _, g := range tc.tokens {
		if !others || g.report.Kind != validate.KindRefresh {
			out = worse(out, verdictStatus(g.report.Verdict))
		}
	}
	return out
}

// print writes all reports and gives the status that they come to.
func (tc *tokenCheck) print() error {
	worst := tc.worst()
	if tc.c.json {
		if err := tc.c.printJSON(documentOf(tc.tokens)); err != nil {
			return err
		}
		return worst.asError()
	}
	p := newPage(tc.c)
	for i, g := range tc.tokens {
		if len(tc.tokens) > 1 {
			p.head(fmt.Sprintf("Token %d of %d", i+1, len(tc.tokens)), p.c.clean(g.Place))
		}
		p.given(g)
	}
	p.flush()
	return worst.asError()
}
