package lab

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"testing"

	msalerrors "github.com/AzureAD/microsoft-authentication-library-for-go/apps/errors"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"
	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/public"

	"flowscope/engine/lab/directory"
)

// signInFor opens an address that MSAL built, the way a careful program does:
// with openid, state and challenge added.
func (w *world) signInFor(address string) string {
	w.Helper()
	u, err := url.Parse(address)
	if err != nil {
		w.Fatal(err)
	}
	q := with(u.Query(), "state", "s", "nonce", "n", "code_challenge", challenge(), "code_challenge_method", "S256")
	q.Set("scope", q.Get("scope")+" openid offline_access profile")
	u.RawQuery = q.Encode()
	return location(w, w.walk(w.get(u.String()), "ada@contoso.example")).Query().Get("code")
}

func TestMSALPublic(t *testing.T) {
	w := newWorld(t)
	ctx := context.Background()
	client, err := public.New(w.app("native").ClientID, public.WithAuthority(labBase+"/"+directory.ContosoID),
		public.WithHTTPClient(&http.Client{Transport: inProcess{w.lab}}), public.WithInstanceDiscovery(false))
	if err != nil {
		t.Fatal(err)
	}
	const redirect = "http://localhost:8400"
	for _, scopes := range [][]string{{ordersAs}, {"User.Read"}, {"api://inventory.contoso.example/stock.read"}, {"api://orders.contoso.example/.default"}} {
		address, err := client.AuthCodeURL(ctx, w.app("native").ClientID, redirect, scopes)
		if err != nil {
			t.Fatal(err)
		}
		result, err := client.AcquireTokenByAuthCode(ctx, w.signInFor(address), redirect, scopes, public.WithChallenge(verifier))
		if err != nil {
			t.Fatalf("%v: %v", scopes, err)
		}
		if result.Account.PreferredUsername != "ada@contoso.example" || result.Account.HomeAccountID != "71710605-4b43-4661-98ab-3173cd3be2ef."+directory.ContosoID {
			t.Errorf("account %+v", result.Account)
		}
		silent, err := client.AcquireTokenSilent(ctx, []string{scopes[0]}, public.WithSilentAccount(result.Account), public.WithClaims(`{"access_token":{}}`))
		if err != nil || silent.AccessToken == result.AccessToken {
			t.Errorf("%v: refreshed: %v", scopes, err)
		}
	}
}

func TestMSALConfidential(t *testing.T) {
	w := newWorld(t)
	ctx := context.Background()
	open := func(app, secret string) confidential.Client {
		t.Helper()
		credential, err := confidential.NewCredFromSecret(secret)
		if err != nil {
			t.Fatal(err)
		}
		client, err := confidential.New(labBase+"/"+directory.ContosoID, w.app(app).ClientID, credential,
			confidential.WithHTTPClient(&http.Client{Transport: inProcess{w.lab}}), confidential.WithInstanceDiscovery(false))
		if err != nil {
			t.Fatal(err)
		}
		return client
	}
	web := open("web", w.app("web").Secrets[0].Value)
	address, err := web.AuthCodeURL(ctx, w.app("web").ClientID, webURI, []string{ordersAs})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := web.AcquireTokenByAuthCode(ctx, w.signInFor(address), webURI, []string{ordersAs}, confidential.WithChallenge(verifier)); err != nil {
		t.Errorf("web: %v", err)
	}
	daemon := open("daemon", w.app("daemon").Secrets[0].Value)
	result, err := daemon.AcquireTokenByCredential(ctx, []string{"api://orders.contoso.example/.default"})
	if err != nil || result.AccessToken == "" {
		t.Errorf("daemon: %v", err)
	}
	_, err = open("daemon", "wrong").AcquireTokenByCredential(ctx, []string{"api://orders.contoso.example/.default"})
	var call msalerrors.CallErr
	if !errors.As(err, &call) || call.Resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("wrong secret: %v", err)
	}
}

// TestMSALInstanceDiscovery leaves discovery on and leads its question to the
// lab.
func TestMSALInstanceDiscovery(t *testing.T) {
	w := newWorld(t)
	credential, err := confidential.NewCredFromSecret(w.app("daemon").Secrets[0].Value)
	if err != nil {
		t.Fatal(err)
	}
	client, err := confidential.New(labBase+"/"+directory.ContosoID, w.app("daemon").ClientID, credential,
		confidential.WithHTTPClient(&http.Client{Transport: inProcess{w.lab}}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.AcquireTokenByCredential(context.Background(), []string{"api://orders.contoso.example/.default"}); err != nil {
		t.Error(err)
	}
}
