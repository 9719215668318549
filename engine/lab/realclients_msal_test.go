package lab

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	msalerrors "github.com/AzureAD/microsoft-authentication-library-for-go/apps/errors"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/cache"
	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"
	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/public"

	"flowscope/engine/lab/directory"
)

// forgetful keeps MSAL's cache and hides the access tokens in it, as if they
// had expired: MSAL must use the refresh token.
type forgetful struct{ kept []byte }

func (f *forgetful) Export(_ context.Context, m cache.Marshaler, _ cache.ExportHints) error {
	raw, err := m.Marshal()
	f.kept = raw
	return err
}

func (f *forgetful) Replace(_ context.Context, u cache.Unmarshaler, _ cache.ReplaceHints) error {
	if f.kept == nil {
		return nil
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(f.kept, &all); err != nil {
		return err
	}
	all["AccessToken"] = json.RawMessage("{}")
	raw, err := json.Marshal(all)
	if err != nil {
		return err
	}
	return u.Unmarshal(raw)
}

// credentials of the applications, as configuration gives them.

func (w *world) secretOf(key string) confidential.Credential {
	w.Helper()
	c, err := confidential.NewCredFromSecret(w.app(key).Secrets[0].Value)
	if err != nil {
		w.Fatal(err)
	}
	return c
}

func (w *world) certificateOf(key string) confidential.Credential {
	w.Helper()
	registered := w.app(key).Certificates[0]
	certs, private, err := confidential.CertFromPEM([]byte(registered.CertPEM+registered.KeyPEM), "")
	if err != nil {
		w.Fatal(err)
	}
	c, err := confidential.NewCredFromCert(certs, private)
	if err != nil {
		w.Fatal(err)
	}
	return c
}

// federated signs what the lab's second issuer would hand to a build.
func (w *world) federated(key string) confidential.Credential {
	registered := w.app(key).FederatedCredentials[0]
	return confidential.NewCredFromAssertionCallback(func(context.Context, confidential.AssertionRequestOptions) (string, error) {
		s := newSigner(w, directory.FederationKey(), directory.FederationCertificate())
		now := time.Now()
		return s.sign(map[string]any{"alg": "RS256", "typ": "JWT", "kid": s.x5t()}, map[string]any{
			"iss": registered.IssuerAt(labBase), "sub": registered.Subject, "aud": registered.Audience,
			"iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(), "jti": rand.Text(),
		}), nil
	})
}

func (w *world) confidential(key string, c confidential.Credential, options ...confidential.Option) confidential.Client {
	w.Helper()
	client, err := confidential.New(labBase+"/"+directory.ContosoID, w.app(key).ClientID, c, append([]confidential.Option{
		confidential.WithHTTPClient(&http.Client{Transport: inProcess{w.lab}}), confidential.WithInstanceDiscovery(false),
	}, options...)...)
	if err != nil {
		w.Fatal(err)
	}
	return client
}

func (w *world) public(key string, options ...public.Option) public.Client {
	w.Helper()
	client, err := public.New(w.app(key).ClientID, append([]public.Option{
		public.WithAuthority(labBase + "/" + directory.ContosoID), public.WithHTTPClient(&http.Client{Transport: inProcess{w.lab}}),
		public.WithInstanceDiscovery(false),
	}, options...)...)
	if err != nil {
		w.Fatal(err)
	}
	return client
}

// codeAt walks an address that MSAL built, with what MSAL leaves to the
// program added: state, challenge and the OpenID Connect scopes.
func (w *world) codeAt(address, username string) string {
	w.Helper()
	u, err := url.Parse(address)
	if err != nil {
		w.Fatal(err)
	}
	q := with(u.Query(), "state", "s-1", "nonce", "n-1", "code_challenge", challenge(), "code_challenge_method", "S256")
	q.Set("scope", q.Get("scope")+" openid offline_access profile")
	u.RawQuery = q.Encode()
	there := w.walker(username).open(u.String())
	if there.values.Get("code") == "" || there.values.Get("state") != "s-1" {
		w.Fatalf("the answer was %s with %v", there.address, there.values)
	}
	return there.values.Get("code")
}

// tried is what a call gave; or takes the value, or ends the test.
type tried[T any] struct {
	value T
	err   error
}

func try[T any](value T, err error) tried[T] { return tried[T]{value, err} }

func (v tried[T]) or(t testing.TB) T {
	t.Helper()
	if v.err != nil {
		t.Fatal(v.err)
	}
	return v.value
}

// TestMSALGoByCode signs in with each kind of client that can keep a code, and
// then renews the tokens from the refresh token alone.
func TestMSALGoByCode(t *testing.T) {
	ctx := context.Background()
	for name, credential := range map[string]func(*world) confidential.Credential{
		"secret":      func(w *world) confidential.Credential { return w.secretOf("web") },
		"certificate": func(w *world) confidential.Credential { return w.certificateOf("web") },
	} {
		t.Run(name, func(t *testing.T) {
			w := realWorld(t)
			proved := map[string]string{"secret": "1", "certificate": "2"}[name]
			client := w.confidential("web", credential(w), confidential.WithCache(&forgetful{}))
			address := try(client.AuthCodeURL(ctx, w.app("web").ClientID, webURI, []string{ordersAs})).or(t)
			first := try(client.AcquireTokenByAuthCode(ctx, w.codeAt(address, ada), webURI, []string{ordersAs}, confidential.WithChallenge(verifier))).or(t)
			w.adaAt(first.AccessToken, "web", proved)
			if first.IDToken.Audience != w.app("web").ClientID || first.IDToken.Oid != adaID || first.Account.HomeAccountID != adaID+"."+directory.ContosoID {
				t.Errorf("ID token %+v, account %+v", first.IDToken, first.Account)
			}
			again := try(client.AcquireTokenSilent(ctx, []string{ordersAs}, confidential.WithSilentAccount(first.Account))).or(t)
			w.adaAt(again.AccessToken, "web", proved)
			if again.AccessToken == first.AccessToken {
				t.Error("the token was not renewed")
			}
			stock := try(client.AcquireTokenSilent(ctx, []string{stockRead}, confidential.WithSilentAccount(first.Account)))
			if stock.err == nil {
				t.Error("a token for Inventory API came without consent")
			}
		})
	}
	t.Run("public", func(t *testing.T) {
		w := realWorld(t)
		client := w.public("native", public.WithCache(&forgetful{}))
		const redirect = "http://localhost:8400"
		address := try(client.AuthCodeURL(ctx, w.app("native").ClientID, redirect, []string{ordersAs})).or(t)
		first := try(client.AcquireTokenByAuthCode(ctx, w.codeAt(address, ada), redirect, []string{ordersAs}, public.WithChallenge(verifier))).or(t)
		w.adaAt(first.AccessToken, "native", "0")
		again := try(client.AcquireTokenSilent(ctx, []string{ordersAs}, public.WithSilentAccount(first.Account))).or(t)
		w.adaAt(again.AccessToken, "native", "0")
		if again.AccessToken == first.AccessToken {
			t.Error("the token was not renewed")
		}
	})
}

const (
	adaID = "71710605-4b43-4661-98ab-3173cd3be2ef"
)

// adaAt holds an access token against what Orders API must be told about Ada
// at a client that proved itself in the way given.
func (w *world) adaAt(token, client, proved string) {
	w.Helper()
	scp := "access_as_user"
	if client == "cli" { // Orders API has pre-authorised it for everything
		scp += " Orders.Read"
	}
	w.verified(token, "aud", w.app("orders-api").ClientID, "iss", labBase+"/"+directory.ContosoID+"/v2.0", "ver", "2.0",
		"azp", w.app(client).ClientID, "azpacr", proved, "oid", adaID, "tid", directory.ContosoID, "scp", scp,
		"roles", []string{"Editor"}, "preferred_username", ada)
}

// TestMSALGoClientCredentials proves an application in the three ways.
func TestMSALGoClientCredentials(t *testing.T) {
	for _, c := range []struct {
		name, app, proved string
		credential        func(*world) confidential.Credential
		options           []confidential.Option
	}{
		{"secret", "daemon", "1", func(w *world) confidential.Credential { return w.secretOf("daemon") }, nil},
		{"certificate", "daemon", "2", func(w *world) confidential.Credential { return w.certificateOf("daemon") }, nil},
		{"certificate with x5c", "daemon", "2", func(w *world) confidential.Credential { return w.certificateOf("daemon") }, []confidential.Option{confidential.WithX5C()}},
		{"federated assertion", "workload", "2", func(w *world) confidential.Credential { return w.federated("workload") }, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := realWorld(t)
			client := w.confidential(c.app, c.credential(w), c.options...)
			result := try(client.AcquireTokenByCredential(context.Background(), []string{ordersDefault})).or(t)
			principal := w.app(c.app).ServicePrincipalID
			w.verified(result.AccessToken, "aud", w.app("orders-api").ClientID, "azp", w.app(c.app).ClientID, "azpacr", c.proved,
				"oid", principal, "sub", principal, "roles", []string{"Orders.Read.All"}, "scp", nil, "name", nil)
		})
	}
}

