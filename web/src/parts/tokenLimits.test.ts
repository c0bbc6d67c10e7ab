import { expect, test } from 'vitest';
import { limitsOf, restrictionsFor, unlimited } from './tokenLimits';

test.each([
  [null, unlimited],
  [{}, unlimited],
  [{ append_only: true }, { ...unlimited, appendOnly: true }],
  [{ uploads: ['a'], networks: ['192.0.2.0/24', 7] }, { appendOnly: false, uploads: ['a'], networks: ['192.0.2.0/24'] }],
  [{ networks: ['192.0.2.7/32', '::1/128', '2001:db8::/32', '10.0.0.0/8'] }, { ...unlimited, networks: ['192.0.2.7', '::1', '2001:db8::/32', '10.0.0.0/8'] }],
])('the restrictions %j are read as %j', (restrictions, limits) => {
  expect(limitsOf({ restrictions })).toEqual(limits);
});

test('limits are sent as they are read, and no empty list, which would be a token for nothing', () => {
  const limits = { appendOnly: true, uploads: ['a'], networks: ['192.0.2.7'] };
  expect(limitsOf({ restrictions: restrictionsFor(limits) })).toEqual(limits);
  expect(restrictionsFor(unlimited)).toBeUndefined();
  expect(restrictionsFor({ ...unlimited, networks: ['::1'] })).toEqual({ networks: ['::1'] });
});
