package lab

import (
	"net/http"
	"strings"

	"flowscope/engine/lab/aadsts"
	"flowscope/engine/lab/keys"
)

// realmPath is the path of user realm discovery below a tenant segment. MSAL
// for Python writes it in small letters.
const realmPath = "userrealm/"

// realm is what client libraries ask before the password grant: whether the
// person's domain is managed by Entra or federated with another service.
type realm struct {
	Version  string `json:"ver"`
	Kind     string `json:"account_type"`
	Domain   string `json:"domain_name"`
	Cloud    string `json:"cloud_instance_name"`
	Audience string `json:"cloud_audience_urn"`
}

// userRealm answers user realm discovery. Known domains are managed; the lab
// has no federated ones. UNCONFIRMED which members an unknown domain gets.
func (v *visit) userRealm(name string) {
	if v.r.Method != http.MethodGet {
		v.failJSON(aadsts.New(900561, "GET", v.r.Method).Because("method", "the method is %s", v.r.Method))
		return
	}
	if v.r.URL.Query().Get("api-version") == "" {
		v.failJSON(missing("api-version"))
		return
	}
	_, domain, _ := strings.Cut(name, "@")
	answer := realm{Version: "1.0", Kind: "Unknown", Domain: domain, Cloud: keys.CloudInstance, Audience: "urn:federation:MicrosoftOnline"}
	if t, ok := v.dir.Tenant(domain); ok && !strings.EqualFold(t.ID, domain) {
		answer.Kind = "Managed"
	}
	v.json(http.StatusOK, answer)
}
