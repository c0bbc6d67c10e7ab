import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { group, groupId, groups, people, person, share } from '../../../test/groupExamples';
import { expectAccessible, openPage } from '../../../test/open';
import { admin, never, ok, problem, serve } from '../../../test/server';

const list = 'GET /api/v1/groups';
const shares = 'GET /api/v1/shares';
const some = { [list]: ok(groups([group()])), [shares]: ok({ data: [] }), 'GET /api/v1/users': ok({ data: people }) };

test('lists my groups with my role in each', async () => {
  const asked = serve(some);
  const { container } = openPage('/groups');
  const table = await screen.findByRole('table', { name: 'Groups' });
  const row = within(table).getByRole('row', { name: /Thin films/ });
  expect(within(row).getByText('Owner', { selector: 'td' })).toBeVisible();
  expect(await within(row).findByText(/Mara Lindqvist/)).toBeVisible();
  expect(within(row).getByText('2 members')).toBeVisible();
  expect(within(row).getByRole('link', { name: 'Thin films' })).toHaveAttribute('href', expect.stringContaining(`/groups/${groupId}`));
  expect(asked.some(({ path, query }) => path === '/api/v1/groups' && query.get('user_id') === 'u-mara')).toBe(true);
  expect(screen.getByText('New uploads are seen by you alone until you share them.')).toBeVisible();
  await expectAccessible(container);
});

test('all groups and a filter stand in the address', async () => {
  const asked = serve({ ...some, [list]: ok(groups([])) });
  const { user, address } = openPage('/groups');
  expect(await screen.findByText(/You are in no group yet/)).toBeVisible();
  await user.click(screen.getByRole('radio', { name: 'All' }));
  await user.type(screen.getByRole('searchbox', { name: 'Filter by name' }), 'films{Enter}');
  await waitFor(() => {
    expect(address()).toBe('/groups?show=all&q=films');
    expect(asked.some(({ query }) => query.get('search_terms') === 'films' && query.get('user_id') === null)).toBe(true);
  });
  expect(await screen.findByText('No group matches this filter.')).toBeVisible();
});

test('making a group leads to it; a name that is taken is said beside the field', async () => {
  let taken = true;
  const asked = serve({
    ...some,
    'POST /api/v1/groups': () => (taken ? problem(409, 'There is another group called Films. Choose another name.') : { status: 201, body: group() }),
    [`GET /api/v1/groups/${groupId}`]: ok(group()),
  });
  const { user, address } = openPage('/groups');
  await user.click(await screen.findByRole('button', { name: 'New group' }));
  const dialog = await screen.findByRole('dialog', { name: 'New group' });
  await user.type(within(dialog).getByLabelText('Name'), 'Films');
  await user.click(within(dialog).getByRole('button', { name: 'Make the group' }));
  expect(await within(dialog).findByText('There is another group called Films. Choose another name.')).toBeVisible();
  expect(within(dialog).getByLabelText('Name')).toHaveValue('Films');
  taken = false;
  await user.click(within(dialog).getByRole('button', { name: 'Make the group' }));
  await waitFor(() => {
    expect(address()).toBe(`/groups/${groupId}`);
  });
  expect(asked.find(({ method }) => method === 'POST')?.body).toEqual({ group_name: 'Films', description: null });
});

test('new uploads are shared with a group, and no longer', async () => {
  const asked = serve({
    ...some,
    [shares]: ok({ data: [share(), share({ share_id: 's2', user_id: null, created_by: 'u-root', with_user: 'u-jana', with_group: null, role: 'coauthor' })] }),
    'POST /api/v1/shares': { status: 201, body: { share_id: 's3', data: share() } },
    'DELETE /api/v1/shares/s1': { status: 204 },
  });
  const { user } = openPage('/groups');
  expect(await screen.findByText('Everybody’s new uploads: Jana Novák may change')).toBeVisible();
  expect(screen.queryByRole('button', { name: /Jana Novák may change/ })).toBeNull();
  await user.click(await screen.findByRole('button', { name: 'End: Your new uploads: Thin films may look' }));
  expect(await screen.findByText('Ended. Uploads that were shared stay shared.')).toBeVisible();
  await user.click(screen.getByRole('button', { name: 'Share new uploads…' }));
  const dialog = await screen.findByRole('dialog', { name: 'Share new uploads' });
  expect(within(dialog).queryByRole('radio', { name: /Everybody/ })).toBeNull();
  await user.type(within(dialog).getByRole('searchbox', { name: 'With a person or a group' }), 'thin{Enter}');
  await user.click(await within(dialog).findByRole('button', { name: /^With Thin films/ }));
  await user.click(within(dialog).getByRole('radio', { name: 'may change' }));
  await expectAccessible(dialog);
  await user.click(within(dialog).getByRole('button', { name: 'Share from now on' }));
  await waitFor(() => {
    expect(asked.find(({ method }) => method === 'POST')?.body).toEqual({ with_group: groupId, role: 'coauthor' });
    expect(screen.queryByRole('dialog')).toBeNull();
  });
});

test('an administrator shares everybody’s uploads', async () => {
  const asked = serve({ ...some, ...admin, 'GET /api/v1/users': ok({ data: [person('u-kim', 'Kim Brandt')] }), 'POST /api/v1/shares': problem(409, 'These uploads are shared with them already.') });
  const { user } = openPage('/groups');
  await user.click(await screen.findByRole('button', { name: 'Share new uploads…' }));
  const dialog = await screen.findByRole('dialog', { name: 'Share new uploads' });
  await user.click(within(dialog).getByRole('radio', { name: 'Everybody’s on this server' }));
  await user.type(within(dialog).getByRole('searchbox', { name: 'With a person or a group' }), 'kim{Enter}');
  await user.click(await within(dialog).findByRole('button', { name: /^With Kim Brandt/ }));
  await user.click(within(dialog).getByRole('button', { name: 'Share from now on' }));
  expect(await within(dialog).findByText('These uploads are shared with them already.')).toBeVisible();
  expect(asked.find(({ method }) => method === 'POST')?.body).toEqual({ user_id: null, with_user: 'u-kim', role: 'reviewer' });
});

test('a failed list shows what the server said; a slow one the shape of the page', async () => {
  serve({ ...some, [list]: problem(403, 'Missing scopes: [‘groups:read’]') });
  openPage('/groups');
  expect(await screen.findByRole('heading', { level: 1, name: /Missing scopes/ })).toBeVisible();
});

test('shows the shape of the page while it loads', async () => {
  serve({ ...some, [list]: never });
  openPage('/groups');
  expect((await screen.findAllByRole('status', { name: 'Loading' })).length).toBeGreaterThan(0);
});