// TestMSALGoDeviceCode polls as MSAL does while a person is slow. The time
// that passes is the bubble's.
func TestMSALGoDeviceCode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := realWorld(t)
		client := w.public("cli", public.WithCache(&forgetful{}))
		ctx := t.Context()
		device := try(client.AcquireTokenByDeviceCode(ctx, []string{ordersAs})).or(t)
		asked := time.Now()
		time.AfterFunc(40*time.Second, func() { w.walker(ada).enter(device.Result.VerificationURL, device.Result.UserCode) })
		first := try(device.AuthenticationResult(ctx)).or(t)
		if waited := time.Since(asked); waited < 40*time.Second || waited > time.Minute {
			t.Errorf("the token came after %v", waited)
		}
		w.adaAt(first.AccessToken, "cli", "0")
		again := try(client.AcquireTokenSilent(ctx, []string{ordersAs}, public.WithSilentAccount(first.Account))).or(t)
		w.adaAt(again.AccessToken, "cli", "0")
	})
}

// TestMSALGoOnBehalfOf lets Orders API call Inventory API and Graph for Ada.
func TestMSALGoOnBehalfOf(t *testing.T) {
	ctx := context.Background()
	w := realWorld(t)
	web := w.confidential("web", w.secretOf("web"))
	address := try(web.AuthCodeURL(ctx, w.app("web").ClientID, webURI, []string{ordersDefault})).or(t)
	arrived := try(web.AcquireTokenByAuthCode(ctx, w.codeAt(address, ada), webURI, []string{ordersDefault}, confidential.WithChallenge(verifier))).or(t)

	for name, credential := range map[string]confidential.Credential{
		"secret": w.secretOf("orders-api"), "certificate": w.certificateOf("orders-api"), "assertion": w.ownAssertion("orders-api"),
	} {
		t.Run(name, func(t *testing.T) {
			proved := "2"
			if name == "secret" {
				proved = "1"
			}
			api := w.confidential("orders-api", credential)
			stock := try(api.AcquireTokenOnBehalfOf(ctx, arrived.AccessToken, []string{stockRead})).or(t)
			w.verified(stock.AccessToken, "aud", "api://inventory.contoso.example", "appid", w.app("orders-api").ClientID, "appidacr", proved,
				"oid", adaID, "scp", "stock.read", "ver", "1.0", "iss", labBase+"/"+directory.ContosoID+"/")
			if got := w.call(http.MethodGet, labBase+"/inventory/stock", stock.AccessToken, ""); got.status != http.StatusOK {
				t.Errorf("Inventory API: %d %s", got.status, got.body)
			}
			graph := try(api.AcquireTokenOnBehalfOf(ctx, arrived.AccessToken, []string{"https://graph.microsoft.com/User.Read"})).or(t)
			if got := w.call(http.MethodGet, labBase+"/graph/v1.0/me", graph.AccessToken, ""); got.status != http.StatusOK {
				t.Errorf("Graph: %d %s", got.status, got.body)
			}
			if _, err := api.AcquireTokenOnBehalfOf(ctx, stock.AccessToken, []string{stockRead}); err == nil {
				t.Error("a token for another API was taken as an assertion")
			}
		})
	}
}

