import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { entry, entryId, upload } from '../../../test/examples';
import { expectAccessible, openPage } from '../../../test/open';
import { never, ok, problem, serve } from '../../../test/server';

const one = `GET /api/v1/entries/${entryId}`;
const other = 'oTHeRabcdefghijklmnopqrstuvw';
const archive = {
  metadata: { entry_name: 'Anneal 450 °C' },
  data: {
    m_def: 'nomad.datamodel.metainfo.eln.ELNMeasurement',
    name: 'Anneal 450 °C',
    temperature: 723.15,
    sample: `../upload/archive/${other}#/data`,
    steps: [{ name: 'Heat', duration: 60 }, { name: 'Hold' }],
  },
};

const handlers = {
  [one]: ok({ entry_id: entryId, data: entry() }),
  [`${one}/archive`]: ok({ entry_id: entryId, data: { entry_id: entryId, upload_id: 'u', parser_name: 'parsers/archive', archive } }),
  [`${one}/rawdir`]: ok({
    entry_id: entryId,
    data: {
      entry_id: entryId,
      upload_id: upload().upload_id,
      mainfile: 'anneal/scan_07.archive.yaml',
      files: [
        { path: 'anneal/scan_07.archive.yaml', size: 4000 },
        { path: 'anneal/film.png', size: 13_000 },
      ],
    },
  }),
  [`GET /api/v1/uploads/${upload().upload_id}`]: ok({ upload_id: upload().upload_id, data: upload() }),
};

test('shows what it is, who may see it, its pictures and facts', async () => {
  serve(handlers);
  const { container } = openPage(`/entries/${entryId}`);
  expect(await screen.findByRole('heading', { level: 1, name: 'Anneal 450 °C' })).toBeVisible();
  expect(screen.getByText(/XRD of O2Ti · Mara Lindqvist/)).toBeVisible();
  expect(screen.getByText('Second run with the new slit.')).toBeVisible();
  expect(await screen.findByText('Visible only to you.')).toBeVisible();
  expect(await screen.findByRole('img', { name: 'Picture film.png' })).toHaveAttribute('src', expect.stringContaining('/raw/anneal/film.png'));
  expect(screen.getByRole('link', { name: 'TiO2 anneal series' })).toBeVisible();
  await expectAccessible(container);
});

test('the archive is a tree for the keyboard; the chosen place is in the address and follows references', async () => {
  serve(handlers);
  const { user, address, container } = openPage(`/entries/${entryId}?tab=archive`);
  const tree = await screen.findByRole('tree', { name: 'Contents of the archive' });
  const name = (row: HTMLElement): string => row.textContent;
  expect(within(tree).getAllByRole('treeitem').map(name)).toEqual(['metadata', 'data', 'nameAnneal 450 °C', 'temperature723.15', 'samplea reference', 'steps2 items']);
  within(tree).getAllByRole('treeitem')[0]?.focus();
  await user.keyboard('{ArrowDown}t');
  await waitFor(() => {
    expect(address()).toBe(`/entries/${entryId}?tab=archive&path=data%2Ftemperature`);
  });
  expect(screen.getByRole('region', { name: 'Value' })).toHaveTextContent('723.15');
  await user.keyboard('{End}{ArrowRight}{ArrowRight}');
  await waitFor(() => {
    expect(address()).toBe(`/entries/${entryId}?tab=archive&path=data%2Fsteps%2F0`);
  });
  expect(within(tree).getByRole('treeitem', { name: 'Heat' })).toHaveAttribute('aria-level', '3');
  await user.click(within(tree).getByRole('treeitem', { name: /sample/ }));
  expect(await screen.findByRole('link', { name: 'Follow the reference' })).toHaveAttribute('href', `/nomad-oasis/gui/entries/${other}?tab=archive&path=data`);
  await expectAccessible(container);
});

test('a link into the archive opens the place it names', async () => {
  serve(handlers);
  openPage(`/entries/${entryId}?tab=archive&path=data/steps/1/name`);
  expect(await screen.findByRole('treeitem', { name: /name\s*Hold/ })).toHaveAttribute('aria-selected', 'true');
});

test('lists the files beside the main file and shows one in place', async () => {
  serve(handlers);
  const { user } = openPage(`/entries/${entryId}?tab=files`);
  expect(await screen.findByRole('link', { name: 'film.png' })).toHaveAttribute('href', expect.stringContaining('/raw/anneal/film.png'));
  expect(screen.getByText('main file')).toBeVisible();
  await user.click(screen.getByRole('button', { name: 'Quick look: film.png' }));
  expect(screen.getByRole('img', { name: 'Picture film.png' })).toBeVisible();
});

test('an entry that could not be read says why', async () => {
  serve({ ...handlers, [one]: ok({ entry_id: entryId, data: entry({ processed: false, processing_errors: ['Line 14: “45O” is not a number.'] }) }) });
  openPage(`/entries/${entryId}`);
  expect(await screen.findByText('Line 14: “45O” is not a number.')).toBeVisible();
});

test('without rights on the upload the entry is shown without the sentence', async () => {
  serve({ ...handlers, [`GET /api/v1/uploads/${upload().upload_id}`]: problem(403, 'No access.') });
  openPage(`/entries/${entryId}`);
  expect(await screen.findByRole('heading', { level: 1, name: 'Anneal 450 °C' })).toBeVisible();
  expect(screen.queryByText(/^Visible/)).toBeNull();
});

test('a missing or hidden entry is one page', async () => {
  serve({ ...handlers, [one]: problem(404, 'The entry with the given id does not exist or is not visible to you.') });
  openPage(`/entries/${entryId}`);
  expect(await screen.findByRole('heading', { level: 1, name: 'There is no such entry, or you may not see it.' })).toBeVisible();
});

test('an entry without an archive says so', async () => {
  serve({ ...handlers, [`${one}/archive`]: problem(404, 'The entry does exist, but it has no archive.') });
  openPage(`/entries/${entryId}?tab=archive`);
  expect(await screen.findByText('The entry does exist, but it has no archive.')).toBeVisible();
});

test('shows the shape of the page while it loads', async () => {
  serve({ ...handlers, [one]: never });
  openPage(`/entries/${entryId}`);
  expect((await screen.findAllByRole('status', { name: 'Loading' })).length).toBeGreaterThan(0);
});
