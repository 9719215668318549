package msal

import (
	"errors"
	"testing"

	"flowscope/engine"
	"flowscope/engine/trace"
)

func TestResourceOf(t *testing.T) {
	for _, c := range []struct {
		scopes []string
		want   string
		err    error
	}{
		{[]string{"api://orders/access_as_user", "api://orders/Orders.Read"}, "api://orders", nil},
		{[]string{"https://graph.microsoft.com/.default"}, "https://graph.microsoft.com", nil},
		{[]string{"https://management.azure.com//.default"}, "https://management.azure.com/", nil},
		{[]string{"User.Read"}, "https://graph.microsoft.com", nil},
		{[]string{"User.Read", "api://orders/x"}, "", errTwoResources},
		{nil, "", errNoScopes},
	} {
		got, err := resourceOf(c.scopes)
		if got != c.want || !errors.Is(err, c.err) {
			t.Errorf("%v: %q, %v", c.scopes, got, err)
		}
	}
}

// TestNumber: what a second sign-in says of its request names that one.
func TestNumber(t *testing.T) {
	steps := []engine.Step{
		{Purpose: trace.Metadata}, {Purpose: trace.Authorize}, {Purpose: trace.Redirect, Guards: "The state must be the one of step 2, else."},
		{Purpose: trace.Authorize}, {Purpose: trace.Redirect, Guards: "The state must be the one of step 2, else."},
	}
	number(steps)
	if steps[2].Guards != "The state must be the one of step 2, else." || steps[4].Guards != "The state must be the one of step 4, else." || steps[4].N != 5 {
		t.Errorf("%+v", steps)
	}
}

func TestEndpointIn(t *testing.T) {
	for doc, want := range map[string]string{
		`{"end_session_endpoint":"https://x/out"}`: "https://x/out", `{"end_session_endpoint":7}`: "else", `{}`: "else", `<html>`: "else", "": "else",
	} {
		if got := endpointIn([]byte(doc), "end_session_endpoint", "else"); got != want {
			t.Errorf("%s: %s", doc, got)
		}
	}
}
