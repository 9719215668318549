// An independent, certified OpenID provider on loopback: what flowscope's driver
// for any issuer is run against. It knows three applications and one person, and
// shows plain forms that need no script.
//
//   node provider.mjs [PORT]     prints its issuer and serves until it is ended
import { createServer } from "node:http";

import { exportJWK, generateKeyPair } from "jose";
import Provider, { errors } from "oidc-provider";

const orders = "urn:orders";
const exchange = "urn:ietf:params:oauth:grant-type:token-exchange";
const device = "urn:ietf:params:oauth:grant-type:device_code";
const people = { ada: { password: "correct horse", name: "Ada Moreau", email: "ada@example.test" } };

async function key(alg, kid) {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  return { ...(await exportJWK(privateKey)), alg, kid, use: "sig" };
}

const server = createServer();
await new Promise((resolve) => server.listen(Number(process.argv[2] ?? 0), "127.0.0.1", resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: "native", token_endpoint_auth_method: "none", application_type: "native",
      redirect_uris: ["http://127.0.0.1/callback"], post_logout_redirect_uris: ["http://127.0.0.1/signed-out"],
      grant_types: ["authorization_code", "refresh_token"],
    },
    {
      client_id: "web", client_secret: "a secret with a / and a :", token_endpoint_auth_method: "client_secret_basic",
      redirect_uris: ["http://127.0.0.1:3000/callback"], post_logout_redirect_uris: ["http://127.0.0.1:3000/signed-out"],
      grant_types: ["authorization_code", "refresh_token", "client_credentials", exchange],
    },
    {
      client_id: "posting", client_secret: "another secret", token_endpoint_auth_method: "client_secret_post",
      redirect_uris: [], response_types: [], grant_types: ["client_credentials"],
    },
    {
      client_id: "device", token_endpoint_auth_method: "none", application_type: "native",
      redirect_uris: [], response_types: [], grant_types: [device, "refresh_token"],
    },
  ],
  jwks: { keys: [await key("RS256", "one"), await key("ES256", "two")] },
  cookies: { keys: ["only for tests"] },
  scopes: ["openid", "offline_access", "profile", "email"],
  claims: { openid: ["sub"], profile: ["name"], email: ["email"] },
  pkce: { required: () => true },
  ttl: { AccessToken: 600, ClientCredentials: 600, DeviceCode: 600, Grant: 3600, IdToken: 600, Interaction: 600, RefreshToken: 3600, Session: 3600 },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_, id) => people[id] && { accountId: id, claims: () => ({ sub: id, name: people[id].name, email: people[id].email }) },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    deviceFlow: { enabled: true },
    introspection: { enabled: true },
    revocation: { enabled: true },
    // An application's own token is a JWT for one API; a person's is opaque.
    resourceIndicators: {
      enabled: true,
      defaultResource: (ctx) => (["client_credentials", exchange].includes(ctx.oidc.params.grant_type) ? orders : undefined),
      getResourceServerInfo: () => ({ scope: "orders.read", audience: orders, accessTokenFormat: "jwt", jwt: { sign: { alg: "ES256" } } }),
    },
  },
});

// The provider has no token exchange of its own (RFC 8693): this one trades a
// person's access token for one for Orders.
provider.registerGrantType(exchange, async (ctx) => {
  const { subject_token: subject, subject_token_type: kind } = ctx.oidc.params;
  const found = kind === "urn:ietf:params:oauth:token-type:access_token" && await provider.AccessToken.find(subject ?? "");
  if (!found) throw new errors.InvalidGrant("the subject token is none of ours, or is over");
  ctx.oidc.entity("Account", { accountId: found.accountId });
  const { InvalidTarget } = errors;
  if (ctx.oidc.params.resource && ctx.oidc.params.resource !== orders) throw new InvalidTarget("the token can be traded for Orders alone");
  const token = new provider.AccessToken({
    accountId: found.accountId, client: ctx.oidc.client, expiresWithSession: false, grantId: found.grantId, gty: "token_exchange", scope: "orders.read",
  });
  token.resourceServer = new provider.ResourceServer(orders, { scope: "orders.read", audience: orders, accessTokenFormat: "jwt", jwt: { sign: { alg: "ES256" } } });
  ctx.body = { access_token: await token.save(), issued_token_type: kind, token_type: "Bearer", expires_in: token.expiration, scope: token.scope };
}, ["subject_token", "subject_token_type", "requested_token_type", "resource", "scope"], ["resource"]);

const html = (text) => String(text).replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
const page = (title, body) => `<!doctype html><html lang="en"><title>${html(title)}</title><h1>${html(title)}</h1>${body}`;

async function form(request) {
  let text = "";
  for await (const chunk of request) {
    text += chunk;
    if (text.length > 1e4) throw new Error("the form is too long");
  }
  return new URLSearchParams(text);
}

async function consent({ prompt, params, session, grantId }) {
  const grant = grantId ? await provider.Grant.find(grantId) : new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope((prompt.details.missingOIDCScope ?? []).join(" "));
  for (const [resource, scopes] of Object.entries(prompt.details.missingResourceScopes ?? {})) grant.addResourceScope(resource, scopes.join(" "));
  return { consent: { grantId: await grant.save() } };
}

async function interact(request, response) {
  const details = await provider.interactionDetails(request, response);
  const show = (status, text) => response.writeHead(status, { "content-type": "text/html; charset=utf-8" }).end(text);
  const signIn = (problem) => page("Sign in", `${problem}<form method="post"><label for="u">User name</label><input id="u" name="username">
    <label for="p">Password</label><input id="p" name="password" type="password"><button name="button" value="signin">Sign in</button></form>`);
  if (request.method !== "POST") {
    return show(200, details.prompt.name === "login" ? signIn("") : page("Permissions", `<p>${html(details.params.client_id)} asks for ${html(details.params.scope ?? "nothing")}</p>
      <form method="post"><button name="button" value="accept">Accept</button><button name="button" value="cancel">Cancel</button></form>`));
  }
  const answer = await form(request);
  if (details.prompt.name === "login") {
    const person = people[answer.get("username")];
    if (!person || person.password !== answer.get("password")) return show(200, signIn('<p class="error">User name or password is wrong.</p>'));
    return provider.interactionFinished(request, response, { login: { accountId: answer.get("username") } }, { mergeWithLastSubmission: false });
  }
  const result = answer.get("button") === "accept" ? await consent(details) : { error: "access_denied", error_description: "The person declined." };
  return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });
}

const serve = provider.callback();
server.on("request", (request, response) => {
  if (!request.url.startsWith("/interaction/")) return serve(request, response);
  interact(request, response).catch((err) => response.writeHead(400, { "content-type": "text/plain" }).end(err.message));
});
console.log(issuer);
process.on("SIGTERM", () => process.exit(0));
