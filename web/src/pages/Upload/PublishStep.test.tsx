import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { upload } from '../../../test/examples';
import { expectAccessible, openPage } from '../../../test/open';
import { ok, problem, serve } from '../../../test/server';
import type { Upload } from '../../api/types';

const id = upload().upload_id;
const one = `GET /api/v1/uploads/${id}`;
const publish = `POST /api/v1/uploads/${id}/action/publish`;
const answer = (part: Partial<Upload> = {}): ReturnType<typeof ok> => ok({ upload_id: id, data: upload({ allowed: { publishUpload: { ok: true }, liftEmbargo: { ok: true } }, ...part }) });
const published = { published: true, publish_time: '2026-11-21T09:00:00Z' };

test('says in words what publishing means, and asks once', async () => {
  const asked = serve({ [one]: answer(), [publish]: answer(published) });
  const { user, container } = openPage(`/uploads/${id}?step=publish`);
  expect(await screen.findByText('From the moment you publish, anyone on the internet may read this.')).toBeVisible();
  expect(screen.getByText(/Licence: CC BY 4\.0/)).toBeVisible();
  await expectAccessible(container);
  await user.click(screen.getByRole('button', { name: 'Publish 42 entries' }));
  const dialog = await screen.findByRole('dialog', { name: 'Publish “TiO2 anneal series”?' });
  await waitFor(() => {
    expect(within(dialog).getByRole('button', { name: 'Cancel' })).toHaveFocus();
  });
  expect(within(dialog).queryByRole('textbox')).toBeNull();
  await user.click(within(dialog).getByRole('button', { name: 'Publish 42 entries for good' }));
  await waitFor(() => {
    expect(asked.find(({ method }) => method === 'POST')?.query.get('embargo_length')).toBe('0');
  });
});

test('an embargo has its date in words and as a picture', async () => {
  const asked = serve({ [one]: answer({ embargo_length: 6 }), [publish]: answer({ ...published, with_embargo: true, embargo_length: 18 }) });
  const { user } = openPage(`/uploads/${id}?step=publish`);
  await user.selectOptions(await screen.findByRole('combobox', { name: 'Embargo in months' }), '18');
  expect(screen.getByRole('img', { name: /^An embargo of 18 months/ })).toBeVisible();
  expect(screen.getByText(/^From .+ anyone on the internet may read this\.$/)).toBeVisible();
  await user.click(screen.getByRole('button', { name: 'Publish 42 entries' }));
  await user.click(await screen.findByRole('button', { name: 'Publish 42 entries for good' }));
  await waitFor(() => {
    expect(asked.find(({ method }) => method === 'POST')?.query.get('embargo_length')).toBe('18');
  });
});

test('what others share is published only after its name was typed', async () => {
  const asked = serve({ [one]: answer({ viewers: ['u-mara', 'u-jana'], reviewers: ['u-jana'] }), [publish]: problem(400, 'Cannot publish while the upload is processing.') });
  const { user } = openPage(`/uploads/${id}?step=publish`);
  await user.click(await screen.findByRole('button', { name: 'Publish 42 entries' }));
  const dialog = await screen.findByRole('dialog');
  const act = within(dialog).getByRole('button', { name: 'Publish 42 entries for good' });
  expect(act).toBeDisabled();
  await user.type(within(dialog).getByRole('textbox', { name: 'Type “TiO2 anneal series” to confirm' }), 'TiO2 anneal series');
  await user.click(act);
  expect(await within(dialog).findByText('Cannot publish while the upload is processing.')).toBeVisible();
  expect(asked.filter(({ method }) => method === 'POST')).toHaveLength(1);
});

test.each([
  [{ entries: 0, entries_processed: 0 }, 'There is no entry yet. An upload needs at least one to be published.'],
  [{ process_running: true, process_status: 'RUNNING' as const }, 'The files are still being read. You may leave this page meanwhile.'],
  [{ process_status: 'FAILURE' as const, errors: ['Bad archive.'] }, 'Reading the files failed. Have them read again first.'],
])('what is in the way is named, with where to mend it (%#)', async (part, text) => {
  serve({ [one]: answer(part) });
  openPage(`/uploads/${id}?step=publish`);
  expect(await screen.findByText(text)).toBeVisible();
  expect(screen.getByRole('button', { name: /^Publish \d+ entr/ })).toBeDisabled();
  expect(screen.getByText('1 thing to settle first')).toBeVisible();
});

test('who may not publish reads why', async () => {
  serve({ [one]: answer({ allowed: { publishUpload: { ok: false, why: 'You do not have write access to the specified upload.' } } }) });
  openPage(`/uploads/${id}?step=publish`);
  expect(await screen.findByText('You cannot publish this: You do not have write access to the specified upload.')).toBeVisible();
  expect(screen.queryByRole('button', { name: /^Publish \d/ })).toBeNull();
});

test('an embargo is ended after asking', async () => {
  const asked = serve({ [one]: answer({ ...published, with_embargo: true, embargo_length: 12 }), [`POST /api/v1/uploads/${id}/action/lift-embargo`]: answer(published) });
  const { user } = openPage(`/uploads/${id}?step=publish`);
  expect(await screen.findByText(/with an embargo that ends on/)).toBeVisible();
  await user.click(screen.getByRole('button', { name: 'End the embargo now' }));
  await user.click(await screen.findByRole('button', { name: 'End the embargo' }));
  await waitFor(() => {
    expect(asked.some(({ path }) => path.endsWith('/action/lift-embargo'))).toBe(true);
  });
  expect(await screen.findByText('The embargo has ended. Everyone may read it now.')).toBeVisible();
});
