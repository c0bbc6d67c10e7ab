import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.(tsx?|css)$/.test(path))
  .map((path) => ({ path, text: readFileSync(join('src', path), 'utf8') }));

test('colour values stand in tokens.css only', () => {
  const guilty = sources.filter(({ path, text }) => !path.endsWith('tokens.css') && /#[0-9a-f]{3,8}\b(?!-)|\brgba?\(|\bhsla?\(/i.test(text.replace(/&#\w+;/g, '')));
  expect(guilty.map(({ path }) => path)).toEqual([]);
});

test('the lockfile names no registry, so that every machine uses its own', () => {
  expect(readFileSync('package-lock.json', 'utf8')).not.toContain('"resolved"');
});

test('the parts in ui/ know nothing of the product', () => {
  const guilty = sources.filter(({ path, text }) => path.startsWith('ui/') && !path.includes('.test.') && /from '\.\.\/(api|parts|pages|session|messages\/(?!format'))/.test(text));
  expect(guilty.map(({ path }) => path)).toEqual([]);
});

test('every component file has its own style sheet in the app layer', () => {
  const guilty = sources.filter(({ path, text }) => path.endsWith('.module.css') && !/^@layer app \{/.test(text));
  expect(guilty.map(({ path }) => path)).toEqual([]);
});

test('the secret of a token is never stored', () => {
  const guilty = sources.filter(({ text }) => /raw_token/.test(text) && /(local|session)Storage/.test(text));
  expect(guilty.map(({ path }) => path)).toEqual([]);
});
