import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { ClientSecretBasic } from "openid-client";

import { openBrowser } from "./support/browser.js";
import { openRelyingParty } from "./support/relying-party.js";
import {
  editAccounts,
  makeSite,
  REDIRECT_URI,
  RESEARCHER,
  SECRET,
  startProvider,
  STRANGER,
  writePrivate,
} from "./support/site.js";
import { waitUntil } from "./support/waiting.js";

const PROTOCOL_CLAIMS = ["aud", "exp", "iat", "iss", "nonce", "sub", "at_hash", "sid"];

async function open(t, overrides) {
  const site = await makeSite(t, overrides);
  const provider = await startProvider(t, site);
  const hub = await openRelyingParty(site);
  const browser = openBrowser(site.issuer);
  return { site, provider, hub, browser };
}

/** The login page of a fresh request. */
async function loginPage({ hub, browser }, parameters) {
  return browser.visit((await hub.begin(parameters)).address);
}

suite("a login", () => {
  test("with the right password gives tokens, and userinfo carries the claims of the account", async (t) => {
    const { hub } = await open(t);
    const { tokens } = await hub.login();
    assert.deepEqual(await hub.userinfo(tokens), { sub: RESEARCHER.sub, ...RESEARCHER.claims });
  });

  test("puts no group and no name into the ID token", async (t) => {
    const { hub } = await open(t);
    const { tokens } = await hub.login();
    const beyondTheProtocol = Object.keys(tokens.claims()).filter((name) => !PROTOCOL_CLAIMS.includes(name));
    assert.deepEqual(beyondTheProtocol, []);
    assert.equal(tokens.claims().sub, RESEARCHER.sub);
  });

  test("gives only the claims of the scopes that were asked for", async (t) => {
    const { hub } = await open(t);
    const { tokens } = await hub.login({ scope: "openid email" });
    const { sub, claims } = RESEARCHER;
    assert.deepEqual(await hub.userinfo(tokens), {
      sub,
      email: claims.email,
      email_verified: claims.email_verified,
    });
  });

  test("gives a refresh token without offline_access and without a consent page", async (t) => {
    const { hub } = await open(t);
    const { tokens } = await hub.login({ scope: "openid" });
    assert.ok(tokens.refresh_token);
  });

  test("asked for with prompt=consent shows the password page and no other", async (t) => {
    const { hub } = await open(t);
    const { tokens } = await hub.login({ prompt: "consent", scope: "openid offline_access" });
    assert.match(tokens.scope, /offline_access/);
  });

  test("shows changed groups at the next question", async (t) => {
    const { site, hub } = await open(t);
    const { tokens } = await hub.login();
    editAccounts(site, ([first, ...others]) => [
      { ...first, claims: { ...first.claims, eduperson_entitlement: [] } },
      ...others,
    ]);
    assert.deepEqual((await hub.userinfo(tokens)).eduperson_entitlement, []);
  });

  test("works for a client that sends its secret in the header", async (t) => {
    const site = await makeSite(t);
    const [client] = site.settings.clients;
    writePrivate(
      site.file("settings.json"),
      JSON.stringify({
        ...site.settings,
        clients: [{ ...client, token_endpoint_auth_method: "client_secret_basic" }],
      }),
    );
    await startProvider(t, site);
    const hub = await openRelyingParty(site, ClientSecretBasic(SECRET));
    const { tokens } = await hub.login();
    assert.equal(tokens.claims().sub, RESEARCHER.sub);
  });

  test("cancelled goes back to the hub with access_denied", async (t) => {
    const opened = await open(t);
    const page = await loginPage(opened);
    const { url } = await opened.browser.submit(page, "/cancel", {});
    assert.equal(url.origin + url.pathname, REDIRECT_URI);
    assert.equal(url.searchParams.get("error"), "access_denied");
  });
});

