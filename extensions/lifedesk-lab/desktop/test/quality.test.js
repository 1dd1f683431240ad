import assert from 'node:assert/strict';
import { test } from 'node:test';

import { BEGIN, follow } from '../src/quality.js';

/** What pictures of a motion take at each step if nothing holds them up. */
const WANTED = [300_000, 600_000, 1_200_000];

/** The state after so many seconds of motion over a line that carries at most `bytesPerSecond`. */
function after(seconds, bytesPerSecond, begin = BEGIN, wanted = WANTED) {
  let state = begin;
  for (let second = 0; second < seconds; second += 1) state = follow(state, Math.min(bytesPerSecond, wanted[state.step]));
  return state;
}

test('on a full line the quality goes down until nothing is held up', () => {
  assert.equal(after(12, 250_000).step, 0);
  assert.equal(after(14, 550_000).step, 1);
});

test('a line that is not full keeps its quality, but for a trial now and then', () => {
  const steps = Array.from({ length: 120 }, (_, seconds) => after(seconds, Infinity).step);
  assert.ok(steps.filter((step) => step === 2).length > 110);
});

test('much coming through is left alone, and brings the quality back at once', () => {
  const much = WANTED.map((bytes) => 3 * bytes + 1_500_000);
  assert.equal(after(60, Infinity, BEGIN, much).step, 2);
  assert.equal(after(2, Infinity, after(12, 250_000), much).step, 2);
});

test('a line that has room again gets its quality back', () => {
  assert.equal(after(90, Infinity, after(12, 250_000)).step, 2);
});

test('a slow line stays at its quality, but for a trial now and then', () => {
  const begin = after(12, 250_000);
  const steps = Array.from({ length: 120 }, (_, seconds) => after(seconds, 250_000, begin).step);
  assert.ok(steps.filter((step) => step === 0).length > 110);
});

test('little motion changes nothing, and ends a trial', () => {
  assert.equal(after(60, 100_000).step, 2);
  assert.equal(after(3, 250_000).step, 1);
  assert.equal(after(1, 1_000, after(3, 250_000)).step, 2);
});
