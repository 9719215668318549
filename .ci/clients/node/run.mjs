// Starts `flowscope lab`, points Node at its certificate authority and runs the
// tests. The authority must be known before Node starts, so the tests run in a
// process of their own.
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const here = import.meta.dirname;
const program = process.env.FLOWSCOPE;
if (!program) {
  console.error("FLOWSCOPE must name the program under test");
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), "flowscope-clients-"));
const lab = spawn(program, ["lab", "--json"], { stdio: ["ignore", "pipe", "pipe"] });
let said = "";
lab.stderr.setEncoding("utf8").on("data", (text) => {
  said = (said + text).slice(-4000);
});
let running = true;
const ended = new Promise((resolve, reject) => lab.on("exit", resolve).on("error", reject)).finally(() => {
  running = false;
});

let status = 1;
try {
  const first = await Promise.race([
    new Promise((resolve) => createInterface({ input: lab.stdout }).once("line", resolve)),
    ended.then((code) => Promise.reject(new Error(`flowscope lab ended with ${code} before it described itself`))),
  ]);
  lab.stdout.resume();
  const description = join(folder, "lab.json");
  const authority = join(folder, "ca.pem");
  writeFileSync(description, first);
  writeFileSync(authority, JSON.parse(first).ca_pem);

  const files = readdirSync(here).filter((name) => name.endsWith(".test.mjs")).map((name) => join(here, name));
  const wanted = process.argv.slice(2);
  const chosen = wanted.length ? files.filter((f) => wanted.some((w) => f.endsWith(w))) : files;
  const tests = spawn(process.execPath, ["--test", "--test-concurrency=4", "--test-timeout=60000", "--test-reporter=spec", ...chosen], {
    stdio: "inherit",
    env: { ...process.env, NODE_EXTRA_CA_CERTS: authority, FLOWSCOPE_LAB: description },
  });
  status = await new Promise((resolve) => tests.on("exit", (code) => resolve(code ?? 1)));
  if (!running) throw new Error(`flowscope lab ended before the tests did\n${said}`);
} catch (err) {
  console.error(err.message);
  status = 1;
} finally {
  lab.kill("SIGTERM");
  await ended.catch(() => {});
  rmSync(folder, { recursive: true, force: true });
}
process.exit(status);
