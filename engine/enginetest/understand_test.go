package enginetest

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/inspect"
	"flowscope/engine/trace"
	"flowscope/validate"
	"flowscope/validate/diff"
	"flowscope/validate/infer"
	"flowscope/validate/insight"
)

// everyFlow are runs of the lab that bring tokens.
var everyFlow = []struct {
	flow       decision.Flow
	client     string
	credential engine.CredentialKind
}{
	{decision.AuthorizationCode, "spa", ""}, {decision.AuthorizationCode, "web", ""}, {decision.AuthorizationCode, "native", ""},
	{decision.AuthorizationCode, "partner", ""}, {decision.AuthorizationCode, "everyone", ""},
	{decision.ClientCredentials, "daemon", engine.Secret}, {decision.ClientCredentials, "daemon", engine.Certificate}, {decision.ClientCredentials, "workload", engine.Federated},
	{decision.DeviceCode, "cli", ""}, {decision.DeviceCode, "native", ""}, {decision.OnBehalfOf, "orders-api", ""},
	{decision.RefreshToken, "web", ""}, {decision.RefreshToken, "spa", ""}, {decision.RefreshToken, "cli", ""}, {decision.Silent, "native", ""},
}

// A guess may be unsure and may be wrong; it is never both certain and wrong.
// Where the truth is another flow than the one named, it is among the others.
func TestTheFlowIsNeverGuessedCertainAndWrong(t *testing.T) {
	tokens, right := 0, 0
	for _, c := range everyFlow {
		w := New(t)
		job := w.Job(t, c.flow, c.client)
		if c.credential != "" {
			job.Credential = c.credential
		}
		s := w.Run(t, job)
		if s.Trace.Outcome != trace.Tokens {
			t.Errorf("%s as %s: %s, %v", c.flow, c.client, s.Trace.Outcome, s.Err)
			continue
		}
		for _, r := range inspect.All(s) {
			if !r.Made || r.Token.Claims == nil {
				continue
			}
			tokens++
			truth, guess := r.Flow.Name, infer.Flow(r.Token)
			switch {
			case guess.Name == truth:
				right++
			case guess.Confidence == infer.Certain:
				t.Errorf("%s as %s: the %s token is guessed %s for certain, and came by %s: %q", c.flow, c.client, r.Kind, guess.Name, truth, guess.Because)
			case !slices.Contains(guess.Others, truth):
				t.Errorf("%s as %s: the %s token is guessed %s or %q, and came by %s", c.flow, c.client, r.Kind, guess.Name, guess.Others, truth)
			}
		}
	}
	if tokens < 30 || right*2 < tokens {
		t.Errorf("%d of %d guesses are right", right, tokens)
	}
}

// tokensOf are the readable tokens of a run, in order.
func tokensOf(t *testing.T, s engine.State, kind trace.TokenKind) []*validate.Token {
	t.Helper()
	var out []*validate.Token
	for _, tok := range s.Trace.Tokens {
		if tok.Kind == kind {
			d, err := validate.Decode(tok.Value)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, d)
		}
	}
	return out
}

// says is the sentence of a comparison for a claim.
func says(c diff.Comparison, name string) string {
	for _, r := range c.Rows {
		if !r.Header && (r.Name == name || r.Other == name) {
			return r.Says
		}
	}
	return ""
}

func TestComparingTokensOfOneRun(t *testing.T) {
	w := New(t)
	web := w.Run(t, w.Job(t, decision.AuthorizationCode, "web"))
	access, id := tokensOf(t, web, trace.AccessToken), tokensOf(t, web, trace.IDToken)
	c := diff.Tokens(access[0], id[0])
	if !strings.Contains(c.What, "one sign-in") || !strings.Contains(says(c, "sub"), "Join tokens by tid and oid") {
		t.Errorf("access and ID token: %s %q", c.What, says(c, "sub"))
	}
	hops := w.Run(t, w.Job(t, decision.OnBehalfOf, "orders-api"))
	access = tokensOf(t, hops, trace.AccessToken)
	c = diff.Tokens(access[0], access[1])
	if !strings.HasPrefix(c.What, "On-behalf-of") || !strings.Contains(says(c, "azp"), "API in the middle") || !strings.Contains(says(c, "scp"), "API behind") {
		t.Errorf("on-behalf-of: %s %q %q", c.What, says(c, "azp"), says(c, "scp"))
	}
	if back := diff.Tokens(access[1], access[0]); !strings.Contains(back.What, "right token is for is the client of the left") {
		t.Errorf("the other way round: %s", back.What)
	}
	again := w.Run(t, w.Job(t, decision.RefreshToken, "web"))
	access = tokensOf(t, again, trace.AccessToken)
	c = diff.Tokens(access[0], access[1])
	if !strings.HasPrefix(c.What, "The same client, API and person") || says(c, "uti") == "" || says(c, "sub") != "" {
		t.Errorf("refresh: %s %q", c.What, says(c, "uti"))
	}
}

