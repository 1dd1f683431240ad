// Picture quality that follows the line, unless a person has chosen one.

const STEPS = [{ quality: 0, compression: 2 }, { quality: 3, compression: 2 }, { quality: 6, compression: 2 }, { quality: 8, compression: 1 }];
const NAMED = { low: 0, medium: 2, high: 3 };
const HIGHEST = NAMED.medium;
const BUSY_BYTES_PER_SECOND = 150_000;
const PLENTY_BYTES_PER_SECOND = 2_000_000;
const SECONDS = 3;
const REST_SECONDS = 30;

/** The choices a person has, with their names. */
export const CHOICES = [['auto', 'Follows the line'], ['high', 'Sharp'], ['medium', 'Balanced'], ['low', 'Fluent on slow lines']];

/** Where the automatic choice begins: the step, the way it would go next, and the rates seen at this step. */
export const BEGIN = { step: HIGHEST, way: -1, trial: null, rates: [], rest: 0 };

/**
 * The state of the automatic choice after another second in which so many bytes came.
 *
 * Nothing tells a page how full its line is: display server and routers keep queues short, so other requests are hardly
 * late. It has to be tried. If as many bytes come with less quality, the line was full, and they are more pictures now;
 * if more come with more quality, the line has room. Whatever brings nothing is taken back, and tried again later.
 */
export function follow(state, bytesPerSecond) {
  const { step, way, trial, rest } = state;
  if (bytesPerSecond > PLENTY_BYTES_PER_SECOND) return { ...state, step: Math.min(step + 1, HIGHEST), trial: null, rates: [] };
  if (bytesPerSecond < BUSY_BYTES_PER_SECOND) return { ...state, step: trial?.from ?? step, trial: null, rates: [] };
  const rates = [...state.rates, bytesPerSecond];
  if (rates.length < SECONDS) return { ...state, rates };
  const mean = (rates[1] + rates[2]) / 2; // the first second is half of the step before
  if (trial) {
    const isRight = way < 0 ? mean > 0.8 * trial.mean : mean > 1.2 * trial.mean;
    if (!isRight) return { step: trial.from, way: -way, trial: null, rates: [], rest: REST_SECONDS };
  } else if (rest > 0) {
    return { ...state, rates: [], rest: rest - SECONDS };
  }
  const next = step + way;
  if (next < 0 || next > HIGHEST) return { step, way: -way, trial: null, rates: [], rest: REST_SECONDS };
  return { step: next, way, trial: { from: step, mean }, rates: [], rest: 0 };
}

/** Applies the choice to each new connection and follows what comes through it. */
export class Quality {
  #state = BEGIN;

  constructor() {
    const stored = localStorage.getItem('lifedesk-quality');
    this.choice = CHOICES.some(([name]) => name === stored) ? stored : 'auto';
  }

  choose(name, rfb) {
    this.choice = name;
    localStorage.setItem('lifedesk-quality', name);
    this.apply(rfb);
  }

  observe(bytesPerSecond, rfb) {
    if (this.choice !== 'auto') return;
    this.#state = follow(this.#state, bytesPerSecond);
    this.apply(rfb);
  }

  apply(rfb) {
    if (!rfb) return;
    const { quality, compression } = STEPS[NAMED[this.choice] ?? this.#state.step];
    if (rfb.qualityLevel !== quality) rfb.qualityLevel = quality;
    if (rfb.compressionLevel !== compression) rfb.compressionLevel = compression;
  }
}
