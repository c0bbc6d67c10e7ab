import type { AccessRequest, Account, AuditRow, Policy, PolicyPreview, PolicySettings } from '../src/api/types';

export const account = (part: Partial<Account> = {}): Account => ({
  user_id: 'u-jana',
  username: 'jnovak',
  name: 'Jana Novák',
  first_name: 'Jana',
  last_name: 'Novák',
  email: 'jana@steinbach.example',
  affiliation: '',
  affiliation_address: '',
  admin: false,
  lab_manager: true,
  disabled: false,
  state: 'active',
  origin: 'local',
  issuer: null,
  has_password: true,
  second_factor: false,
  created: '2026-01-04T09:00:00Z',
  last_seen: '2026-11-20T09:00:00Z',
  last_sign_in: '2026-11-20T08:00:00Z',
  ...part,
});

export const accounts = (list: Account[]): unknown => ({ pagination: { page_size: 50, total: list.length }, data: list });

export const request = (part: Partial<AccessRequest> = {}): AccessRequest => ({
  id: 'r-1',
  username: 'kbrandt',
  user: { user_id: 'u-k', username: 'kbrandt', name: 'Kim Brandt' },
  email: 'kim@steinbach.example',
  message: 'I measure in room 12.',
  created: '2026-11-20T09:00:00Z',
  state: 'open',
  decided: null,
  ...part,
});

export const auditRow = (part: Partial<AuditRow> = {}): AuditRow => ({
  id: 1,
  time: '2026-11-20T09:00:00Z',
  user_id: 'u-jana',
  username: 'jnovak',
  credential_id: 't1',
  credential_kind: 'personal_access_token',
  operation: 'createUpload',
  object: null,
  outcome: 'denied',
  status: 403,
  step: 'scopes',
  detail: 'Missing scopes: uploads:write',
  address: '10.4.2.17',
  request_id: 'r-42',
  count: 3,
  ...part,
});

export const auditPage = (list: AuditRow[], next: string | null = null): unknown => ({ pagination: { page_size: 50, page_after_value: null, next_page_after_value: next }, data: list });

const readRule = { include: ['*:read'], exclude: [], granted: ['uploads:read', 'entries:read'] };

export const policy = (part: Partial<PolicySettings> = {}): Policy => ({
  settings: {
    require_authentication: true,
    authorized_users: ['*@steinbach.example'],
    reject_unauthorized_users: true,
    unauthenticated_user_scopes: readRule,
    unauthorized_user_scopes: readRule,
    invalid_credentials: 'reject',
    second_factor: 'optional',
    local_accounts: false,
    password_grant: true,
    allow_upload_token_in_query: true,
    allow_password_in_query: false,
    allow_upload_tokens: true,
    allow_simple_tokens: true,
    allow_authorization_cookie: true,
    pat_creators: null,
    pat_forbidden_scopes: [],
    pat_max_lifetime: 365,
    pat_max_lifetime_append_only: null,
    maintainer_email: 'mara@steinbach.example',
    ...part,
  },
  origins: { require_authentication: { from: 'file', place: 'nomad.yaml', line: 3, locked: true } },
  presets: [
    { id: 'closed', title: 'Closed', sentence: 'Only people on the list.', settings: { require_authentication: true, reject_unauthorized_users: true }, active: true },
    { id: 'open', title: 'Open', sentence: 'Visitors read.', settings: { require_authentication: false, reject_unauthorized_users: false }, active: false },
  ],
  scopes: [],
  reload: { ok: true, at: '2026-11-21T08:02:00Z', in_force_since: '2026-11-21T08:02:00Z', error: null, restart: [] },
});

const noGroup = { count: 0, users: [] };

/** A preview; given people mean a draft, which changes one cell. */
export const preview = (people: Partial<PolicyPreview['people']> = {}): PolicyPreview => {
  const changed = Object.keys(people).length > 0;
  return {
    matrix: [{ who: 'visitor', cells: [{ deed: 'read_published', allowed: changed, now: false, changed, step: null, detail: null, missing_scopes: [] }] }],
    people: { accounts: 41, inside: 38, locked_out: noGroup, let_in: noGroup, narrowed: noGroup, widened: noGroup, need_factor: noGroup, stay_outside: noGroup, ...people },
    uploads_opened: 0,
    uploads_closed: 0,
    locks_you_out: false,
  };
};
