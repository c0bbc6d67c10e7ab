import { expect, test } from 'vitest';
import { plainText, referenceOf, valueAt } from './archive';
import { rowsOf, withAncestors } from './archiveRows';
import { readTable } from './kinds';

const upload = 'dTiO2a8Kq1AAAAAAAAAAAA';
const entry = 'eNtRyabcdefghijklmnopqrstuvw';

test.each([
  ['#/data/samples/0', { entryId: undefined, path: 'data/samples/0' }],
  [`../upload/archive/${entry}#/data`, { entryId: entry, path: 'data' }],
  [`../uploads/${upload}/archive/${entry}#data/steps/1`, { entryId: entry, path: 'data/steps/1' }],
  [`/entries/${entry}/archive#/data`, { entryId: entry, path: 'data' }],
  ['../upload/raw/sample.archive.yaml#/data', undefined],
  ['https://example.org/#/data', undefined],
  ['/data/plain/path', undefined],
  ['Ti / O', undefined],
  [7, undefined],
])('%s leads to %j', (value, reference) => {
  expect(referenceOf(value)).toEqual(reference);
});

test('a path is walked through sections and lists, and never into what an object inherits', () => {
  const root = { data: { steps: [{ name: 'a' }, { name: 'b' }] } };
  expect(valueAt(root, 'data/steps/1/name')).toBe('b');
  expect(valueAt(root, 'data/steps/7/name')).toBeUndefined();
  expect(valueAt(root, 'constructor')).toBeUndefined();
});

test('HTML of a description is shown as text, and nothing in it runs', () => {
  expect(plainText('<p>Annealed <b>film</b></p><img src=x onerror="throw 1">')).toBe('Annealed film');
  expect(plainText('a < b and c > d')).toBe('a < b and c > d');
});

test('the tree shows open places only, without what describes the section, and long lists in portions', () => {
  const root = { data: { m_def: 'X', name: 'a', steps: Array.from({ length: 450 }, (_, index) => ({ name: `Step ${index}` })) } };
  expect(rowsOf(root, new Set(), {}).map((row) => row.id)).toEqual(['data']);
  expect(rowsOf(root, new Set(['data']), {}).map((row) => row.id)).toEqual(['data', 'data/name', 'data/steps']);
  expect(rowsOf(root, new Set(['data', 'data/steps']), {})).toHaveLength(3 + 200 + 1);
  expect(rowsOf(root, new Set(['data', 'data/steps']), { 'data/steps': 2 })).toHaveLength(3 + 450);
  expect(withAncestors('data/steps/0')).toEqual(['data', 'data/steps', 'data/steps/0']);
});

test.each<[string, string, boolean, string[][]]>([
  ['commas and quotes', 'a,b\n1,"x, ""y"""\n', true, [['a', 'b'], ['1', 'x, "y"']]],
  ['tabs', 'a\tb\r\n1\t2', true, [['a', 'b'], ['1', '2']]],
  ['semicolons with decimal commas', 'a;b\n1,5;2,5', true, [['a', 'b'], ['1,5', '2,5']]],
  ['a last row that was cut', 'a,b\n1,2\n3', false, [['a', 'b'], ['1', '2']]],
])('a table with %s is read', (_what, text, whole, rows) => {
  expect(readTable(text, whole)).toEqual(rows);
});
