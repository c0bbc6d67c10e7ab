// What the limits of a token mean, and what the server says of one that is tried.
import type { TokenLimits } from '../parts/tokenLimits';
import { count, formatList } from './format';
import { resourceWords, scopesInWords } from './tokens';

export const limitsWords = {
  title: 'Limits',
  sub: 'They hold on top of the rights, and cannot be widened later.',
  appendOnly: 'Only add',
  appendOnlyText: 'It may create uploads and add new files. It cannot see, change or delete anything, not even what it sent itself.',
  uploads: 'Only these uploads',
  uploadsText: 'It sees and touches no other upload, and cannot create new ones.',
  findUpload: 'Find an upload by its name',
  noUpload: 'No upload of yours is called like this.',
  noUploads: 'You have no upload yet.',
  unnamed: '(without name)',
  chosen: 'Chosen uploads',
  offered: 'Uploads to choose from',
  needUpload: 'Choose at least one upload, or switch that limit off.',
  needNetwork: 'Name at least one network, or switch that limit off.',
  example: '10.4.0.0/16',
  add: (name: string): string => `Add ${name}`,
  remove: (name: string): string => `Remove ${name}`,
  clear: 'Clear all',
  networks: 'Only from these networks',
  networksText: 'Addresses or networks, separated by commas: 10.4.0.0/16, 192.0.2.7',
  here: (address: string): string => `You are now at ${address}`,
  inside: ', which is inside.',
  outside: ', which is outside: you could not use it from here.',
  useHere: 'Put in my address',
};

export const tryWords = {
  title: 'Try this token',
  asking: 'Asking the server…',
  counts: (can: number, cannot: number): string => `The server would let it call ${count(can, 'operation')} and refuse ${count(cannot, 'other')}.`,
  can: 'It can',
  cannot: 'It cannot',
  nothing: 'nothing',
  refused: 'The server refuses it.',
  neverForTokens: 'No token can: it takes somebody who is signed in',
  data: 'Which uploads and entries it then sees is what you may see yourself, no more.',
};

/** Why a right is missing, in words. */
export const becauseRights = (scopes: string[]): string => `It was not given the right to ${scopesInWords(scopes)}`;

const tags: Record<string, string> = { auth: 'Signing in and tokens', info: 'About this Oasis', users: 'People', admin: 'Administration' };

/** What a group of operations is called. */
export const tagWords = (tag: string): string => tags[tag] ?? resourceWords(tag).label;

/** "only in 2 uploads", …: the limits of a token, each in a few words, for badges. */
export function limitsInWords({ appendOnly, uploads, networks }: TokenLimits): string[] {
  return [
    ...(appendOnly ? ['only adds'] : []),
    ...(uploads.length === 0 ? [] : [`only ${count(uploads.length, 'upload')}`]),
    ...networks.slice(0, 2).map((network) => `only from ${network}`),
    ...(networks.length > 2 ? [`and ${count(networks.length - 2, 'more network')}`] : []),
  ];
}

/** The same as sentences, with what follows from them. */
export function limitSentences({ appendOnly, uploads, networks }: TokenLimits): string[] {
  return [
    ...(appendOnly ? ['It cannot see, change or delete anything, not even files it sent itself.'] : []),
    ...(uploads.length === 0 ? [] : [`Only in ${count(uploads.length, 'upload')}; it cannot create new ones.`]),
    ...(networks.length === 0 ? [] : [`Only from ${formatList(networks)}.`]),
  ];
}

/** What a set of rights allows under its limits: adding only leaves of all rights the one to add. */
export function mayInWords(scopes: string[], { appendOnly, uploads }: TokenLimits): string {
  if (!appendOnly) return scopesInWords(scopes);
  if (!scopes.includes('uploads:write')) return 'nothing: adding needs the right to write uploads';
  return uploads.length > 0 ? 'add new files' : 'create uploads and add new files';
}

/** What it certainly cannot do: said, because people rely on it. */
export function cannotDo(scopes: string[], { appendOnly }: Pick<TokenLimits, 'appendOnly'>): string[] {
  const has = (scope: string): boolean => scopes.includes(scope);
  return [
    'cannot make tokens',
    ...(has('uploads:publish') && !appendOnly ? [] : ['cannot publish']),
    ...(appendOnly ? ['cannot change or delete'] : has('uploads:write') ? [] : ['cannot add or delete files']),
    ...((has('uploads:read') || has('entries:read')) && !appendOnly ? [] : ['cannot read data']),
  ];
}
