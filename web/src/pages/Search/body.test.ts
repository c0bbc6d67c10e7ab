import { expect, test } from 'vitest';
import { entriesBody } from './body';
import type { SearchParams } from './url';

const query = (search: SearchParams): unknown => entriesBody(search, true).query;

test.each<[string, SearchParams, unknown]>([
  ['nothing', {}, {}],
  ['a word, which may be an id or the start of a name', { q: 'anatase' }, { or: [{ text_search_contents: ['anatase'] }, { entry_id: 'anatase' }, { upload_id: 'anatase' }, { 'entry_name.prefix': 'anatase' }] }],
  ['two words, both needed', { q: 'anneal  450' }, { or: [{ text_search_contents: ['anneal', '450'] }] }],
  ['elements, all of them', { el: 'Ti,O' }, { 'results.material.elements:all': ['Ti', 'O'] }],
  ['elements, any of them', { el: 'Ti,O', elements: 'any' }, { 'results.material.elements:any': ['Ti', 'O'] }],
  ['only these elements', { el: 'Ti,O', elements: 'only' }, { 'results.material.elements_exclusive': 'O Ti' }],
  ['values of one facet are alternatives, of two are both needed', { type: ['A', 'B'], author: ['Jana'] }, { 'entry_type:any': ['A', 'B'], 'main_author.name:any': ['Jana'] }],
])('asks for %s', (_what, search, expected) => {
  expect(query(search)).toEqual(expected);
});

test('a formula is also looked for as a formula', () => {
  expect(query({ q: 'TiO2' })).toMatchObject({ or: expect.arrayContaining([{ 'results.material.chemical_formula_hill': 'TiO2' }]) as unknown });
});

test('a visitor always searches what is visible', () => {
  expect(entriesBody({ owner: 'mine' }, false).owner).toBe('visible');
  expect(entriesBody({ owner: 'mine' }, true).owner).toBe('user');
});

test('the count of a facet ignores its own filter, the count of elements only when any of them will do', () => {
  const aggregations = (search: SearchParams): unknown => entriesBody(search, true).aggregations;
  expect(aggregations({})).toMatchObject({ type: { terms: { exclude_from_search: true } }, elements: { terms: { exclude_from_search: false } } });
  expect(aggregations({ elements: 'any' })).toMatchObject({ elements: { terms: { exclude_from_search: true } } });
});
