import type { AuditRow } from '../api/types';
import { count } from './format';

export const auditWords = {
  title: 'Audit log',
  sub: 'Who signed in, what was changed, and what was refused. Rows are only ever added.',
  filters: 'Filters',
  who: 'Who',
  whoHint: 'User name, or console',
  operation: 'Operation',
  operationHint: 'Such as token.*',
  credential: 'Credential',
  credentialHint: 'Id of a token or session',
  outcome: 'Outcome',
  kind: 'By',
  from: 'From',
  to: 'To',
  any: 'Any',
  outcomes: { allowed: 'Done', denied: 'Refused', failed: 'Failed' },
  kinds: {
    session: 'Browser session',
    personal_access_token: 'Access token',
    provider_token: 'Sign-in of a program',
    upload_token: 'Upload token (old)',
    simple_token: 'App token (old)',
    console: 'Command line',
  } as Record<string, string>,
  clear: 'Clear the filters',
  lines: 'JSON lines of exactly this filter',
  empty: 'Nothing has happened yet. Sign-ins, changes and refusals will stand here.',
  nothing: 'Nothing matches these filters.',
  more: 'Show 50 more',
  refresh: 'Look again',
  columns: { time: 'When', who: 'Who', operation: 'What', object: 'To what', outcome: 'How it ended', acts: 'Details' },
  visitor: 'a visitor',
  console: 'the command line',
  times: (amount: number): string => `${count(amount, 'time')} in that minute`,
  details: 'Details',
  detailsLabel: (row: AuditRow): string => `Details of ${whatHappened(row.operation)} by ${whoOf(row)}`,
  facts: { when: 'When', who: 'Who', id: 'User id', by: 'By', credential: 'Credential', what: 'Operation', object: 'To what', status: 'Answer', detail: 'Told', address: 'From', request: 'Request', count: 'How often' },
  path: 'How this was decided',
  ask: 'Ask the same today',
  same: 'Only this',
  onlyWho: (who: string): string => `Only ${who}`,
  onlyCredential: 'Only this credential',
};

/** Who did it, as a person reads it. */
export function whoOf(row: AuditRow): string {
  if (row.user_id === 'console') return auditWords.console;
  return row.username ?? row.user_id ?? auditWords.visitor;
}

export const kindName = (kind: string): string => auditWords.kinds[kind] ?? kind.replaceAll('_', ' ');

const happened: Record<string, string> = {
  sign_in: 'signed in',
  sign_out: 'signed out',
  set_up: 'set the Oasis up',
  'account.create': 'made an account',
  'account.change': 'changed an account',
  'account.enable': 'enabled an account',
  'account.disable': 'disabled an account',
  'account.password': 'changed a password',
  'account.second_factor': 'changed a second factor',
  'account.link': 'made a one-time link',
  'account.connect': 'linked an account',
  'account.disconnect': 'ended the link of an account',
  'account.invite': 'invited somebody',
  'account.reset': 'made a reset link',
  'account.remove': 'removed an account',
  'sessions.end': 'ended sessions',
  'token.create': 'made a token',
  'token.rotate': 'rotated a token',
  'token.revoke': 'revoked a token',
  'token.leaked': 'revoked a leaked token',
  'policy.change': 'changed the access policy',
  'settings.change': 'changed a setting',
  'access.request': 'asked to be let in',
  'access.approve': 'let somebody in',
  'access.decline': 'declined a request',
  'group.create': 'made a group',
  'group.change': 'changed a group',
  'group.remove': 'deleted a group',
  'share.create': 'shares new uploads',
  'share.remove': 'ended a standing share',
  'upload.publish': 'published an upload',
  'upload.delete': 'deleted an upload',
  'upload.edit': 'edited an upload',
  'raw.delete': 'deleted files',
  'raw.move': 'moved files',
  'upload.members': 'changed who sees an upload',
  'audit.export': 'took the audit log as a file',
};

/** What an operation is in words; operations of the API keep their name. */
export const whatHappened = (operation: string): string => happened[operation] ?? operation;

// The boxes of the flowchart in their order: what stands before the one that stopped was passed.
const boxes = ['network', 'set_up', 'credential', 'sign_in', 'user', 'allow_list', 'scopes', 'restrictions', 'role', 'object'];

export interface Box {
  step: string;
  outcome: 'passed' | 'stopped' | 'not_reached';
}

/** The way of a refused request, up to the box that stopped it; empty when the row names none. */
export function wayTo(step: string | null): Box[] {
  const at = step === null ? -1 : boxes.indexOf(step);
  if (at < 0) return [];
  return boxes.map((box, index) => ({ step: box, outcome: index < at ? 'passed' : index === at ? 'stopped' : 'not_reached' }));
}
