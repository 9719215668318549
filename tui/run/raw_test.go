package run

import (
	"context"
	"slices"
	"strings"
	"testing"

	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/har"
)

// TestSnippetsFitTheClient holds that the code shown is for the kind of client
// and credential that the run has.
func TestSnippetsFitTheClient(t *testing.T) {
	federated := func(context.Context) (string, error) { return "", nil }
	for _, tc := range []struct {
		name   string
		job    engine.Job
		has    string // in the code of MSAL for Go
		hasNot string
	}{
		{"secret", engine.Job{Flow: decision.ClientCredentials, Client: engine.Client{Secret: "s"}}, "NewCredFromSecret", "public.New"},
		{"certificate", engine.Job{Flow: decision.ClientCredentials, Client: engine.Client{Certificate: &engine.KeyPair{}}}, "NewCredFromCert", "NewCredFromSecret"},
		{"federated", engine.Job{Flow: decision.ClientCredentials, Client: engine.Client{Federated: federated}}, "NewCredFromAssertionCallback", "NewCredFromSecret"},
		{"the chosen one", engine.Job{Flow: decision.ClientCredentials, Credential: engine.Certificate, Client: engine.Client{Secret: "s", Certificate: &engine.KeyPair{}}}, "NewCredFromCert", "NewCredFromSecret"},
		{"public", engine.Job{Flow: decision.DeviceCode}, "public.New", "confidential.New"},
		{"downstream", engine.Job{Flow: decision.OnBehalfOf, Client: engine.Client{Secret: "s", Downstream: []string{"api://behind/x"}}}, "api://behind/x", "public.New"},
		{"username", engine.Job{Flow: decision.Password, User: "ada@contoso.example"}, "ada@contoso.example", "somebody@example.com"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			all := har.Snippets(snippetCall(tc.job))
			i := slices.IndexFunc(all, func(s har.Snippet) bool { return s.ID == "go" })
			if i < 0 {
				t.Fatal("there is no code for Go")
			}
			if code := all[i].Code; !strings.Contains(code, tc.has) || strings.Contains(code, tc.hasNot) {
				t.Errorf("want %s and no %s in\n%s", tc.has, tc.hasNot, code)
			}
		})
	}
}
