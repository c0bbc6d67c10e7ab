import { expect, test } from 'vitest';
import { tokenCommand } from './tokenCommand';
import { unlimited } from './tokenLimits';

const now = new Date('2026-11-21T10:00:00Z');

test('the command names the rights and every limit, and survives quotes in the name', () => {
  const limits = { appendOnly: true, uploads: ['a', 'b'], networks: ['192.0.2.0/24'] };
  expect(tokenCommand("Mara's", ['uploads:write'], limits, { days: 90 }, now)).toBe(
    [
      'bin/oasis token create --user USER',
      "  --name 'Mara'\\''s'",
      '  --scope uploads:write',
      '  --append-only',
      '  --upload a',
      '  --upload b',
      '  --network 192.0.2.0/24',
      '  --expires 90d --data DIR',
    ].join(' \\\n'),
  );
});

test.each([
  ['never' as const, 'never'],
  [{ at: '2026-11-25T23:59:59Z' }, '4d'],
  [{ at: '2026-11-21T23:59:59Z' }, '1d'],
])('an end %j is the life %s', (end, life) => {
  expect(tokenCommand('x', [], unlimited, end, now)).toContain(`--expires ${life} `);
});
