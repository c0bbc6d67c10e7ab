import type { PolicyCell, PolicyOrigin, PolicyPreview, User } from '../api/types';
import { count, formatList, formatMoment } from './format';
import { nameOf } from './people';

export const policyWords = {
  title: 'Access policy',
  sub: 'Who may come in, and what they may do here. A change holds for the next request.',
  broken: 'The configuration could not be read.',
  brokenMore: (since: string): string => `What was in force since ${formatMoment(since)} stays in force until it is repaired.`,
  restart: (options: string[]): string => `Changed in a file, and in force only after the next start: ${formatList(options)}.`,
  start: 'Start from',
  whoTitle: 'Who comes in',
  door: 'Without signing in',
  doorClosed: 'Nobody sees anything',
  doorOpen: 'Visitors may do what you choose below',
  list: 'With an account',
  listEverybody: 'Everybody may use this Oasis',
  listNamed: 'Only people on this list',
  entries: 'On the list',
  entriesHint: 'User names, e-mail addresses, *@lab.example for a whole domain, group:NAME for a group',
  entriesAdd: 'Add',
  entriesNone: 'The list is empty: nobody is let in.',
  removeEntry: (entry: string): string => `Remove ${entry}`,
  unlisted: 'People who are not on the list',
  unlistedRefused: 'Are refused',
  unlistedLimited: 'May do what you choose below',
  email: 'Whom refused people are told to ask',
  emailHint: 'An e-mail address; shown on every refusal',
  visitorsMay: 'What visitors may do',
  unlistedMay: 'What people who are not on the list may do',
  rules: { none: 'Nothing', read: 'Read', own: 'Choose myself' },
  rulesMore: { none: 'Only sign in', read: 'Look at what is published and search it; for people with an account also what is shared with them', own: 'Scopes, with * for a whole side' },
  include: 'May do',
  exclude: 'But not',
  patternHint: 'Such as uploads:read, entries:* or *:read',
  granted: (amount: number): string => `In force now: ${count(amount, 'right')}`,
  signIn: 'Sign-in',
  factor: 'A second factor is asked of',
  factors: { optional: 'Nobody', admins: 'Administrators', everyone: 'Everyone' },
  factorMore: 'Who has none can sign in only to set one up. Access tokens made before go on.',
  local: 'Accounts of this Oasis can sign in too',
  localMore: 'Matters only when another provider signs people in.',
  tokens: 'Access tokens',
  creators: 'Who may make access tokens',
  creatorsEverybody: 'Everybody who may come in',
  creatorsNamed: 'Only these people',
  creatorsList: 'May make tokens',
  creatorsNone: 'The list is empty: nobody may make tokens.',
  forbidden: 'Rights that no token may hold',
  life: 'A token lasts at most, in days',
  lifeHint: 'Empty = no limit',
  lifeAdds: 'A token that only adds files, in days',
  dead: 'A dead access token',
  deads: { reject: 'Is refused, so that a script notices', anonymous: 'Counts as a visitor, as in NOMAD' },
  old: 'As in NOMAD',
  oldMore: 'What older scripts and NOMAD’s own tools may rely on. Switch off what nobody uses.',
  switches: {
    password_grant: { label: 'Programs may sign in with a name and a password', more: 'NOMAD’s Python client does. Without it, programs use access tokens.' },
    allow_upload_tokens: { label: 'Upload tokens are accepted', more: 'One per person, for all uploads; it never ends and can only be switched off.' },
    allow_upload_token_in_query: { label: 'Upload tokens may stand in the address', more: 'As NOMAD’s curl commands have it. Addresses end up in logs.' },
    allow_simple_tokens: { label: 'Signature and app tokens are accepted', more: 'For downloads by address, and for notebooks.' },
    allow_authorization_cookie: { label: 'NOMAD’s cookie is accepted', more: 'For pages that NOMAD’s own page opens.' },
    allow_password_in_query: { label: 'Passwords may stand in the address', more: 'Addresses end up in logs. Only for very old scripts.' },
  },
  may: 'Changes',
  discard: 'Discard',
  apply: 'Apply now',
  changed: (amount: number): string => `${count(amount, 'setting')} changed`,
  lockedOut: 'You would lock yourself out, so it cannot be applied.',
  stayIn: 'You stay in.',
  applied: 'In force now.',
  leave: 'Your changes are not in force yet. Leave anyway?',
};

