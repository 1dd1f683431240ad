// One data set in full: facts, files, pull, and the quick look.

function details(view, pull, opened, picture, ids) {
  return h(
    "section",
    { class: "ld-details", "data-key": `details ${view.key}`, "aria-labelledby": ids("title") },
    h(
      "div",
      { class: "ld-row ld-details-head" },
      h("button", { type: "button", class: "ld-button", "data-action": "back" }, "← Back to the list"),
    ),
    h("h3", { id: ids("title"), tabindex: "-1", class: "ld-details-title" }, view.title),
    h(
      "p",
      { class: "ld-licence-line" },
      licenceBadge(view.licence),
      view.licence.state === "known" ? null : h("span", { class: "ld-facts" }, ` ${view.licence.explanation}.`),
    ),
    view.description ? h("p", { class: "ld-description" }, view.description) : null,
    h(
      "dl",
      { class: "ld-fact-list" },
      view.facts.map((fact) => [h("dt", {}, fact.label), h("dd", {}, fact.text)]),
    ),
    links(view),
    citation(view),
    view.is_loading ? h("p", { role: "status" }, h("span", { class: "ld-spinner", "aria-hidden": "true" }), "Asking the archive for its files …") : null,
    view.problem ? h("p", { role: "alert", class: "ld-problem" }, view.problem) : null,
    view.problem ? h("button", { type: "button", class: "ld-button", "data-action": "select", "data-value": view.key }, "Try again") : null,
    view.files ? fileList(view.files, pull, ids) : null,
    view.files ? pullPart(view, pull) : null,
    openedPart(opened, picture),
  );
}

function links(view) {
  if (view.links.length === 0) return null;
  return h(
    "p",
    { class: "ld-links" },
    view.links.map((link) =>
      h("a", { href: link.address, target: "_blank", rel: "noopener noreferrer" }, link.label),
    ),
  );
}

function citation(view) {
  return h(
    "div",
    { class: "ld-citation" },
    h("blockquote", {}, view.citation),
    h("button", { type: "button", class: "ld-button ld-small", "data-action": "copy", "data-value": view.citation }, "Copy citation"),
  );
}

function fileList(files, pull, ids) {
  return h(
    "fieldset",
    { class: "ld-files", disabled: pull.is_running },
    h("legend", {}, "Files to pull"),
    h(
      "div",
      { class: "ld-row" },
      h("label", { for: ids("filter"), class: "ld-hidden" }, "Show only files with this in the name"),
      h("input", {
        id: ids("filter"),
        type: "search",
        class: "ld-input",
        "data-action": "filter",
        value: files.filter,
        placeholder: "Filter by name",
        autocomplete: "off",
      }),
      h("button", { type: "button", class: "ld-button ld-small", "data-action": "choose-all" }, files.filter ? "All of these" : "All"),
      h("button", { type: "button", class: "ld-button ld-small", "data-action": "choose-none" }, files.filter ? "None of these" : "None"),
    ),
    h(
      "ul",
      { class: "ld-file-rows", "aria-label": "Files; the arrow keys move through them" },
      files.rows.map((file, number) =>
        h(
          "li",
          { "data-key": file.name },
          h(
            "label",
            { class: "ld-file" },
            h("input", { type: "checkbox", checked: file.is_chosen, "data-action": "choose", "data-value": file.name, tabindex: number === 0 ? "0" : "-1" }),
            h("span", { class: "ld-file-name" }, file.name),
            h("span", { class: "ld-file-size" }, file.size),
          ),
        ),
      ),
    ),
    files.note ? h("p", { class: "ld-facts" }, files.note) : null,
    h(
      "p",
      { role: "status", class: files.is_too_big ? "ld-problem" : "ld-facts" },
      [files.summary, files.room].filter(Boolean).join("; "),
    ),
  );
}

