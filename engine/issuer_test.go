package engine_test

import (
	"testing"

	"flowscope/engine"
	"flowscope/engine/trace"
)

// The issuer of v1.0 tokens is what Entra writes there, in every cloud.
func TestExpectedIssuerV1(t *testing.T) {
	const id = "11111111-2222-4333-8444-555555555555"
	reg := trace.Registration{Resources: []trace.Resource{{ClientID: "api", URI: "api://api", Version: "1.0"}}}
	for _, c := range []struct{ authority, tenant, want string }{
		{"https://login.microsoftonline.com/" + id, id, "https://sts.windows.net/" + id + "/"},
		{"https://login.microsoftonline.us/contoso.onmicrosoft.us", id, "https://sts.windows.net/" + id + "/"},
		{"https://login.partner.microsoftonline.cn/" + id, id, "https://sts.chinacloudapi.cn/" + id + "/"},
		{"https://login.microsoftonline.com/common", "", "https://sts.windows.net/{tenantid}/"},
		{"https://login.lab.flowscope.test/" + id, id, "https://login.lab.flowscope.test/" + id + "/"},
	} {
		got := engine.ExpectAccess(engine.Asked{
			Client: engine.Client{Registration: reg}, Scopes: []string{"api://api/Read"}, Caller: "user", Authority: c.authority, TenantID: c.tenant,
		})
		if got.Issuer != c.want {
			t.Errorf("%s: %s, want %s", c.authority, got.Issuer, c.want)
		}
	}
}
