// The session's addresses: the only file that talks to the server over HTTP.

export const told = JSON.parse(document.body.dataset.told);

/** The token against forged requests: another tab may have got a newer one since this page was made. */
const xsrfToken = () => /(?:^|; )_xsrf="?([^;"]+)/.exec(document.cookie)?.[1] ?? told.xsrfToken;

/** An answer that is no success: its status, and a sentence for people. */
export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** What the server answers, as JSON (null without a body). Throws `Refused`, or `TypeError` when nothing answers. */
export async function ask(method, path, body, seconds = 30) {
  const answer = await fetch(told.baseUrl + path, {
    method,
    headers: { 'Content-Type': 'application/json', 'X-XSRFToken': xsrfToken() },
    keepalive: method === 'DELETE', // what is taken back when the page is left is still sent
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: AbortSignal.timeout(seconds * 1000),
    redirect: 'manual',
  });
  // A redirection leads to the login page.
  if (answer.type === 'opaqueredirect') throw new Refused(403, 'You are no longer logged in.');
  const text = await answer.text();
  const content = parsed(text);
  if (!answer.ok) throw new Refused(answer.status, content?.message || `The session answered ${answer.status}.`);
  return content;
}

/**
 * Sends a file; `onProgress` is told how many of its bytes have gone. Throws as `ask` does, and what `stopped`, an
 * AbortSignal, was aborted with.
 */
export function send(path, file, stopped, onProgress) {
  return new Promise((done, failed) => {
    stopped.throwIfAborted();
    const request = new XMLHttpRequest(); // fetch does not tell how far it is
    const stop = () => request.abort();
    stopped.addEventListener('abort', stop);
    request.upload.onprogress = ({ loaded }) => onProgress(loaded);
    request.onabort = () => failed(stopped.reason);
    request.onerror = () => failed(new TypeError('Nothing answers.'));
    request.onloadend = () => stopped.removeEventListener('abort', stop);
    request.onload = () => request.status < 300 ? done()
      : failed(new Refused(request.status, parsed(request.responseText)?.message || `The session answered ${request.status}.`));
    request.open('PUT', told.baseUrl + path);
    request.setRequestHeader('Content-Type', 'application/octet-stream');
    request.setRequestHeader('X-XSRFToken', xsrfToken());
    request.send(file);
  });
}

/** The address of the screen. */
export function streamAddress() {
  const address = new URL(`${told.baseUrl}desktop/stream`, location.href);
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  return address.href;
}

/** The address of the session's events. */
export function eventsAddress() {
  const address = new URL(`${told.baseUrl}api/events/subscribe`, location.href);
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  return address.href;
}

/** A path of the home directory as a part of an address. */
export const encodePath = (path) => path.split('/').map(encodeURIComponent).join('/');

function parsed(text) {
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}
