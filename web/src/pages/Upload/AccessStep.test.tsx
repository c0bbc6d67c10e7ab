import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { upload } from '../../../test/examples';
import { expectAccessible, openPage } from '../../../test/open';
import { ok, problem, serve, type Asked } from '../../../test/server';
import type { Upload } from '../../api/types';

const id = upload().upload_id;
const mine: Partial<Upload> = { allowed: { editUpload: { ok: true } } };
const shared: Partial<Upload> = { ...mine, coauthors: ['u-jana'], reviewers: ['u-sam'], reviewer_groups: ['g-films'], viewers: ['u-mara', 'u-jana', 'u-sam'], viewer_groups: ['g-films'] };
const people = [
  { user_id: 'u-mara', username: 'mlindqvist', name: 'Mara Lindqvist' },
  { user_id: 'u-jana', username: 'jana', name: 'Jana Novák' },
  { user_id: 'u-sam', username: 'sam', name: 'Samuel Okafor' },
];
const films = { group_id: 'g-films', group_name: 'Thin Films', description: null, owner: 'u-jana', members: ['u-jana'], members_info: [], subgroups: [] };

/** An Oasis with one upload that edits change, as the real one does. */
function oasis(part: Partial<Upload>): Asked[] {
  let now = upload(part);
  const lists = ['coauthors', 'reviewers', 'coauthor_groups', 'reviewer_groups'] as const;
  return serve({
    [`GET /api/v1/uploads/${id}`]: () => ok({ upload_id: id, data: now }),
    [`POST /api/v1/uploads/${id}/edit`]: async (request) => {
      const { metadata } = (await request.json()) as { metadata: Record<string, { add?: string[]; remove?: string[] }> };
      for (const list of lists) {
        const { add = [], remove = [] } = metadata[list] ?? {};
        now = { ...now, [list]: [...now[list].filter((one) => !remove.includes(one)), ...add] };
      }
      return ok({ upload_id: id, data: now });
    },
    'GET /api/v1/users': ok({ data: people }),
    'GET /api/v1/groups': ok({ pagination: { page_size: 10, total: 1 }, data: [films] }),
  });
}

const edits = (asked: Asked[]): unknown[] => asked.filter(({ path }) => path.endsWith('/edit')).map(({ body }) => body);

test('shows each person and group once, with what they may do', async () => {
  oasis({ ...shared, reviewers: ['u-sam', 'u-jana'] });
  const { container } = openPage(`/uploads/${id}?step=access`);
  const list = await screen.findByRole('list', { name: 'People and groups' });
  await within(list).findByText('Thin Films');
  expect(within(list).getAllByRole('listitem')).toHaveLength(4);
  expect(await within(list).findByRole('combobox', { name: 'What Jana Novák may do' })).toHaveValue('coauthor');
  expect(within(list).getByRole('combobox', { name: 'What Samuel Okafor may do' })).toHaveValue('reviewer');
  await expectAccessible(container);
});

test('somebody is found by name and may look at once', async () => {
  const asked = oasis(mine);
  const { user } = openPage(`/uploads/${id}?step=access`);
  await user.type(await screen.findByRole('searchbox', { name: 'Add a person or group' }), 'jan');
  await user.click(await screen.findByRole('button', { name: /^Add Jana Novák/ }));
  expect(await screen.findByRole('combobox', { name: 'What Jana Novák may do' })).toHaveValue('reviewer');
  expect(edits(asked)).toEqual([{ metadata: { coauthors: { remove: ['u-jana'] }, reviewers: { add: ['u-jana'] } } }]);
  expect(screen.getByText('Saved.')).toBeVisible();
});

test('a role is changed, and who is removed comes back by Undo', async () => {
  const asked = oasis(shared);
  const { user } = openPage(`/uploads/${id}?step=access`);
  await user.selectOptions(await screen.findByRole('combobox', { name: 'What Thin Films may do' }), 'coauthor');
  await waitFor(() => {
    expect(edits(asked)).toEqual([{ metadata: { coauthor_groups: { add: ['g-films'] }, reviewer_groups: { remove: ['g-films'] } } }]);
  });
  await user.click(await screen.findByRole('button', { name: 'Remove Samuel Okafor' }));
  await waitFor(() => {
    expect(screen.queryByRole('combobox', { name: 'What Samuel Okafor may do' })).toBeNull();
  });
  await user.click(screen.getByRole('button', { name: 'Undo' }));
  expect(await screen.findByRole('combobox', { name: 'What Samuel Okafor may do' })).toHaveValue('reviewer');
});

test('everyone here may look, by one click', async () => {
  const asked = oasis(mine);
  const { user } = openPage(`/uploads/${id}?step=access`);
  await user.click(await screen.findByRole('radio', { name: 'Everyone signed in at Steinbach Lab may look' }));
  await waitFor(() => {
    expect(edits(asked)).toEqual([{ metadata: { reviewer_groups: { add: ['all'] } } }]);
  });
  expect(screen.getByRole('radio', { name: 'Everyone on the internet' })).toBeDisabled();
});

test('who may not share sees who has access, and why nothing can be changed', async () => {
  oasis({ ...shared, allowed: { editUpload: { ok: false, why: 'You do not have write access to the specified upload.' } } });
  openPage(`/uploads/${id}?step=access`);
  expect(await screen.findByText('You cannot change who may see it: You do not have write access to the specified upload.')).toBeVisible();
  expect(screen.queryByRole('button', { name: /Remove/ })).toBeNull();
  expect(screen.queryByRole('searchbox', { name: 'Add a person or group' })).toBeNull();
  expect(await screen.findByText('Samuel Okafor')).toBeVisible();
});

test('a refused change says why and changes nothing', async () => {
  serve({
    [`GET /api/v1/uploads/${id}`]: ok({ upload_id: id, data: upload(shared) }),
    [`POST /api/v1/uploads/${id}/edit`]: problem(400, `Upload ${id} is blocked by another process`),
    'GET /api/v1/users': ok({ data: people }),
    'GET /api/v1/groups': ok({ pagination: { page_size: 10, total: 1 }, data: [films] }),
  });
  const { user } = openPage(`/uploads/${id}?step=access`);
  await user.selectOptions(await screen.findByRole('combobox', { name: 'What Jana Novák may do' }), 'reviewer');
  expect(await screen.findByText(`Upload ${id} is blocked by another process`)).toBeVisible();
  expect(screen.getByRole('combobox', { name: 'What Jana Novák may do' })).toHaveValue('coauthor');
});
