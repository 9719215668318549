// An API as its developer writes one: it stands for Orders API and leaves all
// judging of tokens to a library. It knows the lab by its issuer alone.
//
//   ISSUER=https://localhost:8443/<tenant>/v2.0 AUDIENCE=<client id> node api.mjs
import { createServer } from "node:http";

import { createRemoteJWKSet, errors, jwtVerify } from "jose";

class Refusal extends Error {
  constructor(status, code, message) {
    super(message);
    Object.assign(this, { status, code });
  }
}

/** A middleware: gives the claims of a good token, or throws a refusal. */
export async function guard({ issuer, audience }) {
  const discovery = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();
  if (discovery.issuer !== issuer) throw new Error(`the issuer calls itself ${discovery.issuer}`);
  const keys = createRemoteJWKSet(new URL(discovery.jwks_uri));
  return async (request, { scope, role }) => {
    const [scheme, token] = (request.headers.authorization ?? "").split(" ");
    if (!token || scheme.toLowerCase() !== "bearer") throw new Refusal(401, undefined, "a bearer token is required");
    const { payload } = await jwtVerify(token, keys, { issuer, audience, algorithms: ["RS256"], typ: "JWT", requiredClaims: ["exp", "oid", "tid", "azp"] }).catch((err) => {
      if (err instanceof errors.JOSEError) throw new Refusal(401, "invalid_token", err.message);
      throw err;
    });
    if (!(payload.scp ?? "").split(" ").includes(scope)) throw new Refusal(403, "insufficient_scope", `the scope ${scope} is required`);
    if (role && !(payload.roles ?? []).includes(role)) throw new Refusal(403, "insufficient_scope", `the role ${role} is required`);
    return payload;
  };
}

const routes = {
  "GET /me": [{ scope: "access_as_user" }, ({ oid, name, roles = [] }) => ({ oid, name, roles })],
  "GET /admin": [{ scope: "access_as_user", role: "Admin" }, ({ name }) => ({ message: `You may administer orders, ${name}` })],
};

/** Starts the API on loopback and resolves to its server. */
export async function start(options) {
  const allow = await guard(options);
  const server = createServer(async (request, response) => {
    const answer = (status, body, headers) => response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
    const route = routes[`${request.method} ${request.url}`];
    if (!route) return answer(404, { error: "not_found" });
    try {
      answer(200, route[1](await allow(request, route[0])));
    } catch (err) {
      if (!(err instanceof Refusal)) return answer(500, { error: "server_error" });
      const challenge = ['Bearer realm=""', err.code && `error="${err.code}"`].filter(Boolean).join(", ");
      answer(err.status, { error: err.code, error_description: err.message }, { "www-authenticate": challenge });
    }
  });
  await new Promise((resolve) => server.listen(Number(options.port ?? 0), "127.0.0.1", resolve));
  return server;
}

if (process.argv[1] === import.meta.filename) {
  const { ISSUER: issuer, AUDIENCE: audience, PORT: port } = process.env;
  const server = await start({ issuer, audience, port });
  console.log(`http://localhost:${server.address().port}`);
}
