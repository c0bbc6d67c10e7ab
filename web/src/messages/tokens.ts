import type { AccessToken, Scope } from '../api/types';
import { count, formatDate, formatList, formatShortDate } from './format';

type Ended = NonNullable<AccessToken['ended']>;

/** The first letters of an id: enough to tell two tokens of one name apart. */
const shortId = (id: string): string => id.slice(0, 6);

/** A token may have no name; people still have to be able to speak of it. */
export const tokenName = ({ name }: Pick<AccessToken, 'name'>): string => (name.trim() === '' ? '(without name)' : name);

export const tokensWords = {
  title: 'Access tokens',
  sub: 'A token lets a script or an instrument act as you, with only the rights you give it.',
  make: 'New token',
  shows: { active: 'In use', ended: 'Ended' },
  empty: 'No tokens yet. Make one for a script or an instrument; it gets only the rights you choose.',
  emptyEnded: 'No token has ended or was revoked.',
  more: 'Show 50 more',
  columns: { name: 'Name', may: 'May', used: 'Last used', ends: 'Ends', acts: 'Actions' },
  never: 'never',
  from: (address: string): string => `from ${address}`,
  neverUsed: 'not yet',
  made: (token: AccessToken): string => `made ${formatShortDate(token.created_at)} · ${shortId(token.id)}…`,
  /** Its name, and what tells it from another one of that name. */
  label: (token: AccessToken, twin: boolean): string => (twin ? `${tokenName(token)}, ${shortId(token.id)}` : tokenName(token)),
  ended: {
    expired: 'Ended',
    revoked: 'Revoked',
    rotated: 'Replaced',
    revoked_by_admin: 'Revoked for you',
    leaked: 'Found outside',
    all_ended: 'Ended with all others',
  } satisfies Record<Ended['how'], string>,
  endedHow: {
    expired: 'Its time was over.',
    revoked: 'It was revoked.',
    rotated: 'It was replaced by a new one.',
    revoked_by_admin: 'An administrator revoked it.',
    leaked: 'It had turned up where it should not be, and an administrator ended it.',
    all_ended: 'All sessions and tokens were ended together.',
  } satisfies Record<Ended['how'], string>,
  endedWhen: (at: string | null, by: string | undefined): string => [at === null ? '' : formatShortDate(at), by === undefined ? '' : `by ${by}`].filter((part) => part !== '').join(', '),
  you: 'you',
  successor: (id: string): string => `now ${shortId(id)}…`,
  soonNotice: (names: string[]): string =>
    names.length === 1 ? `${names[0] ?? ''} ends soon and is in use.` : `${count(names.length, 'token')} end soon and are in use: ${formatList(names)}.`,
  soonMore: 'Rotate it in time: you get a new one with the same rights, and the old one stops working at once.',
  details: 'Details',
  detailsLabel: (name: string): string => `Details of ${name}`,
  facts: { id: 'Id', made: 'Made', ends: 'Ends', how: 'How it ended', may: 'May', limits: 'Limits', used: 'Last used' },
  noLimits: 'none beyond its rights',
  usage: (days: number): string => `Used for, in the last ${count(days, 'day')}`,
  usedRights: 'Rights',
  usedUploads: 'Uploads',
  usedFrom: 'From',
  times: (times: number): string => count(times, 'time'),
  andMore: (amount: number): string => `and ${count(amount, 'other')}`,
  notNeeded: 'Not needed',
  unusedYet: 'It was not used in this time.',
  diet: 'It could do with less',
  dietShort: 'Could do with less',
  dietLabel: (name: string): string => `${name} could do with less`,
  narrower: 'Make a narrower one',
  soon: (days: number): string => (days <= 0 ? 'ends today' : `ends in ${count(days, 'day')}`),
  rotate: 'Rotate',
  rotateLabel: (name: string): string => `Rotate ${name}`,
  which: (token: AccessToken): string => `The token made on ${formatDate(token.created_at)}, whose id begins with ${shortId(token.id)}.`,
  rotateTitle: (name: string): string => `Rotate “${name}”?`,
  rotateText: 'You get a new token with the same rights and the same lifetime, counted from now. The old one stops working at once.',
  rotateAct: 'Rotate the token',
  revoke: 'Revoke',
  revokeLabel: (name: string): string => `Revoke ${name}`,
  revokeTitle: (name: string): string => `Revoke “${name}”?`,
  revokeText: (token: AccessToken): string =>
    `It stops working at once, wherever it is used${token.last_used_at === null ? '' : `; it was last used on ${formatDate(token.last_used_at)}`}. This cannot be undone.`,
  revokeAct: 'Revoke the token',
  like: 'Make one like it',
  likeLabel: (name: string): string => `Make one like it: ${name}`,
};

