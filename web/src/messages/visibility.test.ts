import { expect, test } from 'vitest';
import { visibilitySentence, type Visibility } from './visibility';

const alone: Visibility = {
  mine: true,
  author: 'Mara Lindqvist',
  member: false,
  coauthors: [],
  reviewers: [],
  groups: [],
  everyone: false,
  published: false,
  embargoMonths: 0,
  lab: 'Steinbach Lab',
  closed: true,
};

// Dates are written by the browser's locale; the table uses the same formatter's words for a fixed one.
const day = (iso: string): string => new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'long', year: 'numeric' }).format(new Date(iso));

const cases: [what: string, part: Partial<Visibility>, sentence: string][] = [
  ['private', {}, 'Visible only to you.'],
  ['private, seen by an administrator', { mine: false }, 'Visible only to Mara Lindqvist.'],
  ['shared with one person', { coauthors: ['Jana Novák'] }, 'Visible to you and Jana Novák.'],
  [
    'shared with people and a group',
    { coauthors: ['Jana Novák'], reviewers: ['Samuel Okafor'], groups: [{ name: 'Thin Films', size: 7 }] },
    'Visible to you, Jana Novák, Samuel Okafor and the 7 people in Thin Films.',
  ],
  ['seen by a co-author', { mine: false, member: true, coauthors: ['Samuel Okafor'] }, 'Visible to you, Mara Lindqvist and Samuel Okafor.'],
  ['three names still fit', { coauthors: ['A', 'B'], reviewers: ['C'] }, 'Visible to you, A, B and C.'],
  ['four names become counts', { coauthors: ['A', 'B'], reviewers: ['C', 'D'] }, 'Visible to you, 2 co-authors and 2 reviewers.'],
  ['counts without reviewers', { coauthors: ['A', 'B', 'C', 'D'] }, 'Visible to you and 4 co-authors.'],
  ['groups without a name are counted', { groups: [{}, {}] }, 'Visible to you and 2 groups.'],
  ['a group without a size', { groups: [{ name: 'Thin Films' }] }, 'Visible to you and the group Thin Films.'],
  ['everyone of a closed lab', { everyone: true }, 'Visible to you and everyone signed in at Steinbach Lab.'],
  ['everyone of an open lab', { everyone: true, closed: false }, 'Visible to you and everyone who can open Steinbach Lab.'],
  [
    'embargo',
    { published: true, publishTime: '2026-06-01T12:00:00Z', embargoMonths: 12, coauthors: ['Jana Novák'], closed: false },
    `Published with an embargo: until ${day('2027-06-01T12:00:00Z')} only you and Jana Novák; then everyone on the internet.`,
  ],
  [
    'embargo in a closed lab',
    { published: true, publishTime: '2026-01-31T12:00:00Z', embargoMonths: 1 },
    `Published with an embargo: until ${day('2026-02-28T12:00:00Z')} only you; then everyone signed in at Steinbach Lab.`,
  ],
  ['public', { published: true, publishTime: '2026-05-03T12:00:00Z', closed: false }, `Visible to everyone on the internet since ${day('2026-05-03T12:00:00Z')}.`],
  ['public in a closed lab', { published: true, publishTime: '2026-05-03T12:00:00Z' }, `Visible to everyone signed in at Steinbach Lab since ${day('2026-05-03T12:00:00Z')}.`],
  ['public without a date', { published: true, closed: false }, 'Visible to everyone on the internet.'],
];

test.each(cases)('%s', (_what, part, sentence) => {
  expect(visibilitySentence({ ...alone, ...part })).toBe(sentence);
});
