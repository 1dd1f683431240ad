// Pending page: the stages as the hub's event stream tells them, and going on to the session when it is ready.
//
// The stream may break (hub or proxy start anew) or fall silent without an error (the computer slept), so the server's
// state is asked for as well: now and then, and more often while the stream is broken. Success and failure both lead
// to the same address once more: the hub then sends the session, or the page that says why there is none.

import { ask, serverAt } from "./hub.js";

const STREAM_OPEN_MS = 10_000;
const STREAM_BROKEN_MS = 1_000;

const progress = document.getElementById("progress");
const status = document.getElementById("status");
const elapsed = document.getElementById("elapsed");
const stages = [...document.querySelectorAll("[data-stage]")];

let startedAt = Date.now() - 1000 * progress.dataset.elapsedSeconds;
let reached = -1;
let leaving = false;
let lastSaid = status.textContent;
let source;
let timer;

function tick() {
  elapsed.textContent = Math.max(0, Math.floor((Date.now() - startedAt) / 1000));
}

function enter(stage) {
  const index = stages.findIndex((element) => element.dataset.stage === stage);
  if (index <= reached) return;
  reached = index;
  stages.forEach((element, position) => {
    element.classList.toggle("done", position < index);
    if (position === index) element.setAttribute("aria-current", "step");
    else element.removeAttribute("aria-current");
    element.querySelector(".stage-state").textContent = position < index ? "done" : position === index ? "now" : "";
  });
}

function say(sentence) {
  lastSaid = sentence;
  show(sentence);
}

// Screen readers read what changes: the same sentence is not written again.
function show(sentence) {
  if (status.textContent !== sentence) status.textContent = sentence;
}

function leave() {
  if (leaving) return;
  turnAway();
  window.location.reload();
}

function turnAway() {
  leaving = true;
  source.close();
  clearTimeout(timer);
}

function open() {
  enter(stages.at(-1).dataset.stage);
  say(progress.dataset.ready);
  leave();
}

function onEvent(event) {
  const news = JSON.parse(event.data);
  if (news.ready) return open();
  if (news.failed) return leave();
  // A stream opened anew tells all stages again, each with the seconds it was reached after.
  if (news.elapsed_seconds !== undefined) startedAt = Math.min(startedAt, Date.now() - 1000 * news.elapsed_seconds);
  if (news.stage) {
    enter(news.stage);
    if (news.message) say(news.message);
  }
  tick();
}

function listen() {
  source = new EventSource(progress.dataset.events);
  source.onmessage = onEvent;
  source.onopen = () => watch(STREAM_OPEN_MS);
  source.onerror = () => look({ mayListen: false });
}

function watch(pauseMs) {
  clearTimeout(timer);
  if (!leaving) timer = setTimeout(look, pauseMs);
}

// A stream that is refused at once is not asked for again before some time has passed.
async function look({ mayListen = true } = {}) {
  try {
    const server = await serverAt(progress.dataset.server);
    if (leaving) return;
    if (server?.ready) return open();
    if (!["spawn", "check"].includes(server?.pending)) return leave();
    show(lastSaid);
    if (mayListen && source.readyState === EventSource.CLOSED) listen();
  } catch {
    if (leaving) return;
    show("The connection to the node is interrupted. Your session goes on starting; this page keeps trying.");
    return watch(STREAM_BROKEN_MS);
  }
  watch(source.readyState === EventSource.OPEN ? STREAM_OPEN_MS : STREAM_BROKEN_MS);
}

async function cancel(event) {
  // What the stream says of a start that is being cancelled is not to be followed.
  turnAway();
  event.target.disabled = true;
  say("The start is being cancelled.");
  const answer = await ask(progress.dataset.server, { method: "DELETE" }).catch(() => null);
  if (answer?.ok) return window.location.assign(progress.dataset.home);
  leaving = false;
  event.target.disabled = false;
  say("The start could not be cancelled. Please try again.");
  listen();
}

document.getElementById("cancel").addEventListener("click", cancel);
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") look();
});
tick();
setInterval(tick, 1000);
listen();
watch(STREAM_OPEN_MS);
