package lab

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"flowscope/engine/lab/aadsts"
	"flowscope/engine/lab/directory"
	"flowscope/engine/lab/keys"
	"flowscope/engine/lab/tokens"
)

// configuration is the v2.0 discovery document, in the order in which Entra
// serves it (OpenID Connect Discovery section 3). It declares neither PKCE
// methods nor grant types, since Entra's does not.
type configuration struct {
	TokenEndpoint         string            `json:"token_endpoint"`
	TokenEndpointAuth     []string          `json:"token_endpoint_auth_methods_supported"`
	JWKS                  string            `json:"jwks_uri"`
	ResponseModes         []string          `json:"response_modes_supported"`
	SubjectTypes          []string          `json:"subject_types_supported"`
	Algorithms            []string          `json:"id_token_signing_alg_values_supported"`
	ResponseTypes         []string          `json:"response_types_supported"`
	Scopes                []string          `json:"scopes_supported"`
	Issuer                string            `json:"issuer"`
	RequestURI            bool              `json:"request_uri_parameter_supported"`
	UserInfo              string            `json:"userinfo_endpoint"`
	AuthorizationEndpoint string            `json:"authorization_endpoint"`
	DeviceEndpoint        string            `json:"device_authorization_endpoint"`
	HTTPLogout            bool              `json:"http_logout_supported"`
	FrontchannelLogout    bool              `json:"frontchannel_logout_supported"`
	EndSession            string            `json:"end_session_endpoint"`
	Claims                []string          `json:"claims_supported"`
	Kerberos              string            `json:"kerberos_endpoint"`
	MTLS                  map[string]string `json:"mtls_endpoint_aliases"`
	BoundTokens           bool              `json:"tls_client_certificate_bound_access_tokens"`
	Region                *string           `json:"tenant_region_scope"`
	Cloud                 string            `json:"cloud_instance_name"`
	CloudGraph            string            `json:"cloud_graph_host_name"`
	Graph                 string            `json:"msgraph_host"`
	RBAC                  string            `json:"rbac_url"`
}

// configurationV1 is the v1.0 discovery document.
type configurationV1 struct {
	TokenEndpoint         string   `json:"token_endpoint"`
	TokenEndpointAuth     []string `json:"token_endpoint_auth_methods_supported"`
	JWKS                  string   `json:"jwks_uri"`
	ResponseModes         []string `json:"response_modes_supported"`
	SubjectTypes          []string `json:"subject_types_supported"`
	Algorithms            []string `json:"id_token_signing_alg_values_supported"`
	ResponseTypes         []string `json:"response_types_supported"`
	Scopes                []string `json:"scopes_supported"`
	Issuer                string   `json:"issuer"`
	MultiRefresh          bool     `json:"microsoft_multi_refresh_token"`
	AuthorizationEndpoint string   `json:"authorization_endpoint"`
	DeviceEndpoint        string   `json:"device_authorization_endpoint"`
	HTTPLogout            bool     `json:"http_logout_supported"`
	FrontchannelLogout    bool     `json:"frontchannel_logout_supported"`
	EndSession            string   `json:"end_session_endpoint"`
	Claims                []string `json:"claims_supported"`
	CheckSession          string   `json:"check_session_iframe"`
	UserInfo              string   `json:"userinfo_endpoint"`
	Kerberos              string   `json:"kerberos_endpoint"`
	Region                *string  `json:"tenant_region_scope"`
	Cloud                 string   `json:"cloud_instance_name"`
	CloudGraph            string   `json:"cloud_graph_host_name"`
	Graph                 string   `json:"msgraph_host"`
	RBAC                  string   `json:"rbac_url"`
}

// staleAge is how old documents are while the condition stale-discovery is on.
const staleAge = 48 * time.Hour

// document serves a public document: readable from anywhere, kept for a day.
func (v *visit) document(make func() (any, *aadsts.Error)) {
	h := v.w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Allow-Methods", "GET, OPTIONS")
	switch v.r.Method {
	case http.MethodOptions:
		v.w.WriteHeader(http.StatusNoContent)
		return
	case http.MethodGet, http.MethodHead:
	default:
		v.failJSON(aadsts.New(900561, "GET, OPTIONS", v.r.Method).Because("method", "the method is %s", v.r.Method))
		return
	}
	doc, err := make()
	v.serviceCookies()
	if err != nil {
		v.failJSON(err)
		return
	}
	h.Set("Cache-Control", "max-age=86400, private")
	if v.keys.Stale() {
		h.Set("Age", strconv.Itoa(int(staleAge/time.Second))) // RFC 9111 section 5.1
	}
	v.write(http.StatusOK, doc)
}

// subject is the tenant that issuers name: the GUID, or the placeholder of the
// tenant-independent documents.
func subject(a directory.Authority) string {
	if a.Alias() {
		return "{tenantid}"
	}
	return a.Tenant.ID
}

func region(a directory.Authority) *string {
	if a.Tenant.Region == "" {
		return nil
	}
	return &a.Tenant.Region
}

