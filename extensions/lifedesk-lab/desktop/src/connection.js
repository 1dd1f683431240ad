// The connection to the desktop: started, kept, and brought back for ever.

import RFB from '@novnc/novnc';
import { Refused, ask, streamAddress } from './session.js';

const LONGEST_PAUSE_MS = 3000;
const PROBE_MS = 4000;
const RATE_MS = 1000;
const PROBE_SECONDS = 4;
const SLEPT_MS = 20000;

/**
 * Events: `state` with detail {name, sentence}: starting, connecting, connected, lost, refused (nothing is tried any
 * more, until `now()`); `clipboard` with the text; `rate` with the bytes that came in the last second.
 */
export class Connection extends EventTarget {
  #screen;
  #rfb = null;
  #timer = null;
  #attempts = 0;
  #bytes = 0;
  #missed = 0;
  #settings;
  #attempt = 0;

  constructor(screen, settings) {
    super();
    this.#screen = screen;
    this.#settings = settings;
    this.connected = false;
    for (const event of ['online', 'focus', 'pageshow']) addEventListener(event, () => this.#wake());
    document.addEventListener('visibilitychange', () => document.hidden || this.#wake());
    this.#probeForEver();
    this.#countForEver();
  }

  /** The RFB object of the present connection; null without one. */
  get rfb() { return this.connected ? this.#rfb : null; }

  /** Connect at once, whatever was waited for. */
  async now() {
    clearTimeout(this.#timer);
    const attempt = ++this.#attempt;
    this.#drop();
    this.#tell('starting', this.#attempts ? 'Trying to reach your desktop again…' : 'Starting your desktop…');
    try {
      const { clientWidth: width, clientHeight: height } = this.#screen;
      await ask('POST', 'lifedesk/api/desktop', { width, height }, 40);
    } catch (error) {
      if (attempt === this.#attempt) this.#failed(error);
      return;
    }
    if (attempt === this.#attempt) this.#connect();
  }

  #connect() {
    this.#tell('connecting', 'Connecting to your desktop…');
    const socket = new WebSocket(streamAddress());
    socket.addEventListener('message', ({ data }) => { this.#bytes += data.byteLength ?? data.size ?? 0; });
    const rfb = new RFB(this.#screen, socket, { shared: true });
    this.#rfb = rfb;
    rfb.background = 'transparent';
    rfb.resizeSession = true;
    rfb.scaleViewport = true; // for a tab whose size is not the desktop's, because another has set it
    this.#settings.apply(rfb);
    rfb.addEventListener('connect', () => {
      if (rfb !== this.#rfb) return;
      this.connected = true;
      this.#attempts = 0;
      this.#missed = 0;
      this.#tell('connected', '');
    });
    rfb.addEventListener('disconnect', () => rfb === this.#rfb && this.#lost('The connection to your desktop is lost.'));
    rfb.addEventListener('clipboard', ({ detail }) => this.dispatchEvent(new CustomEvent('clipboard', { detail: detail.text })));
  }

  #failed(error) {
    if (error instanceof Refused && [403, 404, 409, 424, 503].includes(error.status)) {
      const sentence = { 403: 'You are no longer logged in.', 409: error.message }[error.status]
        ?? 'Your session is not running.';
      this.#tell('refused', sentence, error.status);
      return;
    }
    this.#lost(error instanceof Refused ? error.message : 'Your desktop cannot be reached.');
  }

  #lost(sentence) {
    this.#drop();
    const pause = Math.min(LONGEST_PAUSE_MS, 250 * 2 ** this.#attempts++);
    this.#tell('lost', `${sentence} Trying again…`);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.now(), pause);
  }

  #drop() {
    const rfb = this.#rfb;
    this.#rfb = null;
    this.connected = false;
    try {
      rfb?.disconnect();
    } catch {
      // It had not come as far as to be connected.
    }
    this.#screen.replaceChildren();
  }

  #tell(name, sentence, status) {
    this.name = name;
    this.dispatchEvent(new CustomEvent('state', { detail: { name, sentence, status } }));
  }

  /** The machine may have slept: try at once when waiting, and look whether a standing connection still is one. */
  #wake() {
    if (this.name === 'lost') this.now();
    else if (this.name === 'connected') {
      if (!document.hidden) this.#rfb.resizeSession = true; // asks for this window's size again
      this.#probe();
    }
  }

  #probeForEver() {
    let last = performance.now();
    setInterval(() => {
      const now = performance.now();
      const slept = now - last > SLEPT_MS && !document.hidden;
      last = now;
      if (slept && this.connected) this.now();
      else if (this.connected && !document.hidden) this.#probe();
    }, PROBE_MS);
  }

  async #probe() {
    try {
      await ask('GET', 'api', undefined, PROBE_SECONDS);
      this.#missed = 0;
    } catch (error) {
      if (this.connected && !(error instanceof Refused && error.status === 403) && ++this.#missed >= 2) {
        this.#missed = 0;
        this.#lost('The connection to your desktop is lost.');
      }
    }
  }

  #countForEver() {
    let last = performance.now();
    setInterval(() => {
      const now = performance.now();
      const rate = (this.#bytes * 1000) / (now - last);
      last = now;
      this.#bytes = 0;
      if (this.connected && !document.hidden) this.dispatchEvent(new CustomEvent('rate', { detail: rate }));
    }, RATE_MS);
  }
}
