// What flowscope says common middleware does with a token, against the
// middleware itself: jose, and jsonwebtoken of two versions, over the labelled
// tokens that FLOWSCOPE_MIDDLEWARE holds.
import assert from "node:assert/strict";
import { createPublicKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import * as jose from "jose";
import jwt9 from "jsonwebtoken";
import jwt8 from "jsonwebtoken-8";

const file = process.env.FLOWSCOPE_MIDDLEWARE;
const { keys, cases } = file ? JSON.parse(readFileSync(file, "utf8")) : { cases: [] };

/** The keys for signatures as PEM, by name, as jwks-rsa hands them out. */
const pems = (() => {
  const found = new Map();
  for (const key of keys?.keys ?? []) {
    if (key.use !== undefined && key.use !== "sig") continue;
    try {
      found.set(key.kid, createPublicKey({ key, format: "jwk" }).export({ type: "spki", format: "pem" }));
    } catch {
      // A key of a type that Node does not know.
    }
  }
  return found;
})();

/** Verifies with jsonwebtoken; text says in which form the program holds the key. */
function verify(jwt, token, options, text = (pem) => pem) {
  const key = ({ kid }, done) => {
    const pem = pems.get(kid);
    return pem ? done(null, text(pem)) : done(new Error("no key"));
  };
  return new Promise((resolve, reject) => jwt.verify(token, key, options, (err, claims) => (err ? reject(err) : resolve(claims))));
}

/** The forms in which a program may hold a public key; version 8 takes each for a secret. */
const forms = [
  (pem) => pem,
  (pem) => pem.trim(),
  (pem) => createPublicKey(pem).export({ type: "spki", format: "der" }),
  (pem) => (createPublicKey(pem).asymmetricKeyType === "rsa" ? createPublicKey(pem).export({ type: "pkcs1", format: "pem" }) : pem),
];

const named = (token) => JSON.parse(Buffer.from(token.split(".")[0], "base64")).alg;
const set = keys && jose.createLocalJWKSet(keys);
const inJose = (c, more) => jose.jwtVerify(c.token, set, { issuer: c.issuer, audience: c.audiences, currentDate: new Date(c.now * 1000), ...more });
const stated = (c, more) => ({ issuer: c.issuer, audience: c.audiences, clockTimestamp: c.now, ...more });

const libraries = {
  jose: (c) => inJose(c, { algorithms: c.algorithms }),
  "jose-any-algorithm": (c) => inJose(c),
  jsonwebtoken: (c) => verify(jwt9, c.token, stated(c, { algorithms: c.algorithms })),
  "passport-jwt-any-algorithm": (c) => verify(jwt9, c.token, stated(c)),
  "jsonwebtoken-9-header-alg": async (c) => verify(jwt9, c.token, { algorithms: [named(c.token)], clockTimestamp: c.now }),
  "jsonwebtoken-8-header-alg": (c) => Promise.any(forms.map(async (form) => verify(jwt8, c.token, { algorithms: [named(c.token)], clockTimestamp: c.now }, form))),
};

for (const [id, ask] of Object.entries(libraries)) {
  test(`${id} does what is said of it`, { skip: file ? false : "FLOWSCOPE_MIDDLEWARE names no file of tokens" }, async () => {
    assert.ok(cases.length > 100, `${cases.length} tokens`);
    const wrong = [];
    for (const c of cases) {
      const said = c.answers[id];
      if (said === "open") continue;
      const [does, why] = await ask(c).then(() => ["accepts", ""], (err) => ["rejects", err.code ?? err.message]);
      if (does !== said) wrong.push(`${c.name}: ${id} ${does} ${why}; said was ${said}, by ${c.rules[id]}`);
    }
    assert.deepEqual(wrong, []);
  });
}
