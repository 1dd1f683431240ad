// The clipboard between browser and desktop, in the directions the site allows.

import { element } from './dom.js';
import { told } from './session.js';

const { into, out } = told.clipboard;

/** Wires the clipboard to a connection; the panel is the way for browsers that keep their clipboard to themselves. */
export class Clipboard {
  #connection;
  #last = '';
  #box = element('textarea', { rows: 6, 'aria-label': 'Text in the clipboard', readonly: !into, spellcheck: 'false' });
  #note = element('p', { class: 'hint', role: 'status' });

  constructor(connection) {
    this.#connection = connection;
    if (out) connection.addEventListener('clipboard', ({ detail }) => this.#arrived(detail));
    if (into) {
      addEventListener('focus', () => this.#offer());
      connection.addEventListener('state', ({ detail }) => detail.name === 'connected' && this.#offer());
    }
    this.panel = this.#makePanel();
  }

  async #arrived(text) {
    this.#last = text;
    this.#box.value = text;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      this.#note.textContent = 'Copied in the desktop. Your browser lets you take it from here only.';
    }
  }

  /** Give the desktop what the browser's clipboard holds, where the browser lets pages read it without asking each time. */
  async #offer() {
    try {
      const permission = await navigator.permissions.query({ name: 'clipboard-read' });
      if (permission.state === 'denied') return;
      this.#send(await navigator.clipboard.readText());
    } catch {
      // Firefox and Safari ask each time: there the panel is the way.
    }
  }

  #send(text) {
    if (!text || text === this.#last || !this.#connection.rfb) return;
    this.#last = text;
    this.#box.value = text;
    this.#connection.rfb.clipboardPasteFrom(text);
  }

  #makePanel() {
    const hint = into && out ? 'What you copy on one side can be pasted on the other. If your browser keeps its clipboard to itself, use this box.'
      : into ? 'This site lets you copy into the desktop, but not out of it.'
        : out ? 'This site lets you copy out of the desktop, but not into it.'
          : 'This site has switched the clipboard off in both directions.';
    const send = element('button', { type: 'button', class: 'primary', onclick: () => {
      this.#last = '';
      this.#send(this.#box.value);
      this.#note.textContent = 'The desktop has it: paste it there.';
    } }, 'Give to the desktop');
    return element('div', {}, element('p', { class: 'hint' }, hint), into || out ? this.#box : null, into ? send : null, this.#note);
  }
}
