package clients

import (
	"context"
	"crypto"
	"crypto/x509"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
)

const (
	ordersDefault = "api://orders.contoso.example/.default"
	ordersAs      = "api://orders.contoso.example/access_as_user"
	stockRead     = "api://inventory.contoso.example/stock.read"
)

// options point a credential at the lab.
func options() azcore.ClientOptions {
	return azcore.ClientOptions{
		Cloud:     cloud.Configuration{ActiveDirectoryAuthorityHost: https + "/"},
		Transport: web,
	}
}

// gotten asks a credential for a token.
func gotten(t *testing.T, c azcore.TokenCredential, err error, scope string) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	token, err := c.GetToken(t.Context(), policy.TokenRequestOptions{Scopes: []string{scope}})
	if err != nil {
		t.Fatal(err)
	}
	return token.Token
}

func certificate(t *testing.T, a app) ([]*x509.Certificate, crypto.PrivateKey) {
	t.Helper()
	certs, key, err := azidentity.ParseCertificates([]byte(a.Certificate+a.PrivateKey), nil)
	if err != nil {
		t.Fatal(err)
	}
	return certs, key
}

func TestAzidentityApplication(t *testing.T) {
	daemon := appOf("daemon")
	certs, key := certificate(t, daemon)
	for name, make := range map[string]func() (azcore.TokenCredential, error){
		"secret": func() (azcore.TokenCredential, error) {
			return azidentity.NewClientSecretCredential(lab.TenantID, daemon.ClientID, daemon.Secret, &azidentity.ClientSecretCredentialOptions{ClientOptions: options(), DisableInstanceDiscovery: true})
		},
		"certificate": func() (azcore.TokenCredential, error) {
			return azidentity.NewClientCertificateCredential(lab.TenantID, daemon.ClientID, certs, key, &azidentity.ClientCertificateCredentialOptions{ClientOptions: options(), DisableInstanceDiscovery: true})
		},
		"certificate with its chain": func() (azcore.TokenCredential, error) {
			return azidentity.NewClientCertificateCredential(lab.TenantID, daemon.ClientID, certs, key, &azidentity.ClientCertificateCredentialOptions{ClientOptions: options(), DisableInstanceDiscovery: true, SendCertificateChain: true})
		},
		"assertion of its own": func() (azcore.TokenCredential, error) {
			return azidentity.NewClientAssertionCredential(lab.TenantID, daemon.ClientID, certified(daemon), &azidentity.ClientAssertionCredentialOptions{ClientOptions: options(), DisableInstanceDiscovery: true})
		},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := make()
			proved := "2"
			if name == "secret" {
				proved = "1"
			}
			token := gotten(t, c, err, ordersDefault)
			claims := verified(t, token, appAt(daemon.ClientID, proved))
			if claims["oid"] != claims["sub"] {
				t.Errorf("oid %v, sub %v", claims["oid"], claims["sub"])
			}
			if status, body := call(t, https+"/orders/all", token); status != http.StatusOK {
				t.Errorf("Orders API: %d %v", status, body)
			}
		})
	}
	t.Run("wrong secret", func(t *testing.T) {
		c, err := azidentity.NewClientSecretCredential(lab.TenantID, daemon.ClientID, "wrong", &azidentity.ClientSecretCredentialOptions{ClientOptions: options(), DisableInstanceDiscovery: true})
		refused(t, c, err, ordersDefault, "AADSTS7000215")
	})
}

// refused wants an authentication failure that names a code.
func refused(t *testing.T, c azcore.TokenCredential, err error, scope, code string) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.GetToken(t.Context(), policy.TokenRequestOptions{Scopes: []string{scope}})
	var no *azidentity.AuthenticationFailedError
	if !errors.As(err, &no) || no.RawResponse == nil || !strings.Contains(err.Error(), code) {
		t.Errorf("got %v, want %s", err, code)
	}
}

