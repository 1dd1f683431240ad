// Cards in the corner: the session's notices, how far an upload is, and what the page itself has to say.

import { element } from './dom.js';
import { ask, eventsAddress } from './session.js';

const EVENT = 'urn:lifedesk:notice:v1';

/** The corner where cards stand; screen readers are told of new ones. */
export function makeMessages() {
  const corner = element('div', { class: 'messages', role: 'log', 'aria-live': 'polite', 'aria-label': 'Messages' });

  const card = (kind, summary, advice, onClose) => {
    const close = element('button', { type: 'button', class: 'plain close', 'aria-label': `Close: ${summary}`, onclick: () => { made.remove(); onClose?.(); } }, '×');
    const made = element('article', { class: `card ${kind}` }, close, element('strong', {}, summary),
      ...(advice ? [element('pre', {}, advice)] : []));
    corner.append(made);
    return made;
  };

  const startUpload = () => {
    const stop = new AbortController();
    const bar = element('progress', { 'aria-label': 'Upload' });
    let total = 0;
    let gone = 0;
    const text = element('strong', {}, 'Uploading…');
    const made = element('article', { class: 'card' }, text, bar, element('button', { type: 'button', onclick: () => stop.abort() }, 'Stop'));
    corner.append(made);
    return {
      cancelled: stop.signal,
      /** Says how many bytes it is in all. */
      of(bytes) {
        total = bytes;
        bar.max = bytes || 1;
      },
      /** What to tell how many bytes of the file at `path` have gone. */
      counter(path) {
        let before = 0;
        return (bytes) => {
          gone += bytes - before;
          before = bytes;
          bar.value = gone;
          text.textContent = `Uploading ${path} (${total ? Math.min(100, Math.floor(100 * gone / total)) : 100} %)`;
        };
      },
      end(sentence, isError = false) {
        made.remove();
        if (!sentence) return;
        const ended = card(isError ? 'error' : 'success', sentence);
        if (!isError) setTimeout(() => ended.remove(), 8000);
      },
    };
  };

  return { corner, tell: card, uploads: { start: startUpload } };
}

/** Shows the session's notices as they come, and those that stand. */
export function followNotices(messages) {
  const shown = new Map();
  const show = ({ id, about, kind, summary, advice }) => {
    if (shown.get(about)?.id === id) return;
    shown.get(about)?.made.remove();
    const made = messages.tell(kind, summary, advice, () => ask('DELETE', `lifedesk/api/notices/${id}`).catch(() => {}));
    shown.set(about, { id, made });
  };
  const listen = () => {
    const socket = new WebSocket(eventsAddress());
    socket.onopen = async () => (await ask('GET', 'lifedesk/api/notices').catch(() => [])).forEach(show);
    socket.onmessage = ({ data }) => {
      const event = JSON.parse(data);
      if (event.schema_id === EVENT) show(event);
    };
    socket.onclose = () => setTimeout(listen, 5000);
  };
  listen();
}
