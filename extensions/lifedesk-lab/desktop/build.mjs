// Bundles the page: node build.mjs FOLDER. Files get a hash of their content in their name; names.json tells which.
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build } from 'esbuild';

const folder = process.argv[2];
if (!folder) throw new Error('usage: node build.mjs FOLDER');
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });

const { outputFiles } = await build({
  entryPoints: { desktop: 'src/main.js', style: 'src/page.css' },
  bundle: true, minify: true, format: 'esm', target: 'es2022', legalComments: 'none',
  entryNames: '[name]-[hash]', outdir: folder, write: false,
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
copyFileSync('node_modules/@novnc/novnc/LICENSE.txt', join(folder, 'LICENSE-noVNC.txt'));
