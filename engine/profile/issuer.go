package profile

// tenantPlaceholder stands for the tenant in the issuers of authorities for many
// (Entra: issuer validation).
const tenantPlaceholder = "{tenantid}"

// TokenIssuer gives what tokens of this version carry in iss: the profile's own
// issuer, or Entra's for its tenant; with "{tenantid}" where the profile names
// many tenants, and with its domain where it names a tenant by that, which
// discovery turns into the GUID. An empty version is 2.0.
func (p Profile) TokenIssuer(version string) string {
	if p.Issuer != "" {
		return p.Issuer
	}
	tenant := p.Tenant
	switch id := p.TenantID(); {
	case id != "":
		tenant = id
	case p.many():
		tenant = tenantPlaceholder
	}
	if version == "1.0" {
		return "https://" + p.v1Host() + "/" + tenant + "/"
	}
	return "https://" + p.Host() + "/" + tenant + "/v2.0"
}

// v1Host is the host of v1.0 issuers in the profile's cloud (Entra: access tokens;
// national clouds). The one for US Government shares that of the public cloud.
func (p Profile) v1Host() string {
	if p.Cloud == "china" {
		return "sts.chinacloudapi.cn"
	}
	return "sts.windows.net"
}
