// Files of the home directory, through Jupyter's contents API: into it by dropping them on the desktop, out of it by a list.

import { dialog, element } from './dom.js';
import { Refused, ask, encodePath, told } from './session.js';

const CHUNK_BYTES = 4 * 1024 * 1024;
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
    await upload(entries.length ? (await Promise.all(entries.map(listed))).flat() : plain(event.dataTransfer.files), progress);
  });
}

/** Lets a person choose files, for those who do not drag. */
export function chooseFiles(progress) {
  const input = element('input', { type: 'file', multiple: true });
  input.addEventListener('change', () => upload(plain(input.files), progress));
  input.click();
}

const plain = (files) => [...files].map((file) => ({ path: file.name, file }));

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
  return [{ path, file: null }, ...below.flat()];
}

async function upload(items, progress) {
  const total = items.reduce((sum, { file }) => sum + (file?.size ?? 0), 0);
  const job = progress.start(total);
  const renamed = new Map();
  let done = 0;
  let count = 0;
  try {
    for (const item of items) {
      const [top, ...rest] = item.path.split('/');
      if (!renamed.has(top)) renamed.set(top, await freeName(top));
      if (renamed.get(top) === null) continue;
      const path = [renamed.get(top), ...rest].join('/');
      if (item.file) {
        await put(item.file, path, job.cancelled, (bytes) => job.at(path, done + bytes));
        done += item.file.size;
        count += 1;
      } else {
        await ask('PUT', contents(path), { type: 'directory' });
      }
    }
    job.end(count ? `${count === 1 ? 'One file is' : `${count} files are`} in your home directory now.` : '');
  } catch (error) {
    job.end(error.name === 'AbortError' ? 'The upload was stopped; what was not finished is gone.' : `The upload failed: ${reason(error)}`, true);
  }
}

const reason = (error) => error instanceof Refused ? error.message : 'the session cannot be reached.';

/** The name to give to what is called `name`: itself, another, or null for leaving it out. */
async function freeName(name) {
  if (!await exists(name)) return name;
  const free = await unused(name);
  const answer = await dialog(`“${name}” is there already`, [
    element('p', {}, `Your home directory has a file or folder of this name. The new one can be kept as “${free}”.`),
  ], [{ label: 'Keep both', value: 'both', primary: true }, { label: 'Replace', value: 'replace' }, { label: 'Leave out', value: '' }]);
  if (answer === 'both') return free;
  if (answer !== 'replace') return null;
  await ask('DELETE', contents(name));
  return name;
}

async function unused(name) {
  const dot = name.indexOf('.', 1);
  const [stem, ending] = dot < 0 ? [name, ''] : [name.slice(0, dot), name.slice(dot)];
  for (let number = 2; ; number += 1) {
    const tried = `${stem} (${number})${ending}`;
    if (!await exists(tried)) return tried;
  }
}

async function exists(path) {
  try {
    await ask('GET', contents(path, '?content=0'));
    return true;
  } catch (error) {
    if (error instanceof Refused && error.status === 404) return false;
    throw error;
  }
}

/** Sends one file in chunks under a name that says it is not finished, then gives it its own. */
async function put(file, path, cancelled, at) {
  const unfinished = `${path}.part`;
  try {
    for (let start = 0, chunk = 1; start === 0 || start < file.size; start += CHUNK_BYTES, chunk += 1) {
      cancelled.throwIfAborted();
      const content = await base64(file.slice(start, start + CHUNK_BYTES));
      const isLast = start + CHUNK_BYTES >= file.size;
      const model = { type: 'file', format: 'base64', content, name: unfinished.split('/').pop(), path: unfinished };
      await ask('PUT', contents(unfinished), file.size > CHUNK_BYTES ? { ...model, chunk: isLast ? -1 : chunk } : model, 300);
      at(Math.min(start + CHUNK_BYTES, file.size));
    }
    await ask('PATCH', contents(unfinished), { path });
  } catch (error) {
    await ask('DELETE', contents(unfinished)).catch(() => {});
    throw error;
  }
}

const base64 = (blob) => new Promise((done, failed) => {
  const reader = new FileReader();
  reader.onload = () => done(reader.result.slice(reader.result.indexOf(',') + 1));
  reader.onerror = () => failed(reader.error);
  reader.readAsDataURL(blob);
});

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
      list.replaceChildren(...up, ...sorted.map((item) => item.type === 'directory'
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
