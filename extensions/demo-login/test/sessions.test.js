import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { openBrowser } from "./support/browser.js";
import { openRelyingParty } from "./support/relying-party.js";
import {
  editAccounts,
  LOGGED_OUT_URI,
  makeSite,
  REDIRECT_URI,
  RESEARCHER,
  run,
  startProvider,
  STRANGER,
} from "./support/site.js";
import { waitUntil } from "./support/waiting.js";

async function open(t, overrides) {
  const site = await makeSite(t, overrides);
  const provider = await startProvider(t, site);
  return { site, provider, hub: await openRelyingParty(site) };
}

const isLoggedIn = (page) => page.url.href.startsWith(`${REDIRECT_URI}?code=`);
const asksForPassword = (page) => page.document?.querySelector("#password") !== null && !isLoggedIn(page);

async function visitAgain(hub, browser, parameters) {
  return browser.visit((await hub.begin(parameters)).address);
}

suite("a session", () => {
  test("is remembered: the second login asks for no password", async (t) => {
    const { hub } = await open(t);
    const { browser } = await hub.login();
    assert.ok(isLoggedIn(await visitAgain(hub, browser)));
  });

  test("gets the scopes of a later request as well", async (t) => {
    const { hub } = await open(t);
    const { browser } = await hub.login({ scope: "openid" });
    const request = await hub.begin({ scope: "openid email" });
    const tokens = await request.finish((await browser.visit(request.address)).url);
    assert.equal((await hub.userinfo(tokens)).email, RESEARCHER.claims.email);
  });

  test("survives a restart, with its tokens", async (t) => {
    const { site, provider, hub } = await open(t);
    const { browser, tokens } = await hub.login();
    assert.equal(await provider.stop(), 0);
    await startProvider(t, site);
    assert.ok(isLoggedIn(await visitAgain(hub, browser)));
    assert.equal((await hub.userinfo(tokens)).sub, RESEARCHER.sub);
    assert.ok((await hub.refresh(tokens)).access_token);
  });

  test("of a removed account ends: no refresh, no userinfo, and the login page instead of a code", async (t) => {
    const { site, hub } = await open(t);
    const { browser, tokens } = await hub.login();
    editAccounts(site, (accounts) => accounts.filter(({ name }) => name !== RESEARCHER.name));
    await assert.rejects(hub.refresh(tokens), { error: "invalid_grant" });
    await assert.rejects(
      hub.userinfo(tokens),
      (error) => error.cause[0].parameters.error === "invalid_token" && error.status === 401,
    );
    assert.ok(asksForPassword(await visitAgain(hub, browser)));
  });

  test("of one account gives way to another account's", async (t) => {
    const { hub } = await open(t);
    const { browser, tokens } = await hub.login();
    const request = await hub.begin({ prompt: "login" });
    const between = await browser.submit(await browser.visit(request.address), "/login", {
      name: STRANGER.name,
      password: STRANGER.password,
    });
    assert.equal(between.heading, "One moment …");
    const callback = await browser.submit(between, "/session/end/confirm", {});
    assert.equal((await request.finish(callback.url)).claims().sub, STRANGER.sub);
    await assert.rejects(hub.refresh(tokens), { error: "invalid_grant" });
  });

  test("does not answer prompt=login: the password is asked for", async (t) => {
    const { hub } = await open(t);
    const { browser } = await hub.login();
    assert.ok(asksForPassword(await visitAgain(hub, browser, { prompt: "login" })));
  });
});

suite("a refresh token", () => {
  test("is replaced at every use", async (t) => {
    const { hub } = await open(t);
    const { tokens } = await hub.login();
    const second = await hub.refresh(tokens);
    assert.notEqual(second.refresh_token, tokens.refresh_token);
    assert.ok((await hub.refresh(second)).refresh_token);
  });

  test("used twice ends everything that came from the login", async (t) => {
    const { hub } = await open(t);
    const { tokens } = await hub.login();
    const second = await hub.refresh(tokens);
    await assert.rejects(hub.refresh(tokens), { error: "invalid_grant" });
    await assert.rejects(hub.refresh(second), { error: "invalid_grant" });
    await assert.rejects(hub.userinfo(tokens), { status: 401 });
  });

  test("used by several requests at once is good for one of them at most", async (t) => {
    const { hub } = await open(t);
    const { tokens } = await hub.login();
    const answers = await Promise.allSettled(Array.from({ length: 6 }, () => hub.refresh(tokens)));
    assert.ok(answers.filter(({ status }) => status === "fulfilled").length <= 1);
  });

  test("revoked by the hub is refused", async (t) => {
    const { hub } = await open(t);
    const { tokens } = await hub.login();
    await hub.revoke(tokens.refresh_token);
    await assert.rejects(hub.refresh(tokens), { error: "invalid_grant" });
  });

  test("and an access token expire after the seconds in the settings, without tolerance", async (t) => {
    const { hub } = await open(t, { ttl_seconds: { access_token: 1, refresh_token: 1 } });
    const { tokens } = await hub.login();
    const isRefused = () =>
      hub.userinfo(tokens).then(
        () => false,
        (error) => error.status === 401,
      );
    await waitUntil(isRefused, "the access token of 1 second is still good", { timeoutSeconds: 5 });
    await assert.rejects(hub.refresh(tokens), { error: "invalid_grant" });
  });
});

