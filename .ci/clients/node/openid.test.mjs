// openid-client: every flow it supports that the lab's discovery document
// names, with discovery of its own, over TLS and over plain HTTP.
import assert from "node:assert/strict";
import { createPrivateKey } from "node:crypto";
import { describe, test } from "node:test";

import * as client from "openid-client";

import { adaAt, app, appAt, call, idAt, inventory, orders, person, stockFor, tenant, thumbprint, user, verified, ways } from "./lab.mjs";

const asUser = `openid profile offline_access ${orders}/access_as_user`;
// A desktop app's address on a port of its own. With its slash: openid-client
// repeats at the token endpoint the address it was called at, where URL adds
// one, and the two are compared exactly.
const desktop = "http://localhost:8400/";
const portal = app("legacy").redirect_uris[0];

for (const [way, base] of Object.entries(ways)) {
  describe(`openid-client over ${way}`, { concurrency: true }, () => {
    const found = (name, authentication, ...execute) =>
      client.discovery(new URL(`${base}/${tenant}/v2.0`), app(name).client_id, undefined, authentication ?? client.ClientSecretPost(app(name).client_secret), {
        execute: [...(way === "plain HTTP" ? [client.allowInsecureRequests] : []), ...execute],
      });

    /** Code + PKCE + state + nonce; openid-client checks the ID token. */
    async function byCode(config, redirect_uri, scope, { who = person(), ...more } = {}) {
      const pkceCodeVerifier = client.randomPKCECodeVerifier();
      const expectedState = client.randomState();
      const expectedNonce = client.randomNonce();
      const address = client.buildAuthorizationUrl(config, {
        ...more, redirect_uri, scope, state: expectedState, nonce: expectedNonce,
        code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier), code_challenge_method: "S256",
      });
      const { url } = await who.open(address.href);
      const tokens = await client.authorizationCodeGrant(config, url, { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true });
      assert.equal(tokens.claims().nonce, expectedNonce);
      return { ...tokens, id: tokens.claims(), url };
    }

    test("discovery", async () => {
      const metadata = (await found("web")).serverMetadata();
      assert.equal(metadata.issuer, `${base}/${tenant}/v2.0`);
      for (const name of ["authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint", "end_session_endpoint", "device_authorization_endpoint"]) {
        assert.equal(new URL(metadata[name]).origin, base, name);
      }
      assert.equal(metadata.supportsPKCE(), false); // as Entra, which does not say so
    });

    for (const [name, authentication] of [
      ["client_secret_post", client.ClientSecretPost],
      ["client_secret_basic", client.ClientSecretBasic],
    ]) {
      test(`code + PKCE with ${name}; refreshed`, async () => {
        const config = await found("web", authentication(app("web").client_secret));
        client.enableNonRepudiationChecks(config); // the ID token's signature as well
        const first = await byCode(config, app("web").redirect_uris[0], asUser);
        await adaAt(first.access_token, base, "web", "1");
        idAt(first.id, base, "web");
        const renewed = await client.refreshTokenGrant(config, first.refresh_token, { scope: asUser });
        await adaAt(renewed.access_token, base, "web", "1");
        idAt(renewed.claims(), base, "web");
        assert.notEqual(renewed.refresh_token, first.refresh_token);
        await client.refreshTokenGrant(config, first.refresh_token); // Entra's old ones stay good
      });

      test(`client credentials with ${name}`, async () => {
        const config = await found("daemon", authentication(app("daemon").client_secret));
        const { access_token, refresh_token, id_token } = await client.clientCredentialsGrant(config, { scope: `${orders}/.default` });
        await appAt(access_token, base, "daemon", "1");
        assert.equal(refresh_token ?? id_token, undefined);
      });
    }

    test("code + PKCE, public", async () => {
      const config = await found("native", client.None());
      const first = await byCode(config, desktop, asUser);
      await adaAt(first.access_token, base, "native", "0");
      const renewed = await client.refreshTokenGrant(config, first.refresh_token);
      await adaAt(renewed.access_token, base, "native", "0");
    });

    for (const [name, algorithm] of [
      ["PS256", { name: "RSA-PSS", hash: "SHA-256" }],
      ["RS256", { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }],
    ]) {
      test(`client credentials with private_key_jwt, ${name}`, async () => {
        const der = createPrivateKey(app("daemon").private_key_pem).export({ type: "pkcs8", format: "der" });
        const key = await crypto.subtle.importKey("pkcs8", der, algorithm, false, ["sign"]);
        // Entra finds a certificate by its thumbprint; the library has a setting for such headers.
        const authentication = client.PrivateKeyJwt(key, {
          [client.modifyAssertion]: (header) => {
            header["x5t#S256"] = thumbprint(app("daemon").certificate_pem, "base64url");
          },
        });
        const config = await found("daemon", authentication);
        const { access_token } = await client.clientCredentialsGrant(config, { scope: `${orders}/.default` });
        await appAt(access_token, base, "daemon", "2");
      });
    }

    test("a wrong secret is refused", async () => {
      const config = await found("daemon", client.ClientSecretPost("wrong"));
      await assert.rejects(client.clientCredentialsGrant(config, { scope: `${orders}/.default` }), (e) => e instanceof client.ResponseBodyError && e.status === 401 && e.error === "invalid_client" && /AADSTS7000215/.test(e.error_description));
    });

    test("a code is good once", async () => {
      const config = await found("native", client.None());
      const pkceCodeVerifier = client.randomPKCECodeVerifier();
      const address = client.buildAuthorizationUrl(config, { redirect_uri: desktop, scope: asUser, code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier), code_challenge_method: "S256" });
      const { url } = await person().open(address.href);
      await client.authorizationCodeGrant(config, url, { pkceCodeVerifier });
      await assert.rejects(client.authorizationCodeGrant(config, url, { pkceCodeVerifier }), (e) => e.error === "invalid_grant" && /AADSTS54005/.test(e.error_description));
    });

    test("device authorization grant", async () => {
      const config = await found("cli", client.None());
      const device = await client.initiateDeviceAuthorization(config, { scope: asUser });
      assert.equal(device.interval, 5);
      assert.equal(device.verification_uri_complete, undefined);
      await person().enter(device.verification_uri, device.user_code);
      const tokens = await client.pollDeviceAuthorizationGrant(config, device);
      await adaAt(tokens.access_token, base, "cli", "0");
      idAt(tokens.claims(), base, "cli");
    });

    test("implicit flow", async () => {
      const config = await found("legacy", client.None(), client.useIdTokenResponseType);
      for (const response_mode of ["fragment", "form_post"]) {
        const [nonce, state] = [client.randomNonce(), client.randomState()];
        const address = client.buildAuthorizationUrl(config, { redirect_uri: portal, scope: "openid profile", nonce, state, response_mode });
        const { url, params, form } = await person().open(address.href);
        assert.equal(form, response_mode === "form_post");
        if (form) url.hash = params.toString(); // as the library's documentation has it
        const claims = await client.implicitAuthentication(config, url, nonce, { expectedState: state });
        idAt(claims, base, "legacy", { nonce });
      }
    });

    test("hybrid flow", async () => {
      const config = await found("legacy", undefined, client.useCodeIdTokenResponseType);
      const [expectedNonce, expectedState] = [client.randomNonce(), client.randomState()];
      const address = client.buildAuthorizationUrl(config, { redirect_uri: portal, scope: asUser, nonce: expectedNonce, state: expectedState });
      const { url, params } = await person().open(address.href);
      assert.ok(params.get("code") && params.get("id_token"));
      const tokens = await client.authorizationCodeGrant(config, url, { expectedNonce, expectedState });
      await adaAt(tokens.access_token, base, "legacy", "1");
      idAt(tokens.claims(), base, "legacy");
    });

    test("userinfo", async () => {
      const config = await found("web");
      const { access_token, id } = await byCode(config, app("web").redirect_uris[0], "openid profile email");
      const info = await client.fetchUserInfo(config, access_token, id.sub);
      assert.equal(info.sub, id.sub);
      assert.equal(info.email, user("ada").username);
      assert.equal(info.name, id.name);
    });

    test("on-behalf-of, as a grant of one's own", async () => {
      const { access_token } = await byCode(await found("web"), app("web").redirect_uris[0], `openid ${orders}/.default`, { prompt: "consent" }); // for Orders API's own permissions as well
      const config = await found("orders-api");
      const stock = await client.genericGrantRequest(config, "urn:ietf:params:oauth:grant-type:jwt-bearer", {
        assertion: access_token, requested_token_use: "on_behalf_of", scope: `${inventory}/stock.read`,
      });
      await stockFor(stock.access_token, base, "orders-api", "1");
      assert.equal((await call(base, "/inventory/stock", stock.access_token)).status, 200);
    });

    test("sign-out", async () => {
      const config = await found("web");
      const who = person();
      const { id_token } = await byCode(config, app("web").redirect_uris[0], "openid profile", { who });
      const address = (prompt) => client.buildAuthorizationUrl(config, { redirect_uri: app("web").redirect_uris[0], scope: "openid profile", prompt, nonce: "n" }).href;
      assert.ok((await who.open(address("none"))).params.get("code"), "no single sign-on");
      const out = client.buildEndSessionUrl(config, { id_token_hint: id_token, post_logout_redirect_uri: app("web").redirect_uris[0], state: "gone" });
      await who.open(out.href);
      const { params } = await who.open(address("none"));
      assert.equal(params.get("error"), "login_required");
    });

    test("a refusal reaches the application", async () => {
      const config = await found("web");
      const address = client.buildAuthorizationUrl(config, { redirect_uri: app("web").redirect_uris[0], scope: asUser, prompt: "none", state: "s" });
      const { url } = await person().open(address.href);
      await assert.rejects(client.authorizationCodeGrant(config, url, { expectedState: "s" }), (e) => e instanceof client.AuthorizationResponseError && e.error === "login_required" && /AADSTS50058/.test(e.error_description));
    });

    test("an access token says who called", async () => {
      const config = await found("web");
      const { access_token } = await byCode(config, app("web").redirect_uris[0], asUser, { who: person("grace") });
      await verified(access_token, base, 2, { oid: user("grace").oid, roles: ["Admin"], azp: app("web").client_id });
      const response = await client.fetchProtectedResource(config, access_token, new URL("/orders/me", base), "GET");
      assert.equal((await response.json()).oid, user("grace").oid);
    });
  });
}