function pullPart(view, pull) {
  const percent = pull.fraction === null || pull.fraction === undefined ? null : Math.floor(pull.fraction * 100);
  return h(
    "div",
    { class: "ld-pull" },
    h(
      "div",
      { class: "ld-row" },
      pull.action && !pull.is_running
        ? h(
            "button",
            { type: "button", class: "ld-button ld-primary", "data-key": "pull", "data-action": "pull", disabled: !view.files.can_pull },
            pull.action,
          )
        : null,
      pull.is_running && pull.action
        ? h("button", { type: "button", class: "ld-button", "data-key": "cancel", "data-action": "cancel" }, pull.action)
        : null,
      pull.folder || view.can_open_in_place
        ? h(
            "button",
            { type: "button", class: pull.folder ? "ld-button ld-primary" : "ld-button", "data-key": "open", "data-action": "open" },
            pull.folder ? "Open" : "Open in place",
          )
        : null,
    ),
    pull.is_running || (percent !== null && pull.state !== "complete")
      ? h(
          "div",
          {
            role: "progressbar",
            class: "ld-bar",
            "data-state": pull.state,
            "aria-label": "Pull",
            "aria-valuemin": "0",
            "aria-valuemax": "100",
            "aria-valuenow": percent,
            "aria-valuetext": pull.lines[0] || pull.headline,
          },
          h("div", { class: percent === null ? "ld-bar-fill ld-bar-waiting" : "ld-bar-fill", style: percent === null ? null : `width: ${percent}%` }),
        )
      : null,
    pull.headline ? h("p", { class: pull.is_problem ? "ld-problem" : "ld-headline", role: pull.is_problem ? "alert" : null }, pull.headline) : null,
    pull.folder ? h("p", {}, "In ", h("code", {}, pull.folder)) : null,
    pull.lines.map((line) => h("p", { class: "ld-facts" }, line)),
    h("p", { role: "status", class: "ld-hidden" }, pull.announcement),
  );
}

function openedPart(opened, picture) {
  if (opened.is_opening) {
    return h("p", { role: "status" }, h("span", { class: "ld-spinner", "aria-hidden": "true" }), "Opening …");
  }
  if (opened.problem) return h("p", { role: "alert", class: "ld-problem" }, opened.problem);
  if (opened.choices.length === 0 && !opened.headline) return null;
  return h(
    "section",
    { class: "ld-opened", "aria-label": "Quick look" },
    opened.choices.length > 0
      ? h(
          "div",
          { class: "ld-choices", role: "group", "aria-label": "What to open" },
          h("p", { class: "ld-facts" }, "Several things in here can be opened:"),
          opened.choices.map((path) =>
            h(
              "button",
              { type: "button", class: "ld-button ld-small", "data-key": path, "data-action": "open", "data-value": path, "aria-pressed": path === opened.path ? "true" : "false" },
              path,
            ),
          ),
        )
      : null,
    opened.headline
      ? h(
          "figure",
          { class: "ld-figure" },
          picture ? h("img", { src: picture, alt: opened.alternative, class: "ld-picture" }) : null,
          h(
            "figcaption",
            {},
            h("strong", {}, opened.headline),
            opened.legend.length > 0
              ? h(
                  "ul",
                  { class: "ld-legend", "aria-label": "Channels" },
                  opened.legend.map((channel) =>
                    h("li", {}, h("span", { class: "ld-swatch", style: `background: #${channel.colour.replace(/[^0-9a-fA-F]/g, "")}` }), channel.name),
                  ),
                )
              : null,
            opened.caption.map((line) => h("p", { class: "ld-facts" }, line)),
          ),
        )
      : null,
    opened.code
      ? h(
          "div",
          { class: "ld-code" },
          h("p", { class: "ld-facts" }, "To go on with it in a cell:"),
          h("pre", { tabindex: "0", "aria-label": "Python that opens it" }, opened.code),
          h("button", { type: "button", class: "ld-button ld-small", "data-action": "copy", "data-value": opened.code }, "Copy code"),
        )
      : null,
  );
}
