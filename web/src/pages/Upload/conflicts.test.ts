import { expect, test } from 'vitest';
import { ok, problem, serve } from '../../../test/server';
import { existingPaths, keepBoth } from './conflicts';

const files = (...paths: string[]): { file: File; path: string }[] => paths.map((path) => ({ path, file: new File(['x'], path) }));
const folder = (...names: string[]): unknown => ({
  path: '',
  access: 'unpublished',
  directory_metadata: { name: '', size: 0, content: names.map((name) => ({ name: name.replace('/', ''), is_file: !name.endsWith('/'), size: 1 })) },
});

test('finds what exists already and reads only folders that exist', async () => {
  const asked = serve({
    'GET /api/v1/uploads/U/rawdir/': ok(folder('a.txt', 'old/', 'other.txt')),
    'GET /api/v1/uploads/U/rawdir/old': ok(folder('b.txt')),
    'GET /api/v1/uploads/U/rawdir/new': problem(404, 'Not found. Invalid path?'),
  });
  const existing = await existingPaths('U', files('a.txt', 'old/b.txt', 'old/c.txt', 'new/a.txt'), '');
  expect([...existing]).toEqual(['a.txt', 'old/b.txt']);
  expect(asked.map(({ path }) => path)).toEqual(['/api/v1/uploads/U/rawdir/', '/api/v1/uploads/U/rawdir/old']);
});

test('starts at the folder one is in', async () => {
  const asked = serve({ 'GET /api/v1/uploads/U/rawdir/scans/day1': ok(folder('x.csv')) });
  expect([...(await existingPaths('U', files('scans/day1/x.csv'), 'scans/day1'))]).toEqual(['scans/day1/x.csv']);
  expect(asked).toHaveLength(1);
});

test('keeping both gives the first free name and leaves the others alone', () => {
  const both = keepBoth(files('a.csv', 'a~2.csv', 'd/README', 'new.txt'), new Set(['a.csv', 'd/README']));
  expect(both.map(({ path }) => path)).toEqual(['a~3.csv', 'a~2.csv', 'd/README~2', 'new.txt']);
});
