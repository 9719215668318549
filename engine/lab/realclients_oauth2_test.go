package lab

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"flowscope/engine/lab/directory"
)

// oauth2At is what a program that uses golang.org/x/oauth2 writes down.
func (w *world) oauth2At(key, redirect string, style oauth2.AuthStyle, scopes ...string) (context.Context, *oauth2.Config) {
	w.Helper()
	app := w.app(key)
	c := &oauth2.Config{ClientID: app.ClientID, RedirectURL: redirect, Scopes: scopes, Endpoint: oauth2.Endpoint{
		AuthURL: endpoint(directory.ContosoID, "authorize"), TokenURL: endpoint(directory.ContosoID, "token"),
		DeviceAuthURL: endpoint(directory.ContosoID, "devicecode"), AuthStyle: style,
	}}
	if len(app.Secrets) > 0 {
		c.ClientSecret = app.Secrets[0].Value
	}
	return context.WithValue(context.Background(), oauth2.HTTPClient, &http.Client{Transport: inProcess{w.lab}}), c
}

// TestOAuth2ByCode signs in with PKCE, in both places for the secret and
// without one, and renews with the token source.
func TestOAuth2ByCode(t *testing.T) {
	for _, c := range []struct {
		name, app, redirect, proved string
		style                       oauth2.AuthStyle
	}{
		{"secret in the form", "web", webURI, "1", oauth2.AuthStyleInParams},
		{"secret in the header", "web", webURI, "1", oauth2.AuthStyleInHeader},
		{"secret where it works", "web", webURI, "1", oauth2.AuthStyleAutoDetect},
		{"public", "native", "http://localhost:8400", "0", oauth2.AuthStyleInParams},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := realWorld(t)
			ctx, config := w.oauth2At(c.app, c.redirect, c.style, "openid", "profile", "offline_access", ordersAs)
			secret := oauth2.GenerateVerifier()
			there := w.walker(ada).open(config.AuthCodeURL("s t&te", oauth2.S256ChallengeOption(secret), oauth2.SetAuthURLParam("nonce", "n-2")))
			if there.values.Get("state") != "s t&te" {
				t.Fatalf("the answer was %s with %v", there.address, there.values)
			}
			first := try(config.Exchange(ctx, there.values.Get("code"), oauth2.VerifierOption(secret))).or(t)
			w.adaAt(first.AccessToken, c.app, c.proved)
			w.verified(first.Extra("id_token").(string), "aud", w.app(c.app).ClientID, "nonce", "n-2", "oid", adaID, "ver", "2.0")

			stale := *first
			stale.Expiry = time.Now().Add(-time.Minute)
			again := try(config.TokenSource(ctx, &stale).Token()).or(t)
			w.adaAt(again.AccessToken, c.app, c.proved)
			if again.RefreshToken == first.RefreshToken || again.AccessToken == first.AccessToken {
				t.Error("the tokens were not renewed")
			}
			_, err := config.Exchange(ctx, there.values.Get("code"), oauth2.VerifierOption(secret))
			wantRefusal(t, err, "invalid_grant")
		})
	}
}

func wantRefusal(t *testing.T, err error, code string) {
	t.Helper()
	var no *oauth2.RetrieveError
	if !errors.As(err, &no) || no.ErrorCode != code {
		t.Errorf("got %v, want %s", err, code)
	}
}

func TestOAuth2ClientCredentials(t *testing.T) {
	w := realWorld(t)
	app := w.app("daemon")
	for name, style := range map[string]oauth2.AuthStyle{"form": oauth2.AuthStyleInParams, "header": oauth2.AuthStyleInHeader, "detected": oauth2.AuthStyleAutoDetect} {
		t.Run(name, func(t *testing.T) {
			ctx, _ := w.oauth2At("daemon", "", style)
			config := clientcredentials.Config{
				ClientID: app.ClientID, ClientSecret: app.Secrets[0].Value, TokenURL: endpoint(directory.ContosoID, "token"),
				Scopes: []string{ordersDefault}, AuthStyle: style,
			}
			token := try(config.Token(ctx)).or(t)
			w.verified(token.AccessToken, "aud", w.app("orders-api").ClientID, "azp", app.ClientID, "azpacr", "1",
				"oid", app.ServicePrincipalID, "roles", []string{"Orders.Read.All"}, "scp", nil)
			if got, err := config.Client(ctx).Get(labBase + "/orders/all"); err != nil || got.StatusCode != http.StatusOK {
				t.Errorf("Orders API: %v %v", got, err)
			}
			config.ClientSecret = "wrong"
			_, err := config.Token(ctx)
			wantRefusal(t, err, "invalid_client")
		})
	}
}

