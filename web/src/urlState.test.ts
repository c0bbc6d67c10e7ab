import { expect, test } from 'vitest';
import { readSearch } from './pages/Search/url';
import { parseSearch, stringifySearch } from './urlState';

test.each(['', '?q=TiO2', '?q=a+b%26c&type=A&type=B%2CC', '?el=Ti%2CO&elements=any'])('%s survives reading and writing', (text) => {
  expect(stringifySearch(parseSearch(text))).toBe(text);
});

test('what is empty is left out of the address', () => {
  expect(stringifySearch({ q: '', type: [], page: undefined, x: false })).toBe('');
});

test('a hand-typed address with nonsense is read as far as it makes sense', () => {
  expect(readSearch(parseSearch('?q=TiO2&q=again&owner=everybody&sort=name&type=&nope=1'))).toEqual({
    q: 'TiO2',
    el: undefined,
    elements: undefined,
    owner: undefined,
    sort: 'name',
    type: undefined,
    method: undefined,
    instrument: undefined,
    tag: undefined,
    author: undefined,
  });
});
