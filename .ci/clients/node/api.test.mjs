// An application of one's own: a small API with an ordinary JWKS middleware, and
// a web app that signs people in and calls it.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { ConfidentialClientApplication, CryptoProvider } from "@azure/msal-node";

import { start } from "./api.mjs";
import { app, orders, person, tenant, user, ways } from "./lab.mjs";

for (const [way, base] of Object.entries(ways)) {
  describe(`an API of one's own, over ${way}`, () => {
    let api;
    before(async () => {
      api = await start({ issuer: `${base}/${tenant}/v2.0`, audience: app("orders-api").client_id });
    });
    after(() => api.close());

    const get = async (path, token) => {
      const response = await fetch(`http://127.0.0.1:${api.address().port}${path}`, { headers: token ? { authorization: `Bearer ${token}` } : {} });
      return { status: response.status, challenge: response.headers.get("www-authenticate"), body: await response.json() };
    };

    async function client(name) {
      return new ConfidentialClientApplication({
        auth: {
          clientId: app(name).client_id,
          clientSecret: app(name).client_secret,
          authority: `https://login.lab.example/${tenant}`,
          knownAuthorities: ["login.lab.example"],
          authorityMetadata: await (await fetch(`${base}/${tenant}/v2.0/.well-known/openid-configuration`)).text(),
        },
      });
    }

    async function signIn(name, ...scopes) {
      const web = await client("web");
      const redirectUri = app("web").redirect_uris[0];
      const { verifier, challenge } = await new CryptoProvider().generatePkceCodes();
      const { params } = await person(name).open(await web.getAuthCodeUrl({ scopes, redirectUri, codeChallenge: challenge, codeChallengeMethod: "S256" }));
      return web.acquireTokenByCode({ scopes, redirectUri, code: params.get("code"), codeVerifier: verifier });
    }

    test("200 for a person with the scope", async () => {
      const { accessToken } = await signIn("ada", `${orders}/access_as_user`);
      const { status, body } = await get("/me", accessToken);
      assert.equal(status, 200);
      assert.deepEqual(body, { oid: user("ada").oid, name: "Ada Moreau", roles: ["Editor"] });
    });

    test("200 for a person with the role, 403 for one without", async () => {
      const grace = await signIn("grace", `${orders}/access_as_user`);
      assert.equal((await get("/admin", grace.accessToken)).status, 200);
      const ada = await signIn("ada", `${orders}/access_as_user`);
      const refused = await get("/admin", ada.accessToken);
      assert.equal(refused.status, 403);
      assert.match(refused.body.error_description, /role Admin/);
    });

    test("401 without a token", async () => {
      const { status, challenge } = await get("/me");
      assert.equal(status, 401);
      assert.equal(challenge, 'Bearer realm=""');
    });

    test("401 for tokens that are not for this API", async () => {
      const graph = await signIn("ada", "https://graph.microsoft.com/User.Read");
      for (const token of [graph.accessToken, graph.idToken]) {
        const { status, challenge } = await get("/me", token);
        assert.equal(status, 401);
        assert.match(challenge, /error="invalid_token"/);
      }
    });

    test("401 for a token for another API of the same tenant", async () => {
      const { accessToken } = await signIn("ada", "api://inventory.contoso.example/stock.read");
      assert.equal((await get("/me", accessToken)).status, 401);
    });

    test("401 for a token that somebody changed", async () => {
      const { accessToken } = await signIn("ada", `${orders}/access_as_user`);
      const at = accessToken.lastIndexOf(".") + 150;
      const changed = accessToken.slice(0, at) + (accessToken[at] === "A" ? "B" : "A") + accessToken.slice(at + 1);
      const { status, body } = await get("/me", changed);
      assert.equal(status, 401);
      assert.match(body.error_description, /signature/);
    });

    test("403 for a token that lacks the scope", async () => {
      const { accessToken } = await signIn("ben", `${orders}/Orders.Read`);
      const { status, challenge, body } = await get("/me", accessToken);
      assert.equal(status, 403);
      assert.match(challenge, /error="insufficient_scope"/);
      assert.match(body.error_description, /access_as_user/);
    });

    test("403 for an application alone", async () => {
      const { accessToken } = await (await client("daemon")).acquireTokenByClientCredential({ scopes: [`${orders}/.default`] });
      assert.equal((await get("/me", accessToken)).status, 403);
    });
  });
}
