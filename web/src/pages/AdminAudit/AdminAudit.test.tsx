import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { auditPage, auditRow } from '../../../test/adminExamples';
import { expectAccessible, openPage } from '../../../test/open';
import { admin, never, ok, problem, serve } from '../../../test/server';

const list = 'GET /api/v1/audit';

test('says in words who did what, and a row opens to everything known', async () => {
  serve({ ...admin, [list]: ok(auditPage([auditRow(), auditRow({ id: 2, operation: 'token.create', outcome: 'allowed', step: null, detail: null, status: null, object: 'token:t1', count: 1 })])) });
  const { container, user } = openPage('/admin/audit');
  const table = await screen.findByRole('table', { name: 'Audit log' });
  expect(within(table).getByRole('row', { name: /made a token/ })).toBeVisible();
  const refused = within(table).getByRole('row', { name: /createUpload/ });
  expect(within(refused).getByText('3 times in that minute')).toBeVisible();
  await user.click(within(refused).getByRole('button', { name: 'Details of createUpload by jnovak' }));
  expect(await screen.findByText('r-42')).toBeVisible();
  const way = screen.getByRole('heading', { name: 'How this was decided' }).parentElement;
  expect(way).toHaveTextContent(/Allow list, passedRights, stopped hereLimits of the token, not looked at/);
  expect(screen.getByRole('link', { name: 'Ask the same today' })).toHaveAttribute('href', expect.stringContaining('/admin/access?user=jnovak&operation=createUpload'));
  await expectAccessible(container);
});

test('the filters stand in the address, go to the server and to the file of JSON lines', async () => {
  const asked = serve({ ...admin, [list]: ok(auditPage([])) });
  const { user, address } = openPage('/admin/audit?who=jnovak&outcome=denied');
  expect(await screen.findByText('Nothing matches these filters.')).toBeVisible();
  await user.selectOptions(screen.getByRole('combobox', { name: 'By' }), 'Access token');
  await waitFor(() => {
    expect(address()).toBe('/admin/audit?who=jnovak&outcome=denied&kind=personal_access_token');
  });
  await waitFor(() => {
    expect(asked.some(({ query }) => query.get('kind') === 'personal_access_token' && query.get('who') === 'jnovak' && query.get('outcome') === 'denied')).toBe(true);
  });
  expect(screen.getByRole('link', { name: 'JSON lines of exactly this filter' })).toHaveAttribute('href', expect.stringMatching(/\/audit\/export\?who=jnovak&outcome=denied&kind=personal_access_token$/));
  await user.click(screen.getByRole('button', { name: 'Clear the filters' }));
  await waitFor(() => {
    expect(address()).toBe('/admin/audit');
  });
});

test('the last day of a filter is inside', async () => {
  const asked = serve({ ...admin, [list]: ok(auditPage([])) });
  openPage('/admin/audit?from=2026-11-20&to=2026-11-21');
  await screen.findByText('Nothing matches these filters.');
  const query = asked.find(({ path }) => path === '/api/v1/audit')?.query;
  expect(Date.parse(query?.get('to') ?? '') - Date.parse(query?.get('from') ?? '')).toBe(2 * 86_400_000);
});

test('shows 50 more by the cursor of the page before', async () => {
  const asked = serve({ ...admin, [list]: (sent) => ok(new URL(sent.url).searchParams.has('page_after_value') ? auditPage([auditRow({ id: 2, username: 'kbrandt' })]) : auditPage([auditRow()], 'next')) });
  const { user } = openPage('/admin/audit');
  await user.click(await screen.findByRole('button', { name: 'Show 50 more' }));
  expect(await screen.findByText('kbrandt')).toBeVisible();
  expect(asked.some(({ query }) => query.get('page_after_value') === 'next')).toBe(true);
  expect(screen.queryByRole('button', { name: 'Show 50 more' })).toBeNull();
});

test('says what belongs here when there is nothing, and what the server said when it failed', async () => {
  serve({ ...admin, [list]: ok(auditPage([])) });
  const first = openPage('/admin/audit');
  expect(await screen.findByText(/Nothing has happened yet/)).toBeVisible();
  first.unmount();
  serve({ ...admin, [list]: problem(403, 'Only administrators may do this.') });
  openPage('/admin/audit');
  expect(await screen.findByRole('heading', { level: 1, name: 'Only administrators may do this.' })).toBeVisible();
});

test('shows the shape of the page while it loads', async () => {
  serve({ ...admin, [list]: never });
  openPage('/admin/audit');
  expect((await screen.findAllByRole('status', { name: 'Loading' })).length).toBeGreaterThan(0);
});
