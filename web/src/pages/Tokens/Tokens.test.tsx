import { screen, waitFor, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { scopes, token, tokens } from '../../../test/examples';
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
  serve({ [list]: ok(tokens([token({ revoked: true })])), 'GET /api/v1/scopes': ok({ data: scopes }) });
  openPage('/account/tokens?show=ended');
  expect(await screen.findByText('Revoked')).toBeVisible();
  expect(screen.getByRole('link', { name: 'Make one like it: Titan nightly' })).toHaveAttribute('href', expect.stringContaining('/account/tokens/new?name=Titan+nightly&scope=uploads%3Awrite'));
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
