package labtarget

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // kid is the SHA-1 thumbprint, as Entra's are (RFC 7515 section 4.1.7)
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"time"

	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/lab"
)

// flowsOf says which flows an application of the lab is registered for.
func flowsOf(key string) []decision.Flow {
	signsIn := []decision.Flow{decision.AuthorizationCode, decision.RefreshToken, decision.Silent, decision.SignOut}
	switch key {
	case "web", "partner":
		return append(signsIn, decision.AdminConsent)
	case "spa", "everyone":
		return signsIn
	case "native":
		return append(signsIn, decision.DeviceCode, decision.Password)
	case "cli":
		return []decision.Flow{decision.DeviceCode, decision.RefreshToken, decision.Password}
	case "daemon", "workload":
		return []decision.Flow{decision.ClientCredentials}
	case "orders-api":
		return []decision.Flow{decision.OnBehalfOf}
	case "legacy":
		return []decision.Flow{decision.Implicit}
	}
	return nil
}

// clientKeys are the applications that are run, in the order in which they are
// offered.
var clientKeys = []string{"web", "spa", "native", "daemon", "cli", "orders-api", "workload", "legacy", "partner", "everyone"}

// clients makes the clients that can be run in a tenant.
func (t *Target) clients(dir lab.Directory, in lab.Tenant) ([]engine.Client, error) {
	var out []engine.Client
	for _, key := range clientKeys {
		app, ok := dir.App(key)
		if !ok {
			return nil, fmt.Errorf("the lab has no application %s", key)
		}
		if app.TenantID != in.ID && app.SingleTenant() {
			continue
		}
		c, err := t.client(dir, in, app)
		if err != nil {
			return nil, fmt.Errorf("application %s: %w", key, err)
		}
		out = append(out, c)
	}
	return out, nil
}

// client makes a client of an application: the first redirect URI of its first
// platform, and the Orders API's scopes.
func (t *Target) client(dir lab.Directory, in lab.Tenant, app lab.App) (engine.Client, error) {
	c := engine.Client{Key: app.Key, Registration: registration(dir, in, app), Flows: flowsOf(app.Key)}
	services := lab.Services("https://" + lab.Host)
	orders, _ := dir.App("orders-api")
	inventory, _ := dir.App("inventory-api")
	c.Scopes, c.CallURL = []string{orders.AppIDURI + "/access_as_user"}, services.Orders+"/tasks"
	switch {
	case app.Key == orders.Key:
		// .default of an API that knows its client: one page asks for this API and
		// for the one behind it.
		c.Scopes = []string{orders.AppIDURI + "/.default"}
		c.Downstream, c.DownstreamURL = []string{inventory.AppIDURI + "/stock.read"}, services.Inventory+"/stock"
	case app.Key == "partner":
		c.Scopes, c.CallURL = []string{graphUser}, services.Graph+"/me"
	case len(app.Platforms) == 0:
		c.Scopes, c.CallURL = []string{orders.AppIDURI + "/.default"}, services.Orders+"/all"
	}
	if len(app.Platforms) > 0 {
		p := app.Platforms[0]
		c.Platform, c.RedirectURI = p.Type, p.RedirectURIs[0]
		if p.Type == "spa" {
			c.Origin = origin(c.RedirectURI)
		}
	}
	for _, s := range app.Secrets {
		if c.Secret == "" && s.Value != "" {
			c.Secret = s.Value
		}
	}
	var err error
	if len(app.Certificates) > 0 {
		c.Certificate, err = keyPair(app.Certificates[0])
	}
	if len(app.FederatedCredentials) > 0 {
		c.Federated = t.federated(app.FederatedCredentials[0])
	}
	return c, err
}

// graphUser is what an application of another company asks for.
const graphUser = "https://graph.microsoft.com/User.Read"

func keyPair(c lab.Certificate) (*engine.KeyPair, error) {
	cert, key := decodePEM(c.CertPEM), decodePEM(c.KeyPEM)
	if cert == nil || key == nil {
		return nil, errors.New("the certificate is no PEM")
	}
	parsed, err := x509.ParseCertificate(cert)
	if err != nil {
		return nil, err
	}
	private, err := x509.ParsePKCS8PrivateKey(key)
	return &engine.KeyPair{Chain: []*x509.Certificate{parsed}, Key: private, Name: c.Name}, err
}

