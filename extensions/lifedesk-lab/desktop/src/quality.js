// Picture quality that follows the line, unless a person has chosen one.

const STEPS = [{ quality: 2, compression: 6 }, { quality: 4, compression: 4 }, { quality: 6, compression: 2 }, { quality: 8, compression: 1 }];
const NAMED = { low: 0, medium: 2, high: 3 };
const BUSY_BYTES_PER_SECOND = 150_000;
const CROWDED_MS = 60;
const CALM_PROBES = 4;

/** The choices a person has, with their names. */
export const CHOICES = [['auto', 'Follows the line'], ['high', 'Sharp'], ['medium', 'Balanced'], ['low', 'Fluent on slow lines']];

/**
 * The next state of the automatic choice: {step, nearest, calm} and a probe's {milliseconds, bytesPerSecond}.
 * A line is full when much comes through it and answers take much longer than they can.
 */
export function follow({ step, nearest, calm }, { milliseconds, bytesPerSecond }) {
  const best = Math.min(nearest * 1.02, milliseconds);
  const isFull = bytesPerSecond > BUSY_BYTES_PER_SECOND && milliseconds > best + CROWDED_MS;
  if (isFull) return { step: Math.max(0, step - 1), nearest: best, calm: 0 };
  const busyButFree = bytesPerSecond > BUSY_BYTES_PER_SECOND && milliseconds < best + CROWDED_MS / 3;
  const quiet = calm + (busyButFree ? 1 : 0);
  if (quiet >= CALM_PROBES && step < 2) return { step: step + 1, nearest: best, calm: 0 };
  return { step, nearest: best, calm: quiet };
}

/** Applies the choice to each new connection and follows its probes. */
export class Quality {
  #state = { step: 2, nearest: Infinity, calm: 0 };

  constructor() {
    const stored = localStorage.getItem('lifedesk-quality');
    this.choice = CHOICES.some(([name]) => name === stored) ? stored : 'auto';
  }

  choose(name, rfb) {
    this.choice = name;
    localStorage.setItem('lifedesk-quality', name);
    this.apply(rfb);
  }

  observe(probe, rfb) {
    this.#state = follow(this.#state, probe);
    if (this.choice === 'auto') this.apply(rfb);
  }

  apply(rfb) {
    if (!rfb) return;
    const { quality, compression } = STEPS[NAMED[this.choice] ?? this.#state.step];
    if (rfb.qualityLevel !== quality) rfb.qualityLevel = quality;
    if (rfb.compressionLevel !== compression) rfb.compressionLevel = compression;
  }
}
