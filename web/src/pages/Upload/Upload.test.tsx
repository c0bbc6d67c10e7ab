import { act, screen, waitFor, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { entry, entryId, upload } from '../../../test/examples';
import { expectAccessible, openPage } from '../../../test/open';
import { never, ok, problem, serve } from '../../../test/server';
import type { Upload } from '../../api/types';

const id = upload().upload_id;
const one = `GET /api/v1/uploads/${id}`;
const root = `GET /api/v1/uploads/${id}/rawdir/`;
const answer = (part: Partial<Upload> = {}): ReturnType<typeof ok> => ok({ upload_id: id, data: upload(part) });

const folder = (content: unknown[]): ReturnType<typeof ok> =>
  ok({ path: '', access: 'unpublished', directory_metadata: { name: '', size: 0, content }, pagination: { page_size: 10_000, total: content.length } });

const files = folder([
  { name: 'README.md', is_file: true, size: 1200 },
  { name: 'anneal', is_file: false, size: 8_400_000 },
  { name: 'sample.archive.yaml', is_file: true, size: 400, entry_id: entryId, parser_name: 'parsers/archive' },
]);

test('shows who may see it, the folders first, and the entry made of a file', async () => {
  serve({ [one]: answer(), [root]: files });
  const { container } = openPage(`/uploads/${id}`);
  expect(await screen.findByRole('heading', { level: 1, name: 'TiO2 anneal series' })).toBeVisible();
  const list = await screen.findByRole('list', { name: 'Files in this folder' });
  expect(within(list).getAllByRole('listitem').map((item) => item.textContent)).toEqual(['anneal/8.4 MB', 'README.md1.2 kB', 'sample.archive.yamlentry400 B']);
  expect(within(list).getByRole('link', { name: 'anneal/' })).toHaveAttribute('href', `/nomad-oasis/gui/uploads/${id}?path=anneal`);
  expect(within(list).getByRole('link', { name: 'Entry of sample.archive.yaml' })).toHaveAttribute('href', `/nomad-oasis/gui/entries/${entryId}`);
  expect(within(list).getByRole('link', { name: 'Download README.md' })).toHaveAttribute('href', `http://oasis.test/nomad-oasis/api/v1/uploads/${id}/raw/README.md`);
  expect(await screen.findByText('Visible only to you.')).toBeVisible();
  await expectAccessible(container);
});

test('a deleted file goes at once, comes back by Undo, and is really deleted when the time is over', async () => {
  const path = `DELETE /api/v1/uploads/${id}/raw/README.md`;
  const asked = serve({ [one]: answer(), [root]: files, [path]: answer() });
  const { user } = openPage(`/uploads/${id}`);
  await user.click(await screen.findByRole('button', { name: 'Delete README.md' }));
  expect(screen.queryByRole('button', { name: 'Delete README.md' })).toBeNull();
  await user.click(screen.getByRole('button', { name: 'Undo' }));
  expect(screen.getByRole('button', { name: 'Delete README.md' })).toBeVisible();
  expect(asked.some(({ method }) => method === 'DELETE')).toBe(false);

  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  screen.getByRole('button', { name: 'Delete README.md' }).click();
  await act(() => vi.advanceTimersByTimeAsync(10_000));
  vi.useRealTimers();
  await waitFor(() => {
    expect(asked.filter(({ method }) => method === 'DELETE')).toHaveLength(1);
  });
});

test('leaving the page sends the delete at once', async () => {
  const asked = serve({ [one]: answer(), [root]: files, [`DELETE /api/v1/uploads/${id}/raw/README.md`]: answer() });
  const { user } = openPage(`/uploads/${id}`);
  await user.click(await screen.findByRole('button', { name: 'Delete README.md' }));
  window.dispatchEvent(new Event('pagehide'));
  await waitFor(() => {
    expect(asked.filter(({ method }) => method === 'DELETE')).toHaveLength(1);
  });
});

test('a published upload can be read, not changed', async () => {
  serve({ [one]: answer({ published: true, publish_time: '2026-05-03T00:00:00Z', allowed: { putRawFile: { ok: false, why: 'Upload is already published, operation not possible.' } } }), [root]: files });
  openPage(`/uploads/${id}`);
  expect(await screen.findByText('The files of a published upload can no longer be changed.')).toBeVisible();
  expect(screen.queryByRole('button', { name: 'Add files' })).toBeNull();
  expect(screen.queryByRole('button', { name: 'Delete README.md' })).toBeNull();
});

test('only what the server allows is offered', async () => {
  serve({ [one]: answer({ allowed: { putRawFile: { ok: false, why: 'This upload is sealed.' }, deleteUpload: { ok: false } } }), [root]: files });
  openPage(`/uploads/${id}`);
  expect(await screen.findByRole('list', { name: 'Files in this folder' })).toBeVisible();
  expect(screen.queryByRole('button', { name: 'Add files' })).toBeNull();
  expect(screen.queryByRole('button', { name: 'Delete the upload' })).toBeNull();
});

test('an empty upload says how files get in', async () => {
  serve({ [one]: answer({ entries: 0, files: 0 }), [root]: folder([]) });
  openPage(`/uploads/${id}`);
  expect(await screen.findByText(/No files here yet\. Drop files or a folder/)).toBeVisible();
});

test('asks once what to do with files that exist already', async () => {
  serve({ [one]: answer(), [root]: files });
  vi.stubGlobal('XMLHttpRequest', vi.fn());
  const { user } = openPage(`/uploads/${id}`);
  await screen.findByRole('list', { name: 'Files in this folder' });
  await user.upload(screen.getByTestId('pick-files'), [new File(['x'], 'README.md'), new File(['y'], 'new.txt')]);
  const dialog = await screen.findByRole('dialog', { name: 'One file exists already' });
  expect(within(dialog).getByText('README.md')).toBeVisible();
  expect(within(dialog).getByRole('button', { name: 'Keep both' })).toBeVisible();
  expect(within(dialog).getByRole('button', { name: 'Replace' })).toBeVisible();
  expect(within(dialog).getByRole('button', { name: 'Skip' })).toBeVisible();
});

test('shows the entries, and the reason where one could not be read', async () => {
  const state = { upload_id: id, process_running: false, errors: [], warnings: [], parser_name: 'parsers/archive' };
  serve({
    [one]: answer({ entries: 2, entries_failed: 1 }),
    [`GET /api/v1/uploads/${id}/entries`]: ok({
      processing_successful: 2,
      processing_failed: 1,
      pagination: { page_size: 100, total: 3 },
      data: [
        { ...state, entry_id: entryId, mainfile: 'anneal/scan_07.archive.yaml', process_status: 'SUCCESS', entry_metadata: entry() },
        { ...state, entry_id: 'w'.repeat(28), mainfile: 'half.archive.yaml', process_status: 'SUCCESS', warnings: ['half.archive.yaml:14:3: “45O” is not a number.'] },
        { ...state, entry_id: 'x'.repeat(28), mainfile: 'bad.archive.yaml', process_status: 'FAILURE', errors: ['bad.archive.yaml, line 14: “45O” is not a number.'] },
      ],
    }),
  });
  const { container } = openPage(`/uploads/${id}?step=entries`);
  const table = await screen.findByRole('table', { name: 'Entries' });
  expect(within(table).getByRole('link', { name: 'Anneal 450 °C' })).toHaveAttribute('href', `/nomad-oasis/gui/entries/${entryId}`);
  expect(within(table).getByText('bad.archive.yaml, line 14: “45O” is not a number.')).toBeVisible();
  const half = within(table).getByRole('row', { name: /half\.archive\.yaml/ });
  expect(within(half).getByText('Read in part')).toBeVisible();
  expect(within(half).getByText(/14:3/)).toBeVisible();
  expect(screen.getByText('2 read, 1 failed')).toBeVisible();
  await expectAccessible(container);
});

test('while files are read it says how far it is', async () => {
  serve({ [one]: answer({ process_running: true, process_status: 'RUNNING', last_status_message: 'Parsing 31 of 42' }), [root]: files });
  openPage(`/uploads/${id}`);
  expect((await screen.findAllByText('Reading your files: 31 of 42 entries'))[0]).toBeInTheDocument();
  expect(screen.getByRole('progressbar', { name: 'Reading your files' })).toHaveAttribute('aria-valuenow', '74');
});

test('deleting the upload asks first, names what is lost, and starts on Cancel', async () => {
  const asked = serve({ [one]: answer({ files: 12 }), [root]: files, [`DELETE /api/v1/uploads/${id}`]: answer(), 'GET /api/v1/uploads': ok({ pagination: { page_size: 50, total: 0 }, data: [] }) });
  const { user, address } = openPage(`/uploads/${id}`);
  await user.click(await screen.findByRole('button', { name: 'Delete the upload' }));
  const dialog = await screen.findByRole('dialog', { name: 'Delete “TiO2 anneal series”?' });
  expect(within(dialog).getByText(/Its 12 files and 42 entries are gone for good/)).toBeVisible();
  await waitFor(() => {
    expect(within(dialog).getByRole('button', { name: 'Cancel' })).toHaveFocus();
  });
  await user.click(within(dialog).getByRole('button', { name: 'Delete it with 42 entries' }));
  await waitFor(() => {
    expect(address()).toBe('/uploads');
  });
  expect(asked.some(({ method }) => method === 'DELETE')).toBe(true);
});

test('a refusal says what was refused, who can help and how it was decided, in place', async () => {
  serve({
    [one]: problem(403, 'You do not have access to the specified upload.', {
      decision: {
        steps: [
          { step: 'scopes', outcome: 'passed', text: 'Your session has uploads:read.' },
          { step: 'allow_list', outcome: 'stopped', text: 'You are not on the list.' },
        ],
      },
    }),
  });
  const { container, address } = openPage(`/uploads/${id}`);
  expect(await screen.findByRole('heading', { level: 1, name: 'You do not have access to the specified upload.' })).toBeVisible();
  expect(screen.getByText('Nothing was changed.')).toBeVisible();
  expect(screen.getByRole('link', { name: 'Ask Jana' })).toHaveAttribute('href', expect.stringMatching(/^mailto:jana@steinbach\.example\?/));
  expect(screen.getAllByRole('listitem').map((item) => item.textContent)).toEqual(
    expect.arrayContaining(['Rights, passedYour session has uploads:read.', 'Allow list, stopped hereYou are not on the list.']),
  );
  expect(address()).toBe(`/uploads/${id}`);
  await expectAccessible(container);
});

test.each([
  [problem(404, 'The specified upload_id was not found.')],
  [problem(403, 'You do not have access to the specified upload.', { decision: { steps: [{ step: 'object', outcome: 'stopped', text: 'No role.' }] } })],
])('a missing and a hidden upload look the same and show no path (%#)', async (answer) => {
  serve({ [one]: answer });
  openPage(`/uploads/${id}`);
  expect(await screen.findByRole('heading', { level: 1, name: 'There is no such upload, or you may not see it.' })).toBeVisible();
  expect(screen.queryByText('How this was decided')).toBeNull();
  expect(screen.queryByText(/40[34]/)).toBeNull();
});

test('shows the shape of the page while it loads', async () => {
  serve({ [one]: never });
  openPage(`/uploads/${id}`);
  expect((await screen.findAllByRole('status', { name: 'Loading' })).length).toBeGreaterThan(0);
});
