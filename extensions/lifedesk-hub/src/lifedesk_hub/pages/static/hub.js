// What every page's script needs of the hub: its address, its XSRF token, and one way to ask its API.

const page = document.body.dataset;
export const hub = page.hub;

/** The API's answer to a request as `Response`; `address` is complete. Rejects if the hub cannot be reached. */
export function ask(address, { method = "GET", body } = {}) {
  return fetch(address, {
    method,
    headers: { "X-XSRFToken": page.xsrf, Accept: "application/json", "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
    cache: "no-store",
  });
}

/** The hub's model of a server; null if it says that there is none to see. Rejects if anything but the hub answers. */
export async function serverAt(address) {
  const answer = await ask(address);
  const isFromHub = answer.headers.get("Content-Type")?.includes("json");
  if (answer.status >= 500 || !isFromHub) throw new Error(`No hub at ${address}: ${answer.status}`);
  return answer.ok ? answer.json() : null;
}

/** Write every `<time>` on the page in the reader's own words and time zone. */
export function localiseTimes() {
  const format = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  for (const element of document.querySelectorAll("time[datetime]")) {
    element.textContent = format.format(new Date(element.dateTime));
  }
}
