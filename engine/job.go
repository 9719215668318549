package engine

import (
	"fmt"
	"strings"

	"flowscope/decision"
	"flowscope/engine/trace"
)

// Job gives the job of a flow as one of the target's clients, ready to start.
// An empty key takes the client that the flow is usually shown with. It fails
// when the target has no such client, or when the flow is not for it.
func (t Target) Job(flow decision.Flow, key string) (Job, error) {
	if key == "" {
		key = "spa"
		if flow == decision.ClientCredentials {
			key = "daemon"
		}
	}
	c, ok := t.Client(key)
	if !ok {
		return Job{}, fmt.Errorf("the target %s has no client %q; it has %s", t.Name, trace.Plain(key), strings.Join(t.keys(), ", "))
	}
	if (flow == decision.ClientCredentials) != (c.Platform == "") {
		return Job{}, fmt.Errorf("%s is not for the client %q: it runs as %s", flow.Title(), key, strings.Join(t.keysFor(flow), ", "))
	}
	return Job{Flow: flow, Client: c, Target: t, Scopes: append([]string(nil), c.Scopes...), Call: c.CallURL}, nil
}

func (t Target) keys() []string {
	var out []string
	for _, c := range t.Clients {
		out = append(out, c.Key)
	}
	return out
}

func (t Target) keysFor(flow decision.Flow) []string {
	var out []string
	for _, c := range t.Clients {
		if (flow == decision.ClientCredentials) == (c.Platform == "") {
			out = append(out, c.Key)
		}
	}
	return out
}
