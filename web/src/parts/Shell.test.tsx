import { act, screen, waitFor, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { tokens, upload, uploads } from '../../test/examples';
import { expectAccessible, openPage } from '../../test/open';
import { ok, problem, serve, session } from '../../test/server';

const list = 'GET /api/v1/uploads';
const handlers = {
  [list]: ok(uploads([upload()])),
  'GET /api/v1/auth/pats': ok(tokens([])),
  'POST /api/v1/entries/query': ok({ owner: 'visible', pagination: { page_size: 50, total: 0 }, data: [] }),
};

test('the rail shows what exists, and where one is', async () => {
  serve(handlers);
  openPage('/uploads');
  const rail = await screen.findByRole('navigation', { name: 'Main' });
  const places = within(rail).getAllByRole('link').map((link) => link.textContent);
  expect(places).toEqual(['Steinbach LabOasis', 'Search', 'Uploads', 'Groups', 'Access tokens']);
  expect(within(rail).getByRole('link', { name: 'Uploads' })).toHaveAttribute('aria-current', 'page');
});

test('the keyboard goes everywhere: skip link, g and a letter, / and Ctrl K', async () => {
  serve(handlers);
  const { user, address } = openPage('/uploads');
  await screen.findByRole('heading', { level: 1, name: 'Uploads' });
  // The heading has the focus after a navigation; a fresh page starts at the top.
  act(() => {
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  });
  await user.tab();
  expect(screen.getByRole('button', { name: 'Skip to the page' })).toHaveFocus();
  await user.keyboard('{Enter}');
  expect(screen.getByRole('main')).toHaveFocus();
  await user.keyboard('/');
  expect(screen.getByRole('searchbox', { name: 'Filter by name' })).toHaveFocus();
  await user.keyboard('gt');
  expect(address()).toBe('/uploads');
  act(() => {
    screen.getByRole('main').focus();
  });
  await user.keyboard('gt');
  await waitFor(() => {
    expect(screen.getByRole('heading', { level: 1, name: 'Access tokens' })).toHaveFocus();
  });
  await user.keyboard('{Control>}k{/Control}');
  const field = await screen.findByRole('combobox', { name: 'Search or go to' });
  await user.type(field, 'anneal');
  expect(await screen.findByRole('option', { name: /TiO2 anneal series/ })).toBeVisible();
  await user.keyboard('{ArrowDown}{Enter}');
  await waitFor(() => {
    expect(address()).toBe('/search?q=anneal');
  });
}, 30_000);

test('signing out ends the session on the server and forgets what was loaded', async () => {
  let signedIn = true;
  const asked = serve({
    ...handlers,
    'GET /auth/session': () => ok(signedIn ? session : { ...session, user: null }),
    'DELETE /auth/session': () => {
      signedIn = false;
      return { status: 204 };
    },
  });
  const { user, address } = openPage('/uploads');
  await user.click(await screen.findByRole('button', { name: 'Mara Lindqvist' }));
  await user.click(screen.getByRole('button', { name: 'Sign out' }));
  await waitFor(() => {
    expect(address()).toBe('/sign-in');
  });
  expect(await screen.findByRole('button', { name: 'Sign in' })).toBeVisible();
  expect(asked.some(({ method, path }) => method === 'DELETE' && path === '/auth/session')).toBe(true);
});

test('a session that ends in the middle asks for sign-in over the page and goes on', async () => {
  let signedIn = true;
  serve({
    ...handlers,
    [list]: () => (signedIn ? ok(uploads([upload()])) : problem(401, 'Authentication required.')),
    'GET /api/v1/auth/pats': () => (signedIn ? ok(tokens([])) : problem(401, 'Authentication required.')),
    'POST /auth/session': () => {
      signedIn = true;
      return ok(session);
    },
  });
  const { user } = openPage('/uploads');
  await screen.findByRole('link', { name: 'TiO2 anneal series' });
  signedIn = false;
  await user.click(within(screen.getByRole('navigation', { name: 'Main' })).getByRole('link', { name: 'Access tokens' }));
  const dialog = await screen.findByRole('dialog', { name: 'Sign in' });
  expect(within(dialog).getByText(/what you typed is kept/)).toBeVisible();
  await user.type(within(dialog).getByLabelText('User name or e-mail'), 'mara');
  await user.type(within(dialog).getByLabelText('Password'), 'a long sentence');
  await user.click(within(dialog).getByRole('button', { name: 'Sign in' }));
  expect(await screen.findByText(/No tokens yet/)).toBeVisible();
  expect(screen.queryByRole('dialog')).toBeNull();
});

test('a lost connection shows the bar, and the page comes back by itself', async () => {
  let down = false;
  serve({ ...handlers, [list]: () => ok(uploads([upload()])), 'GET /alive': ok('alive') });
  const answer = globalThis.fetch;
  vi.stubGlobal('fetch', (input: Request) => (down ? Promise.reject(new TypeError('Failed to fetch')) : answer(input)));
  const { user, container } = openPage('/uploads');
  await screen.findByRole('link', { name: 'TiO2 anneal series' });
  down = true;
  await user.click(screen.getByRole('radio', { name: 'Published' }));
  expect(await screen.findByText(/Not connected\. Trying again in 5 s/)).toBeVisible();
  await expectAccessible(container);
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'], shouldAdvanceTime: true });
  down = false;
  await user.click(screen.getByRole('radio', { name: 'All' }));
  vi.useRealTimers();
  await waitFor(() => {
    expect(screen.queryByText(/Not connected/)).toBeNull();
  }, { timeout: 8000 });
});

test('an address nobody knows says so inside the app', async () => {
  serve(handlers);
  const { container } = openPage('/nowhere/at/all');
  expect(await screen.findByRole('heading', { level: 1, name: 'There is no such page here.' })).toBeVisible();
  expect(screen.getByRole('navigation', { name: 'Main' })).toBeVisible();
  await expectAccessible(container);
});

test('when not even the session can be asked for, the page says so and can try again', async () => {
  serve({ 'GET /auth/session': problem(503, 'The database does not answer.') });
  openPage('/uploads');
  expect(await screen.findByText('The database does not answer.')).toBeVisible();
  expect(screen.getByRole('button', { name: 'Try again' })).toBeVisible();
});
