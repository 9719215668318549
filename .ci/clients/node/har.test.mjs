// What `flowscope run --har` writes, held to the JSON schema of HAR 1.2.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import validator from "har-validator";

const program = process.env.FLOWSCOPE;

for (const [name, ...args] of [
  ["authorization-code"],
  ["authorization-code", "--as", "web", "--with-secrets"],
  ["authorization-code", "--fault", "verifier"],
  ["client-credentials"],
  ["device-code"],
  ["on-behalf-of"],
  ["refresh-token"],
  ["sign-out"],
]) {
  test(`HAR of ${[name, ...args].join(" ")}`, async () => {
    const folder = mkdtempSync(join(tmpdir(), "flowscope-har-"));
    try {
      const file = join(folder, "run.har");
      const ran = spawnSync(program, ["run", name, ...args, "--har", file], { encoding: "utf8", timeout: 30_000 });
      const har = JSON.parse(readFileSync(file, "utf8"));
      await validator.har(har);
      assert.ok(har.log.entries.length > 1, ran.stderr);
      const redacted = !args.includes("--with-secrets");
      assert.equal(har.log.comment.includes("WITH SECRETS"), !redacted);
      const posted = har.log.entries.filter((e) => e.request.postData?.mimeType.startsWith("application/x-www-form-urlencoded"));
      assert.ok(posted.length > 0 && posted.every((e) => e.request.postData.params.length > 0));
      for (const { name: param, value } of posted.flatMap((e) => e.request.postData.params)) {
        if (redacted && ["client_secret", "code", "code_verifier", "refresh_token", "assertion", "device_code"].includes(param)) {
          assert.match(value, /(^|^ey[^.]+\.[^.]+\.)masked:[A-Z]+$/, `${param} is not masked`); // of a token, the signature
        }
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
}
