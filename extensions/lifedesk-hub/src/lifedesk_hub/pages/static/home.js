// Home page: stop and restart a session, and follow a stop that goes on.

import { ask, localiseTimes, serverAt } from "./hub.js";

const LOOK_AGAIN_MS = 500;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function untilStopped(address) {
  while (!((await serverAt(address))?.stopped ?? true)) await pause(LOOK_AGAIN_MS);
}

function show(panel, label) {
  const state = panel.querySelector(".state");
  state.className = "state state-stopping";
  state.textContent = label;
  for (const control of panel.querySelectorAll("button")) control.disabled = true;
  panel.querySelector("a.button")?.setAttribute("hidden", "");
}

function complain(panel) {
  const trouble = panel.querySelector("[data-trouble]");
  trouble.textContent = "That did not work: the node did not answer as expected. Load this page anew and try again.";
  trouble.hidden = false;
}

async function stop(panel, { again }) {
  const address = panel.dataset.server;
  show(panel, again ? "Restarting" : "Stopping");
  try {
    const answer = await ask(address, { method: "DELETE" });
    if (!answer.ok) throw new Error(`The hub answers ${answer.status}`);
    await untilStopped(address);
  } catch {
    return complain(panel);
  }
  // The start is the same form that "Start again" sends: the choice is judged anew.
  if (again) panel.querySelector("form").submit();
  else window.location.reload();
}

for (const panel of document.querySelectorAll("[data-session]")) {
  for (const button of panel.querySelectorAll("[data-action]")) {
    button.addEventListener("click", () => stop(panel, { again: button.dataset.action === "restart" }));
  }
  if (panel.dataset.state === "stopping") {
    untilStopped(panel.dataset.server).then(() => window.location.reload(), () => complain(panel));
  }
}
// What is shown may be old: the page comes back from the browser's memory, or a session changed in another tab.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) window.location.reload();
});
localiseTimes();
