import assert from "node:assert/strict";
import { request } from "node:http";
import { createServer } from "node:net";
import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { suite, test } from "node:test";

import { openBrowser } from "./support/browser.js";
import { openRelyingParty } from "./support/relying-party.js";
import { freePort, makeSite, run, startProvider, writePrivate } from "./support/site.js";

async function open(t) {
  const site = await makeSite(t);
  await startProvider(t, site);
  return { site, hub: await openRelyingParty(site), browser: openBrowser(site.issuer) };
}

async function start(site) {
  return run("main.js", ["--settings", site.file("settings.json")]);
}

suite("a request to the provider", () => {
  test("reads in discovery: code only, RS256 only, S256 only", async (t) => {
    const { hub } = await open(t);
    const metadata = hub.config.serverMetadata();
    assert.deepEqual(metadata.response_types_supported, ["code"]);
    assert.deepEqual(metadata.id_token_signing_alg_values_supported, ["RS256"]);
    assert.deepEqual(metadata.code_challenge_methods_supported, ["S256"]);
    assert.deepEqual(metadata.grant_types_supported.toSorted(), ["authorization_code", "refresh_token"]);
    for (const scope of [
      "openid",
      "profile",
      "email",
      "voperson_id",
      "eduperson_entitlement",
      "eduperson_assurance",
      "offline_access",
    ]) {
      assert.ok(metadata.scopes_supported.includes(scope), scope);
    }
    assert.ok(metadata.end_session_endpoint && metadata.revocation_endpoint);
  });

  test("without PKCE is refused", async (t) => {
    const { hub, browser } = await open(t);
    const { address } = await hub.begin();
    for (const name of ["code_challenge", "code_challenge_method"]) address.searchParams.delete(name);
    const { url } = await browser.visit(address);
    assert.equal(url.searchParams.get("error"), "invalid_request");
    assert.match(url.searchParams.get("error_description"), /PKCE/);
  });

  test("with a plain PKCE challenge is refused", async (t) => {
    const { hub, browser } = await open(t);
    const { url } = await browser.visit((await hub.begin({ code_challenge_method: "plain" })).address);
    assert.equal(url.searchParams.get("error"), "invalid_request");
  });

  test("for the implicit flow is refused", async (t) => {
    const { hub, browser } = await open(t);
    const { url } = await browser.visit((await hub.begin({ response_type: "id_token" })).address);
    assert.match(url.href, /error=unsupported_response_type/);
  });

  test("to return to an address nobody registered is refused on our own page", async (t) => {
    const { hub, browser } = await open(t);
    const page = await browser.visit(
      (await hub.begin({ redirect_uri: "http://127.0.0.1:8000/hub/other" })).address,
    );
    assert.equal(page.status, 400);
    assert.match(page.text, /invalid_redirect_uri/);
    assert.match(page.text, /Passwords here are public/);
  });

  test("under another host name is refused, and the health address is not", async (t) => {
    const { site } = await open(t);
    const ask = async (path) => {
      const [answer] = await once(
        request(`${site.issuer}${path}`, { headers: { host: "rebound.example" } }).end(),
        "response",
      );
      return answer.resume().statusCode;
    };
    assert.equal(await ask("/.well-known/openid-configuration"), 421);
    assert.equal(await ask("/health"), 200);
  });

  test("reaches both loopback addresses", async (t) => {
    const { site } = await open(t);
    for (const host of ["127.0.0.1", "[::1]"]) {
      assert.equal((await fetch(`http://${host}:${site.settings.port}/health`)).status, 200);
    }
  });

  test("with a wrong client secret is refused", async (t) => {
    const { hub } = await open(t);
    const body = new URLSearchParams({
      client_id: "lifedesk",
      client_secret: "not the secret at all",
      grant_type: "refresh_token",
      refresh_token: "x",
    });
    const answer = await fetch(hub.config.serverMetadata().token_endpoint, { method: "POST", body });
    assert.equal(answer.status, 401);
    assert.equal((await answer.json()).error, "invalid_client");
  });

  test("with a token of any shape is answered 401", async (t) => {
    const { hub } = await open(t);
    for (const token of ["x", "y".repeat(3000)]) {
      const answer = await fetch(hub.config.serverMetadata().userinfo_endpoint, {
        headers: { authorization: `Bearer ${token}` },
      });
      assert.equal(answer.status, 401);
    }
  });
});

