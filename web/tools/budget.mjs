// Checks what a page loads before its h1 against the budgets, and fails with the numbers when one is over.
// Sizes are read by way of the manifest, because chunk names mislead; it is then removed, nothing else needs it.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';

const kB = 1000;
const root = fileURLToPath(new URL('..', import.meta.url));
const built = join(root, 'dist/app');
const manifest = JSON.parse(readFileSync(join(built, '.vite/manifest.json'), 'utf8'));
rmSync(join(built, '.vite'), { recursive: true });

/** The chunks that `key` needs before it can run, itself included. */
function chunks(key, found = new Set()) {
  if (found.has(key)) return found;
  found.add(key);
  for (const imported of manifest[key].imports ?? []) chunks(imported, found);
  return found;
}

const bytes = (file) => readFileSync(join(built, file));
const gzip = (file) => gzipSync(bytes(file), { level: 9 }).length;
const brotli = (file) => brotliCompressSync(bytes(file)).length;
const sum = (files, size) => files.reduce((total, file) => total + size(file), 0);

// Pages without the frame of rail and top bar.
const outside = new Set(['SignIn', 'Setup']);

const checks = [];
const check = (what, size, limit) => checks.push({ what, size, limit });

for (const page of readdirSync(join(root, 'src/pages'))) {
  const key = `src/pages/${page}/${page}.tsx`;
  const files = [...new Set([...chunks('index.html'), ...(outside.has(page) ? [] : chunks('src/parts/Gate.tsx')), ...chunks(key)])].map((one) => manifest[one].file).filter((file) => file.endsWith('.js'));
  check(`${page}: scripts, gzip`, sum(files, gzip), (page === 'SignIn' ? 150 : 200) * kB);
  check(`${page}: scripts, brotli`, sum(files, brotli), 185 * kB);
}
const assets = readdirSync(join(built, 'assets')).map((name) => `assets/${name}`);
check('styles, gzip', sum(assets.filter((name) => name.endsWith('.css')), gzip), 40 * kB);
check('font, latin', Math.min(...assets.filter((name) => name.endsWith('.woff2')).map((name) => bytes(name).length)), 49 * kB);

for (const { what, size, limit } of checks) {
  const mark = size > limit ? 'OVER' : 'ok';
  console.log(`${what.padEnd(28)} ${(size / kB).toFixed(1).padStart(7)} kB of ${(limit / kB).toFixed(0).padStart(4)}  ${mark}`);
}
if (checks.some(({ size, limit }) => size > limit)) {
  console.error('Over budget: load pickers, dialogs and the like on demand.');
  process.exit(1);
}
