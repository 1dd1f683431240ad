// Bundles the page: node build.mjs FOLDER. Files get a hash of their content in their name; names.json tells which.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { build } from 'esbuild';

const folder = process.argv[2];
if (!folder) throw new Error('usage: node build.mjs FOLDER');
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });

const { outputFiles, metafile } = await build({
  entryPoints: { desktop: 'src/main.js', style: 'src/page.css' },
  bundle: true, minify: true, format: 'esm', target: 'es2022', legalComments: 'none',
  entryNames: '[name]-[hash]', outdir: folder, write: false, metafile: true,
});
const names = {};
for (const file of outputFiles) {
  writeFileSync(file.path, file.contents);
  const name = basename(file.path);
  if (name.endsWith('.js')) names.script = name;
  if (name.endsWith('.css')) names.style = name;
}
const icon = readFileSync('src/icon.svg');
names.icon = `icon-${createHash('sha256').update(icon).digest('hex').slice(0, 8)}.svg`;
writeFileSync(join(folder, names.icon), icon);
writeFileSync(join(folder, 'names.json'), JSON.stringify(names));

// What is in the bundle and under which licences, in the form of JupyterLab's own bundles.
const packages = [...new Set(Object.keys(metafile.inputs).filter((file) => file.includes('node_modules/')).map(packageOf))].map((place) => {
  const { name, version, license } = JSON.parse(readFileSync(join(place, 'package.json')));
  return { name, versionInfo: version, licenseId: license, extractedText: readFileSync(join(place, 'LICENSE.txt'), 'utf8') };
});
writeFileSync(join(folder, 'third-party-licenses.json'), JSON.stringify({ packages }));

function packageOf(file) {
  let place = dirname(file);
  while (!existsSync(join(place, 'package.json'))) place = dirname(place);
  return place;
}