func (v *visit) discoveryV2() (any, *aadsts.Error) {
	a, err := v.authority(v.segment)
	if err != nil {
		return nil, err
	}
	root := v.base + "/" + a.Segment
	return configuration{
		TokenEndpoint:     root + "/oauth2/v2.0/token",
		TokenEndpointAuth: []string{"client_secret_post", "private_key_jwt", "client_secret_basic", "self_signed_tls_client_auth"},
		JWKS:              root + "/discovery/v2.0/keys" + v.forApp(),
		ResponseModes:     []string{modeQuery, modeFragment, modeFormPost},
		SubjectTypes:      []string{"pairwise"}, Algorithms: []string{"RS256"},
		ResponseTypes:         []string{"code", "id_token", "code id_token", "id_token token"},
		Scopes:                []string{"openid", "profile", "email", "offline_access"},
		Issuer:                tokens.IssuerV2(v.base, subject(a)),
		UserInfo:              Services(v.base).UserInfo,
		AuthorizationEndpoint: root + "/oauth2/v2.0/authorize",
		DeviceEndpoint:        root + "/oauth2/v2.0/devicecode",
		HTTPLogout:            true, FrontchannelLogout: true,
		EndSession: root + "/oauth2/v2.0/logout",
		Claims: []string{"sub", "iss", "cloud_instance_name", "cloud_instance_host_name", "cloud_graph_host_name", "msgraph_host",
			"aud", "exp", "iat", "auth_time", "acr", "nonce", "preferred_username", "name", "tid", "ver", "at_hash", "c_hash", "email"},
		Kerberos: root + "/kerberos", MTLS: map[string]string{"token_endpoint": root + "/oauth2/v2.0/token"}, BoundTokens: true,
		Region: region(a), Cloud: keys.CloudInstance, CloudGraph: "graph.windows.net", Graph: "graph.microsoft.com", RBAC: "https://pas.windows.net",
	}, nil
}

func (v *visit) discoveryV1() (any, *aadsts.Error) {
	a, err := v.authority(v.segment)
	if err != nil {
		return nil, err
	}
	root := v.base + "/" + a.Segment
	keySet := v.base + "/" + directory.Common + "/discovery/keys" // as Entra's v1.0 documents have it, whatever the tenant
	if app := v.forApp(); app != "" {
		keySet = root + "/discovery/keys" + app
	}
	return configurationV1{
		TokenEndpoint:     root + "/oauth2/token",
		TokenEndpointAuth: []string{"client_secret_post", "private_key_jwt", "client_secret_basic"},
		JWKS:              keySet,
		ResponseModes:     []string{modeQuery, modeFragment, modeFormPost},
		SubjectTypes:      []string{"pairwise"}, Algorithms: []string{"RS256"},
		ResponseTypes: []string{"code", "id_token", "code id_token", "token id_token", "token"},
		Scopes:        []string{"openid"}, Issuer: tokens.IssuerV1(v.base, subject(a)), MultiRefresh: true,
		AuthorizationEndpoint: root + "/oauth2/authorize", DeviceEndpoint: root + "/oauth2/devicecode",
		HTTPLogout: true, FrontchannelLogout: true, EndSession: root + "/oauth2/logout",
		Claims: []string{"sub", "iss", "cloud_instance_name", "cloud_instance_host_name", "cloud_graph_host_name", "msgraph_host",
			"aud", "exp", "iat", "auth_time", "acr", "amr", "nonce", "email", "given_name", "family_name", "nickname", "upn"},
		CheckSession: root + "/oauth2/checksession", UserInfo: root + "/openid/userinfo", Kerberos: root + "/kerberos",
		Region: region(a), Cloud: keys.CloudInstance, CloudGraph: "graph.windows.net", Graph: "graph.microsoft.com", RBAC: "https://pas.windows.net",
	}, nil
}

func (v *visit) keysV2() (any, *aadsts.Error) {
	return v.keySet(func(tenantID string) string { return tokens.IssuerV2(v.base, tenantID) })
}

func (v *visit) keysV1() (any, *aadsts.Error) { return v.keySet(nil) }

// forApp is the query of the key document's address: a discovery document that
// was asked with ?appid= points at keys with the same.
func (v *visit) forApp() string {
	id := v.r.URL.Query().Get("appid")
	if !directory.IsGUID(id) {
		return ""
	}
	return "?appid=" + id
}

// keySet serves the keys. ?appid= matters for an application with a signing key
// of its own; every other one gets the usual set.
func (v *visit) keySet(issuer func(tenantID string) string) (any, *aadsts.Error) {
	a, err := v.authority(v.segment)
	if err != nil {
		return nil, err
	}
	app, _ := v.dir.Client(v.r.URL.Query().Get("appid"))
	doc, bad := v.keys.Document(a, app, issuer)
	if bad != nil {
		panic("lab: the key document is no JSON: " + bad.Error()) // our own types only
	}
	return json.RawMessage(doc), nil
}

// instance answers instance discovery, which client libraries use to learn
// whether a host is to be trusted as an authority.
func (v *visit) instance() (any, *aadsts.Error) {
	q := v.r.URL.Query()
	for _, name := range []string{"api-version", "authorization_endpoint"} {
		if q.Get(name) == "" {
			return nil, missing(name)
		}
	}
	u, bad := url.Parse(q.Get("authorization_endpoint"))
	if bad != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, aadsts.New(50050).Because("authorization_endpoint", "it is no absolute http or https URL")
	}
	scheme, own, _ := strings.Cut(v.base, "://")
	host := strings.ToLower(u.Host)
	if host != own && host != Host {
		return nil, aadsts.New(50049, host).Because("authorization_endpoint", "the lab answers for no host but its own")
	}
	if host == Host {
		scheme = "https"
	}
	segment, _, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	a, err := v.authority(segment)
	if err != nil {
		return nil, err
	}
	type cloud struct {
		Network string   `json:"preferred_network"`
		Cache   string   `json:"preferred_cache"`
		Aliases []string `json:"aliases"`
	}
	return struct {
		Endpoint string  `json:"tenant_discovery_endpoint"`
		Version  string  `json:"api-version"`
		Metadata []cloud `json:"metadata"`
	}{scheme + "://" + host + "/" + a.Segment + "/v2.0/.well-known/openid-configuration", q.Get("api-version"), []cloud{{host, host, []string{host}}}}, nil
}
