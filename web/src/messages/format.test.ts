import { expect, test } from 'vitest';
import { addMonths, ago, count, duration, formatBytes } from './format';

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1 kB'],
  [8_449_000_000, '8.4 GB'],
  [640_000_000, '640 MB'],
  [1_800_000_000_000, '1.8 TB'],
])('%d bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test('counts use the plural English wants', () => {
  expect([count(0, 'file'), count(1, 'entry', 'entries'), count(10_240, 'file')]).toEqual(['0 files', '1 entry', '10,240 files']);
});

test.each([
  ['2026-11-21T11:59:30Z', 'just now'],
  ['2026-11-21T11:48:00Z', '12 min ago'],
  ['2026-11-20T19:00:00Z', '17 h ago'],
  ['2026-11-20T11:00:00Z', '1 day ago'],
  ['2026-11-10T12:00:00Z', '11 days ago'],
])('%s is %s', (iso, text) => {
  expect(ago(iso, new Date('2026-11-21T12:00:00Z'))).toBe(text);
});

test.each([
  [2, 'a few seconds'],
  [38, 'about 40 s'],
  [170, 'about 3 min'],
  [7300, 'about 2 h'],
])('%d seconds are %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});

test.each([
  ['2026-01-31T00:00:00Z', 1, '2026-02-28'],
  ['2024-01-31T00:00:00Z', 1, '2024-02-29'],
  ['2026-11-15T00:00:00Z', 36, '2029-11-15'],
  ['2026-12-31T23:00:00Z', 2, '2027-02-28'],
])('%s plus %d months is %s', (iso, months, day) => {
  expect(addMonths(iso, months).slice(0, 10)).toBe(day);
});
