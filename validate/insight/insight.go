// Package insight says in sentences what a token tells to somebody who knows
// Entra: for whom it speaks and who else could, what nobody but Graph can
// verify, where v1.0 and v2.0 differ, which groups were left out and how to get
// them, and what the clocks say.
//
// It reads claims without checking them, and it judges nothing: a verdict is a
// matter of package validate. It sends nothing; a request that would help is
// given in words.
package insight

import (
	"slices"
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

// topics are in the order in which a screen shows them.
var topics = [...]Topic{Audience, Caller, Tenant, Version, Groups, Permission, Time, Clock}

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
	// Kind is what the token is known to be, where somebody knows it better than
	// its text tells: a refresh token of another issuer is an opaque string. ""
	// takes the token's own.
	Kind validate.Kind
	// Requested are the scopes that the client asked for, Granted those of the
	// token response; nil where they are not known.
	Requested, Granted []string
	// Graph is the address of the Graph that belongs to the issuer, without a
	// slash at its end; "" tells it from the issuer where that is one of Entra's.
	Graph string
	// Now is the time to judge by; the zero time says nothing of times.
	Now time.Time
	// Ahead is how far this clock is ahead of the issuer's, negative when it is
	// behind, where Measured says that somebody measured it; Host told the time.
	Ahead    time.Duration
	Measured bool
	Host     string
}

// Of gives what there is to know about a token, in the order of the topics,
// warnings first within each. Text from the token is bounded and free of
// control characters.
func Of(t *validate.Token, c Context) []Insight {
	if t == nil {
		return nil
	}
	r := read(t, c)
	if t.Claims == nil {
		r.unreadable()
		r.clock()
		return r.out
	}
	r.audience()
	r.caller()
	r.tenant()
	r.version()
	r.groups()
	r.permission()
	r.times()
	r.clock()
	slices.SortStableFunc(r.out, func(a, b Insight) int {
		if d := slices.Index(topics[:], a.Topic) - slices.Index(topics[:], b.Topic); d != 0 {
			return d
		}
		return rank(a) - rank(b)
	})
	return r.out
}

func rank(i Insight) int {
	if i.Warn {
		return 0
	}
	return 1
}