// TestAzidentityFederated proves the build with a token of the lab's second
// issuer, in each way that the library takes one.
func TestAzidentityFederated(t *testing.T) {
	f := lab.FederatedIssuer
	want := appAt(f.ClientID, "2")
	t.Run("assertion", func(t *testing.T) {
		c, err := azidentity.NewClientAssertionCredential(lab.TenantID, f.ClientID, federated, &azidentity.ClientAssertionCredentialOptions{ClientOptions: options(), DisableInstanceDiscovery: true})
		verified(t, gotten(t, c, err, ordersDefault), want)
	})
	t.Run("workload identity", func(t *testing.T) {
		token, err := federated(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "token")
		if err := os.WriteFile(file, []byte(token), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := azidentity.NewWorkloadIdentityCredential(&azidentity.WorkloadIdentityCredentialOptions{
			ClientOptions: options(), DisableInstanceDiscovery: true, ClientID: f.ClientID, TenantID: lab.TenantID, TokenFilePath: file,
		})
		verified(t, gotten(t, c, err, ordersDefault), want)
	})
	t.Run("pipeline", func(t *testing.T) {
		pipeline := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			token, err := federated(r.Context())
			if err != nil || r.Header.Get("Authorization") != "Bearer job" {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			_ = json.NewEncoder(w).Encode(map[string]string{"oidcToken": token})
		}))
		defer pipeline.Close()
		t.Setenv("SYSTEM_OIDCREQUESTURI", pipeline.URL)
		c, err := azidentity.NewAzurePipelinesCredential(lab.TenantID, f.ClientID, "connection", "job", &azidentity.AzurePipelinesCredentialOptions{ClientOptions: options(), DisableInstanceDiscovery: true})
		verified(t, gotten(t, c, err, ordersDefault), want)
	})
}

// TestAzidentityEnvironment configures a credential by environment alone.
func TestAzidentityEnvironment(t *testing.T) {
	daemon := appOf("daemon")
	file := filepath.Join(t.TempDir(), "certificate.pem")
	if err := os.WriteFile(file, []byte(daemon.Certificate+daemon.PrivateKey), 0o600); err != nil {
		t.Fatal(err)
	}
	for proved, setting := range map[string][2]string{"1": {"AZURE_CLIENT_SECRET", daemon.Secret}, "2": {"AZURE_CLIENT_CERTIFICATE_PATH", file}} {
		t.Run(setting[0], func(t *testing.T) {
			t.Setenv("AZURE_TENANT_ID", lab.TenantID)
			t.Setenv("AZURE_CLIENT_ID", daemon.ClientID)
			t.Setenv("AZURE_AUTHORITY_HOST", https+"/")
			t.Setenv(setting[0], setting[1])
			c, err := azidentity.NewEnvironmentCredential(&azidentity.EnvironmentCredentialOptions{ClientOptions: azcore.ClientOptions{Transport: web}, DisableInstanceDiscovery: true})
			verified(t, gotten(t, c, err, ordersDefault), appAt(daemon.ClientID, proved))
		})
	}
}

func TestAzidentityDeviceCode(t *testing.T) {
	c, err := azidentity.NewDeviceCodeCredential(&azidentity.DeviceCodeCredentialOptions{
		ClientOptions: options(), DisableInstanceDiscovery: true, ClientID: appOf("cli").ClientID, TenantID: lab.TenantID,
		UserPrompt: func(_ context.Context, m azidentity.DeviceCodeMessage) error {
			return newPerson(userOf("ada")).enter(m.VerificationURL, m.UserCode)
		},
	})
	verified(t, gotten(t, c, err, ordersAs), adaAt(https, "cli", "0"))
	// Another scope comes from the refresh token, without a person.
	if status, body := call(t, https+"/graph/v1.0/me", gotten(t, c, err, "https://graph.microsoft.com/User.Read")); status != http.StatusOK || body["id"] != userOf("ada").OID {
		t.Errorf("Graph: %d %v", status, body)
	}
}

