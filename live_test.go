package main

import (
	"context"
	"net/http"
	"testing"

	"flowscope/engine/enginetest"
	"flowscope/engine/inspect"
	"flowscope/engine/lab"
	"flowscope/engine/labtarget"
	"flowscope/engine/profile"
	"flowscope/engine/trace"
)

// elsewhere carries requests for a cloud's authority to the lab, under the
// cloud's own name: the lab answers as the host that was asked.
type elsewhere struct{ next http.RoundTripper }

func (e elsewhere) RoundTrip(r *http.Request) (*http.Response, error) {
	moved := r.Clone(r.Context())
	moved.URL.Host, moved.Host = lab.Host, lab.Host
	return e.next.RoundTrip(moved)
}

// TestAProfileRunsLikeTheLab runs client credentials on the tenant of a profile.
// The tenant is the lab under its own host name; everything between is what a
// real tenant gets.
func TestAProfileRunsLikeTheLab(t *testing.T) {
	w := enginetest.New(t)
	daemon, _ := w.Target.Client("daemon")
	t.Setenv("LAB_SECRET", daemon.Secret)
	live, err := liveTarget("work", profile.Profile{
		Tenant: "contoso.onmicrosoft.com", ClientID: daemon.Registration.ClientID, ClientType: "daemon",
		Scopes: daemon.Scopes, SecretEnv: "LAB_SECRET",
	}, sources(nil, nil), enginetest.Clock, elsewhere{labtarget.Transport(w.Lab, nil)})
	if err != nil {
		t.Fatal(err)
	}
	if live.Authority != "https://login.microsoftonline.com/contoso.onmicrosoft.com" || !live.Live {
		t.Fatalf("target %+v", live)
	}
	live.Authority = "https://" + lab.Host + "/contoso.onmicrosoft.com" // what the cloud would answer as
	live.Hosts = []string{lab.Host}
	job, err := live.Job("client-credentials", "daemon")
	if err != nil {
		t.Fatal(err)
	}
	job.Seen = true
	run, err := w.Runner.Start(context.Background(), job)
	if err != nil {
		t.Fatal(err)
	}
	s := run.Wait()
	if s.Trace.Outcome != trace.Tokens || !s.Trace.Live {
		t.Fatalf("outcome %s: %v", s.Trace.Outcome, s.Err)
	}
	token, _ := s.Trace.Token(trace.AccessToken)
	if got := token.Expect.Tenants; len(got) != 1 || got[0] != w.Target.TenantID {
		t.Errorf("the tenant behind the domain was not learned: %v", got)
	}
	// Nothing says which API the token is for, so it must not be called valid.
	if got := inspect.All(s)[0].Outcome(); got != "unverified" {
		t.Errorf("verdict %s, want unverified", got)
	}
}
