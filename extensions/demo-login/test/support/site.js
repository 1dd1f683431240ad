import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { createAccounts } from "../../src/accounts.js";

export const SECRET = "a secret of the test client, long enough";
export const REDIRECT_URI = "http://127.0.0.1:8000/hub/oauth_callback";
export const LOGGED_OUT_URI = "http://127.0.0.1:8000/hub/login";

const GROUP = (name) => `urn:geant:lifedesk.example:group:${name}#demo.lifedesk.example`;

export const RESEARCHER = {
  name: "researcher",
  sub: "b1d2c3@demo.lifedesk.example",
  password: "researcher-password",
  description: "Imaging and structural biology: sees both groups' environments.",
  claims: {
    name: "Rosa Researcher",
    given_name: "Rosa",
    family_name: "Researcher",
    email: "rosa@lifedesk.example",
    email_verified: true,
    voperson_id: "b1d2c3@demo.lifedesk.example",
    eduperson_entitlement: [GROUP("imaging"), GROUP("structural")],
    eduperson_assurance: ["https://refeds.org/assurance/IAP/low"],
  },
};

export const STRANGER = {
  name: "stranger",
  sub: "ffee00@demo.lifedesk.example",
  password: "stranger-password",
  description: "Belongs to no group of this node: is refused with a sentence.",
  claims: { name: "Sam Stranger" },
};

/** A folder with everything a provider needs, removed when the test ends. */
export async function makeSite(t, { accounts = [RESEARCHER, STRANGER], ...overrides } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "demo-login-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const port = await freePort();
  const settings = {
    issuer: `http://localhost:${port}`,
    port,
    data_dir: join(folder, "data"),
    accounts_file: join(folder, "accounts.json"),
    clients: [
      {
        client_id: "lifedesk",
        client_secret_file: join(folder, "secret"),
        redirect_uris: [REDIRECT_URI],
        post_logout_redirect_uris: [LOGGED_OUT_URI],
      },
    ],
    ...overrides,
  };
  writePrivate(join(folder, "secret"), SECRET);
  writePrivate(join(folder, "settings.json"), JSON.stringify(settings));
  await createAccounts(settings.accounts_file, accounts);
  return { folder, settings, issuer: settings.issuer, file: (name) => join(folder, name) };
}

/** Changes the accounts file in one write, as an operator would. */
export function editAccounts(site, change) {
  const path = site.settings.accounts_file;
  writeFileSync(path, JSON.stringify(change(JSON.parse(readFileSync(path, "utf8")))));
}

export function writePrivate(path, text) {
  writeFileSync(path, text, { mode: 0o600 });
}

/** Starts the provider of a site and waits for its ready line; it is stopped when the test ends. */
export async function startProvider(t, site) {
  const child = runNode("main.js", ["--settings", site.file("settings.json")]);
  const [line] = await Promise.race([
    once(createInterface(child.stdout), "line"),
    child.ended.then(() => [undefined]),
  ]);
  if (line !== `ready ${site.issuer}`) throw new Error(`the provider did not start: ${child.errors()}`);
  const stop = async () => {
    child.kill("SIGTERM");
    return child.ended;
  };
  t.after(stop);
  return { stop, log: child.errors };
}

/** Runs one of the programs to its end with some standard input. */
export async function run(program, args, input = "") {
  const child = runNode(program, args);
  child.stdin.end(input);
  const code = await child.ended;
  return { code, output: child.output(), errors: child.errors() };
}

function runNode(program, args) {
  const path = fileURLToPath(new URL(`../../src/${program}`, import.meta.url));
  const child = spawn(process.execPath, [path, ...args]);
  const gather = (stream) => {
    let text = "";
    stream.setEncoding("utf8").on("data", (part) => (text += part));
    return () => text;
  };
  return Object.assign(child, {
    output: gather(child.stdout),
    errors: gather(child.stderr),
    ended: once(child, "close").then(([code]) => code),
  });
}

/** A port nobody listens on. */
export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}
