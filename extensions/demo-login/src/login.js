import { createHash } from "node:crypto";

import { errors } from "oidc-provider";
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";

import { log } from "./log.js";
import { loginPage } from "./pages.js";
import { formOf } from "./web.js";

const ROUTE = /^\/interaction\/(?<uid>[\w-]{1,128})(?:\/(?<action>login|cancel))?$/;
// One sentence for a wrong name and a wrong password: the answer tells nobody which names exist.
const WRONG = {
  message: "This account name and password do not belong together. Try again.",
  field: "password",
};
const NO_NAME = { message: "Type an account name, or choose a demo account.", field: "name" };
const NO_PASSWORD = { message: "Type the password.", field: "password" };
const CANCELLED = { error: "access_denied", error_description: "the login was cancelled" };

/** Counts wrong passwords per account name and address, for all logins of this process. */
export function wrongPasswords({ wrong_passwords: points, within_seconds: duration }) {
  return new RateLimiterMemory({ points, duration });
}

/** Koa middleware with the login page: shows it, checks what is sent, and hands the person back to the library. */
export function loginRoutes(provider, { settings, accounts, attempts }) {
  const desk = { provider, settings, accounts, attempts };
  return async function loginMiddleware(ctx, next) {
    const { uid, action } = ROUTE.exec(ctx.path)?.groups ?? {};
    if (!uid) return next();
    const details = await provider.interactionDetails(ctx.req, ctx.res);
    // The cookie decides which login this is; an address of another one is an old page.
    if (details.uid !== uid) throw new errors.SessionNotFound("this page belongs to another login");
    if (action) ctx.assert(ctx.method === "POST", 405, "This address takes forms only.");
    if (action === "cancel") return finish(desk, ctx, CANCELLED);
    if (action === "login") return logIn(desk, ctx, details);
    // Asked for with prompt=consent: there is no consent page, the grant is already made.
    if (details.prompt.name === "consent") return finish(desk, ctx, { consent: {} });
    return show(desk, ctx, details, { name: ctx.query.account?.toString() ?? details.params.login_hint });
  };
}

async function logIn(desk, ctx, details) {
  const form = await formOf(ctx);
  const name = (form.get("name") ?? "").trim();
  const outcome = await judge(desk, ctx.ip, name, form.get("password"));
  if (outcome.account) return finish(desk, ctx, { login: { accountId: outcome.account.sub } });
  ctx.status = outcome.status;
  if (outcome.waitSeconds) ctx.set("Retry-After", String(outcome.waitSeconds));
  return show(desk, ctx, details, { name, problem: outcome.problem });
}

/** The account that may go on, or the status and the problem to show. */
async function judge({ accounts, attempts }, address, name, password) {
  if (!name) return { status: 400, problem: NO_NAME };
  if (!password) return { status: 400, problem: NO_PASSWORD };
  const key = createHash("sha256")
    .update(JSON.stringify([address, name]))
    .digest("hex");
  const waitSeconds = await secondsToWait(attempts, key);
  if (waitSeconds) {
    log("login_paused", { address, seconds: waitSeconds });
    return { status: 429, waitSeconds, problem: tooMany(waitSeconds) };
  }
  const account = await accounts.withPassword(name, password);
  if (!account) {
    log("login_refused", { address });
    return { status: 401, problem: WRONG };
  }
  await attempts.delete(key);
  log("login", { account: account.name, address });
  return { account };
}

/** Counts an attempt before its password is looked at, so that parallel ones count too. */
async function secondsToWait(attempts, key) {
  try {
    await attempts.consume(key);
    return 0;
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal;
    return Math.max(1, Math.ceil(refusal.msBeforeNext / 1000));
  }
}

function tooMany(seconds) {
  const wait = seconds === 1 ? "1 second" : `${seconds} seconds`;
  return {
    message: `Too many wrong passwords for this account name. Wait ${wait}, then try again.`,
    field: "password",
  };
}

function show({ settings, accounts }, ctx, { uid, params }, { name, problem }) {
  const client = settings.clients.find(({ client_id: id }) => id === params.client_id);
  ctx.type = "html";
  ctx.body = loginPage({
    uid,
    clientName: client.client_name,
    accounts: accounts.all(),
    passwordNote: settings.password_note,
    name,
    problem,
  });
}

async function finish({ provider }, ctx, result) {
  ctx.status = 303;
  ctx.redirect(await provider.interactionResult(ctx.req, ctx.res, result));
}
