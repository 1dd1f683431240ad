// The search form and the list of results.

function searchForm(view, ids) {
  return h(
    "form",
    { role: "search", class: "ld-form", "data-action": "search" },
    h("label", { for: ids("query"), class: "ld-label" }, "Search the archives"),
    h(
      "div",
      { class: "ld-row" },
      h("input", {
        id: ids("query"),
        type: "search",
        name: "query",
        class: "ld-input",
        value: view.query,
        placeholder: "Words, an accession, a DOI",
        autocomplete: "off",
        spellcheck: "false",
      }),
      h("button", { type: "submit", class: "ld-button ld-primary" }, "Search"),
    ),
    h(
      "fieldset",
      { class: "ld-archives" },
      h("legend", { class: "ld-hidden" }, "Archives to search in"),
      view.archives.map((archive) =>
        h(
          "label",
          { "data-key": archive.name, title: archive.hint, class: "ld-check" },
          h("input", { type: "checkbox", name: "archive", value: archive.name, checked: archive.is_chosen }),
          archive.title,
        ),
      ),
    ),
  );
}

function notices(view) {
  if (view.notices.length === 0) return null;
  return h(
    "ul",
    { class: "ld-notices", "aria-label": "What could not be searched" },
    view.notices.map((notice) =>
      h("li", {}, h("strong", {}, notice.archive), ` (${notice.time}): ${notice.message}`),
    ),
  );
}

/** What a screen reader hears before a licence, whose colour it does not see. */
const BEFORE_LICENCE = { known: "Licence ", unclear: "Careful, licence: ", "not-stated": "Careful, ", "not-told": "" };

function licenceBadge(licence) {
  return h(
    "span",
    { class: `ld-badge ld-licence-${licence.state}`, title: licence.explanation },
    h("span", { class: "ld-hidden" }, BEFORE_LICENCE[licence.state]),
    licence.text,
  );
}

function result(row, selectedKey, picture) {
  const facts = [row.authors, row.released, row.size].filter(Boolean).join(" · ");
  return h(
    "li",
    { "data-key": row.key, class: "ld-result", "data-selected": row.key === selectedKey },
    h(
      "span",
      { class: "ld-thumbnail", "data-thumbnail": row.key, "aria-hidden": "true" },
      picture && picture.address ? h("img", { src: picture.address, alt: "", draggable: "false" }) : null,
      picture && !picture.address ? h("span", { title: picture.reason }, "no picture") : null,
    ),
    h(
      "div",
      { class: "ld-result-text" },
      h(
        "button",
        {
          type: "button",
          class: "ld-title",
          "data-action": "select",
          "data-value": row.key,
          "aria-current": row.key === selectedKey ? "true" : null,
        },
        row.title,
      ),
      h("span", { class: "ld-facts" }, facts),
      h(
        "span",
        { class: "ld-facts" },
        licenceBadge(row.licence),
        " ",
        `${row.archive}, ${row.accession}`,
      ),
    ),
  );
}

function resultList(view, selectedKey, pictures) {
  return h(
    "div",
    { class: "ld-list", "data-key": "list" },
    h(
      "p",
      { role: "status", class: "ld-summary" },
      view.is_searching ? h("span", { class: "ld-spinner", "aria-hidden": "true" }) : null,
      view.summary,
    ),
    notices(view),
    h(
      "ul",
      { class: "ld-results", "aria-label": "Data sets" },
      view.results.map((row) => result(row, selectedKey, pictures.get(row.key))),
    ),
    view.has_more
      ? h("button", { type: "button", class: "ld-button", "data-action": "more", disabled: view.is_searching }, "Load more")
      : null,
  );
}