/** Where a setting comes from when it cannot be changed here: "Set in nomad.yaml, line 3. Change it there." */
export function lockedWords(origin: PolicyOrigin): string {
  const place = origin.place ?? 'a file';
  const where = origin.from === 'environment' ? `by the environment variable ${place}` : `in ${place}${origin.line === null ? '' : `, line ${origin.line}`}`;
  return `Set ${where}. Change it there${origin.from === 'environment' ? ' and restart the server' : ''}.`;
}

export const previewWords = {
  title: 'What it means',
  now: 'In force now',
  then: 'If you apply it',
  who: { visitor: 'Visitor', unlisted: 'Not on the list', listed: 'On the list', instrument: 'Instrument' },
  whoHead: 'May',
  deeds: { read_published: 'Read published data', read_shared: 'Read what is shared with them', upload: 'Upload', publish: 'Publish', make_tokens: 'Make access tokens' },
  yes: 'yes',
  no: 'no',
  new: 'new',
  table: 'Who may do what',
  working: 'Working it out…',
};

const mostNames = 5;

function names(group: { count: number; users: User[] }): string {
  const named = group.users.slice(0, mostNames).map(nameOf);
  const more = group.count - named.length;
  return formatList(more > 0 ? [...named, `${more} more`] : named);
}

export interface Consequence {
  tone: 'plain' | 'ok' | 'warn' | 'bad';
  text: string;
}

/** What a draft means, one sentence each, the gravest first; the first says how many it lets in. */
export function consequences({ people, uploads_opened: opened, uploads_closed: closed, matrix }: PolicyPreview): Consequence[] {
  const out: Consequence[] = [{ tone: 'plain', text: `Lets in ${people.inside} of ${count(people.accounts, 'account')}.` }];
  const say = (tone: Consequence['tone'], amount: number, text: string): void => {
    if (amount > 0) out.push({ tone, text });
  };
  say('bad', people.locked_out.count, `Locks out ${names(people.locked_out)}.`);
  say('warn', opened, `Opens ${count(opened, 'upload')} to everyone who can reach this server.`);
  say('warn', closed, `Closes ${count(closed, 'upload')} to visitors.`);
  say('warn', people.narrowed.count, `Narrows what ${names(people.narrowed)} may do.`);
  say('warn', people.need_factor.count, `${names(people.need_factor)} must set up a second factor first.`);
  say('ok', people.let_in.count, `Lets in ${names(people.let_in)}.`);
  say('ok', people.widened.count, `Widens what ${names(people.widened)} may do.`);
  const stay = people.stay_outside;
  if (people.locked_out.count === 0) say('plain', stay.count, `${names(stay)} ${stay.count === 1 ? 'stays' : 'stay'} outside.`);
  const cells = matrix.flatMap((row) => row.cells).filter((cell) => cell.changed).length;
  if (out.length === 1 && cells > 0) out.push({ tone: 'plain', text: 'Nobody who has an account now is concerned.' });
  return out;
}

/** Why a cell of the table says no. */
export const whyNot = (cell: PolicyCell): string | undefined => {
  if (cell.allowed) return undefined;
  return cell.missing_scopes.length > 0 ? `Lacks ${formatList(cell.missing_scopes)}` : (cell.detail ?? undefined);
};

/** "2 answers change for others." */
export function answersChange(preview: PolicyPreview): string {
  const cells = preview.matrix.flatMap((row) => row.cells).filter((cell) => cell.changed).length;
  return cells === 0 ? 'No answer of the table changes.' : `${count(cells, 'answer')} of the table ${cells === 1 ? 'changes' : 'change'}.`;
}

export const askWords = {
  title: 'Ask: may somebody do something?',
  sub: 'Answered by the policy in force, not by the draft.',
  user: 'Who',
  userHint: 'Name; empty = a visitor',
  operation: 'Would do what',
  choose: 'Choose what they would do',
  by: 'With',
  kinds: {
    session: 'a browser session',
    personal_access_token: 'an access token with all rights',
    provider_token: 'the sign-in of a program',
    upload_token: 'an upload token (old)',
    simple_token: 'an app token (old)',
  },
  upload: 'To which upload',
  uploadHint: 'Its id; empty = its rules are not asked',
  address: 'From which address',
  addressHint: 'Empty = yours',
  act: 'Ask',
  yes: 'Yes, this is allowed.',
  no: (status: number | null): string => `No${status === null ? '' : ` (${status})`}.`,
};
