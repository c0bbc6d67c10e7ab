import type { Upload } from '../api/types';
import { count, formatList } from './format';

/** What somebody may do with an upload; the API says reviewer and co-author. */
export type MemberRole = 'reviewer' | 'coauthor';

export const accessWords = {
  title: 'People and groups',
  add: 'Add a person or group',
  addHint: 'Name, user name or e-mail address',
  nobody: 'Nobody and no group here is called that. People need an account at this Oasis first.',
  addVerb: 'Add',
  group: 'Group',
  here: 'has access already',
  owner: 'Main author',
  you: 'you',
  unknown: 'Somebody who left',
  unknownGroup: 'A group you may not see',
  roles: { reviewer: 'May look', coauthor: 'May change' },
  rolesMore: { reviewer: 'reviewer', coauthor: 'co-author' },
  roleOf: (name: string): string => `What ${name} may do`,
  remove: (name: string): string => `Remove ${name}`,
  removed: (name: string): string => `${name} may no longer see this upload.`,
  added: (name: string): string => `${name} may look at this upload.`,
  undo: 'Undo',
  saved: 'Saved.',
  what: 'Who may look sees the files and entries. Who may change also adds and deletes files, shares and publishes.',
  cannot: (why: string): string => `You cannot change who may see it: ${why}`,
  others: 'Everyone else',
  othersNo: 'Cannot see it',
  othersHere: (lab: string, closed: boolean): string => (closed ? `Everyone signed in at ${lab} may look` : `Everyone who can open ${lab} may look`),
  othersHereMore: (closed: boolean): string => (closed ? 'Also people who join later.' : 'Visitors who are not signed in too.'),
  othersWorld: 'Everyone on the internet',
  othersWorldMore: 'Only by publishing.',
  othersPublished: 'It is published: everyone may read it, and what is set here cannot take that back.',
  othersEmbargo: 'It is published. When the embargo ends everyone may read it; until then this holds.',
  standing: 'Always share like this?',
  standingMore: 'Your new uploads can be shared from the start.',
  standingAct: 'Set up what is always shared',
  status: (upload: Upload): string => {
    if (upload.published && !upload.with_embargo) return 'Everyone';
    if (upload.reviewer_groups.includes('all')) return 'Everyone here';
    const people = new Set([...upload.coauthors, ...upload.reviewers]).size;
    const groups = new Set([...upload.coauthor_groups, ...upload.reviewer_groups]).size;
    if (people + groups === 0) return 'Only the main author';
    return formatList([...(people > 0 ? [count(people, 'person', 'people')] : []), ...(groups > 0 ? [count(groups, 'group')] : [])]);
  },
};