export const newTokenWords = {
  title: 'New token',
  name: 'Name',
  nameHint: 'You will look for it by this name in a year',
  use: 'What will it be used for?',
  rights: 'Rights',
  chosen: (chosen: number, all: number): string => `${chosen} of ${all} chosen`,
  on: 'On',
  also: 'Also',
  rarer: (amount: number): string => `Show ${count(amount, 'rarer right')}`,
  fewer: 'Hide the rarer rights',
  noTokens: 'A token cannot make, see or revoke tokens.',
  notForTokens: 'Not possible for a token',
  forbidden: 'The rules of this lab do not allow it in tokens',
  forbiddenNote: (amount: number): string => `${count(amount, 'right is', 'rights are')} greyed out: the rules of this lab do not allow ${amount === 1 ? 'it' : 'them'} in tokens.`,
  pending: (amount: number): string => `Show ${count(amount, 'right')} that guard${amount === 1 ? 's' : ''} nothing yet`,
  pendingLess: 'Hide the rights that guard nothing yet',
  pendingWhy: 'This version of the server has nothing that asks for these. A token that holds one could do more after an update.',
  mayNot: 'You cannot make tokens here',
  mayNotMore: 'The rules of this lab let only certain people make access tokens. Ask an administrator.',
  narrowed: 'Filled in with what the token was used for.',
  narrowedMore: 'Look at the limits before you make it, put the new one in place, and then revoke the old one.',
  ends: 'Ends',
  endsAt: 'Last day',
  itEnds: (when: string): string => `It ends ${when}.`,
  onADay: 'on a day of your choice',
  longest: (days: number | null): string => (days === null ? '' : `At most ${count(days, 'day')} here.`),
  tooLong: 'too long for this lab',
  notAllowed: 'not allowed here',
  days: (days: number): string => (days % 365 === 0 ? count(days / 365, 'year') : count(days, 'day')),
  neverEnds: 'never',
  inWords: 'In words',
  make: 'Make the token',
  command: 'The same as a command',
  needName: 'Give it a name first.',
  needRight: 'Choose at least one right.',
  about: 'Name, use and end',
  idle: '“Only add” is on: of these rights only the one to add files counts.',
  widen: 'Switch it off',
  needChange: 'The server would not make it like this.',
  thisToken: 'This token',
};

/** "on 21 December 2026": the day on which a token that is made now ends. */
export const endInWords = (end: { days: number } | { at: string }, now: Date): string =>
  `on ${formatDate('at' in end ? end.at : new Date(now.getTime() + end.days * 86_400_000).toISOString())}`;

export const revealWords = {
  title: (name: string): string => `“${name}” is ready`,
  once: 'This is the only time the token is shown.',
  onceMore: 'Copy it now to where it will be used. If it gets lost, make a new one.',
  token: 'The token',
  saved: 'I have saved it',
  leave: 'You have not copied the token yet. It cannot be shown again. Leave anyway?',
  use: 'How to use it',
  first: 'Save it once in a file that only you can read (paste it when asked):',
  then: 'Then:',
  waiting: 'Waiting for its first use…',
  worked: (when: string, from: string | null): string => `Worked: ${when}${from === null ? '' : ` from ${from}`}.`,
};

