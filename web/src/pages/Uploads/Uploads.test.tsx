import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { upload, uploads } from '../../../test/examples';
import { expectAccessible, openPage } from '../../../test/open';
import { never, ok, problem, serve, session, visitor } from '../../../test/server';

const list = 'GET /api/v1/uploads';

test('shows each upload with its state, its audience and its author', async () => {
  serve({
    [list]: ok(
      uploads([
        upload({ upload_id: 'a'.repeat(22), process_running: true, process_status: 'RUNNING', last_status_message: 'Parsing 31 of 42', coauthors: ['u-jana'] }),
        upload({ upload_id: 'b'.repeat(22), upload_name: 'MoS2 flake', main_author: 'u-jana' }),
      ]),
    ),
    'GET /api/v1/users': ok({ data: [{ user_id: 'u-jana', name: 'Jana Novák' }] }),
  });
  const { container } = openPage('/uploads');
  const table = await screen.findByRole('table', { name: 'Uploads' });
  const row = within(table).getByRole('row', { name: /TiO2 anneal series/ });
  expect(within(row).getByRole('progressbar', { name: 'Processing 31 of 42' })).toHaveAttribute('aria-valuenow', '74');
  expect(within(row).getByText('1 person')).toBeVisible();
  expect(await within(table).findByText(/by Jana Novák/)).toBeVisible();
  expect(within(table).getByRole('link', { name: 'MoS2 flake' })).toHaveAttribute('href', `/nomad-oasis/gui/uploads/${'b'.repeat(22)}`);
  expect(document.title).toBe('Uploads · Steinbach Lab');
  await expectAccessible(container);
});

test('says what belongs here when there is nothing yet', async () => {
  serve({ [list]: ok(uploads([])) });
  openPage('/uploads');
  expect(await screen.findByText(/Nothing here yet\. Drop files or a folder/)).toBeVisible();
  expect(screen.getByRole('button', { name: 'New upload' })).toBeVisible();
});

test('shows the shape of the page while it loads', async () => {
  serve({ [list]: never });
  openPage('/uploads');
  expect((await screen.findAllByRole('status', { name: 'Loading' })).length).toBeGreaterThan(0);
});

test('shows what the server said when it fails, with the request id', async () => {
  serve({ [list]: problem(500, 'Something broke here.') });
  const { container } = openPage('/uploads');
  expect(await screen.findByRole('heading', { level: 1, name: 'Something broke here.' })).toBeVisible();
  expect(screen.getByText('r-7f3k2q')).toBeVisible();
  expect(screen.getByRole('button', { name: 'Try again' })).toBeVisible();
  await expectAccessible(container);
});

test('asks for sign-in in place and then shows the page', async () => {
  let signedIn = false;
  serve({
    'GET /auth/session': ok(visitor),
    'POST /auth/session': () => {
      signedIn = true;
      return ok(session);
    },
    [list]: () => (signedIn ? ok(uploads([upload()])) : problem(401, 'Authentication required.')),
  });
  const { user, address } = openPage('/uploads?q=TiO2');
  await user.type(await screen.findByLabelText('User name or e-mail'), 'mara');
  await user.type(screen.getByLabelText('Password'), 'a long sentence');
  await user.click(screen.getByRole('button', { name: 'Sign in' }));
  expect(await screen.findByRole('link', { name: 'TiO2 anneal series' })).toBeVisible();
  expect(address()).toBe('/uploads?q=TiO2');
});

test('filters by the URL and writes the filter into it', async () => {
  const asked = serve({ [list]: ok(uploads([upload()])) });
  const { user, address } = openPage('/uploads?show=published');
  await user.type(await screen.findByRole('searchbox', { name: 'Filter by name' }), 'anneal');
  await waitFor(() => {
    expect(address()).toBe('/uploads?show=published&q=anneal');
  });
  const queries = asked.filter(({ path }) => path === '/api/v1/uploads').map(({ query }) => query);
  expect(queries.every((query) => query.get('is_published') === 'true')).toBe(true);
  await waitFor(() => {
    expect(asked.some(({ query }) => query.get('upload_name') === JSON.stringify({ value: 'anneal', type: 'fuzzy' }))).toBe(true);
  });
});