// TestOAuth2Device polls at the interval that the lab names; the time that
// passes is the bubble's.
func TestOAuth2Device(t *testing.T) {
	for name, slow := range map[string]bool{"as Entra": false, "with slow_down": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := realWorld(t)
				ctx, config := w.oauth2At("cli", "", oauth2.AuthStyleInParams, "openid", "profile", "offline_access", ordersAs)
				if slow {
					if err := w.lab.Switch("slow-down", "on"); err != nil {
						t.Fatal(err)
					}
					time.AfterFunc(7*time.Second, func() {
						if err := w.lab.Switch("slow-down", "off"); err != nil {
							t.Error(err)
						}
					})
				}
				device := try(config.DeviceAuth(ctx)).or(t)
				if device.VerificationURIComplete != "" || device.Interval != 5 {
					t.Errorf("%+v", device)
				}
				time.AfterFunc(12*time.Second, func() { w.walker(ada).enter(device.VerificationURI, device.UserCode) })
				asked := time.Now()
				token := try(config.DeviceAccessToken(ctx, device)).or(t)
				// Polls come after 5, 10 and 15 s; with slow_down answered to the
				// first, the next comes 10 s later (RFC 8628 section 3.5).
				if waited := time.Since(asked).Round(time.Second); waited != 15*time.Second {
					t.Errorf("the token came after %v", waited)
				}
				w.adaAt(token.AccessToken, "cli", "0")
				_, err := config.DeviceAccessToken(ctx, device)
				wantRefusal(t, err, "expired_token")
			})
		})
	}
}

// TestOAuth2Password uses the legacy application, which may.
func TestOAuth2Password(t *testing.T) {
	w := realWorld(t)
	w.consented("native")
	ctx, config := w.oauth2At("native", "", oauth2.AuthStyleInParams, "openid", "profile", "offline_access", ordersAs)
	u, _ := w.dir.User(ada)
	w.adaAt(try(config.PasswordCredentialsToken(ctx, u.Username, u.Password)).or(t).AccessToken, "native", "0")
	_, err := config.PasswordCredentialsToken(ctx, u.Username, "wrong")
	wantRefusal(t, err, "invalid_grant")
}

// TestOAuth2OnBehalfOf sends the grant as x/oauth2 lets one: as parameters of
// an exchange.
func TestOAuth2OnBehalfOf(t *testing.T) {
	w := realWorld(t)
	ctx, web := w.oauth2At("web", webURI, oauth2.AuthStyleInParams, ordersDefault)
	secret := oauth2.GenerateVerifier()
	there := w.walker(ada).open(web.AuthCodeURL("s", oauth2.S256ChallengeOption(secret)))
	arrived := try(web.Exchange(ctx, there.values.Get("code"), oauth2.VerifierOption(secret))).or(t)
	api := w.app("orders-api")
	config := clientcredentials.Config{
		ClientID: api.ClientID, ClientSecret: api.Secrets[0].Value, TokenURL: endpoint(directory.ContosoID, "token"),
		Scopes: []string{stockRead}, AuthStyle: oauth2.AuthStyleInParams, EndpointParams: url.Values{
			"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {arrived.AccessToken}, "requested_token_use": {"on_behalf_of"},
		},
	}
	w.verified(try(config.Token(ctx)).or(t).AccessToken, "aud", "api://inventory.contoso.example", "appid", api.ClientID, "oid", adaID, "scp", "stock.read")
}