suite("the provider does not start", () => {
  const refused = async (t, overrides, sentence) => {
    const site = await makeSite(t, overrides);
    const { code, errors } = await start(site);
    assert.equal(code, 1);
    assert.match(errors, sentence);
    assert.doesNotMatch(errors, /\n {4}at /);
  };

  test("with an issuer that is another machine", (t) =>
    refused(
      t,
      { issuer: "http://login.example:9400", port: 9400 },
      /names another machine\. The demo login has public passwords/,
    ));

  test("with an issuer that has a path", (t) =>
    refused(
      t,
      { issuer: "http://localhost:9400/oidc", port: 9400 },
      /must be http:\/\/HOST:PORT and nothing after it/,
    ));

  test("with an issuer of another port", (t) =>
    refused(
      t,
      { issuer: "http://localhost:9400", port: 9401 },
      /issuer "http:\/\/localhost:9400" and port 9401 must agree/,
    ));

  test("with an unknown setting, and names it", (t) =>
    refused(t, { colour: "red" }, /Unrecognized key: "colour"/));

  for (const name of ["secret", "settings.json"]) {
    test(`with a ${name} file that others can read`, async (t) => {
      const site = await makeSite(t);
      chmodSync(site.file(name), 0o644);
      const { code, errors } = await start(site);
      assert.equal(code, 1);
      assert.match(
        errors,
        /has mode 0644: other users of this machine may open it\. Make it private: chmod 600 /,
      );
    });
  }

  test("without its secret file", async (t) => {
    const site = await makeSite(t, {
      clients: [
        { client_id: "lifedesk", client_secret_file: "none", redirect_uris: ["http://127.0.0.1:8000/"] },
      ],
    });
    assert.match((await start(site)).errors, /^Secret file of client "lifedesk" .* does not exist\.$/m);
  });

  for (const address of ["127.0.0.1", "::1"]) {
    test(`on a port that somebody holds on ${address}`, async (t) => {
      const site = await makeSite(t);
      const holder = createServer().listen({ port: site.settings.port, host: address, ipv6Only: true });
      await once(holder, "listening");
      t.after(() => holder.close());
      const { code, errors } = await start(site);
      assert.equal(code, 1);
      assert.match(
        errors,
        new RegExp(
          `^Port ${site.settings.port} of ${address} is in use\\. Stop the program that holds it`,
          "m",
        ),
      );
    });
  }

  test("with a broken keys file, and does not quote it", async (t) => {
    const site = await makeSite(t);
    const provider = await startProvider(t, site);
    await provider.stop();
    const path = `${site.settings.data_dir}/keys.json`;
    assert.equal(statSync(path).mode & 0o777, 0o600);
    writeFileSync(path, readFileSync(path, "utf8").slice(0, -20));
    const { code, errors } = await start(site);
    assert.equal(code, 1);
    assert.match(errors, /^Keys file .* is not valid JSON\./m);
  });
});

suite("accounts.js create", () => {
  const account = { name: "facility", sub: "0a1b2c", password: "facility-password", claims: { name: "Fay" } };
  const create = (path, list) =>
    run("accounts.js", ["create", "--file", path], typeof list === "string" ? list : JSON.stringify(list));

  test("writes a private file with hashes and without passwords", async (t) => {
    const site = await makeSite(t);
    const path = site.file("new.json");
    const { code, output, errors } = await create(path, [
      account,
      { ...account, name: "operator", sub: "3d4e5f" },
    ]);
    assert.equal(code, 0, errors);
    assert.equal(output, `2 accounts written to ${path}\n`);
    const text = readFileSync(path, "utf8");
    assert.doesNotMatch(text, /facility-password/);
    const [first, second] = JSON.parse(text);
    assert.match(first.password_hash, /^\$scrypt\$ln=14,r=8,p=5\$/);
    assert.notEqual(first.password_hash, second.password_hash);
    assert.equal(statSync(path).mode & 0o777, 0o600);
  });

  for (const [what, list, sentence] of [
    [
      "a list with one name twice",
      [account, { ...account, sub: "other" }],
      /two accounts have the same name/,
    ],
    ["a list with one sub twice", [account, { ...account, name: "other" }], /two accounts have the same sub/],
    ["a sub among the claims", [{ ...account, claims: { sub: "x" } }], /\[0\]\.claims: leave out sub, iss/],
    ["a missing password", [{ ...account, password: undefined }], /\[0\]\.password: /],
    ["an unknown field", [{ ...account, colour: "red" }], /Unrecognized key: "colour"/],
    ["something that is not JSON", "facility:facility-password", /^Standard input is not valid JSON/m],
  ]) {
    test(`refuses ${what}, keeps the file there is and quotes no password`, async (t) => {
      const site = await makeSite(t);
      const before = readFileSync(site.settings.accounts_file, "utf8");
      const { code, errors } = await create(site.settings.accounts_file, list);
      assert.equal(code, 1);
      assert.match(errors, sentence);
      assert.doesNotMatch(errors, /facility-password/);
      assert.equal(readFileSync(site.settings.accounts_file, "utf8"), before);
    });
  }
});

test("a wrong command line says how to use the program", async () => {
  assert.match((await run("main.js", [])).errors, /^Use: node src\/main\.js --settings FILE$/m);
  assert.match(
    (await run("accounts.js", ["delete"])).errors,
    /^Use: node src\/accounts\.js create --file FILE/m,
  );
  assert.match(
    (await run("keys.js", ["rotate"])).errors,
    /^Use: node src\/keys\.js rotate --data-dir FOLDER$/m,
  );
  assert.match((await run("main.js", ["--port", "1"])).errors, /^Unknown option '--port'/m);
});
