package main

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"flowscope/engine"
	"flowscope/engine/enginetest"
	"flowscope/engine/inspect"
	"flowscope/engine/lab"
	"flowscope/engine/labtarget"
	"flowscope/engine/profile"
	"flowscope/engine/trace"
	"flowscope/tui/command"
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

// TestAnIssuerIsATarget makes targets of --issuer: by flags and environment, with
// a secret and without, and never of an address in the clear.
func TestAnIssuerIsATarget(t *testing.T) {
	ts := &targets{now: enginetest.Clock}
	for _, tt := range []struct {
		name, issuer, id, secret string
		clients                  string
		fails                    string
	}{
		{"public", "https://idp.example.com/realm", "me", "", "native spa", ""},
		{"confidential", "https://idp.example.com", "me", "s3cret-in-the-environment", "web daemon", ""},
		{"on this machine", "http://127.0.0.1:8123", "me", "", "native spa", ""},
		{"in the clear", "http://idp.example.com", "me", "", "", "is not https"},
		{"no client", "https://idp.example.com", "", "", "", "needs a client"},
		{"its document", "https://idp.example.com/.well-known/openid-configuration", "me", "", "", "before /.well-known"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("FLOWSCOPE_CLIENT_ID", tt.id)
			t.Setenv("FLOWSCOPE_CLIENT_SECRET", tt.secret)
			target, err := ts.issuer(command.IssuerOptions{Issuer: tt.issuer, Scopes: []string{"openid"}}, sources(nil, nil))
			if tt.fails != "" {
				if err == nil || !strings.Contains(err.Error(), tt.fails) {
					t.Fatalf("got %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var keys []string
			for _, c := range target.Clients {
				keys = append(keys, c.Key)
				if c.Secret != tt.secret || c.Registration.ClientID != tt.id {
					t.Errorf("client %+v", c)
				}
			}
			if strings.Join(keys, " ") != tt.clients || target.Kind != engine.OIDC || !target.Live || target.Issuer != tt.issuer || target.Driver != "oidc" {
				t.Errorf("target %+v", target)
			}
			u, err := url.Parse(tt.issuer)
			if err != nil || target.Allows(u) != nil {
				t.Errorf("its own address is not allowed: %v", target.Allows(u))
			}
		})
	}
	asked := ""
	from := sources(nil, func(q string) (string, error) { asked = q; return "typed", nil })
	t.Setenv("FLOWSCOPE_CLIENT_SECRET", "")
	target, err := ts.issuer(command.IssuerOptions{Issuer: "https://idp.example.com", ClientID: "me", AskSecret: true}, from)
	if err != nil || asked == "" || target.Clients[0].Secret != "typed" {
		t.Errorf("%v, asked %q", err, asked)
	}
}

// TestTheConfigurationIsChangedInPlace adds, renames and removes a profile in a
// real file, and refuses where another program has written meanwhile.
func TestTheConfigurationIsChangedInPlace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "flowscope", "config.toml")
	ts := &targets{settings: command.Settings{Config: path}, now: enginetest.Clock}
	p := profile.Profile{Tenant: "contoso.com", ClientID: "6334ecbf-b113-4222-ab81-0e919b045902", ClientType: "spa", RedirectURI: "http://localhost", Scopes: []string{"User.Read"}}
	if err := ts.Save("", "work", p); err != nil {
		t.Fatal(err)
	}
	if err := ts.Save("", "work", p); err == nil {
		t.Error("a second one of that name was written")
	}
	if err := ts.Save("work", "job", p); err != nil {
		t.Fatal(err)
	}
	c, err := ts.Load()
	if err != nil || strings.Join(c.Names(), " ") != "job" {
		t.Fatalf("%v, %v", c.Names(), err)
	}
	err = ts.change(func(data []byte) ([]byte, error) {
		if err := os.WriteFile(path, append(data, "# meanwhile\n"...), 0o600); err != nil {
			return nil, err
		}
		return profile.Remove(data, "job")
	})
	if !errors.Is(err, profile.ErrChanged) {
		t.Errorf("got %v", err)
	}
	if err := ts.Remove("job"); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "# meanwhile\n" {
		t.Errorf("left %q, %v", got, err)
	}
}

// TestEveryCloud gives each cloud its own hosts (Entra: national clouds), and the
// client what the profile says.
func TestEveryCloud(t *testing.T) {
	for cloud, hosts := range map[string]string{
		"": "login.microsoftonline.com graph.microsoft.com", "us-gov": "login.microsoftonline.us graph.microsoft.us",
		"china": "login.partner.microsoftonline.cn microsoftgraph.chinacloudapi.cn",
	} {
		p := profile.Profile{
			Cloud: cloud, Tenant: "consumers", ClientID: "6334ecbf-b113-4222-ab81-0e919b045902", ClientType: "spa", RedirectURI: "http://localhost:3000/cb",
			LogoutURI: "http://localhost:3000/out", Scopes: []string{"api://x/read"}, Call: "https://api.example.com/x",
			Resources: []profile.Resource{{URI: "api://x", Audience: "11111111-2222-3333-4444-555555555555", Version: "2.0"}},
		}
		target, err := liveTarget("work", p, sources(nil, nil), enginetest.Clock, nil)
		if err != nil {
			t.Fatal(err)
		}
		c := target.Clients[0]
		if strings.Join(target.Hosts, " ") != hosts || target.TenantID != "9188040d-6c67-4c5b-b112-36a304b66dad" {
			t.Errorf("%s: %v, %s", cloud, target.Hosts, target.TenantID)
		}
		if c.Origin != "http://localhost:3000" || c.LogoutURI != p.LogoutURI || c.CallURL != p.Call || target.Services[0].URL != p.Call {
			t.Errorf("%s: %+v", cloud, c)
		}
		if res, ok := c.Registration.ResourceOf("api://x/read"); !ok || res.ClientID != p.Resources[0].Audience {
			t.Errorf("%s: the resource is %+v", cloud, res)
		}
	}
}
