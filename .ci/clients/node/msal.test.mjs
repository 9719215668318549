// @azure/msal-node: every flow it supports, over TLS with discovery of its own,
// and over plain HTTP with the metadata handed over.
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";

import { ConfidentialClientApplication, CryptoProvider, InteractionRequiredAuthError, PublicClientApplication, ServerError } from "@azure/msal-node";

import { adaAt, app, appAt, call, federated, idAt, inventory, lab, orders, person, stockFor, tenant, thumbprint, user, verified, ways } from "./lab.mjs";

const asUser = [`${orders}/access_as_user`];
const everything = [`${orders}/.default`];

/** How a program finds the lab. */
const configurations = {
  TLS: async (base) => ({ authority: `${base}/${tenant}`, knownAuthorities: [new URL(base).host] }),
  // MSAL takes no http authority. It is told the endpoints instead, and asks
  // nothing of the authority, which here is a name that leads nowhere.
  "plain HTTP": async (base) => ({
    authority: `https://login.lab.example/${tenant}`,
    knownAuthorities: ["login.lab.example"],
    authorityMetadata: await (await fetch(`${base}/${tenant}/v2.0/.well-known/openid-configuration`)).text(),
  }),
};

for (const [way, base] of Object.entries(ways)) {
  describe(`msal-node over ${way}`, { concurrency: true }, () => {
    let where;
    before(async () => {
      where = await configurations[way](base);
    });

    const secret = (name) => new ConfidentialClientApplication({ auth: { ...where, clientId: app(name).client_id, clientSecret: app(name).client_secret } });
    const certificate = (name) =>
      new ConfidentialClientApplication({
        auth: {
          ...where,
          clientId: app(name).client_id,
          clientCertificate: { thumbprintSha256: thumbprint(app(name).certificate_pem, "hex"), privateKey: app(name).private_key_pem, x5c: app(name).certificate_pem },
        },
      });
    const workload = () => new ConfidentialClientApplication({ auth: { ...where, clientId: lab.federated_issuer.client_id, clientAssertion: async () => federated(base) } });
    const open = (name) => new PublicClientApplication({ auth: { ...where, clientId: app(name).client_id } });

    /** Code + PKCE, with MSAL's own state and nonce. */
    async function byCode(client, redirectUri, scopes, { who = person(), prompt } = {}) {
      const crypto = new CryptoProvider();
      const { verifier, challenge } = await crypto.generatePkceCodes();
      const state = crypto.createNewGuid();
      const nonce = crypto.createNewGuid();
      const address = await client.getAuthCodeUrl({ scopes, redirectUri, state, nonce, prompt, codeChallenge: challenge, codeChallengeMethod: "S256" });
      const { url, params } = await who.open(address);
      assert.equal(`${url.origin}${url.pathname}`.replace(/\/$/, ""), redirectUri);
      assert.equal(params.get("state"), state);
      const request = { scopes, redirectUri, code: params.get("code"), codeVerifier: verifier, nonce };
      const result = await client.acquireTokenByCode(request);
      assert.equal(result.idTokenClaims.nonce, nonce);
      assert.equal(result.account.homeAccountId, `${user("ada").oid}.${tenant}`);
      return { ...result, request };
    }

    /** A refresh token as MSAL keeps it. */
    const kept = (client) => Object.values(JSON.parse(client.getTokenCache().serialize()).RefreshToken)[0].secret;

    for (const [name, make, proved] of [
      ["secret", secret, "1"],
      ["certificate", certificate, "2"],
    ]) {
      test(`code + PKCE, confidential with ${name}; refreshed`, async () => {
        const client = make("web");
        const first = await byCode(client, app("web").redirect_uris[0], asUser);
        await adaAt(first.accessToken, base, "web", proved);
        idAt(first.idTokenClaims, base, "web");

        const cached = await client.acquireTokenSilent({ account: first.account, scopes: asUser });
        assert.equal(cached.accessToken, first.accessToken);
        const forced = await client.acquireTokenSilent({ account: first.account, scopes: asUser, forceRefresh: true });
        assert.notEqual(forced.accessToken, first.accessToken);
        await adaAt(forced.accessToken, base, "web", proved);
        const redeemed = await make("web").acquireTokenByRefreshToken({ refreshToken: kept(client), scopes: asUser });
        await adaAt(redeemed.accessToken, base, "web", proved);

        await assert.rejects(client.acquireTokenByCode(first.request), (e) => e.errorCode === "invalid_grant" && /AADSTS54005/.test(e.message));
      });
    }

    test("code + PKCE, public; refreshed", async () => {
      const client = open("native");
      const first = await byCode(client, "http://localhost", asUser);
      await adaAt(first.accessToken, base, "native", "0");
      idAt(first.idTokenClaims, base, "native");
      const forced = await client.acquireTokenSilent({ account: first.account, scopes: asUser, forceRefresh: true });
      await adaAt(forced.accessToken, base, "native", "0");
      const redeemed = await open("native").acquireTokenByRefreshToken({ refreshToken: kept(client), scopes: asUser });
      await adaAt(redeemed.accessToken, base, "native", "0");
    });

    test("a wrong verifier is refused", async () => {
      const client = open("native");
      const { verifier, challenge } = await new CryptoProvider().generatePkceCodes();
      const request = { scopes: asUser, redirectUri: "http://localhost" };
      const { params } = await person().open(await client.getAuthCodeUrl({ ...request, codeChallenge: challenge, codeChallengeMethod: "S256" }));
      const changed = verifier.slice(0, 20) + (verifier[20] === "A" ? "B" : "A") + verifier.slice(21);
      await assert.rejects(client.acquireTokenByCode({ ...request, code: params.get("code"), codeVerifier: changed }), (e) => /AADSTS501481/.test(e.message));
    });

    test("interactive, with MSAL's own listener", async () => {
      const result = await open("native").acquireTokenInteractive({
        scopes: asUser,
        openBrowser: (address) => person().deliver(address),
      });
      await adaAt(result.accessToken, base, "native", "0");
      idAt(result.idTokenClaims, base, "native");
    });

    for (const [name, make, client, proved] of [
      ["secret", () => secret("daemon"), "daemon", "1"],
      ["certificate", () => certificate("daemon"), "daemon", "2"],
      ["assertion", workload, "workload", "2"],
    ]) {
      test(`client credentials with ${name}`, async () => {
        const result = await make().acquireTokenByClientCredential({ scopes: everything });
        await appAt(result.accessToken, base, client, proved);
        assert.equal((await call(base, "/orders/all", result.accessToken)).status, 200);
      });
    }

    test("a wrong secret is refused", async () => {
      const client = new ConfidentialClientApplication({ auth: { ...where, clientId: app("daemon").client_id, clientSecret: "wrong" } });
      await assert.rejects(client.acquireTokenByClientCredential({ scopes: everything }), (e) => e instanceof ServerError && e.errorCode === "invalid_client" && /AADSTS7000215/.test(e.message));
    });

    test("device code", async () => {
      const client = open("cli");
      const result = await client.acquireTokenByDeviceCode({
        scopes: asUser,
        deviceCodeCallback: async ({ verificationUri, userCode, message }) => {
          assert.ok(message.includes(userCode) && message.includes(verificationUri), message);
          await person().enter(verificationUri, userCode);
        },
      });
      await adaAt(result.accessToken, base, "cli", "0");
      const forced = await client.acquireTokenSilent({ account: result.account, scopes: asUser, forceRefresh: true });
      await adaAt(forced.accessToken, base, "cli", "0");
    });

    test("on-behalf-of", async () => {
      const { accessToken } = await byCode(secret("web"), app("web").redirect_uris[0], everything, { prompt: "consent" }); // for Orders API's own permissions as well
      const api = secret("orders-api");
      const stock = await api.acquireTokenOnBehalfOf({ oboAssertion: accessToken, scopes: [`${inventory}/stock.read`] });
      await stockFor(stock.accessToken, base, "orders-api", "1");
      assert.equal((await call(base, "/inventory/stock", stock.accessToken)).status, 200);

      const graph = await api.acquireTokenOnBehalfOf({ oboAssertion: accessToken, scopes: ["https://graph.microsoft.com/User.Read"] });
      const me = await call(base, "/graph/v1.0/me", graph.accessToken);
      assert.equal(me.status, 200);
      assert.equal(me.body.id, user("ada").oid);

      await assert.rejects(api.acquireTokenOnBehalfOf({ oboAssertion: stock.accessToken, scopes: [`${inventory}/stock.read`] }), (e) => /AADSTS(500131|50013)\b/.test(e.message));
    });

    test("user name and password", async () => {
      const { username, password } = user("ada");
      const client = open("native");
      await byCode(client, "http://localhost", asUser); // consent, which this grant can't ask for
      const result = await open("native").acquireTokenByUsernamePassword({ scopes: asUser, username, password });
      await adaAt(result.accessToken, base, "native", "0");
      await assert.rejects(open("native").acquireTokenByUsernamePassword({ scopes: asUser, username, password: "wrong" }), (e) => /AADSTS50126/.test(e.message));
    });

    test("interaction is recognised as what is needed", async () => {
      const client = secret("web");
      const { account } = await byCode(client, app("web").redirect_uris[0], asUser);
      // Not among what the registration or the person ever allowed.
      await assert.rejects(client.acquireTokenSilent({ account, scopes: ["https://graph.microsoft.com/Directory.Read.All"] }), InteractionRequiredAuthError);
    });

    test("client capabilities reach the token", async () => {
      const client = new PublicClientApplication({ auth: { ...where, clientId: app("native").client_id, clientCapabilities: ["cp1"] } });
      const { accessToken } = await byCode(client, "http://localhost", asUser);
      await verified(accessToken, base, 2, { xms_cc: ["cp1"] });
    });
  });
}
