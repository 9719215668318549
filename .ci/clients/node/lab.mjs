// What the tests know of the lab: its own description, and nothing else.
import assert from "node:assert/strict";
import { createHash, createPrivateKey, createSign, randomUUID, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";

import { createRemoteJWKSet, decodeJwt, jwtVerify } from "jose";

import { Person } from "./person.mjs";

export const lab = JSON.parse(readFileSync(process.env.FLOWSCOPE_LAB, "utf8"));

export const tenant = lab.tenant_id;

/** The two ways to reach the lab. */
export const ways = {
  TLS: new URL(lab.authority).origin,
  "plain HTTP": new URL(lab.http_authority).origin,
};

export function app(name) {
  const found = lab.apps.find((a) => a.name === name);
  assert.ok(found, `the description names no application ${name}`);
  return found;
}

export function user(name) {
  const found = lab.users.find((u) => u.username.startsWith(`${name}@`));
  assert.ok(found, `the description names no ${name}`);
  return found;
}

/** A person with an empty browser. */
export const person = (name = "ada") => new Person(user(name));

export const orders = "api://orders.contoso.example";
export const inventory = "api://inventory.contoso.example";

const keys = new Map();

/**
 * Checks a token's signature with the keys that the lab publishes, its issuer,
 * and the claims given; a claim that must be absent is undefined, and a function
 * judges by itself.
 */
export async function verified(token, base, version, want) {
  const issuer = version === 2 ? `${base}/${tenant}/v2.0` : `${base}/${tenant}/`;
  if (!keys.has(base)) keys.set(base, createRemoteJWKSet(new URL(`${base}/${tenant}/discovery/v2.0/keys`)));
  const { payload } = await jwtVerify(token, keys.get(base), { algorithms: ["RS256"], issuer });
  assert.equal(payload.ver, `${version}.0`);
  for (const [name, value] of Object.entries(want)) {
    if (typeof value === "function") assert.ok(value(payload[name]), `claim ${name} is ${payload[name]}`);
    else assert.deepEqual(payload[name], value, `claim ${name}`);
  }
  return payload;
}

// A token carries everything that the person ever consented to, and the tests
// share one lab.
const mayUse = (scp) => ["access_as_user", "Orders.Read access_as_user", "access_as_user Orders.Read"].includes(scp);

/** What Orders API must be told about Ada by a client that proved itself in the way given. */
export const adaAt = (token, base, client, proved, more = {}) =>
  verified(token, base, 2, {
    aud: app("orders-api").client_id,
    azp: app(client).client_id,
    azpacr: proved,
    oid: user("ada").oid,
    tid: tenant,
    scp: mayUse,
    roles: ["Editor"],
    preferred_username: user("ada").username,
    idtyp: undefined,
    ...more,
  });

/** What Orders API must be told about an application alone. */
export async function appAt(token, base, client, proved) {
  const claims = await verified(token, base, 2, {
    aud: app("orders-api").client_id,
    azp: app(client).client_id,
    azpacr: proved,
    tid: tenant,
    roles: ["Orders.Read.All"],
    scp: undefined,
    preferred_username: undefined,
  });
  assert.equal(claims.oid, claims.sub);
  return claims;
}

/** What Inventory API, which takes v1.0 tokens, must be told about Ada. */
export const stockFor = (token, base, client, proved) =>
  verified(token, base, 1, {
    aud: inventory,
    appid: app(client).client_id,
    appidacr: proved,
    oid: user("ada").oid,
    scp: "stock.read",
  });

/** The ID token's claims, which every client must have been told. */
export function idAt(claims, base, client, more = {}) {
  const want = { aud: app(client).client_id, iss: `${base}/${tenant}/v2.0`, oid: user("ada").oid, tid: tenant, ver: "2.0", preferred_username: user("ada").username, ...more };
  for (const [name, value] of Object.entries(want)) assert.deepEqual(claims[name], value, `claim ${name} of the ID token`);
  assert.notEqual(claims.sub, claims.oid);
}

/** SHA-256 of a certificate, as hexadecimal digits or base64url. */
export function thumbprint(certificate, encoding) {
  return createHash("sha256").update(new X509Certificate(certificate).raw).digest(encoding);
}

/** A token as the lab's second issuer hands it to a build; like all its issuers it has the address at which the lab is asked. */
export function federated(base) {
  const issuer = base + new URL(lab.federated_issuer.issuer).pathname;
  const { subject, audience, private_key_pem, kid } = lab.federated_issuer;
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const now = Math.floor(Date.now() / 1000);
  const signed = `${part({ alg: "RS256", typ: "JWT", kid })}.${part({ iss: issuer, sub: subject, aud: audience, iat: now, nbf: now, exp: now + 300, jti: randomUUID() })}`;
  return `${signed}.${createSign("sha256").update(signed).sign(createPrivateKey(private_key_pem)).toString("base64url")}`;
}

/** Calls an API of the lab with a token. */
export async function call(base, path, token) {
  const response = await fetch(new URL(path, base), { headers: { authorization: `Bearer ${token}` } });
  return { status: response.status, body: await response.json() };
}

export { decodeJwt };
