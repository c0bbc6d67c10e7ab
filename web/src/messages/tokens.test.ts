import { expect, test } from 'vitest';
import { scopes } from '../../test/examples';
import { unlimited } from '../parts/tokenLimits';
import { cannotDo, limitSentences, limitsInWords, mayInWords } from './tokenLimits';
import { scopesInWords, scopesOfPreset } from './tokens';

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

test('presets leave out what guards nothing yet', () => {
  const later = scopes.map((scope) => ({ ...scope, in_use: scope.scope !== 'entries:read' }));
  expect(scopesOfPreset('read', later, [])).toEqual(['uploads:read']);
});

test.each([
  [['uploads:write'], false, ['cannot make tokens', 'cannot publish', 'cannot read data']],
  [['uploads:read', 'uploads:publish'], false, ['cannot make tokens', 'cannot add or delete files']],
  [['uploads:write', 'uploads:read', 'uploads:publish'], true, ['cannot make tokens', 'cannot publish', 'cannot change or delete', 'cannot read data']],
])('%j (only adding: %j) cannot do %j', (chosen, appendOnly, what) => {
  expect(cannotDo(chosen, { appendOnly })).toEqual(what);
});

test('limits are badges and sentences, and none says nothing', () => {
  const limits = { appendOnly: true, uploads: ['a', 'b'], networks: ['10.0.0.0/8', '192.0.2.7', '2001:db8::/32'] };
  expect(limitsInWords(limits)).toEqual(['only adds', 'only 2 uploads', 'only from 10.0.0.0/8', 'only from 192.0.2.7', 'and 1 more network']);
  expect(limitSentences(limits)).toContain('Only from 10.0.0.0/8, 192.0.2.7 and 2001:db8::/32.');
  expect(limitsInWords(unlimited)).toEqual([]);
  expect(limitSentences(unlimited)).toEqual([]);
});

test('a token that only adds is not said to do what its rights alone would allow', () => {
  const adding = { ...unlimited, appendOnly: true };
  expect(mayInWords(['uploads:write', 'uploads:read'], adding)).toBe('create uploads and add new files');
  expect(mayInWords(['uploads:write'], { ...adding, uploads: ['a'] })).toBe('add new files');
  expect(mayInWords(['uploads:read'], adding)).toMatch(/^nothing/);
  expect(mayInWords(['uploads:read'], unlimited)).toBe('read uploads');
});
