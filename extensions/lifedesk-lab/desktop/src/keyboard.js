// The keyboard layout of the desktop: chosen by the person, guessed from the browser at first.
//
// The display server drops the first key that its layout does not have, so the layout is set as soon as it connects.

import { LAYOUTS, layoutOfKeys, layoutOfLanguage } from './layouts.js';
import { ask } from './session.js';

const KEPT = 'lifedesk-keyboard';

/** The layout kept from last time, or the likeliest. */
export async function presentLayout() {
  const kept = localStorage.getItem(KEPT);
  if (LAYOUTS.some(([name]) => name === kept)) return kept;
  const language = navigator.language.toLowerCase();
  const keys = await navigator.keyboard?.getLayoutMap?.().catch(() => null);
  return (keys?.size && layoutOfKeys(keys, language)) || layoutOfLanguage(language);
}

/** Give the desktop a layout. */
export async function setLayout(name) {
  const [layout, variant = ''] = name.split(' ');
  await ask('PUT', 'lifedesk/api/desktop/keyboard', { layout, variant });
}

/** Keep a person's choice for the next time. */
export const keepLayout = (name) => localStorage.setItem(KEPT, name);
