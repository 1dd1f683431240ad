// Token page: make a token and show it once; revoke one.

import { ask, localiseTimes } from "./hub.js";

const form = document.getElementById("request-token");
const result = document.getElementById("token-result");
const trouble = document.getElementById("token-trouble");

async function reasonOf(answer) {
  const { message } = await answer.json().catch(() => ({}));
  return message || `the hub answers ${answer.status}`;
}

function complain(sentence) {
  trouble.textContent = sentence;
  trouble.hidden = false;
}

function showToken(token) {
  const value = Object.assign(document.createElement("code"), { textContent: token, id: "new-token" });
  const copy = Object.assign(document.createElement("button"), { type: "button", className: "button", textContent: "Copy" });
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(token);
    copy.textContent = "Copied";
  });
  const sentence = Object.assign(document.createElement("p"), {
    textContent: "Your new token. Copy it now: it is not shown again.",
  });
  result.className = "notice";
  result.replaceChildren(sentence, value, copy);
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  trouble.hidden = true;
  const scopes = document.getElementById("token-scopes").value.split(/[\s,]+/).filter(Boolean);
  const body = {
    note: document.getElementById("token-note").value,
    expires_in: Number.parseInt(document.getElementById("token-expiry").value, 10) || null,
    ...(scopes.length ? { scopes } : {}),
  };
  try {
    const answer = await ask(form.dataset.tokens, { method: "POST", body });
    if (answer.ok) showToken((await answer.json()).token);
    else complain(`The token was not made: ${await reasonOf(answer)}`);
  } catch {
    complain("The token was not made: the node cannot be reached. Try again in a minute.");
  }
});

for (const row of document.querySelectorAll("[data-token]")) {
  row.querySelector("button").addEventListener("click", async () => {
    const answer = await ask(`${form.dataset.tokens}/${row.dataset.token}`, { method: "DELETE" }).catch(() => null);
    if (answer?.ok) row.remove();
    else complain("The token was not revoked. Load this page anew and try again.");
  });
}
localiseTimes();
