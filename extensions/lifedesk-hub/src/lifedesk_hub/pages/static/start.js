// Start form: only what the chosen environment is offered in can be chosen.

const form = document.getElementById("spawn_form");
const note = document.getElementById("size-note");
const version = document.getElementById("version");

function chosen(name) {
  return form.querySelector(`input[name="${name}"]:checked`);
}

// Leaves those of a group's buttons that are offered; the name of the one that is chosen anew, or null.
function offer(group, offered, first) {
  for (const button of form.querySelectorAll(`input[name="${group}"]`)) {
    button.disabled = !offered.includes(button.value);
    if (button.disabled) button.checked = false;
  }
  if (chosen(group)) return null;
  const button = form.querySelector(`input[name="${group}"][value="${first}"]`);
  if (!button) return null;
  button.checked = true;
  return button.closest("label").querySelector(".choice-name").textContent;
}

function offerVersions(profile) {
  for (const group of version.querySelectorAll("optgroup")) {
    group.hidden = group.disabled = group.dataset.profile !== profile.value;
  }
  if (version.selectedOptions[0]?.parentElement.disabled) version.value = "";
  const isOffered = version.querySelector("optgroup:not([hidden])") !== null;
  document.getElementById("more").hidden = !isOffered;
  if (!isOffered) version.value = "";
}

function offerAll() {
  const profile = chosen("profile");
  const { sizes, firstSize, interfaces, firstInterface } = profile.dataset;
  const size = offer("size", sizes.split(" "), firstSize);
  const opening = offer("interface", interfaces.split(" "), firstInterface);
  const news = [size && `The size is now ${size}.`, opening && `The session now opens with ${opening}.`];
  if (size || opening) note.textContent = news.filter(Boolean).join(" ");
  if (version) offerVersions(profile);
}

if (chosen("profile")) {
  form.addEventListener("change", (event) => {
    if (event.target.name === "profile") offerAll();
  });
  offerAll();
  // Back from the browser's memory, the button of an earlier start must work again.
  window.addEventListener("pageshow", () => form.querySelector("button").removeAttribute("aria-busy"));
  form.addEventListener("submit", (event) => {
    const button = form.querySelector("button");
    if (button.ariaBusy === "true") event.preventDefault();
    button.ariaBusy = "true";
    button.textContent = "Starting…";
  });
}
