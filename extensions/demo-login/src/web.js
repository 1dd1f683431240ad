import { createReadStream } from "node:fs";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";

import { AccountsFault } from "./errors.js";
import { Markup } from "./html.js";
import { log } from "./log.js";
import { continuePage, messagePage } from "./pages.js";

const STATIC = new Map(
  ["style.css", "send.js", "icon.svg"].map((name) => [
    `/static/${name}`,
    fileURLToPath(new URL(`../static/${name}`, import.meta.url)),
  ]),
);
const LONGEST_FORM_BYTES = 8192;

/** Answers every fault with one of our pages, and logs what nobody expected. */
export function answerFaults({ clients: [client] }) {
  const back = { clientName: client.client_name, backTo: new URL(client.redirect_uris[0]).origin };
  return async function answer(ctx, next) {
    try {
      await next();
      if (ctx.status === 404 && !ctx.body) ctx.throw(404);
    } catch (error) {
      const [status, title, sentence] = faultPage(error);
      log("refused", { path: ctx.path, status, reason: isExpected(error) ? error.message : error.stack });
      ctx.status = status;
      ctx.type = "html";
      ctx.body = messagePage(title, sentence, back);
    }
  };
}

function isExpected(error) {
  return error instanceof AccountsFault || error.name === "SessionNotFound" || error.expose;
}

function faultPage(error) {
  if (error instanceof AccountsFault) {
    return [
      503,
      "Nobody can log in now",
      "The file with the demo accounts cannot be used. The log of the demo login says what is wrong with it.",
    ];
  }
  if (error.name === "SessionNotFound") {
    return [
      400,
      "This login has expired",
      "It took too long, was finished in another tab, or cookies are switched off. Go back and log in again.",
    ];
  }
  const status = error.expose ? error.status : 500;
  if (status === 404)
    return [
      404,
      "Nothing here",
      "This is the login of a Lifedesk demo. It opens by itself when you log in to Lifedesk.",
    ];
  if (status === 500)
    return [500, "Something went wrong", "The log of the demo login says what. Go back and try again."];
  return [status, "This was refused", error.message];
}

/** Refuses requests that are not meant for us, and puts the protecting headers on every answer. */
export function guard({ issuer, clients }) {
  const { host } = new URL(issuer);
  const policy = contentSecurityPolicy(clients);
  return async function guardRequest(ctx, next) {
    ctx.set({
      "Cache-Control": "no-store",
      "Content-Security-Policy": policy,
      "Cross-Origin-Opener-Policy": "same-origin",
      // Not no-referrer: a form would then be sent with "Origin: null" and fail the check below.
      "Referrer-Policy": "same-origin",
      "X-Content-Type-Options": "nosniff",
      "X-Frame-Options": "DENY",
    });
    if (ctx.path === "/health") {
      ctx.body = { status: "ok" };
      return;
    }
    // A name that somebody else's DNS points at this machine must not reach the login (DNS rebinding).
    if (ctx.host !== host) ctx.throw(421, `The demo login answers at ${issuer} only.`);
    // Other programs on this machine are the same site to a browser, so SameSite cookies do not stop their forms.
    const origin = ctx.get("Origin");
    if (ctx.path.startsWith("/interaction/") && origin && origin !== issuer)
      ctx.throw(403, "This form was sent from another site.");
    await next();
  };
}

// Browsers hold form-action against redirects too, and a login ends with one back to the hub.
function contentSecurityPolicy(clients) {
  const uris = clients.flatMap((client) => [...client.redirect_uris, ...client.post_logout_redirect_uris]);
  const hubs = [...new Set(uris.map((uri) => new URL(uri).origin))];
  return [
    "default-src 'none'",
    "style-src 'self'",
    "script-src 'self'",
    "img-src 'self'",
    `form-action 'self' ${hubs.join(" ")}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

/** Koa middleware that serves the style sheet, the icon and the script. */
export async function staticFiles(ctx, next) {
  const file = STATIC.get(ctx.path);
  if (!file) return next();
  ctx.type = extname(file);
  ctx.body = createReadStream(file);
}

/**
 * Koa middleware that puts the library's self-sending forms into our page.
 *
 * oidc-provider 9.13 has no setting for this page (lib/response_modes/form_post.js); remove when it has one.
 */
export function ownPages({ clients }) {
  const policy = contentSecurityPolicy(clients);
  return async function dress(ctx, next) {
    await next();
    if (typeof ctx.body !== "string" || !ctx.body.includes("<title>Submitting Callback</title>")) return;
    const [form] = /<form[\s\S]*<\/form>/.exec(ctx.body);
    ctx.set("Content-Security-Policy", policy);
    ctx.body = continuePage({
      form: new Markup(form.replaceAll(/<\/?noscript>|<br\/>|Your browser does not support[^<]*/g, "")),
    });
  };
}

/** The fields of a form that was sent, at most 8 KiB of them. */
export async function formOf(ctx) {
  ctx.assert(ctx.is("urlencoded"), 415, "A form was expected.");
  const chunks = [];
  let size = 0;
  for await (const chunk of ctx.req) {
    size += chunk.length;
    ctx.assert(size <= LONGEST_FORM_BYTES, 413, "The form is too long.");
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString("utf8"));
}