suite("a wrong login", () => {
  test("is answered alike for a known and an unknown name, and keeps no password", async (t) => {
    const opened = await open(t);
    const answers = [];
    for (const name of ["researcher", "no-such-name"]) {
      const page = await opened.browser.submit(await loginPage(opened), "/login", {
        name,
        password: "a wrong one",
      });
      answers.push([page.status, page.document.querySelector("[role=alert]").text]);
      assert.doesNotMatch(page.text, /a wrong one/);
      assert.equal(page.document.querySelector("[autofocus]").id, "password");
      assert.equal(page.document.querySelector("#name").getAttribute("value"), name);
    }
    assert.deepEqual(answers[0], [401, "This account name and password do not belong together. Try again."]);
    assert.deepEqual(answers[0], answers[1]);
  });

  test("writes neither the typed name nor the password to the log", async (t) => {
    const opened = await open(t);
    await opened.browser.submit(await loginPage(opened), "/login", {
      name: "typed-a-password-here",
      password: "a wrong one",
    });
    await opened.provider.stop();
    assert.match(opened.provider.log(), /"event":"login_refused"/);
    assert.doesNotMatch(opened.provider.log(), /typed-a-password-here|a wrong one/);
  });

  test("without a name puts the cursor into the name", async (t) => {
    const opened = await open(t);
    const page = await opened.browser.submit(await loginPage(opened), "/login", { name: " ", password: "x" });
    assert.equal(page.status, 400);
    assert.equal(page.document.querySelector("[autofocus]").id, "name");
  });

  test("repeated too often has to wait, for unknown names as well, and other accounts need not", async (t) => {
    const opened = await open(t, { login_attempts: { wrong_passwords: 2, within_seconds: 600 } });
    for (const name of ["researcher", "no-such-name"]) {
      const tryOnce = async (password) =>
        opened.browser.submit(await loginPage(opened), "/login", { name, password });
      assert.equal((await tryOnce("wrong")).status, 401);
      assert.equal((await tryOnce("wrong")).status, 401);
      const paused = await tryOnce(RESEARCHER.password);
      assert.equal(paused.status, 429);
      assert.ok(Number(paused.headers.get("retry-after")) > 590);
      assert.match(
        paused.document.querySelector("[role=alert]").text,
        /^Too many wrong passwords for this account name\. Wait \d+ seconds, then try again\.$/,
      );
    }
    await opened.hub.login({ account: STRANGER });
  });

  test("repeated too often is let in again after the wait", async (t) => {
    const opened = await open(t, { login_attempts: { wrong_passwords: 1, within_seconds: 1 } });
    const page = await loginPage(opened);
    const tryOnce = async (password) =>
      opened.browser.submit(page, "/login", { name: "researcher", password });
    await tryOnce("wrong");
    await waitUntil(
      async () => (await tryOnce(RESEARCHER.password)).url.origin !== opened.site.issuer,
      "the right password is still refused",
      { timeoutSeconds: 10 },
    );
  });

  test("is forgotten after the right password", async (t) => {
    const opened = await open(t, { login_attempts: { wrong_passwords: 2, within_seconds: 600 } });
    for (let round = 0; round < 3; round += 1) {
      await opened.browser.submit(await loginPage(opened), "/login", {
        name: "researcher",
        password: "wrong",
      });
      await opened.hub.login();
    }
  });

  test("sent from a page of another site is refused", async (t) => {
    const opened = await open(t);
    const fields = { name: "researcher", password: RESEARCHER.password };
    const page = await opened.browser.submit(await loginPage(opened), "/login", fields, {
      origin: "http://localhost:1",
    });
    assert.equal(page.status, 403);
  });

  test("without the cookies of its page is told that it has expired", async (t) => {
    const opened = await open(t);
    const page = await openBrowser(opened.site.issuer).submit(await loginPage(opened), "/login", {
      name: "researcher",
    });
    assert.equal(page.status, 400);
    assert.equal(page.heading, "This login has expired");
  });

  test("with a form longer than any is refused", async (t) => {
    const opened = await open(t);
    const page = await opened.browser.submit(await loginPage(opened), "/login", {
      name: "x".repeat(9000),
      password: "x",
    });
    assert.equal(page.status, 413);
  });
});

suite("the accounts on the login page", () => {
  test("are listed with what each is for, and one button fills in the name", async (t) => {
    const opened = await open(t, { password_note: "It is the account name." });
    const page = await loginPage(opened);
    assert.deepEqual(
      page.document.querySelectorAll(".accounts button").map((button) => button.text),
      ["researcher", "stranger"],
    );
    assert.match(page.text, /Choose one to fill in its name\. It is the account name\./);
    assert.match(page.text, /Imaging and structural biology: sees both groups&#39; environments\./);
    const chosen = await opened.browser.visit(new URL("?account=stranger", page.url));
    assert.equal(chosen.document.querySelector("#name").getAttribute("value"), "stranger");
    assert.equal(chosen.document.querySelector("[autofocus]").id, "password");
  });

  test("cannot put markup into the page", async (t) => {
    const opened = await open(t);
    const page = await loginPage(opened, { login_hint: `"><script>alert(1)</script>` });
    assert.doesNotMatch(page.text, /<script>alert/);
    assert.equal(page.document.querySelector("#name").getAttribute("value"), `"><script>alert(1)</script>`);
  });

  test("that cannot be read give a page and a line in the log, and the provider lives on", async (t) => {
    const opened = await open(t);
    const { browser: withSession, tokens } = await opened.hub.login();
    editAccounts(opened.site, ([first]) => [{ ...first, password_hash: "plain" }]);
    for (const browser of [opened.browser, withSession]) {
      const page = await loginPage({ ...opened, browser });
      assert.equal(page.status, 503);
      assert.equal(page.heading, "Nobody can log in now");
    }
    await assert.rejects(opened.hub.refresh(tokens), (error) => error.cause.status === 500);
    assert.equal((await fetch(`${opened.site.issuer}/health`)).status, 200);
    await opened.provider.stop();
    assert.match(opened.provider.log(), /\[0\]\.password_hash: not a scrypt hash this program wrote/);
    assert.doesNotMatch(opened.provider.log(), /"plain"/);
  });
});

test("every page forbids foreign scripts, frames, sniffing and storing", async (t) => {
  const opened = await open(t);
  for (const page of [
    await loginPage(opened),
    await opened.browser.visit("/nothing"),
    await opened.browser.visit("/session/end"),
  ]) {
    const policy = page.headers.get("content-security-policy");
    assert.match(
      policy,
      /default-src 'none'; style-src 'self'; script-src 'self'; .*form-action 'self' http:\/\/127\.0\.0\.1:8000; .*frame-ancestors 'none'/,
    );
    assert.equal(page.headers.get("x-content-type-options"), "nosniff");
    assert.equal(page.headers.get("referrer-policy"), "same-origin");
    assert.equal(page.headers.get("cache-control"), "no-store");
    assert.match(
      page.document.querySelector(".banner").text,
      /^Demo login: for trying Lifedesk on this machine only\. Passwords here are public\.$/,
    );
    assert.doesNotMatch(page.text, /https?:\/\/(?!localhost|127\.0\.0\.1)[a-z]+\.(?!w3\.org)/);
  }
});