// ownAssertion signs with an application's certificate what MSAL would sign, as
// programs do whose key is in a vault.
func (w *world) ownAssertion(key string) confidential.Credential {
	app := w.app(key)
	return confidential.NewCredFromAssertionCallback(func(_ context.Context, o confidential.AssertionRequestOptions) (string, error) {
		if o.ClientID != app.ClientID || o.TokenEndpoint != endpoint(directory.ContosoID, "token") {
			return "", fmt.Errorf("asked for %+v", o)
		}
		s := newSigner(w, app.Certificates[0].KeyPEM, app.Certificates[0].CertPEM)
		now := time.Now()
		return s.sign(map[string]any{"alg": "RS256", "typ": "JWT", "x5t": s.x5t()}, map[string]any{
			"iss": o.ClientID, "sub": o.ClientID, "aud": o.TokenEndpoint, "jti": rand.Text(), "nbf": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(),
		}), nil
	})
}

// TestMSALGoPassword uses the grant that MSAL itself advises against. MSAL asks
// for the user's realm first.
func TestMSALGoPassword(t *testing.T) {
	ctx := context.Background()
	w := realWorld(t)
	w.consented("native")
	u, _ := w.dir.User(ada)
	//lint:ignore SA1019 MSAL advises against it, and still has it
	first := try(w.public("native").AcquireTokenByUsernamePassword(ctx, []string{ordersAs}, u.Username, u.Password)).or(t)
	w.adaAt(first.AccessToken, "native", "0")
	//lint:ignore SA1019 likewise
	if _, err := w.public("native").AcquireTokenByUsernamePassword(ctx, []string{ordersAs}, u.Username, "wrong"); err == nil {
		t.Error("a wrong password was taken")
	}
	web := w.confidential("legacy", w.secretOf("legacy"))
	uri := w.app("legacy").Platforms[0].RedirectURIs[0]
	address := try(web.AuthCodeURL(ctx, w.app("legacy").ClientID, uri, []string{ordersAs})).or(t)
	w.codeAt(address, ada)
	// MSAL Go sends no credential with this grant, not even a confidential
	// client's: the token says so.
	w.adaAt(try(web.AcquireTokenByUsernamePassword(ctx, []string{ordersAs}, u.Username, u.Password)).or(t).AccessToken, "legacy", "0")
}

