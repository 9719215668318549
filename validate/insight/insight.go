// Package insight says in sentences what a token tells to somebody who knows
// Entra: for whom it speaks and who else could, what nobody but Graph can
// verify, where v1.0 and v2.0 differ, which groups were left out and how to get
// them, and what the clocks say.
//
// It reads claims without checking them, and it judges nothing: a verdict is a
// matter of package validate.
package insight

import (
	"time"

	"flowscope/validate"
)

// Topic is what an insight is about.
type Topic string

// The topics, in the order in which a screen shows them.
const (
	// Audience is about who can verify the token, and who not.
	Audience Topic = "audience"
	// Caller is about the person or the application it speaks for.
	Caller Topic = "caller"
	// Tenant is about guests, home tenants and personal accounts.
	Tenant Topic = "tenant"
	// Version is about what v1.0 and v2.0 tokens do differently.
	Version Topic = "version"
	// Groups is about group membership that is left out of the token.
	Groups Topic = "groups"
	// Permission is about scopes and roles.
	Permission Topic = "permission"
	// Time is about lifetimes.
	Time Topic = "time"
	// Clock is about the difference between this clock and the issuer's.
	Clock Topic = "clock"
)

// Insight is one thing worth knowing about a token.
type Insight struct {
	// Topic is what it is about.
	Topic Topic
	// Text is what there is to know, in one or two sentences.
	Text string
	// Warn says that somebody is likely to be caught by it.
	Warn bool
	// Do is what to do about it, "" where there is nothing to do. A request that
	// helps is written as METHOD URL.
	Do string
	// Claims are the names of the claims that it rests on.
	Claims []string
	// Source is where it is written.
	Source string
}

// Context is what is known beside the token.
type Context struct {
	// Requested are the scopes that the client asked for, Granted those of the
	// token response; nil where they are not known.
	Requested, Granted []string
	// Now is the time to judge by.
	Now time.Time
	// Ahead is how far this clock is ahead of the issuer's, negative when it is
	// behind, where Measured says that somebody measured it; Host told the time.
	Ahead    time.Duration
	Measured bool
	Host     string
}

// Of gives what there is to know about a token, in the order of the topics.
func Of(t *validate.Token, c Context) []Insight {
	var out []Insight
	if t != nil && t.ForGraph() {
		out = append(out, Insight{
			Topic: Audience, Claims: []string{"aud", "nonce"}, Source: "Entra: access tokens, validate tokens",
			Text: "This token is for Microsoft Graph. Graph alone can verify it: the nonce in the header is changed before the signature is made over it.",
			Do:   "Send it to Graph and nowhere else; ask for a token of your own API's scope for your own API",
		})
	}
	return out
}

// Grant is one permission in the table of what was asked for and what came.
type Grant struct {
	// Name is the scope or the role without the resource before it.
	Name string
	// Requested, Granted, Scp and Roles say where it stood: in the request, in
	// "scope" of the response, in the token's "scp", in its "roles".
	Requested, Granted, Scp, Roles bool
	// Says is what the combination means, "" where it is what was expected.
	Says string
}

// Grants lays what was requested beside what was granted and what the token
// carries, in the order: as requested, then what came besides.
func Grants(t *validate.Token, c Context) []Grant { return nil }
