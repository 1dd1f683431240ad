// Making elements. Text is always text, never HTML.

/** An element with attributes (`onclick` and its like are listeners) and children (text or elements). */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on')) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, '');
    else if (value !== false && value != null) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child != null));
  return made;
}

/** A modal dialog with a heading, its content and buttons; the promise has the chosen button's value. */
export function dialog(title, content, buttons) {
  return new Promise((resolve) => {
    const row = element('div', { class: 'buttons' }, ...buttons.map(({ label, value, primary }) =>
      element('button', { type: 'submit', value, class: primary ? 'primary' : null, autofocus: Boolean(primary) }, label)));
    const box = element('dialog', { 'aria-labelledby': 'dialog-title' },
      element('form', { method: 'dialog' }, element('h2', { id: 'dialog-title' }, title), ...content, row));
    box.addEventListener('close', () => { box.remove(); resolve(box.returnValue); });
    document.body.append(box);
    box.showModal();
  });
}