suite("logging out", () => {
  test("with the ID token returns to the hub, ends the tokens, and the next login asks for the password", async (t) => {
    const { hub } = await open(t);
    const { browser, tokens } = await hub.login();
    const page = await browser.visit(hub.logoutAddress({ id_token_hint: tokens.id_token, state: "back" }));
    assert.equal(page.heading, "One moment …");
    const after = await browser.submit(page, "/session/end/confirm", {});
    assert.equal(after.url.href, `${LOGGED_OUT_URI}?state=back`);
    await assert.rejects(hub.refresh(tokens), { error: "invalid_grant" });
    assert.ok(asksForPassword(await visitAgain(hub, browser)));
  });

  test("without the ID token asks first", async (t) => {
    const { hub } = await open(t);
    const { browser } = await hub.login();
    const page = await browser.visit("/session/end");
    assert.equal(page.heading, "Log out of the demo login?");
    await browser.submit(page, "/session/end/confirm", {});
    assert.ok(isLoggedIn(await visitAgain(hub, browser)));
    const after = await browser.submit(await browser.visit("/session/end"), "/session/end/confirm", {
      logout: "yes",
    });
    assert.equal(after.heading, "You are logged out");
    assert.ok(asksForPassword(await visitAgain(hub, browser)));
  });

  test("with somebody else's ID token asks first", async (t) => {
    const { hub } = await open(t);
    const { browser } = await hub.login();
    const { tokens } = await hub.login({ account: STRANGER });
    const page = await browser.visit(hub.logoutAddress({ id_token_hint: tokens.id_token }));
    assert.equal(page.heading, "Log out of the demo login?");
  });

  test("without a session ends at our page", async (t) => {
    const { site } = await open(t);
    const browser = openBrowser(site.issuer);
    const page = await browser.visit("/session/end");
    assert.match(page.text, /Passwords here are public/);
    assert.equal((await browser.submit(page, "/session/end/confirm", {})).heading, "You are logged out");
  });

  test("to an address nobody registered is refused", async (t) => {
    const { hub } = await open(t);
    const { browser, tokens } = await hub.login();
    const address = hub.logoutAddress({
      id_token_hint: tokens.id_token,
      post_logout_redirect_uri: "http://127.0.0.1:8000/other",
    });
    const page = await browser.visit(address);
    assert.equal(page.status, 400);
    assert.match(page.text, /post_logout_redirect_uri not registered/);
  });
});

test("rotated keys sign at once, the old ones still verify, and nobody is logged out", async (t) => {
  const { site, hub } = await open(t);
  const { browser, tokens } = await hub.login();
  const keyIds = async () =>
    (await (await fetch(hub.config.serverMetadata().jwks_uri)).json()).keys.map(({ kid }) => kid);
  const [oldKey] = await keyIds();

  const rotation = await run("keys.js", ["rotate", "--data-dir", site.settings.data_dir]);
  assert.equal(rotation.code, 0, rotation.errors);
  const [newKey, ...kept] = await keyIds();
  assert.notEqual(newKey, oldKey);
  assert.deepEqual(kept, [oldKey]);
  assert.equal(rotation.output, `signing with ${newKey} from now on\n`);

  const fresh = await hub.refresh(tokens);
  assert.equal(JSON.parse(Buffer.from(fresh.id_token.split(".")[0], "base64url")).kid, newKey);
  assert.ok(isLoggedIn(await visitAgain(hub, browser)));
  assert.equal(
    (await browser.visit(hub.logoutAddress({ id_token_hint: tokens.id_token }))).heading,
    "One moment …",
  );
});
