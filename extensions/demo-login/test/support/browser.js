import { parse } from "node-html-parser";
import { CookieJar } from "tough-cookie";

/**
 * A browser without scripts: keeps cookies, follows redirects within one origin, fills in forms.
 *
 * It stops at the first address of another origin, which a test then reads.
 */
export function openBrowser(origin) {
  const jar = new CookieJar(undefined, { rejectPublicSuffixes: false, allowSpecialUseDomain: true });
  const visit = async (address, options = {}) => {
    const url = new URL(address, origin);
    if (url.origin !== origin) return { url, status: 0, text: "" };
    const answer = await fetch(url, {
      ...options,
      redirect: "manual",
      headers: { accept: "text/html", cookie: await jar.getCookieString(url.href), ...options.headers },
    });
    for (const cookie of answer.headers.getSetCookie()) await jar.setCookie(cookie, url.href);
    if (answer.status >= 300 && answer.status < 400)
      return visit(new URL(answer.headers.get("location"), url));
    return pageOf(url, answer, await answer.text());
  };
  return {
    visit,
    /** Sends the page's form whose action ends in `action`, with its hidden fields and the ones given. */
    submit: (page, action, fields, headers = {}) => {
      const form = page.document
        .querySelectorAll("form")
        .find((each) => each.getAttribute("action").endsWith(action));
      if (!form) throw new Error(`no form ${action} in ${page.text}`);
      const hidden = form
        .querySelectorAll("input[type=hidden]")
        .map((input) => [input.getAttribute("name"), input.getAttribute("value")]);
      const body = new URLSearchParams([...hidden, ...Object.entries(fields)]);
      return visit(new URL(form.getAttribute("action"), page.url), {
        method: "POST",
        body,
        headers: { origin, ...headers },
      });
    },
  };
}

function pageOf(url, { status, headers }, text) {
  const document = parse(text);
  return { url, status, headers, text, document, heading: document.querySelector("h1")?.text };
}
