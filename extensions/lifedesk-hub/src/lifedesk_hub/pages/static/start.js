// Start form: only the sizes that the chosen environment is offered in can be chosen.

const form = document.getElementById("spawn_form");
const note = document.getElementById("size-note");

function chosen(name) {
  return form.querySelector(`input[name="${name}"]:checked`);
}

function offerSizes() {
  const profile = chosen("profile");
  const offered = profile.dataset.sizes.split(" ");
  for (const size of form.querySelectorAll('input[name="size"]')) {
    size.disabled = !offered.includes(size.value);
    if (size.disabled) size.checked = false;
  }
  if (chosen("size")) return;
  const first = form.querySelector(`input[name="size"][value="${profile.dataset.firstSize}"]`);
  first.checked = true;
  const name = first.closest("label").querySelector(".choice-name").textContent;
  note.textContent = `The size is now ${name}.`;
}

if (chosen("profile")) {
  form.addEventListener("change", (event) => {
    if (event.target.name === "profile") offerSizes();
  });
  offerSizes();
  // Back from the browser's memory, the button of an earlier start must work again.
  window.addEventListener("pageshow", () => form.querySelector("button").removeAttribute("aria-busy"));
  form.addEventListener("submit", (event) => {
    const button = form.querySelector("button");
    if (button.ariaBusy === "true") event.preventDefault();
    button.ariaBusy = "true";
    button.textContent = "Starting…";
  });
}