// consented lets Ada accept Orders API for a public client, since neither the
// password grant nor a silent call can show a consent page.
func (w *world) consented(key string) {
	w.Helper()
	client := w.public(key)
	address := try(client.AuthCodeURL(context.Background(), w.app(key).ClientID, "http://localhost:8400", []string{ordersAs})).or(w)
	w.codeAt(address, ada)
}

// TestMSALGoInteractive lets MSAL run the whole sign-in, its own listener and
// form_post included.
func TestMSALGoInteractive(t *testing.T) {
	w := realWorld(t)
	open := func(address string) error {
		there := w.walker(ada).open(address)
		resp, err := http.PostForm(there.address.String(), there.values)
		if err != nil {
			return err
		}
		return resp.Body.Close()
	}
	result := try(w.public("native").AcquireTokenInteractive(t.Context(), []string{ordersAs}, public.WithOpenURL(open))).or(t)
	w.adaAt(result.AccessToken, "native", "0")
}

// TestMSALGoClaimsChallenge answers what Orders API demands on /admin: the claims
// out of its 401 go into a new sign-in, whose token is let in.
func TestMSALGoClaimsChallenge(t *testing.T) {
	ctx := context.Background()
	w := realWorld(t)
	w.turn("step-up", "on")
	const redirect = "http://localhost:8400"
	client := w.public("native", public.WithClientCapabilities([]string{"CP1"})) // as azidentity spells it
	address := try(client.AuthCodeURL(ctx, w.app("native").ClientID, redirect, []string{ordersAs})).or(t)
	first := try(client.AcquireTokenByAuthCode(ctx, w.codeAt(address, grace), redirect, []string{ordersAs}, public.WithChallenge(verifier))).or(t)
	w.verified(first.AccessToken, "xms_cc", []string{"cp1"}, "acrs", nil)

	refused := w.call(http.MethodGet, labBase+"/orders/admin", first.AccessToken, "")
	demanded := insufficientClaims(t, refused, w.app("orders-api").ClientID)
	address = try(client.AuthCodeURL(ctx, w.app("native").ClientID, redirect, []string{ordersAs}, public.WithClaims(demanded))).or(t)
	second := try(client.AcquireTokenByAuthCode(ctx, w.codeAt(address, grace), redirect, []string{ordersAs}, public.WithChallenge(verifier), public.WithClaims(demanded))).or(t)
	w.verified(second.AccessToken, "xms_cc", []string{"cp1"}, "acrs", []string{"c1"})
	if got := w.call(http.MethodGet, labBase+"/orders/admin", second.AccessToken, ""); got.status != http.StatusOK {
		t.Errorf("Orders API: %d %s", got.status, got.body)
	}
	third := try(client.AcquireTokenSilent(ctx, []string{ordersAs}, public.WithSilentAccount(second.Account), public.WithClaims(demanded))).or(t)
	w.verified(third.AccessToken, "acrs", []string{"c1"})
}

// TestMSALGoRevoked is a program that learns from MSAL that its person must
// sign in again.
func TestMSALGoRevoked(t *testing.T) {
	ctx := context.Background()
	w := realWorld(t)
	client := w.public("native", public.WithCache(&forgetful{}))
	const redirect = "http://localhost:8400"
	address := try(client.AuthCodeURL(ctx, w.app("native").ClientID, redirect, []string{ordersAs})).or(t)
	first := try(client.AcquireTokenByAuthCode(ctx, w.codeAt(address, ada), redirect, []string{ordersAs}, public.WithChallenge(verifier))).or(t)
	w.turn("clock", "1m")
	w.turn("sessions-revoked", ada)
	_, err := client.AcquireTokenSilent(ctx, []string{ordersAs}, public.WithSilentAccount(first.Account))
	var call msalerrors.CallErr
	if !errors.As(err, &call) || call.Resp.StatusCode != http.StatusBadRequest || !strings.Contains(err.Error(), "AADSTS50173") {
		t.Errorf("got %v", err)
	}
}
