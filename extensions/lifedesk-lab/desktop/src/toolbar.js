// The bar at the top: out of the way until it is wanted, by pointer or by keyboard.

import { element } from './dom.js';

/** A choice with a label. `options` are pairs of value and name. */
export function choice(label, options, value, onChange) {
  const select = element('select', { 'aria-label': label, onchange: () => onChange(select.value) },
    ...options.map(([key, name]) => element('option', { value: key, selected: key === value }, name)));
  return { field: element('label', { class: 'field' }, `${label} `, select), select };
}

/**
 * The bar. `panels` are [{label, content, onOpen}], `actions` [{label, act}] or [{label, href}]. `giveBack` puts the
 * keyboard into the desktop again.
 */
export function makeToolbar({ panels, actions, giveBack }) {
  const panel = element('div', { class: 'panel', id: 'panel', hidden: true });
  const buttons = panels.map(({ label, content, onOpen }) => {
    const button = element('button', { type: 'button', 'aria-expanded': 'false', 'aria-controls': 'panel', onclick: () => {
      const opens = button.getAttribute('aria-expanded') === 'false';
      closePanel();
      if (!opens) return;
      button.setAttribute('aria-expanded', 'true');
      panel.replaceChildren(content);
      panel.hidden = false;
      onOpen?.();
      content.querySelector('textarea, select, button, a')?.focus();
    } }, label);
    return button;
  });
  const closePanel = () => {
    panel.hidden = true;
    for (const button of buttons) button.setAttribute('aria-expanded', 'false');
  };
  const others = actions.map(({ label, act, href }) => href
    ? element('a', { class: 'button', href }, label)
    : element('button', { type: 'button', onclick: () => act() }, label));
  const bar = element('nav', { class: 'bar', id: 'bar', 'aria-label': 'Desktop', hidden: true }, ...buttons, ...others);
  const handle = element('button', { type: 'button', class: 'handle', 'aria-expanded': 'false', 'aria-controls': 'bar',
    title: 'Clipboard, keyboard, files, full screen (Ctrl+Alt+Shift)', onclick: () => toggle() }, 'Desktop ▾');
  const toggle = (opens = bar.hidden) => {
    bar.hidden = !opens;
    handle.setAttribute('aria-expanded', String(opens));
    closePanel();
    if (opens) buttons[0].focus();
    else giveBack();
  };
  const all = element('div', { class: 'toolbar' }, handle, bar, panel);
  all.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    toggle(false);
  });
  // Before the desktop's own listener: the one combination that leaves it.
  addEventListener('keydown', (event) => {
    if (!(event.ctrlKey && event.altKey && event.shiftKey)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    toggle(true);
  }, { capture: true });
  return { all, close: () => bar.hidden || toggle(false) };
}
