// The desktop's page: a screen, what to say while there is none, and a bar.

import { Clipboard } from './clipboard.js';
import { Connection } from './connection.js';
import { element } from './dom.js';
import { acceptDrops, chooseFiles, filePanel } from './files.js';
import { keepLayout, presentLayout, setLayout } from './keyboard.js';
import { LAYOUTS } from './layouts.js';
import { followNotices, makeMessages } from './messages.js';
import { CHOICES, Quality } from './quality.js';
import { Refused, ask, told } from './session.js';
import { makeStatus } from './status.js';
import { choice, makeToolbar } from './toolbar.js';

const screen = element('main', { class: 'screen', 'aria-label': 'Desktop' });
const status = makeStatus();
const messages = makeMessages();
const quality = new Quality();
const connection = new Connection(screen, quality);
const clipboard = new Clipboard(connection);
const files = filePanel();

let layout = await presentLayout();
const keyboard = choice('Keyboard', LAYOUTS, layout, async (name) => {
  layout = name;
  keepLayout(name);
  await applyLayout();
});
const picture = choice('Picture', CHOICES, quality.choice, (name) => quality.choose(name, connection.rfb));
const fullScreen = async () => {
  if (document.fullscreenElement) return document.exitFullscreen();
  await document.documentElement.requestFullscreen();
  await navigator.keyboard?.lock?.().catch(() => {}); // Alt+Tab and its like go to the desktop then
  toolbar.close();
};
const giveBack = () => connection.rfb?.focus({ preventScroll: true });
const toolbar = makeToolbar({
  panels: [
    { label: 'Clipboard', content: clipboard.panel },
    { label: 'Keyboard and picture', content: element('div', {}, keyboard.field, picture.field,
      element('p', { class: 'hint' }, 'Choose the layout that is printed on your keys. Ctrl+Alt+Shift opens this bar from anywhere.')) },
    { label: 'Download', content: files.panel, onOpen: files.show },
  ],
  actions: [
    { label: 'Upload', act: () => chooseFiles(messages.uploads) },
    { label: 'Full screen', act: fullScreen },
    { label: 'JupyterLab', href: `${told.baseUrl}lab` },
  ],
  giveBack,
});

document.body.append(toolbar.all, screen, status.card, messages.corner);
acceptDrops(document.body, messages.uploads);
followNotices(messages);
screen.addEventListener('pointerdown', () => toolbar.close());
// noVNC lets go of all keys when the window loses the keyboard, but not when another part of the page gets it: what
// opens the bar, Ctrl and Alt, would stay down in the desktop. https://github.com/novnc/noVNC/blob/v1.7.0/core/input/keyboard.js
screen.addEventListener('focusout', () => dispatchEvent(new Event('blur')));

connection.addEventListener('rate', ({ detail }) => quality.observe(detail, connection.rfb));
connection.addEventListener('state', ({ detail: { name, sentence, status: answered } }) => {
  document.body.dataset.state = name;
  if (name === 'connected') {
    status.clear();
    if (!document.querySelector('dialog[open]') && !toolbar.all.contains(document.activeElement)) giveBack();
    applyLayout();
    openAsked();
  } else if (name === 'refused') {
    const again = { label: 'Try again', act: () => connection.now() };
    const elsewhere = answered === 409 ? { label: 'JupyterLab', href: `${told.baseUrl}lab` }
      : answered === 403 ? { label: 'Log in', href: location.href } : { label: 'Start it', href: told.hubHome };
    status.say(sentence, elsewhere, again);
  } else {
    status.say(sentence, ...(name === 'lost' ? [{ label: 'Try now', act: () => connection.now() }] : []));
  }
});

async function applyLayout() {
  try {
    await setLayout(layout);
  } catch (error) {
    messages.tell('warning', 'The keyboard layout could not be set.', error.message);
  }
}

/** Opens the program that the address asks for, once: a reload must not open it again. */
async function openAsked() {
  const asked = new URLSearchParams(location.search);
  const app = asked.get('app');
  if (!app) return;
  history.replaceState(null, '', location.pathname);
  try {
    await ask('POST', `lifedesk/api/apps/${encodeURIComponent(app)}/open`, { path: asked.get('path') }, 60);
  } catch (error) {
    const [summary, ...lines] = (error instanceof Refused ? error.message : 'The program could not be opened.').split('\n');
    messages.tell('error', summary, lines.join('\n'));
  }
}

connection.now();
