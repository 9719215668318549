// A person with a browser: follows redirects, keeps cookies, fills in the forms
// it finds and presses the button a willing person presses. It knows no page of
// the lab by name and runs no script.

/** What a person presses, in this order, where a page offers a choice. */
const WILLING = ["Sign in", "Accept", "Next", "Continue", "Approve"];

/** Pages in a row before the person gives up. */
const PATIENCE = 12;

const entities = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " " };

function text(html) {
  return html.replace(/&(#x[0-9a-f]+|#\d+|[a-z]+);/gi, (whole, name) => {
    if (name[0] !== "#") return entities[name.toLowerCase()] ?? whole;
    return String.fromCodePoint(name[1].toLowerCase() === "x" ? parseInt(name.slice(2), 16) : parseInt(name.slice(1), 10));
  });
}

function attributes(raw) {
  const out = {};
  for (const m of raw.matchAll(/([^\s=/>]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+)))?/g)) {
    out[m[1].toLowerCase()] = text(m[2] ?? m[3] ?? m[4] ?? "");
  }
  return out;
}

/** The words of a page, without tags. */
export function words(html) {
  return text(html.replace(/<(style|script)\b[\s\S]*?<\/\1>/gi, " ").replace(/<[^>]*>/g, " ")).replace(/\s+/g, " ").trim();
}

/** The forms of a page: where each goes, what it holds, which buttons it has. */
export function formsOf(html, at) {
  return [...html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/gi)].map(([, head, body]) => {
    const own = attributes(head);
    const form = { action: new URL(own.action ?? "", at), method: (own.method ?? "get").toUpperCase(), fields: new URLSearchParams(), buttons: new Map() };
    for (const [, raw] of body.matchAll(/<input\b([^>]*)>/gi)) {
      const a = attributes(raw);
      if (a.name && a.type !== "checkbox" && a.type !== "radio") form.fields.set(a.name, a.value ?? "");
    }
    for (const [, raw, label] of body.matchAll(/<button\b([^>]*)>([\s\S]*?)<\/button>/gi)) {
      form.buttons.set(words(label), attributes(raw));
    }
    return form;
  });
}

export class Person {
  #cookies = new Map(); // by host name and name: cookies know no port (RFC 6265 section 8.5)

  constructor({ username, password }) {
    this.username = username;
    this.password = password;
    this.code = "";
    this.pages = []; // the words of every page seen
  }

  async #fetch(url, init = {}) {
    const jar = this.#cookies.get(url.hostname) ?? new Map();
    this.#cookies.set(url.hostname, jar);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(url, { ...init, redirect: "manual", headers: { ...init.headers, ...(cookie && { cookie }) } });
    for (const line of response.headers.getSetCookie()) {
      const [pair, ...rest] = line.split(";");
      const [name, ...value] = pair.split("=");
      if (rest.some((r) => /^\s*max-age\s*=\s*(0|-)/i.test(r))) jar.delete(name.trim());
      else jar.set(name.trim(), value.join("="));
    }
    return response;
  }

  /**
   * Follows an address until the lab hands over to somebody else, or a page
   * asks nothing more. The answer is { url, params, form } where params are
   * those of the query, the fragment or the form.
   */
  async open(address) {
    const home = new URL(address).origin;
    let url = new URL(address);
    let init = {};
    for (let i = 0; i < PATIENCE; i++) {
      const response = await this.#fetch(url, init);
      const location = response.headers.get("location");
      if (location) {
        await response.arrayBuffer();
        url = new URL(location, url);
        init = {};
        if (url.origin !== home) return { url, params: new URLSearchParams(url.hash ? url.hash.slice(1) : url.search), form: false };
        continue;
      }
      const html = await response.text();
      this.pages.push(words(html));
      const form = this.#fill(formsOf(html, url), home);
      if (form === undefined) return { url, params: new URLSearchParams(), form: false };
      if (form === null) throw new Error(`nothing to press on ${url}: ${words(html)}`);
      if (form.action.origin !== home) return { url: form.action, params: form.fields, form: true };
      url = form.action;
      init = { method: form.method, body: form.fields };
    }
    throw new Error(`${address} leads in circles; the last page: ${this.pages.at(-1)}`);
  }

  /** The form to send; null where there is none to press, undefined where nothing is asked. */
  #fill(forms, home) {
    if (forms.length === 0) return undefined;
    for (const form of forms) {
      if (form.action.origin !== home) return form; // carries the answer to the application
      if (form.fields.has("username") && form.fields.has("password")) {
        form.fields.set("username", this.username);
        form.fields.set("password", this.password);
      }
      if (form.fields.has("user_code")) form.fields.set("user_code", this.code);
      const label = WILLING.find((l) => form.buttons.has(l));
      if (!label) continue;
      const { name, value } = form.buttons.get(label);
      if (name) form.fields.set(name, value ?? "");
      return form;
    }
    return null;
  }

  /** Opens an address and carries the answer to the application that waits for it, as a browser would. */
  async deliver(address) {
    const there = await this.open(address);
    const response = await fetch(there.url, there.form ? { method: "POST", body: there.params } : {});
    await response.arrayBuffer();
    return there;
  }

  /** Types the code that a device shows on the page that it names, and agrees. */
  async enter(page, code) {
    this.code = code;
    return this.open(page);
  }
}
