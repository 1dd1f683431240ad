import assert from 'node:assert/strict';
import { test } from 'node:test';

import { LAYOUTS, layoutOfKeys, layoutOfLanguage } from '../src/layouts.js';

const keys = (q, y, semicolon, backslash) => new Map([['KeyQ', q], ['KeyY', y], ['Semicolon', semicolon], ['Backslash', backslash]]);

test('the letters on the keys tell the layout', () => {
  assert.equal(layoutOfKeys(keys('q', 'z', 'ö', '#'), 'en-gb'), 'de');
  assert.equal(layoutOfKeys(keys('q', 'z', 'ö', '$'), 'de-ch'), 'ch');
  assert.equal(layoutOfKeys(keys('a', 'y', 'm', '*'), 'en'), 'fr');
  assert.equal(layoutOfKeys(keys('q', 'y', ';', '#'), 'en'), 'gb');
  assert.equal(layoutOfKeys(keys('q', 'y', ';', '\\'), 'nl'), null, 'many layouts have these keys: the language decides');
});

test('a language has a layout, its country first', () => {
  assert.equal(layoutOfLanguage('de'), 'de');
  assert.equal(layoutOfLanguage('de-ch'), 'ch');
  assert.equal(layoutOfLanguage('fr-lu'), 'fr');
  assert.equal(layoutOfLanguage('xx'), 'us');
});

test('what is guessed can be chosen', () => {
  const offered = LAYOUTS.map(([name]) => name);
  for (const language of ['en', 'de', 'de-ch', 'fr', 'fr-ch', 'pt-br', 'nl', 'cs', 'ja']) assert.ok(offered.includes(layoutOfLanguage(language)));
  assert.equal(new Set(offered).size, offered.length);
});
