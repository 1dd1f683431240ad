import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { suite, test } from "node:test";

import { chromium } from "playwright-core";

import { openRelyingParty } from "./support/relying-party.js";
import { freePort, makeSite, RESEARCHER, startProvider } from "./support/site.js";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const skip = !existsSync(CHROMIUM) && `no browser at ${CHROMIUM}: set CHROMIUM to one`;

/** A provider, a hub that answers at its redirect addresses, and a real browser. */
async function open(t, look = {}) {
  const hubAddress = await startHub(t);
  const site = await makeSite(t, {
    clients: [
      {
        client_id: "lifedesk",
        client_secret_file: "secret",
        redirect_uris: [`${hubAddress}/hub/oauth_callback`],
        post_logout_redirect_uris: [`${hubAddress}/hub/login`],
      },
    ],
  });
  await startProvider(t, site);
  const hub = await openRelyingParty(site);
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
  t.after(() => browser.close());
  const page = await browser.newPage(look);
  const complaints = [];
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  const begin = (parameters) =>
    hub.begin({ redirect_uri: `${hubAddress}/hub/oauth_callback`, ...parameters });
  return { hub, hubAddress, site, page, begin, complaints };
}

async function startHub(t) {
  const server = createServer((request, response) =>
    response.setHeader("content-type", "text/html").end(`<h1>hub</h1>`),
  );
  server.listen(await freePort(), "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return `http://127.0.0.1:${server.address().port}`;
}

/** What axe finds on the page, one line each. */
async function accessibilityFaults(page) {
  // Through the debugger: the page's own policy forbids foreign scripts, which is as it should be.
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  return violations.map(
    ({ id, impact, nodes }) => `${impact} ${id}: ${nodes.map((node) => node.html).join(" | ")}`,
  );
}

suite("in a browser", { skip }, () => {
  test("a person logs in with the keyboard alone, and is logged out again", async (t) => {
    const { hub, hubAddress, page, begin, complaints } = await open(t);
    const request = await begin();
    await page.goto(request.address.href);
    await page.getByRole("button", { name: "researcher" }).focus();
    await page.keyboard.press("Enter");
    await page.waitForURL(/account=researcher/);
    assert.equal(await page.getByLabel("Account name").inputValue(), "researcher");
    await page.keyboard.type(RESEARCHER.password);
    await page.keyboard.press("Enter");
    await page.waitForURL(`${hubAddress}/hub/oauth_callback?**`);
    const tokens = await request.finish(new URL(page.url()));

    const logout = hub.logoutAddress({
      id_token_hint: tokens.id_token,
      post_logout_redirect_uri: `${hubAddress}/hub/login`,
    });
    await page.goto(logout);
    await page.waitForURL(`${hubAddress}/hub/login`);
    await page.goto((await begin()).address.href);
    await page.getByLabel("Password").waitFor();
    assert.deepEqual(complaints, []);
  });

  test("a wrong password is announced and the cursor stands in the password", async (t) => {
    const { page, begin } = await open(t);
    await page.goto((await begin()).address.href);
    await page.getByLabel("Account name").fill("researcher");
    await page.getByLabel("Password").fill("wrong");
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByRole("alert").waitFor();
    assert.match(await page.title(), /^Error: Log in to Lifedesk/);
    const focused = page.locator("input:focus");
    assert.equal(await focused.getAttribute("id"), "password");
    assert.equal(
      await focused.getAttribute("aria-describedby"),
      await page.getByRole("alert").getAttribute("id"),
    );
  });

  for (const colorScheme of ["light", "dark"]) {
    for (const width of [320, 1280]) {
      test(`axe finds nothing, and nothing sticks out: ${colorScheme}, ${width} pixels wide`, async (t) => {
        const { site, page, begin } = await open(t, { colorScheme, viewport: { width, height: 800 } });
        const check = async (where, heading) => {
          await page.getByRole("heading", { name: heading }).waitFor();
          assert.deepEqual(await accessibilityFaults(page), [], where);
          assert.ok(
            await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
            `${where} is wider than the window`,
          );
        };
        await page.goto(`${(await begin()).address}`);
        await check("the login page", "Log in to Lifedesk");
        await page.getByRole("button", { name: "researcher" }).click();
        await page.getByLabel("Password").fill("wrong");
        await page.getByRole("button", { name: "Log in" }).click();
        await page.getByRole("alert").waitFor();
        await check("the login page after a wrong password", "Log in to Lifedesk");
        await page.getByLabel("Password").fill(RESEARCHER.password);
        await page.getByRole("button", { name: "Log in" }).click();
        await page.waitForURL("**/hub/oauth_callback?**");
        await page.goto(`${site.issuer}/session/end`);
        await check("the logout page", "Log out of the demo login?");
        await page.getByRole("button", { name: "Log out" }).click();
        await check("the logged-out page", "You are logged out");
        await page.goto(`${site.issuer}/auth?client_id=nobody`);
        await check("the error page", "This did not work");
      });
    }
  }
});