// TestAzidentityBrowser has the library open a browser; the one on the PATH is
// this binary.
func TestAzidentityBrowser(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the library finds a browser on the PATH on Linux alone")
	}
	dir := t.TempDir()
	own, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(lab)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "lab.json")
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	script := "#!/bin/sh\n" + asBrowser + "='" + file + "' exec '" + own + "' \"$1\"\n"
	if err := os.WriteFile(filepath.Join(dir, "xdg-open"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	c, err := azidentity.NewInteractiveBrowserCredential(&azidentity.InteractiveBrowserCredentialOptions{
		ClientOptions: options(), DisableInstanceDiscovery: true, ClientID: appOf("native").ClientID, TenantID: lab.TenantID,
	})
	verified(t, gotten(t, c, err, ordersAs), adaAt(https, "native", "0"))
}

// TestAzidentityPassword uses a grant that the library itself advises against.
func TestAzidentityPassword(t *testing.T) {
	consent(t, "native", ordersAs)
	ada := userOf("ada")
	//lint:ignore SA1019 the library advises against it, and still has it
	o := &azidentity.UsernamePasswordCredentialOptions{ClientOptions: options(), DisableInstanceDiscovery: true}
	c, err := azidentity.NewUsernamePasswordCredential(lab.TenantID, appOf("native").ClientID, ada.Username, ada.Password, o)
	verified(t, gotten(t, c, err, ordersAs), adaAt(https, "native", "0"))
	c, err = azidentity.NewUsernamePasswordCredential(lab.TenantID, appOf("native").ClientID, ada.Username, "wrong", o)
	refused(t, c, err, ordersAs, "AADSTS50126")
}

func TestAzidentityOnBehalfOf(t *testing.T) {
	assertion := arrived(t)
	api := appOf("orders-api")
	certs, key := certificate(t, api)
	o := &azidentity.OnBehalfOfCredentialOptions{ClientOptions: options(), DisableInstanceDiscovery: true}
	for name, make := range map[string]func(assertion string) (*azidentity.OnBehalfOfCredential, error){
		"secret": func(assertion string) (*azidentity.OnBehalfOfCredential, error) {
			return azidentity.NewOnBehalfOfCredentialWithSecret(lab.TenantID, api.ClientID, assertion, api.Secret, o)
		},
		"certificate": func(assertion string) (*azidentity.OnBehalfOfCredential, error) {
			return azidentity.NewOnBehalfOfCredentialWithCertificate(lab.TenantID, api.ClientID, assertion, certs, key, o)
		},
		"assertion": func(assertion string) (*azidentity.OnBehalfOfCredential, error) {
			return azidentity.NewOnBehalfOfCredentialWithClientAssertions(lab.TenantID, api.ClientID, assertion, certified(api), o)
		},
	} {
		t.Run(name, func(t *testing.T) {
			proved := "2"
			if name == "secret" {
				proved = "1"
			}
			c, err := make(assertion)
			stock := gotten(t, c, err, stockRead)
			verified(t, stock, stockFor(proved))
			if status, body := call(t, https+"/inventory/stock", stock); status != http.StatusOK {
				t.Errorf("Inventory API: %d %v", status, body)
			}
			c, err = make(stock)
			refused(t, c, err, stockRead, "AADSTS50")
		})
	}
}

// TestAzidentityCAE asks for tokens that can be revoked at once.
func TestAzidentityCAE(t *testing.T) {
	c, err := azidentity.NewDeviceCodeCredential(&azidentity.DeviceCodeCredentialOptions{
		ClientOptions: options(), DisableInstanceDiscovery: true, ClientID: appOf("cli").ClientID, TenantID: lab.TenantID,
		UserPrompt: func(_ context.Context, m azidentity.DeviceCodeMessage) error {
			return newPerson(userOf("vera")).enter(m.VerificationURL, m.UserCode)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	token, err := c.GetToken(t.Context(), policy.TokenRequestOptions{Scopes: []string{ordersAs}, EnableCAE: true})
	if err != nil {
		t.Fatal(err)
	}
	verified(t, token.Token, map[string]any{"xms_cc": []any{"cp1"}, "oid": userOf("vera").OID})
}
