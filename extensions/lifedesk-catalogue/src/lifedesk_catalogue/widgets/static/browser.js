// Joins the parts: draws the model's traits into each view, and tells the kernel what the user does.

const SECONDS_UNTIL_SILENCE = 5;
const SILENT =
  "The notebook's kernel has not answered. It may be busy with another cell; if it was restarted, run the cell that made this browser again.";
const GONE = "The kernel that made this browser is gone. Run its cell again to get a new one.";

/** The addresses of pictures that arrived, for all views of one model; freed with the model. */
function pictureStore() {
  const store = new Map();
  const addressOf = (bytes) => URL.createObjectURL(new Blob([bytes], { type: "image/png" }));
  return {
    get: (key) => store.get(key),
    has: (key) => store.has(key),
    ask: (key) => store.set(key, undefined),
    put: (key, bytes, reason) => store.set(key, { address: bytes ? addressOf(bytes) : "", reason }),
    addressOf,
    clear() {
      for (const picture of store.values()) if (picture?.address) URL.revokeObjectURL(picture.address);
      store.clear();
    },
  };
}

/** Sends to the kernel, and notices when it does not answer. */
function kernelLine(model, onChange) {
  let lastId = 0;
  let isGone = false;
  const waiting = new Map();
  return {
    get isGone() {
      return isGone;
    },
    get problem() {
      if (isGone) return GONE;
      return [...waiting.values()].includes("late") ? SILENT : "";
    },
    send(message) {
      const id = ++lastId;
      waiting.set(id, "sent");
      setTimeout(() => {
        if (waiting.has(id)) {
          waiting.set(id, "late");
          onChange();
        }
      }, SECONDS_UNTIL_SILENCE * 1000);
      try {
        model.send({ id, message });
      } catch {
        isGone = true; // JupyterLab refuses to send to a kernel that is not there
        onChange();
      }
    },
    answered(id) {
      for (const earlier of waiting.keys()) if (earlier <= id) waiting.delete(earlier);
      isGone = false;
      onChange();
    },
    /** The line has changed; until an answer to the question comes, it counts as cut. */
    changed() {
      isGone = true;
      onChange();
      this.send({ kind: "ping" });
    },
  };
}

/** Asks for the picture of each result that has come into sight. */
function thumbnailWatcher(root, pictures, send) {
  const observer = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      const key = entry.target.getAttribute("data-thumbnail");
      if (!entry.isIntersecting || pictures.has(key)) continue;
      pictures.ask(key);
      send({ kind: "thumbnail", key });
    }
  });
  return {
    watch: () => root.querySelectorAll("[data-thumbnail]").forEach((element) => observer.observe(element)),
    stop: () => observer.disconnect(),
  };
}

function chosenArchives(form) {
  return new FormData(form).getAll("archive").map(String);
}

let views = 0;