// A consent in between is seen in what the client may do.
func TestComparingAcrossAConsentAndTwoVersions(t *testing.T) {
	w := New(t)
	job := w.Job(t, decision.AuthorizationCode, "web")
	tokenFor := func(scopes ...string) *validate.Token {
		job.Scopes, job.Call = scopes, ""
		s := w.Run(t, job)
		list := tokensOf(t, s, trace.AccessToken)
		if len(list) != 1 {
			t.Fatalf("%q: %v", scopes, s.Err)
		}
		return list[0]
	}
	const orders = "api://orders.contoso.example/"
	before := tokenFor(orders + "Orders.Read")
	after := tokenFor(orders + "access_as_user")
	c := diff.Tokens(before, after)
	if !strings.Contains(says(c, "scp"), "consented to between the two (access_as_user)") && !strings.Contains(says(c, "scp"), "Consent changed") {
		t.Errorf("consent: %s: %q %s beside %s", c.What, says(c, "scp"), before.Claims.String("scp"), after.Claims.String("scp"))
	}
	stock := tokenFor("api://inventory.contoso.example/stock.read")
	c = diff.Tokens(stock, after)
	if !strings.Contains(c.What, "v1.0 beside v2.0") || !strings.Contains(says(c, "iss"), "two forms") || !strings.Contains(says(c, "aud"), "v1.0 carries") {
		t.Errorf("two versions: %s %q", c.What, says(c, "iss"))
	}
	grants := insight.Grants(after, insight.Context{Requested: []string{"openid", "offline_access", orders + "access_as_user"}})
	var earlier bool
	for _, g := range grants {
		earlier = earlier || g.Name == "Orders.Read" && g.Scp && strings.Contains(g.Says, "consented to earlier")
		if g.Name == "access_as_user" && (!g.Scp || g.Says != "") {
			t.Errorf("%+v", g)
		}
	}
	if !earlier {
		t.Errorf("what was consented to earlier is not told: %+v", grants)
	}
}

// What is said of the lab's own tokens is true of them, and fits the screen.
func TestInsightsOfTheLabsTokens(t *testing.T) {
	for _, c := range []struct {
		flow    decision.Flow
		client  string
		kind    trace.TokenKind
		n       int
		says    []string
		warns   int // at least
		neverDo string
	}{
		{decision.AuthorizationCode, "spa", trace.AccessToken, 0, []string{"acts for a person", "The client is public", "never its App ID URI"}, 0, ""},
		{decision.AuthorizationCode, "spa", trace.IDToken, 0, []string{"opens no API", "Its nonce"}, 0, ""},
		{decision.AuthorizationCode, "partner", trace.AccessToken, 0, []string{"Graph alone can verify"}, 1, "requestedAccessTokenVersion"},
		{decision.ClientCredentials, "daemon", trace.AccessToken, 0, []string{"acts as itself", "application permissions here"}, 0, ""},
		{decision.OnBehalfOf, "orders-api", trace.AccessToken, 1, []string{"App ID URI as the client asked for it", "lives"}, 2, ""},
		{decision.Implicit, "legacy", trace.IDToken, 0, []string{"at_hash tie"}, 0, ""},
	} {
		w := New(t)
		s := w.Run(t, w.Job(t, c.flow, c.client))
		tok := tokensOf(t, s, c.kind)[c.n]
		list := insight.Of(tok, insight.Context{Now: Clock()})
		warned := 0
		var all strings.Builder
		for _, i := range list {
			all.WriteString(i.Text + "\n")
			if i.Warn {
				warned++
			}
			if utf8.RuneCountInString(i.Text) > 220 || strings.HasSuffix(i.Text, "…") {
				t.Errorf("%s: too long: %s", c.flow, i.Text)
			}
			if c.neverDo != "" && strings.Contains(i.Do, c.neverDo) {
				t.Errorf("%s: do %s", c.flow, i.Do)
			}
		}
		for _, part := range c.says {
			if !strings.Contains(all.String(), part) {
				t.Errorf("%s as %s: nothing says %q:\n%s", c.flow, c.client, part, all.String())
			}
		}
		if warned < c.warns {
			t.Errorf("%s as %s: %d warnings", c.flow, c.client, warned)
		}
	}
}
