import assert from 'node:assert/strict';
import test from 'node:test';
import { type Program, opens } from '../src/opens.ts';

const program = (slug: string, ...globs: string[]): Program => ({
  slug,
  title: slug,
  description: '',
  icon: '',
  opens: globs
});
const programs = [
  program('napari', '*.tif', '*.ome.zarr/', '*.zarr/'),
  program('chimera', '*.mrc', '*.mr?'),
  program('fiji', '*.ome.tif', '*.tif')
];
const slugs = (path: string, isFolder = false) =>
  programs.filter(one => opens(one, { path, isFolder })).map(found => found.slug);

test('a folder is opened by what opens folders of its name, a file of the same name is not', () => {
  assert.deepEqual(slugs('data/cells.ome.zarr', true), ['napari']);
  assert.deepEqual(slugs('data/cells.ome.zarr'), []);
  assert.deepEqual(slugs('data/map.mrc', true), []);
});

test('several programs open the same kind, in the order of the image', () => {
  assert.deepEqual(slugs('a/b.ome.tif'), ['napari', 'fiji']);
  assert.deepEqual(slugs('a/b.tif'), ['napari', 'fiji']);
});

test('case does not matter, and a dot is a dot', () => {
  assert.deepEqual(slugs('MAP.MRC'), ['chimera']);
  assert.deepEqual(slugs('mapXmrc'), []);
  assert.deepEqual(slugs('folder.mrc/readme.txt'), []);
});

test('a question mark stands for one character', () => {
  assert.deepEqual(slugs('map.mrx'), ['chimera']);
  assert.deepEqual(slugs('map.mr'), []);
});
