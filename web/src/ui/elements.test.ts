import { expect, test } from 'vitest';
import { elements } from './elements';

const place = (symbol: string): number[] => {
  const element = elements.find((one) => one.symbol === symbol);
  return element === undefined ? [] : [element.column, element.row];
};

test('all 118 elements have a place of their own', () => {
  expect(elements).toHaveLength(118);
  expect(new Set(elements.map(({ column, row }) => `${column},${row}`)).size).toBe(118);
});

test.each([
  ['H', [1, 1]],
  ['He', [18, 1]],
  ['Be', [2, 2]],
  ['B', [13, 2]],
  ['Ti', [4, 4]],
  ['Xe', [18, 5]],
  ['Ba', [2, 6]],
  ['La', [3, 9]],
  ['Lu', [3, 6]],
  ['Hf', [4, 6]],
  ['U', [6, 10]],
  ['Og', [18, 7]],
])('%s stands at %j', (symbol, where) => {
  expect(place(symbol)).toEqual(where);
});
