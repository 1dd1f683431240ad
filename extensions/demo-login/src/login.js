import { createHash } from "node:crypto";

import { errors } from "oidc-provider";
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";

import { log } from "./log.js";
import { loginPage } from "./pages.js";
import { formOf } from "./web.js";

const ROUTE = /^\/interaction\/(?<uid>[\w-]{1,128})(?:\/(?<action>login|cancel))?$/;
// One sentence for a wrong name and a wrong password: the answer tells nobody which names exist.
const WRONG = { message: "This account name and password do not belong together. Try again.", field: "password" };
const NO_NAME = { message: "Type an account name, or choose a demo account.", field: "name" };
const NO_PASSWORD = { message: "Type the password.", field: "password" };

/** Counts wrong passwords per account name and address, for all logins of this process. */
export function wrongPasswords({ wrong_passwords: points, within_seconds: duration }) {
  return new RateLimiterMemory({ points, duration });
}

/** Koa middleware with the login page: shows it, checks what is sent, and hands the person back to the library. */
export function loginRoutes(provider, { settings, accounts, attempts }) {
  const names = new Map(settings.clients.map((client) => [client.client_id, client.client_name]));

  const show = (ctx, details, { name, problem } = {}) => {
    ctx.type = "html";
    ctx.body = loginPage({ uid: details.uid, clientName: names.get(details.params.client_id), accounts: accounts.all(), name, problem });
  };
  const finish = async (ctx, result) => {
    ctx.status = 303;
    ctx.redirect(await provider.interactionResult(ctx.req, ctx.res, result));
  };
  const login = async (ctx, details) => {
    const form = await formOf(ctx);
    const name = (form.get("name") ?? "").trim();
    const refuse = (status, problem) => {
      ctx.status = status;
      show(ctx, details, { name, problem });
    };
    if (!name) return refuse(400, NO_NAME);
    if (!form.get("password")) return refuse(400, NO_PASSWORD);
    const attempt = await takeAttempt(attempts, ctx.ip, name);
    if (attempt.waitSeconds) {
      ctx.set("Retry-After", String(attempt.waitSeconds));
      log("login_paused", { address: ctx.ip, seconds: attempt.waitSeconds });
      return refuse(429, tooMany(attempt.waitSeconds));
    }
    const account = await accounts.withPassword(name, form.get("password"));
    if (!account) {
      log("login_refused", { address: ctx.ip });
      return refuse(401, WRONG);
    }
    await attempts.delete(attempt.key);
    log("login", { account: account.name, address: ctx.ip });
    return finish(ctx, { login: { accountId: account.sub } });
  };

  return async function loginMiddleware(ctx, next) {
    const { uid, action } = ROUTE.exec(ctx.path)?.groups ?? {};
    if (!uid) return next();
    const details = await provider.interactionDetails(ctx.req, ctx.res);
    // The cookie decides which login this is; an address of another one is an old page.
    if (details.uid !== uid) throw new errors.SessionNotFound("this page belongs to another login");
    if (action) ctx.assert(ctx.method === "POST", 405);
    if (action === "cancel") return finish(ctx, { error: "access_denied", error_description: "the login was cancelled" });
    if (action === "login") return login(ctx, details);
    // Asked for with prompt=consent: there is no consent page, the grant is already made.
    if (details.prompt.name === "consent") return finish(ctx, { consent: {} });
    return show(ctx, details, { name: ctx.query.account?.toString() ?? details.params.login_hint });
  };
}

async function takeAttempt(attempts, address, name) {
  const key = createHash("sha256").update(JSON.stringify([address, name])).digest("hex");
  try {
    await attempts.consume(key);
    return { key };
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal;
    return { key, waitSeconds: Math.max(1, Math.ceil(refusal.msBeforeNext / 1000)) };
  }
}

function tooMany(seconds) {
  const wait = seconds === 1 ? "1 second" : `${seconds} seconds`;
  return { message: `Too many wrong passwords for this account name. Wait ${wait}, then try again.`, field: "password" };
}
