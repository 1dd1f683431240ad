import assert from 'node:assert/strict';
import { test } from 'node:test';

import { follow } from '../src/quality.js';

const begin = { step: 2, nearest: Infinity, calm: 0 };
const after = (probes, state = begin) => probes.reduce(follow, state);
const idle = { milliseconds: 30, bytesPerSecond: 500 };
const full = { milliseconds: 250, bytesPerSecond: 500_000 };
const free = { milliseconds: 32, bytesPerSecond: 900_000 };

test('a full line lowers the quality step by step, to the lowest', () => {
  assert.equal(after([idle, full]).step, 1);
  assert.equal(after([idle, full, full, full, full]).step, 0);
});

test('a slow answer without much coming through changes nothing', () => {
  assert.equal(after([idle, { milliseconds: 900, bytesPerSecond: 2000 }]).step, 2);
});

test('a line that carries much without delay gets its quality back, slowly', () => {
  const low = after([idle, full, full]);
  assert.equal(after([free, free, free], low).step, 0);
  assert.equal(after([free, free, free, free], low).step, 1);
  assert.equal(after(Array(20).fill(free), low).step, 2);
});
