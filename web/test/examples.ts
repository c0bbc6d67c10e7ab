import type { AccessToken, Entry, Scope, TokenPreview, TokenRules, TokenUsage, Upload } from '../src/api/types';

const id = 'dTiO2a8Kq1AAAAAAAAAAAA';

export const upload = (part: Partial<Upload> = {}): Upload => ({
  upload_id: id,
  upload_name: 'TiO2 anneal series',
  upload_create_time: '2026-11-20T09:00:00Z',
  main_author: 'u-mara',
  coauthors: [],
  reviewers: [],
  coauthor_groups: [],
  writers: ['u-mara'],
  viewers: ['u-mara'],
  published: false,
  with_embargo: false,
  embargo_length: 0,
  license: 'CC BY 4.0',
  entries: 42,
  entries_processed: 42,
  entries_failed: 0,
  entries_with_warnings: 0,
  files: 12,
  bytes: 8_400_000,
  reviewer_groups: [],
  writer_groups: [],
  viewer_groups: [],
  published_to: [],
  allowed: { putRawFile: { ok: true }, deleteUpload: { ok: true } },
  process_running: false,
  process_status: 'SUCCESS',
  errors: [],
  warnings: [],
  ...part,
});

export const uploads = (list: Upload[]): unknown => ({ pagination: { page_size: 50, total: list.length }, data: list });

export const entryId = 'eNtRyabcdefghijklmnopqrstuvw';

export const entry = (part: Partial<Entry> = {}): Entry => ({
  entry_id: entryId,
  entry_name: 'Anneal 450 °C',
  entry_type: 'ELNMeasurement',
  entry_create_time: '2026-11-20T22:41:00Z',
  upload_id: id,
  upload_name: 'TiO2 anneal series',
  mainfile: 'anneal/scan_07.archive.yaml',
  parser_name: 'parsers/archive',
  published: false,
  with_embargo: false,
  processed: true,
  main_author: { name: 'Mara Lindqvist', user_id: 'u-mara' },
  results: { material: { chemical_formula_hill: 'O2Ti', elements: ['O', 'Ti'] }, eln: { methods: ['XRD'], descriptions: ['Second run with the <b>new</b> slit.'] } },
  ...part,
});

export const token = (part: Partial<AccessToken> = {}): AccessToken => ({
  id: '0123456789abcdef01234567',
  name: 'Titan nightly',
  scopes: ['uploads:write'],
  description: null,
  revoked: false,
  created_at: '2026-11-01T09:00:00Z',
  expired_at: '2099-01-01T00:00:00Z',
  last_used_at: null,
  last_used_from: null,
  restrictions: null,
  state: 'active',
  ended: null,
  ...part,
});

export const tokens = (list: AccessToken[]): unknown => ({ pagination: { page_size: 50, total: list.length }, data: list });

const names = ['uploads:read', 'uploads:write', 'uploads:publish', 'entries:read', 'entries:write', 'tokens:create', 'north:run'];

export const scopes: Scope[] = names.map((scope) => {
  const [resource = '', action = ''] = scope.split(':');
  return { scope, resource, action, sentence: `Lets it ${action} ${resource}`, pat_allowed: resource !== 'tokens', in_use: true };
});

type Tried = TokenPreview['operations'][number];

export const tried = (part: Partial<Tried> = {}): Tried => ({
  id: 'createUpload',
  method: 'POST',
  path: '/uploads',
  tag: 'uploads',
  summary: 'Create an upload',
  scopes: ['uploads:write'],
  allowed: true,
  step: null,
  why: null,
  ...part,
});

export const preview = (operations: Tried[], part: Partial<TokenPreview> = {}): TokenPreview => ({
  allowed: operations.filter(({ allowed }) => allowed).length,
  refused: operations.filter(({ allowed }) => !allowed).length,
  operations,
  notes: [],
  expired_at: null,
  allowed_here: true,
  ...part,
});

export const rules = (part: Partial<TokenRules> = {}): TokenRules => ({
  may_make: true,
  forbidden_scopes: [],
  max_days: 365,
  max_days_append_only: null,
  address: '10.4.2.17',
  ...part,
});

export const usage = (part: Partial<TokenUsage> = {}): TokenUsage => ({ days: 30, scopes: [], unused_scopes: [], uploads: [], addresses: [], advice: null, ...part });
