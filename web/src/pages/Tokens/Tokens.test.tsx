import { screen, waitFor, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { rules, scopes, token, tokens, upload, usage } from '../../../test/examples';
import { expectAccessible, openPage } from '../../../test/open';
import { never, ok, problem, serve } from '../../../test/server';

const list = 'GET /api/v1/auth/pats';
const id = token().id;
const raw = 'nomad_pat_only-shown-once';

test('lists what each token may do, when it was last used and when it ends', async () => {
  serve({ [list]: ok(tokens([token({ last_used_at: new Date().toISOString() }), token({ id: 'b', name: 'Dashboard', scopes: ['entries:read'], expired_at: null })])) });
  const { container } = openPage('/account/tokens');
  const table = await screen.findByRole('table', { name: 'Access tokens' });
  const nightly = within(table).getByRole('row', { name: /Titan nightly/ });
  expect(within(nightly).getByText('make and change uploads')).toBeVisible();
  expect(within(nightly).getByText('just now')).toBeVisible();
  const dashboard = within(table).getByRole('row', { name: /Dashboard/ });
  expect(within(dashboard).getByText('not yet')).toBeVisible();
  expect(within(dashboard).getByText('never')).toBeVisible();
  await expectAccessible(container);
});

test('warns only of a token that ends soon and is used', async () => {
  const soon = new Date(Date.now() + 3.5 * 86_400_000).toISOString();
  serve({ [list]: ok(tokens([token({ expired_at: soon, last_used_at: new Date().toISOString() }), token({ id: 'b', name: 'Unused', expired_at: soon })])) });
  openPage('/account/tokens');
  expect(await screen.findAllByText('ends in 3 days')).toHaveLength(1);
  expect(screen.getByText('“Titan nightly” ends soon and is in use.')).toBeVisible();
});

test('says what belongs here when there is none', async () => {
  serve({ [list]: ok(tokens([])) });
  openPage('/account/tokens');
  expect(await screen.findByText(/No tokens yet/)).toBeVisible();
});

test('revoking asks first and names the consequence', async () => {
  const asked = serve({ [list]: ok(tokens([token()])), [`DELETE /api/v1/auth/pats/${id}`]: { status: 204 } });
  const { user } = openPage('/account/tokens');
  await user.click(await screen.findByRole('button', { name: 'Revoke Titan nightly' }));
  const dialog = await screen.findByRole('dialog', { name: 'Revoke “Titan nightly”?' });
  expect(within(dialog).getByText(/stops working at once/)).toBeVisible();
  await user.click(within(dialog).getByRole('button', { name: 'Revoke the token' }));
  await waitFor(() => {
    expect(asked.some(({ method, path }) => method === 'DELETE' && path.endsWith(id))).toBe(true);
    expect(screen.queryByRole('dialog')).toBeNull();
  });
});

test('rotating shows the new token once', async () => {
  serve({ [list]: ok(tokens([token()])), [`POST /api/v1/auth/pats/${id}/rotate`]: ok({ pat: token({ id: 'new' }), raw_token: raw }), 'GET /api/v1/auth/pats/new': ok(token({ id: 'new' })) });
  const { user } = openPage('/account/tokens');
  await user.click(await screen.findByRole('button', { name: 'Rotate Titan nightly' }));
  await user.click(await screen.findByRole('button', { name: 'Rotate the token' }));
  expect(await screen.findByText(raw)).toBeVisible();
  expect(screen.getByText('This is the only time the token is shown.')).toBeVisible();
});

test('a failed act stays in the dialog with the server’s sentence', async () => {
  serve({ [list]: ok(tokens([token()])), [`POST /api/v1/auth/pats/${id}/rotate`]: problem(400, 'Cannot rotate an expired/revoked token.') });
  const { user } = openPage('/account/tokens');
  await user.click(await screen.findByRole('button', { name: 'Rotate Titan nightly' }));
  await user.click(await screen.findByRole('button', { name: 'Rotate the token' }));
  expect(await screen.findByText('Cannot rotate an expired/revoked token.')).toBeVisible();
});

test('an ended token offers to make one like it', async () => {
  serve({ [list]: ok(tokens([token({ revoked: true, state: 'revoked', ended: { how: 'revoked', at: '2026-11-20T09:00:00Z', by: 'u-mara', successor: null }, restrictions: { append_only: true } })])), 'GET /api/v1/scopes': ok({ data: scopes }) });
  openPage('/account/tokens?show=ended');
  expect(await screen.findByText('Revoked')).toBeVisible();
  expect(screen.getByText(/2026, by you$/)).toBeVisible();
  expect(screen.getByRole('link', { name: 'Make one like it: Titan nightly' })).toHaveAttribute('href', expect.stringContaining('/account/tokens/new?name=Titan+nightly&scope=uploads%3Awrite&append_only=1'));
});

test('a failed list shows what the server said; a slow one the shape of the page', async () => {
  serve({ [list]: problem(403, 'Missing scopes: [‘tokens:read’]') });
  openPage('/account/tokens');
  expect(await screen.findByRole('heading', { level: 1, name: /Missing scopes/ })).toBeVisible();
});

test('shows the shape of the page while it loads', async () => {
  serve({ [list]: never });
  openPage('/account/tokens');
  expect((await screen.findAllByRole('status', { name: 'Loading' })).length).toBeGreaterThan(0);
  vi.restoreAllMocks();
});

test('limits are badges, and what adds only is not said to change anything', async () => {
  serve({ [list]: ok(tokens([token({ scopes: ['uploads:write', 'uploads:read'], restrictions: { append_only: true, uploads: ['a', 'b'], networks: ['10.4.0.0/16'] } })])) });
  openPage('/account/tokens');
  const row = await screen.findByRole('row', { name: /Titan nightly/ });
  expect(within(row).getByText('add new files')).toBeVisible();
  expect(within(within(row).getByRole('list', { name: 'Limits' })).getAllByRole('listitem').map(({ textContent }) => textContent)).toEqual(['only adds', 'only 2 uploads', 'only from 10.4.0.0/16']);
});

test('two tokens of one name are told apart, and one without a name has something to be called', async () => {
  serve({ [list]: ok(tokens([token(), token({ id: 'abcdef0123', created_at: '2026-11-03T09:00:00Z' }), token({ id: 'b', name: '' })])) });
  const { user } = openPage('/account/tokens');
  expect(await screen.findByText(/012345…$/)).toBeVisible();
  expect(screen.getByRole('button', { name: 'Rotate (without name)' })).toBeVisible();
  await user.click(screen.getByRole('button', { name: 'Revoke Titan nightly, abcdef' }));
  expect(within(await screen.findByRole('dialog')).getByText(/^The token made on .*2026, whose id begins with abcdef\.$/)).toBeVisible();
});

test.each([
  ['rotated', 'Replaced', 'now abc123…'],
  ['revoked_by_admin', 'Revoked for you', /by Jana Novák$/],
  ['leaked', 'Found outside', /by Jana Novák$/],
  ['all_ended', 'Ended with all others', /2026/],
] as const)('a token that was %s says so', async (how, state, more) => {
  const by = how === 'rotated' || how === 'all_ended' ? 'u-mara' : 'u-jana';
  const ended = { how, at: '2026-11-20T09:00:00Z', by, successor: how === 'rotated' ? 'abc1234567' : null };
  serve({ [list]: ok(tokens([token({ revoked: true, state: 'revoked', ended })])), 'GET /api/v1/users': ok({ data: [{ user_id: 'u-jana', username: 'jnovak', name: 'Jana Novák' }] }) });
  openPage('/account/tokens?show=ended');
  expect(await screen.findByText(state)).toBeVisible();
  const row = screen.getByRole('row', { name: /Titan nightly/ });
  expect((await within(row).findAllByText(more)).length).toBeGreaterThan(0);
});

test('the details tell what a token was used for and offer a narrower one, filled in', async () => {
  const seen = (item: string): { item: string; times: number; last_used_at: string } => ({ item, times: 3, last_used_at: '2026-11-20T09:00:00Z' });
  serve({
    [list]: ok(tokens([token({ scopes: ['uploads:write', 'uploads:read', 'entries:read'], last_used_at: '2026-11-20T09:00:00Z' })])),
    [`GET /api/v1/auth/pats/${id}/usage`]: ok(
      usage({ scopes: [seen('uploads:write')], unused_scopes: ['uploads:read', 'entries:read'], uploads: [seen('up-1')], addresses: [seen('10.4.2.17')], advice: 'Used 1 of 3 scopes, 1 upload, 1 address in 30 days: narrow it.' }),
    ),
    'GET /api/v1/uploads/up-1': ok({ data: upload({ upload_id: 'up-1', upload_name: 'Films' }) }),
    'GET /api/v1/scopes': ok({ data: scopes }),
    'GET /api/v1/auth/pats/rules': ok(rules()),
  });
  const { user, address } = openPage('/account/tokens');
  expect(screen.queryByRole('dialog')).toBeNull();
  await user.click(await screen.findByRole('button', { name: 'Titan nightly could do with less' }));
  const dialog = await screen.findByRole('dialog', { name: 'Titan nightly' });
  expect(address()).toContain(`token=${id}`);
  expect(await within(dialog).findByText('Used 1 of 3 scopes, 1 upload, 1 address in 30 days: narrow it.')).toBeVisible();
  expect(await within(dialog).findByText('Films')).toBeVisible();
  expect(within(dialog).getByText('uploads:read, entries:read')).toBeVisible();
  expect(within(dialog).getByRole('link', { name: 'Make a narrower one' })).toHaveAttribute(
    'href',
    expect.stringContaining('/account/tokens/new?name=Titan+nightly&scope=uploads%3Awrite&upload=up-1&network=10.4.2.17&narrowed=1'),
  );
  await expectAccessible(dialog);
});

test('details of a token that was not used say so and advise no narrower one', async () => {
  serve({ [list]: ok(tokens([token()])), [`GET /api/v1/auth/pats/${id}/usage`]: ok(usage({ advice: 'Not used in the last 30 days: revoke it if nobody needs it.' })) });
  openPage(`/account/tokens?token=${id}`);
  const dialog = await screen.findByRole('dialog', { name: 'Titan nightly' });
  expect(await within(dialog).findByText('It was not used in this time.')).toBeVisible();
  expect(within(dialog).queryByRole('link', { name: 'Make a narrower one' })).toBeNull();
});