func decodePEM(text string) []byte {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil
	}
	return block.Bytes
}

// assertionLife is how long an assertion of the lab's second issuer lives.
const assertionLife = 5 * time.Minute

// federated signs assertions as the lab's second issuer does: what a build
// pipeline or a cluster hands to its jobs (Entra: workload identity federation).
func (t *Target) federated(f lab.FederatedCredential) func(context.Context) (string, error) {
	return func(context.Context) (string, error) {
		cert, key := decodePEM(lab.FederationCertificate()), decodePEM(lab.FederationKey())
		private, err := x509.ParsePKCS8PrivateKey(key)
		if err != nil {
			return "", fmt.Errorf("key of the second issuer: %w", err)
		}
		signer, ok := private.(*rsa.PrivateKey)
		if !ok {
			return "", errors.New("the key of the second issuer is no RSA key")
		}
		sum := sha1.Sum(cert) //nolint:gosec // as above
		now := t.lab.Now()
		issuer := f.IssuerAt("https://" + lab.Host)
		return sign(signer, map[string]any{"alg": "RS256", "typ": "JWT", "kid": base64.RawURLEncoding.EncodeToString(sum[:])}, map[string]any{
			"iss": issuer, "sub": f.Subject, "aud": f.Audience, "iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(assertionLife).Unix(),
		})
	}
}

// sign makes a JWS in compact form with RS256 (RFC 7515 section 3.1).
func sign(key *rsa.PrivateKey, header, claims map[string]any) (string, error) {
	h, err := json.Marshal(header)
	if err != nil {
		return "", err
	}
	c, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	input := base64.RawURLEncoding.EncodeToString(h) + "." + base64.RawURLEncoding.EncodeToString(c)
	sum := sha256.Sum256([]byte(input))
	sig, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	return input + "." + base64.RawURLEncoding.EncodeToString(sig), err
}

// elsewhere makes targets of the lab's other tenants, with the applications that
// more than one tenant can use.
func (t *Target) elsewhere(dir lab.Directory, home lab.Tenant) ([]engine.Target, error) {
	var out []engine.Target
	for _, other := range dir.Tenants {
		if other.ID == home.ID || other.Domain == "" {
			continue
		}
		clients, err := t.clients(dir, other)
		if err != nil {
			return nil, err
		}
		at := t.Target
		at.Title, at.TenantID, at.Domain = "lab · "+titleOf(other), other.ID, other.Domain
		at.Authority = "https://" + lab.Host + "/" + other.ID
		at.Clients, at.Accounts, at.Elsewhere = clients, accounts(dir, other.ID), nil
		out = append(out, at)
	}
	return out, nil
}

// services are the APIs of the lab, with what to ask for to reach them.
func services(dir lab.Directory) []engine.Service {
	at := lab.Services("https://" + lab.Host)
	orders, _ := dir.App("orders-api")
	inventory, _ := dir.App("inventory-api")
	return []engine.Service{
		{Name: "Orders API: my tasks", URL: at.Orders + "/tasks", Audience: orders.ClientID, Scope: orders.AppIDURI + "/access_as_user"},
		{Name: "Orders API: who am I", URL: at.Orders + "/me", Audience: orders.ClientID, Scope: orders.AppIDURI + "/access_as_user"},
		{Name: "Orders API: administration", URL: at.Orders + "/admin", Audience: orders.ClientID, Scope: orders.AppIDURI + "/access_as_user"},
		{Name: "Orders API: all orders, applications only", URL: at.Orders + "/all", Audience: orders.ClientID, Scope: orders.AppIDURI + "/.default"},
		{Name: "Inventory API: stock", URL: at.Inventory + "/stock", Audience: inventory.AppIDURI, Scope: inventory.AppIDURI + "/stock.read"},
		{Name: "Graph: me", URL: at.Graph + "/me", Audience: "https://graph.microsoft.com", Scope: graphUser},
		{Name: "UserInfo", URL: at.UserInfo, Audience: "https://graph.microsoft.com", Scope: "openid profile email"},
	}
}

func titleOf(t lab.Tenant) string {
	name, _, _ := strings.Cut(t.Domain, ".")
	return name
}
