// What the page says while there is no picture.

import { element } from './dom.js';

/** The card in the middle: `say(text, actions)` shows it, `clear()` takes it away. */
export function makeStatus() {
  const text = element('p');
  const buttons = element('div', { class: 'buttons' });
  const card = element('div', { class: 'status', role: 'status', 'aria-live': 'polite' }, text, buttons);
  return {
    card,
    say(sentence, ...actions) {
      if (text.textContent !== sentence) text.textContent = sentence;
      buttons.replaceChildren(...actions.map(({ label, href, act }) => href
        ? element('a', { class: 'button', href }, label)
        : element('button', { type: 'button', onclick: act }, label)));
      card.hidden = false;
    },
    clear() {
      card.hidden = true;
      text.textContent = '';
      buttons.replaceChildren();
    },
  };
}
