// Build elements, and change a tree into another while keeping what the user holds: focus, text, scroll.

/** An element with attributes and children; null, undefined and false are left out. Text is only ever text. */
function h(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    element.setAttribute(key, value === true ? "" : String(value));
  }
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false || child === "") continue;
    element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return element;
}

function keyOf(node) {
  return node instanceof Element ? node.getAttribute("data-key") : null;
}

function areAlike(one, other) {
  return one.nodeType === other.nodeType && one.nodeName === other.nodeName && keyOf(one) === keyOf(other);
}

/** Make `current` look like `next`, touching nothing that is equal. */
function morph(current, next) {
  if (current.nodeType === Node.TEXT_NODE) {
    if (current.data !== next.data) current.data = next.data;
    return;
  }
  morphAttributes(current, next);
  morphChildren(current, next);
}

function morphAttributes(current, next) {
  const isBeingTyped = current.matches("input:not([type=checkbox])") && current.matches(":focus");
  const isNewValue = current.getAttribute("value") !== next.getAttribute("value");
  for (const { name } of [...current.attributes]) {
    if (!next.hasAttribute(name)) current.removeAttribute(name);
  }
  for (const { name, value } of next.attributes) {
    if (current.getAttribute(name) !== value) current.setAttribute(name, value);
  }
  // A property, once the user has acted, no longer follows its attribute.
  if (current.type === "checkbox") current.checked = next.checked;
  else if (current.nodeName === "INPUT" && isNewValue && !isBeingTyped) current.value = next.value;
}

function morphChildren(current, next) {
  const byKey = new Map();
  const wantedKeys = new Set([...next.childNodes].map(keyOf));
  for (const child of [...current.childNodes]) {
    const key = keyOf(child);
    if (!key) continue;
    if (wantedKeys.has(key)) byKey.set(key, child);
    else child.remove(); // first, so that no neighbour is moved past it: moving takes the focus away
  }
  let place = current.firstChild;
  for (const wanted of [...next.childNodes]) {
    const held = keyOf(wanted) ? byKey.get(keyOf(wanted)) : place;
    if (held && areAlike(held, wanted)) {
      if (held === place) place = place.nextSibling;
      else current.insertBefore(held, place);
      morph(held, wanted);
    } else {
      current.insertBefore(wanted, place);
    }
  }
  while (place) {
    const gone = place;
    place = place.nextSibling;
    gone.remove();
  }
}
