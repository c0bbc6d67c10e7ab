import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { group, groupId, groups, people, person } from '../../../test/groupExamples';
import { expectAccessible, openPage } from '../../../test/open';
import { never, ok, problem, serve, visitor } from '../../../test/server';

const one = `/api/v1/groups/${groupId}`;
const other = group({ group_id: 'gOther', group_name: 'Interns', owner: 'u-jana', member_count: 1 });
const answers = {
  [`GET ${one}`]: ok(group()),
  'GET /api/v1/groups': ok(groups([group(), other])),
  'GET /api/v1/users': ok({ data: [...people, person('u-kim', 'Kim Brandt')] }),
};
const edits = (asked: { method: string; path: string; body: unknown }[]): unknown[] => asked.filter(({ path }) => path === `${one}/edit`).map(({ body }) => body);

test('the owner sees who is in the group, and changes it', async () => {
  const asked = serve({ ...answers, [`POST ${one}/edit`]: ok(group()) });
  const { user, container } = openPage(`/groups/${groupId}`);
  expect(await screen.findByRole('heading', { level: 1, name: 'Thin films' })).toBeVisible();
  const table = screen.getByRole('table', { name: 'Members' });
  expect(await within(table).findByText('Mara Lindqvist')).toBeVisible();
  expect(screen.queryByRole('button', { name: 'Leave…' })).toBeNull();
  expect(screen.queryByRole('combobox', { name: 'Role of Mara Lindqvist' })).toBeNull();
  await expectAccessible(container);
  await user.selectOptions(await screen.findByRole('combobox', { name: 'Role of Jana Novák' }), 'Maintainer');
  await user.click(await screen.findByRole('button', { name: 'Remove Jana Novák' }));
  await user.type(screen.getByRole('searchbox', { name: 'Add somebody' }), 'k{Enter}');
  expect(await screen.findByRole('button', { name: /Jana Novák .*in the group/ })).toBeDisabled();
  await user.click(screen.getByRole('button', { name: /^Add Kim Brandt/ }));
  await user.type(screen.getByRole('searchbox', { name: 'Add a group' }), 'int{Enter}');
  await user.click(await screen.findByRole('button', { name: /^Add Interns/ }));
  const mara = { user_id: 'u-mara', role: 'owner' };
  await waitFor(() => {
    expect(edits(asked)).toEqual([
      { members_info: [mara, { user_id: 'u-jana', role: 'maintainer' }] },
      { members_info: [mara] },
      { members_info: [mara, { user_id: 'u-jana', role: 'member' }, { user_id: 'u-kim', role: 'member' }] },
      { subgroups: ['gOther'] },
    ]);
  });
});

test('a member changes nothing, and leaves', async () => {
  const members = { owner: 'u-jana', members_info: [{ user_id: 'u-jana', role: 'owner' as const }, { user_id: 'u-mara', role: 'member' as const }] };
  const asked = serve({ ...answers, [`GET ${one}`]: ok(group(members)), [`POST ${one}/leave`]: { status: 204 }, 'GET /api/v1/shares': ok({ data: [] }) });
  const { user, address } = openPage(`/groups/${groupId}`);
  expect(await screen.findByText('Only the owner, maintainers and administrators change this group.')).toBeVisible();
  expect(screen.queryByRole('button', { name: /^(Remove|Delete|Rename)/ })).toBeNull();
  expect(screen.queryByRole('searchbox')).toBeNull();
  await user.click(screen.getByRole('button', { name: 'Leave…' }));
  const dialog = await screen.findByRole('dialog', { name: 'Leave Thin films?' });
  expect(within(dialog).getByText(/You no longer see the uploads/)).toBeVisible();
  await user.click(within(dialog).getByRole('button', { name: 'Leave the group' }));
  await waitFor(() => {
    expect(address()).toBe('/groups');
  });
  expect(asked.some(({ path }) => path === `${one}/leave`)).toBe(true);
});

test('deleting asks first and says what follows', async () => {
  const asked = serve({ ...answers, [`DELETE ${one}`]: { status: 204 }, 'GET /api/v1/shares': ok({ data: [] }) });
  const { user, address } = openPage(`/groups/${groupId}`);
  await user.click(await screen.findByRole('button', { name: 'Delete…' }));
  const dialog = await screen.findByRole('dialog', { name: 'Delete Thin films?' });
  expect(within(dialog).getByText(/2 members no longer see/)).toBeVisible();
  await user.click(within(dialog).getByRole('button', { name: 'Delete the group' }));
  await waitFor(() => {
    expect(address()).toBe('/groups');
  });
  expect(asked.some(({ method }) => method === 'DELETE')).toBe(true);
});

test('renaming keeps what was typed when the server refuses', async () => {
  serve({ ...answers, [`POST ${one}/edit`]: problem(422, [{ loc: ['body', 'group_name'], msg: 'Ask an administrator to make it.', type: 'value_error' }]) });
  const { user } = openPage(`/groups/${groupId}`);
  await user.click(await screen.findByRole('button', { name: 'Rename or describe' }));
  const dialog = await screen.findByRole('dialog', { name: 'Change Thin films' });
  const field = within(dialog).getByLabelText('Name');
  await user.clear(field);
  await user.type(field, 'X-Ray');
  await user.click(within(dialog).getByRole('button', { name: 'Save' }));
  expect(await within(dialog).findByText('Ask an administrator to make it.')).toBeVisible();
  expect(field).toHaveValue('X-Ray');
});

test('a refused change says why', async () => {
  serve({ ...answers, [`POST ${one}/edit`]: problem(403, 'Not authorized to edit user group.') });
  const { user } = openPage(`/groups/${groupId}`);
  await user.click(await screen.findByRole('button', { name: 'Remove Jana Novák' }));
  expect(await screen.findByText('Not authorized to edit user group.')).toBeVisible();
});

test('visitors see the name and how many members there are', async () => {
  serve({ ...answers, 'GET /auth/session': ok(visitor), [`GET ${one}`]: ok(group({ owner: null, members: [], members_info: [], description: null })) });
  openPage(`/groups/${groupId}`);
  expect(await screen.findByText('2 members')).toBeVisible();
  expect(screen.queryByRole('table')).toBeNull();
});

test('a group that is gone says so; a slow one shows the shape of the page', async () => {
  serve({ ...answers, [`GET ${one}`]: problem(404, 'User group was not found.') });
  openPage(`/groups/${groupId}`);
  expect(await screen.findByRole('heading', { level: 1, name: /There is no such group/ })).toBeVisible();
  expect(screen.queryByRole('table')).toBeNull();
});

test('shows the shape of the page while it loads', async () => {
  serve({ ...answers, [`GET ${one}`]: never });
  openPage(`/groups/${groupId}`);
  expect((await screen.findAllByRole('status', { name: 'Loading' })).length).toBeGreaterThan(0);
});
