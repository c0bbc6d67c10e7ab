import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { entry, entryId } from '../../../test/examples';
import { expectAccessible, openPage } from '../../../test/open';
import { never, ok, problem, serve, visitor, type Asked } from '../../../test/server';

const query = 'POST /api/v1/entries/query';
const buckets = (values: Record<string, number>): unknown => ({ terms: { data: Object.entries(values).map(([value, count]) => ({ value, count, nested_count: count })) } });

const found = (part: Record<string, unknown> = {}): ReturnType<typeof ok> =>
  ok({
    owner: 'visible',
    query: {},
    pagination: { page_size: 50, total: 2 },
    data: [entry(), entry({ entry_id: 'x'.repeat(28), entry_name: 'Rutile reference', published: true })],
    aggregations: { type: buckets({ ELNMeasurement: 2 }), method: buckets({ XRD: 1, SEM: 1 }), elements: buckets({ Ti: 2, O: 2 }) },
    ...part,
  });

const bodies = (asked: Asked[]): { query?: unknown; owner?: string; pagination?: Record<string, unknown> }[] => asked.filter(({ path }) => path.endsWith('/entries/query')).map(({ body }) => body as object);

test('shows what was found, how many, and the facets with counts', async () => {
  serve({ [query]: found() });
  const { container } = openPage('/search');
  expect(await screen.findByRole('link', { name: 'Anneal 450 °C' })).toHaveAttribute('href', `/nomad-oasis/gui/entries/${entryId}`);
  expect(await screen.findByText(/^2 entries you may see/)).toBeVisible();
  const types = within(screen.getByRole('complementary', { name: 'Filters' })).getByRole('group', { name: 'Type' });
  expect(within(types).getByRole('checkbox', { name: /Measurement\s*2/ })).toBeInTheDocument();
  expect(within(screen.getByRole('row', { name: /Rutile reference/ })).getByText('Public')).toBeVisible();
  await expectAccessible(container);
});

test('a chosen value goes into the address and the question; its chip takes it out again', async () => {
  const asked = serve({ [query]: found() });
  const { user, address } = openPage('/search?q=anneal');
  const methods = await screen.findByRole('group', { name: 'Method' });
  await user.click(within(methods).getByRole('checkbox', { name: /XRD/ }));
  await waitFor(() => {
    expect(address()).toBe('/search?q=anneal&method=XRD');
  });
  await waitFor(() => {
    expect(bodies(asked).at(-1)?.query).toMatchObject({ 'results.eln.methods:any': ['XRD'] });
  });
  await user.click(screen.getByRole('button', { name: 'Remove the filter XRD' }));
  await waitFor(() => {
    expect(address()).toBe('/search?q=anneal');
  });
  await user.click(screen.getByRole('button', { name: 'Clear all' }));
  await waitFor(() => {
    expect(address()).toBe('/search');
  });
});

test('elements are chosen by typing or in the table, by mouse or keyboard', async () => {
  serve({ [query]: found() });
  const { user, address } = openPage('/search');
  await user.click(await screen.findByRole('button', { name: 'Elements' }));
  const table = screen.getByRole('group', { name: 'Periodic table' });
  await user.type(screen.getByRole('textbox', { name: 'Type elements' }), 'titanium, Xy{Enter}');
  await waitFor(() => {
    expect(address()).toBe('/search?el=Ti');
  });
  expect(screen.getByText('Not an element: Xy')).toBeVisible();
  const titanium = within(table).getByTitle('Titanium: 2');
  expect(titanium).toHaveAccessibleName(/^Ti\s+2\s+Titanium$/);
  expect(titanium).toHaveAttribute('aria-pressed', 'true');
  titanium.focus();
  await user.keyboard('{ArrowRight}');
  expect(within(table).getByTitle(/Vanadium/)).toHaveFocus();
  await user.keyboard(' ');
  await waitFor(() => {
    expect(address()).toBe('/search?el=Ti%2CV');
  });
  await expectAccessible(table);
});

test('more results follow by cursor and the counts are not asked again', async () => {
  const asked = serve({
    [query]: async (request) => {
      const body = (await request.clone().json()) as { pagination?: { page_after_value?: string; page_size?: number } };
      if (body.pagination?.page_after_value === 'CURSOR') return found({ pagination: { page_size: 50, total: 3 }, data: [entry({ entry_id: 'z'.repeat(28), entry_name: 'The third' })] });
      return found({ pagination: { page_size: 50, total: 3, next_page_after_value: 'CURSOR' } });
    },
  });
  const { user } = openPage('/search');
  await user.click(await screen.findByRole('button', { name: 'Show 50 more' }));
  expect(await screen.findByRole('link', { name: 'The third' })).toBeVisible();
  expect(screen.getByRole('link', { name: 'Anneal 450 °C' })).toBeVisible();
  expect(screen.queryByRole('button', { name: 'Show 50 more' })).toBeNull();
  expect(bodies(asked).find(({ pagination }) => pagination?.page_after_value === 'CURSOR')).not.toHaveProperty('aggregations');
});

test('nothing found says so and offers the way back', async () => {
  serve({ [query]: found({ pagination: { page_size: 50, total: 0 }, data: [], aggregations: {} }) });
  const { user, address } = openPage('/search?q=unobtainium&type=Nothing');
  expect(await screen.findByText('No entry fits all of these filters.')).toBeVisible();
  expect(screen.getByRole('checkbox', { name: /Nothing\s*0/ })).toBeChecked();
  await user.click(screen.getAllByRole('button', { name: 'Clear all' })[0] ?? document.body);
  await waitFor(() => {
    expect(address()).toBe('/search');
  });
});

test('an empty server says what would fill it', async () => {
  serve({ [query]: found({ pagination: { page_size: 50, total: 0 }, data: [], aggregations: {} }) });
  openPage('/search');
  expect(await screen.findByText(/No entries yet that you may see/)).toBeVisible();
});

test('a visitor is not offered "mine" and sees what is visible', async () => {
  const asked = serve({ 'GET /auth/session': ok(visitor), [query]: found() });
  openPage('/search?owner=mine');
  await screen.findByRole('link', { name: 'Anneal 450 °C' });
  expect(screen.queryByRole('radiogroup', { name: 'Whose entries' })).toBeNull();
  expect(bodies(asked)[0]?.owner).toBe('visible');
  expect(screen.queryByRole('link', { name: 'Uploads' })).toBeNull();
});

test('a query the server refuses shows its sentence', async () => {
  serve({ [query]: problem(422, [{ loc: ['body', 'query'], msg: 'x is not a doc quantity', type: 'value' }]) });
  openPage('/search');
  expect(await screen.findByText('x is not a doc quantity')).toBeVisible();
});

test('shows the shape of the page while it loads', async () => {
  serve({ [query]: never });
  openPage('/search');
  expect((await screen.findAllByRole('status', { name: 'Loading' })).length).toBeGreaterThan(0);
});
