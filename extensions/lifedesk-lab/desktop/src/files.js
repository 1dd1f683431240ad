// Files of the home directory: into it by dropping them on the desktop, out of it by a list.

import { dialog, element } from './dom.js';
import { Refused, ask, encodePath, send, told } from './session.js';

const contents = (path, query = '') => `api/contents/${encodePath(path)}${query}`;

/** Takes what is dropped on `target`; `progress` is where it tells how far it is. */
export function acceptDrops(target, progress) {
  const hasFiles = (event) => [...event.dataTransfer.types].includes('Files');
  target.addEventListener('dragover', (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    target.classList.add('dropping');
  });
  target.addEventListener('dragleave', (event) => event.target === target && target.classList.remove('dropping'));
  target.addEventListener('drop', async (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    target.classList.remove('dropping');
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
    const files = plain(event.dataTransfer.files);
    await upload(entries.length ? Promise.all(entries.map((entry) => listed(entry))).then((found) => found.flat()) : files, progress);
  });
}

/** Lets a person choose files, for those who do not drag. */
export function chooseFiles(progress) {
  const input = element('input', { type: 'file', multiple: true });
  input.addEventListener('change', () => upload(plain(input.files), progress));
  input.click();
}

const plain = (files) => [...files].map((file) => ({ path: file.name, file }));

/** All files in what was dropped: [{path, file}]; a folder without any is one entry with null for the file. */
async function listed(entry, folder = '') {
  const path = folder + entry.name;
  if (entry.isFile) return [{ path, file: await new Promise((done, failed) => entry.file(done, failed)) }];
  const reader = entry.createReader();
  const children = [];
  for (;;) {
    const some = await new Promise((done, failed) => reader.readEntries(done, failed));
    if (!some.length) break;
    children.push(...some);
  }
  const below = await Promise.all(children.map((child) => listed(child, `${path}/`)));
  return below.length ? below.flat() : [{ path, file: null }];
}

/** Brings files and folders into the home directory; each that is dropped as one comes whole or not at all. */
async function upload(listing, progress) {
  const job = progress.start();
  let count = 0;
  try {
    const items = await listing;
    job.of(items.reduce((sum, { file }) => sum + (file?.size ?? 0), 0));
    for (const [top, parts] of Map.groupBy(items, ({ path }) => path.split('/')[0])) {
      const chosen = await chosenName(top);
      if (!chosen) continue;
      await bring(parts, chosen, job);
      count += parts.filter(({ file }) => file).length;
    }
    job.end(count ? `${count === 1 ? 'One file is' : `${count} files are`} in your home directory now.` : '');
  } catch (error) {
    job.end(error.name === 'AbortError' ? 'The upload was stopped; what was not finished is gone.' : `The upload failed: ${reason(error)}`, true);
  }
}

const reason = (error) => error instanceof Refused ? error.message
  : error instanceof DOMException ? 'your browser cannot read what was dropped.' : 'the session cannot be reached.';

const AT_ONCE = 4;
const coming = new Set();
addEventListener('beforeunload', (event) => coming.size && event.preventDefault());
addEventListener('pagehide', () => coming.forEach((upload) => ask('DELETE', upload).catch(() => {})));

/** Sends all parts of one file or folder, and then gives it its name. */
async function bring(parts, chosen, job) {
  const upload = `lifedesk/api/incoming/${hex(crypto.getRandomValues(new Uint8Array(8)))}`;
  const waiting = parts.values();
  const stop = new AbortController();
  const stopped = AbortSignal.any([job.cancelled, stop.signal]);
  const work = async () => {
    for (const { path, file } of waiting) {
      const place = encodePath(path.split('/').slice(1).join('/'));
      if (!file) await send(`${upload}/${place}/`, null, stopped, () => {});
      else await send(`${upload}/${place}`, file, stopped, job.counter(path));
    }
  };
  coming.add(upload);
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    await ask('POST', upload, chosen, 300);
  } catch (error) {
    stop.abort();
    await ask('DELETE', upload).catch(() => {});
    throw error;
  } finally {
    coming.delete(upload);
  }
}

const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');

/** The name to give to what is called `name`, and whether it replaces what has it; null for leaving it out. */
async function chosenName(name) {
  const { is_taken: isTaken, free } = await ask('GET', `lifedesk/api/names/${encodeURIComponent(name)}`);
  if (!isTaken) return { name };
  const answer = await dialog(`“${name}” is there already`, [
    element('p', {}, `Your home directory has a file or folder of this name. The new one can be kept as “${free}”.`),
  ], [{ label: 'Keep both', value: 'both', primary: true }, { label: 'Replace', value: 'replace' }, { label: 'Leave out', value: '' }]);
  if (answer === 'both') return { name: free };
  return answer === 'replace' ? { name, replace: true } : null;
}

/** A list of the home directory, from which files are downloaded. */
export function filePanel() {
  const place = element('p', { class: 'place' });
  const list = element('ul', { class: 'files' });
  const show = async (path) => {
    place.textContent = path ? `Home / ${path.split('/').join(' / ')}` : 'Home';
    try {
      const { content } = await ask('GET', contents(path, '?content=1'));
      const sorted = content.sort((a, b) => (b.type === 'directory') - (a.type === 'directory') || a.name.localeCompare(b.name));
      const up = path ? [row('Up', () => show(path.split('/').slice(0, -1).join('/')))] : [];
      const whole = path && content.length ? [element('li', {}, element('a', { class: 'whole', href: `${told.baseUrl}lifedesk/api/folders/${encodePath(path)}`, download: `${path.split('/').pop()}.zip` }, 'This folder as a ZIP file'))] : [];
      list.replaceChildren(...up, ...whole, ...sorted.map((item) => item.type === 'directory'
        ? row(`${item.name}/`, () => show(item.path))
        : element('li', {}, element('a', { href: `${told.baseUrl}files/${encodePath(item.path)}?download=1`, download: item.name }, item.name))));
      if (!list.children.length) list.append(element('li', {}, 'This folder is empty.'));
    } catch (error) {
      list.replaceChildren(element('li', {}, `The folder cannot be shown: ${reason(error)}`));
    }
  };
  const row = (label, act) => element('li', {}, element('button', { type: 'button', class: 'plain', onclick: act }, label));
  return { panel: element('div', {}, place, list), show: () => show('') };
}
