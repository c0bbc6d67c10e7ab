import { expect, test } from 'vitest';
import { scopes } from '../../test/examples';
import { cannotDo, scopesInWords, scopesOfPreset } from './tokens';

test.each([
  [[], 'nothing yet'],
  [['uploads:write'], 'make and change uploads'],
  [['uploads:read', 'entries:read', 'users:read'], 'read uploads, entries and people'],
  [['uploads:read', 'uploads:assign_doi'], 'read uploads; assign DOI uploads'],
  [['a:read', 'b:read', 'c:read', 'd:read', 'e:read'], 'read a, b and 3 more'],
])('%j reads as %s', (chosen, text) => {
  expect(scopesInWords(chosen)).toBe(text);
});

test('presets hold only rights that a token may have', () => {
  expect(scopesOfPreset('send', scopes, [])).toEqual(['uploads:write']);
  expect(scopesOfPreset('read', scopes, [])).toEqual(['uploads:read', 'entries:read']);
  expect(scopesOfPreset('work', scopes, [])).toEqual(['uploads:read', 'entries:read', 'uploads:write', 'entries:write']);
  expect(scopesOfPreset('own', scopes, ['north:run'])).toEqual(['north:run']);
});

test('what a token cannot do is never claimed of a right it has', () => {
  expect(cannotDo(['uploads:write'])).toEqual(['cannot make tokens', 'cannot publish', 'cannot read data']);
  expect(cannotDo(['uploads:read', 'uploads:publish'])).toEqual(['cannot make tokens', 'cannot add or delete files']);
});