/** A choice of rights that fits most needs. */
export interface Preset {
  id: 'send' | 'work' | 'read' | 'own';
  title: string;
  text: string;
}

export const presets: readonly Preset[] = [
  { id: 'send', title: 'Only add files', text: 'For an instrument: makes uploads and adds new files; cannot see, change or delete' },
  { id: 'work', title: 'Work with my data', text: 'Upload, change, search and download; not publish' },
  { id: 'read', title: 'Only read', text: 'For notebooks and dashboards' },
  { id: 'own', title: 'Choose myself', text: 'All rights, one by one' },
];

const workWith = ['uploads:write', 'uploads:process', 'entries:write'];

/** The scopes of a preset, taken from what the server offers; `own` keeps what is chosen. */
export function scopesOfPreset(preset: Preset['id'], catalogue: Scope[], chosen: string[]): string[] {
  // A right that guards nothing yet would let the token do more after an update.
  const offered = catalogue.filter((scope) => scope.pat_allowed && scope.in_use);
  const named = (wanted: string[]): string[] => offered.filter(({ scope }) => wanted.includes(scope)).map(({ scope }) => scope);
  const reading = offered.filter(({ action }) => action === 'read').map(({ scope }) => scope);
  switch (preset) {
    case 'send':
      return named(['uploads:write']);
    case 'work':
      return [...new Set([...reading, ...named(workWith)])];
    case 'read':
      return reading;
    case 'own':
      return chosen;
  }
}

interface Resource {
  label: string;
  text: string;
}

const resources: Record<string, Resource> = {
  uploads: { label: 'Uploads', text: 'Folders of files and who may see them' },
  entries: { label: 'Entries', text: 'What was read from the files; search' },
  datasets: { label: 'Datasets', text: 'Citable collections of entries' },
  groups: { label: 'Groups', text: 'Groups of people' },
  users: { label: 'People', text: 'Names of people here, for sharing' },
  tokens: { label: 'Tokens', text: 'Your access tokens themselves' },
  info: { label: 'Server facts', text: 'Version and what it can read' },
};

/** The rows of the rights table that are shown at once, in this order. */
export const commonResources = ['uploads', 'entries', 'datasets', 'groups', 'users', 'tokens'];

/** What a resource is called; one the page does not know keeps its own word, made readable. */
export function resourceWords(resource: string): Resource {
  const known = resources[resource];
  if (known !== undefined) return known;
  const words = resource.replace('external_', '').replaceAll('_', ' ');
  return { label: words.charAt(0).toUpperCase() + words.slice(1), text: '' };
}

export const actionWords = (action: string): string => action.replaceAll('_', ' ').replace('doi', 'DOI');

const verbs: Record<string, string> = { read: 'read', write: 'make and change', delete: 'delete' };

/** "read uploads and entries; make and change uploads": what a set of scopes allows, in one phrase. */
export function scopesInWords(scopes: string[]): string {
  if (scopes.length === 0) return 'nothing yet';
  const byVerb = new Map<string, string[]>();
  for (const scope of scopes.toSorted((a, b) => rank(a) - rank(b))) {
    const [resource = '', action = ''] = scope.split(':');
    const verb = verbs[action] ?? actionWords(action);
    byVerb.set(verb, [...(byVerb.get(verb) ?? []), resourceWords(resource).label.toLowerCase()]);
  }
  return [...byVerb].map(([verb, things]) => `${verb} ${things.length > mostThings ? formatList([...things.slice(0, 2), `${things.length - 2} more`]) : formatList(things)}`).join('; ');
}

const mostThings = 4;

/** Where a scope stands in a phrase: what people know first, the rarer things after it. */
function rank(scope: string): number {
  const place = commonResources.indexOf(scope.split(':')[0] ?? '');
  return place === -1 ? commonResources.length : place;
}