function render({ model, el }) {
  const prefix = `lifedesk-${++views}-`;
  const ids = (name) => prefix + name;
  const pictures = pictureStore();
  const root = h("div", { class: "lifedesk-browser", role: "region", "aria-label": "Data set browser", "data-lm-suppress-shortcuts": "true" });
  el.append(root);
  let isScheduled = false;
  let cameFrom = null;
  let copied = "";
  let isFocusLost = false;
  let quickLook = { bytes: null, address: "" };

  const schedule = () => {
    if (isScheduled) return;
    isScheduled = true;
    requestAnimationFrame(draw);
  };
  const kernel = kernelLine(model, schedule);
  const send = (message) => kernel.send(message);
  const thumbnails = thumbnailWatcher(root, pictures, send);

  function quickLookAddress() {
    const bytes = model.get("picture");
    if (bytes === quickLook.bytes) return quickLook.address;
    if (quickLook.address) URL.revokeObjectURL(quickLook.address);
    quickLook = { bytes, address: bytes && bytes.byteLength ? pictures.addressOf(bytes) : "" };
    return quickLook.address;
  }

  function draw() {
    isScheduled = false;
    const found = model.get("found_view");
    const shown = model.get("details_view");
    const next = h(
      "div",
      {},
      kernel.problem ? h("p", { role: "alert", class: "ld-problem", "data-key": "kernel" }, kernel.problem) : null,
      h(
        "div",
        { inert: kernel.isGone, "data-key": "browser" },
        searchForm(found, ids),
        h(
          "div",
          { class: "ld-body", "data-details": shown !== null },
          resultList(found, shown?.key, pictures),
          shown ? details(shown, model.get("pull_view"), model.get("opened_view"), quickLookAddress(), ids) : null,
        ),
      ),
      h("p", { role: "status", class: "ld-hidden" }, copied),
    );
    const before = root.querySelector(".ld-details")?.getAttribute("data-key");
    const lost = document.activeElement;
    morphChildren(root, next);
    moveFocus(before, shown, lost);
    thumbnails.watch();
  }

  /** Into the details when they open, back to the result when they close, on when a pressed button has gone. */
  function moveFocus(before, shown, lost) {
    const now = root.querySelector(".ld-details")?.getAttribute("data-key");
    if (lost instanceof HTMLInputElement && lost.isConnected) return; // who types is not interrupted
    if (now && now !== before && cameFrom) root.querySelector(".ld-details-title").focus();
    else if (before && !now && cameFrom) {
      root.querySelector(`[data-action=select][data-value="${CSS.escape(cameFrom)}"]`)?.focus();
      cameFrom = null;
    } else if (shown && (isFocusLost || !lost.isConnected || lost.matches(":disabled"))) {
      const next = root.querySelector(".ld-pull .ld-button:not(:disabled)");
      isFocusLost = !next;
      // A button that was pressed and is disabled now loses the focus a moment later, and with it the reader's place.
      if ([document.body, lost].includes(document.activeElement)) next?.focus();
    }
  }

  async function copy(button) {
    const text = button.getAttribute("data-value");
    try {
      await navigator.clipboard.writeText(text);
      copied = "Copied.";
    } catch {
      copied = "The browser did not allow copying: select the text and copy it yourself.";
    }
    schedule();
  }

  const actions = {
    select(value) {
      cameFrom = value;
      send({ kind: "select", key: value });
    },
    back: () => send({ kind: "back" }),
    more: () => send({ kind: "more" }),
    pull: () => send({ kind: "pull" }),
    cancel: () => send({ kind: "cancel" }),
    open: (value) => send({ kind: "open", path: value }),
    "choose-all": () => send({ kind: "choose-listed", is_chosen: true }),
    "choose-none": () => send({ kind: "choose-listed", is_chosen: false }),
    copy: (_, button) => copy(button),
  };

  root.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-action]");
    if (button) actions[button.getAttribute("data-action")](button.getAttribute("data-value"), button);
  });
  root.addEventListener("submit", (event) => {
    event.preventDefault();
    const query = event.target.elements.namedItem("query").value;
    send({ kind: "search", query, archives: chosenArchives(event.target) });
  });
  root.addEventListener("change", (event) => {
    const { target } = event;
    if (target.name === "archive") send({ kind: "archives", names: chosenArchives(target.form) });
    if (target.getAttribute("data-action") === "choose") {
      send({ kind: "choose", name: target.getAttribute("data-value"), is_chosen: target.checked });
    }
  });
  root.addEventListener("input", (event) => {
    if (event.target.getAttribute("data-action") === "filter") send({ kind: "filter", text: event.target.value });
  });
  root.addEventListener("keydown", (event) => {
    if (event.key === "Enter") return enter(event);
    if (event.key === "ArrowDown" || event.key === "ArrowUp") return moveAlongFiles(event);
    if (event.key !== "Escape" || !model.get("details_view")) return;
    event.preventDefault();
    event.stopPropagation();
    cameFrom = model.get("details_view").key;
    send({ kind: "back" });
  });

  /** A long list of files is one stop of the Tab key; the arrow keys move in it. */
  function moveAlongFiles(event) {
    const row = event.target.closest(".ld-file-rows > li");
    const next = event.key === "ArrowDown" ? row?.nextElementSibling : row?.previousElementSibling;
    if (!next) return;
    event.preventDefault();
    next.querySelector("input").focus();
  }

  /** What Enter does in any web page; JupyterLab keeps it for itself otherwise. */
  function enter(event) {
    if (event.target.name === "query") event.target.form.requestSubmit();
    else if (event.target instanceof HTMLButtonElement) event.target.click();
    else return;
    event.preventDefault();
  }

  function receive(message, buffers) {
    if (message.kind === "ack") kernel.answered(message.id);
    if (message.kind === "thumbnail") {
      pictures.put(message.key, buffers?.[0], message.reason);
      schedule();
    }
  }

  const traits = ["found_view", "details_view", "pull_view", "opened_view", "picture"];
  for (const trait of traits) model.on(`change:${trait}`, schedule);
  model.on("msg:custom", receive);
  // JupyterLab tells of a restarted or dead kernel by closing the line to it.
  const lineChanged = () => kernel.changed();
  model.on("comm:close", lineChanged);
  model.on("comm_live_update", lineChanged);
  draw();

  return () => {
    thumbnails.stop();
    pictures.clear();
    if (quickLook.address) URL.revokeObjectURL(quickLook.address);
    for (const trait of traits) model.off(`change:${trait}`, schedule);
    model.off("msg:custom", receive);
    model.off("comm:close", lineChanged);
    model.off("comm_live_update", lineChanged);
  };
}

export default { render };
