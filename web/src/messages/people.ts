import type { Account, Linked } from '../api/types';
import { count, formatMoment } from './format';

/** How a person is called; somebody who was invited by mail alone has a user name only. */
export const nameOf = (person: { name: string; username: string }): string => (person.name === '' ? person.username : person.name);

export const peopleWords = {
  title: 'People',
  sub: 'Who has an account on this Oasis, and what their role is.',
  invite: 'Invite somebody',
  filter: 'Filter by name, user name or e-mail',
  which: 'Which people',
  shows: { all: 'All', active: 'Active', invited: 'Invited', disabled: 'Disabled', admin: 'Administrators' },
  shown: (shown: number, total: number): string => (shown < total ? `${shown} of ${count(total, 'person', 'people')}` : count(total, 'person', 'people')),
  empty: 'Nobody here yet. Invite the people you work with.',
  nothing: 'Nobody matches this filter.',
  clear: 'Clear the filter',
  more: 'Show 50 more',
  columns: { name: 'Name', email: 'E-mail', role: 'Role', factor: 'Second factor', seen: 'Last seen', state: 'State', acts: 'Actions' },
  you: 'you',
  admin: 'Administrator',
  manager: 'Lab manager',
  member: 'Member',
  external: (issuer: string | null): string => `signs in at ${issuer ?? 'another provider'}`,
  factor: { yes: 'set up', no: 'none', elsewhere: 'by the provider' },
  never: 'not yet',
  states: { active: 'Active', invited: 'Invited', disabled: 'Disabled' },
  manage: 'Manage',
  manageLabel: (name: string): string => `Manage ${name}`,
  tell: {
    disabled: (name: string): string => `${name} is disabled and signed out everywhere.`,
    enabled: (name: string): string => `${name} may sign in again.`,
    admin: (name: string, now: boolean): string => (now ? `${name} is an administrator now.` : `${name} is no longer an administrator.`),
    manager: (name: string, now: boolean): string => (now ? `${name} is a lab manager now.` : `${name} is no longer a lab manager.`),
    undo: 'Undo',
    undone: (name: string, why: string): string => `${name} could not be set back: ${why}`,
    signedOut: (name: string, tokens: number): string => `${name} is signed out everywhere${tokens === 0 ? '' : `; ${count(tokens, 'token')} revoked`}.`,
    removed: (name: string): string => `The account of ${name} is gone.`,
  },
};

export const requestWords = {
  title: (open: number): string => `${count(open, 'person asks', 'people ask')} to be let in`,
  asked: 'asked',
  nothing: 'Wrote nothing.',
  gone: 'The account does not exist any more.',
  approve: 'Approve',
  decline: 'Decline',
  approveLabel: (name: string): string => `Approve ${name}`,
  declineLabel: (name: string): string => `Decline ${name}`,
  approved: (name: string): string => `${name} is on the allow list now.`,
  declined: (name: string): string => `The request of ${name} was declined.`,
};

export const personWords = {
  roles: 'Roles',
  adminMore: 'May see everything here, manage people and decide who comes in.',
  managerMore: 'May manage instruments.',
  ways: 'Ways in',
  reset: 'Make a reset link',
  inviteAgain: 'Make a new invitation',
  resetMore: 'With it they choose a new password. The old one works until then.',
  inviteMore: 'The invitation sent before stops working.',
  factors: 'Remove the second factors too, for somebody who has lost them',
  noReset: (issuer: string | null): string => `Has no password here: signs in at ${issuer ?? 'another provider'}.`,
  noResetDisabled: 'Enable the account first.',
  end: 'Sign out everywhere',
  endMore: 'Ends every session. Scripts with access tokens go on.',
  endTokens: 'Revoke all access tokens too',
  account: 'Account',
  disable: 'Disable',
  disableMore: 'Signed out everywhere at once, and no credential works. Can be undone.',
  enable: 'Enable',
  enableMore: 'May sign in again; access tokens that were not revoked work again.',
  remove: 'Remove…',
  removeMore: 'The account and its tokens go. Uploads stay.',
  removeTitle: (name: string): string => `Remove the account of ${name}?`,
  removeText: (person: Account): string =>
    `${nameOf(person)} (${person.username}) can no longer sign in, and all their access tokens stop working at once. Their uploads and entries stay. This cannot be undone; to keep somebody out for a while, disable the account instead.`,
  removeAct: 'Remove the account',
  facts: { username: 'User name', email: 'E-mail', affiliation: 'Affiliation', created: 'Since', seen: 'Last seen', signIn: 'Last sign-in', factor: 'Second factor' },
};

export const inviteWords = {
  title: 'Invite somebody',
  email: 'E-mail',
  first: 'First name',
  last: 'Last name',
  username: 'User name',
  usernameHint: 'Leave it empty to have it made from the name',
  roles: 'Roles',
  act: 'Make the account',
  readyTitle: (linked: Linked): string => (linked.mailed ? 'The link is on its way' : `A link for ${nameOf(linked.user)}`),
  mailed: (linked: Linked): string => `Mailed to ${linked.user.email}. The link works once, until ${formatMoment(linked.expires)}.`,
  link: 'The link',
  once: 'This is the only time the link is shown.',
  onceMore: (linked: Linked): string => `Give it to ${nameOf(linked.user)}: with it they choose a password and are signed in. It works once, until ${formatMoment(linked.expires)}.`,
  done: 'Done',
};
