import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { account, accounts, request } from '../../../test/adminExamples';
import { expectAccessible, openPage } from '../../../test/open';
import { admin, never, ok, problem, serve } from '../../../test/server';

const list = 'GET /api/v1/accounts';
const requests = 'GET /api/v1/access-requests';
const nobody = { ...admin, [requests]: ok({ data: [] }) };
const jana = account();
const one = `/api/v1/accounts/${jana.user_id}`;
const link = 'http://oasis.test/nomad-oasis/gui/link#only-once';

test('lists who is who, and who asks to be let in', async () => {
  serve({ ...admin, [requests]: ok({ data: [request()] }), [list]: ok(accounts([jana, account({ user_id: 'u-k', username: 'kbrandt', name: '', state: 'invited', second_factor: true, last_seen: null })])) });
  const { container } = openPage('/admin/people');
  const table = await screen.findByRole('table', { name: 'People' });
  const row = within(table).getByRole('row', { name: /Jana Novák/ });
  expect(within(row).getByText('Lab manager')).toBeVisible();
  expect(within(row).getByText('none')).toBeVisible();
  expect(within(within(table).getByRole('row', { name: /kbrandt/ })).getByText('Invited')).toBeVisible();
  expect(screen.getByRole('heading', { name: '1 person asks to be let in' })).toBeVisible();
  expect(screen.getByText('I measure in room 12.')).toBeVisible();
  const rail = screen.getByRole('navigation', { name: 'Main' });
  expect(within(rail).getAllByRole('link').map(({ textContent }) => textContent)).toEqual(expect.arrayContaining(['People', 'Access policy', 'Audit log']));
  await expectAccessible(container);
});

test('the filters stand in the address and go to the server', async () => {
  const asked = serve({ ...nobody, [list]: ok(accounts([])) });
  const { user, address } = openPage('/admin/people?show=disabled');
  expect(await screen.findByText('Nobody matches this filter.')).toBeVisible();
  await user.type(screen.getByRole('searchbox', { name: /Filter by name/ }), 'jana{Enter}');
  await waitFor(() => {
    expect(address()).toBe('/admin/people?show=disabled&q=jana');
    expect(asked.some(({ query }) => query.get('state') === 'disabled' && query.get('search') === 'jana')).toBe(true);
  });
});

test('an invitation shows its link once, or says where it was mailed', async () => {
  const asked = serve({ ...nobody, [list]: ok(accounts([jana])), 'POST /api/v1/accounts': { status: 201, body: { user: jana, link, mailed: false, expires: '2026-11-28T12:00:00Z' } } });
  const { user } = openPage('/admin/people');
  await user.click(await screen.findByRole('button', { name: 'Invite somebody' }));
  const dialog = await screen.findByRole('dialog', { name: 'Invite somebody' });
  await user.type(within(dialog).getByLabelText('E-mail'), 'jana@steinbach.example');
  await user.click(within(dialog).getByRole('checkbox', { name: /Lab manager/ }));
  await user.click(within(dialog).getByRole('button', { name: 'Make the account' }));
  const shown = await screen.findByRole('dialog', { name: 'A link for Jana Novák' });
  expect(within(shown).getByText(link)).toBeVisible();
  expect(within(shown).getByText('This is the only time the link is shown.')).toBeVisible();
  expect(asked.find(({ method }) => method === 'POST')?.body).toMatchObject({ email: 'jana@steinbach.example', lab_manager: true, admin: false });
  await user.click(within(shown).getByRole('button', { name: 'Done' }));
  await waitFor(() => {
    expect(screen.queryByText(link)).toBeNull();
  });
});

test('what is wrong with an invitation stands beside its field, and nothing typed is lost', async () => {
  serve({ ...nobody, [list]: ok(accounts([jana])), 'POST /api/v1/accounts': problem(422, [{ loc: ['body', 'email'], msg: 'Write an e-mail address.', type: 'value_error' }]) });
  const { user } = openPage('/admin/people');
  await user.click(await screen.findByRole('button', { name: 'Invite somebody' }));
  const field = await screen.findByLabelText('E-mail');
  await user.type(field, 'jana@x');
  await user.click(screen.getByRole('button', { name: 'Make the account' }));
  expect(await screen.findByText('Write an e-mail address.')).toBeVisible();
  expect(field).toHaveValue('jana@x');
});

test('disabling is done at once and can be undone', async () => {
  const asked = serve({ ...nobody, [list]: ok(accounts([jana])), [`PATCH ${one}`]: ok({ ...jana, disabled: true, state: 'disabled' }) });
  const { user } = openPage('/admin/people');
  await user.click(await screen.findByRole('button', { name: 'Manage Jana Novák' }));
  const dialog = await screen.findByRole('dialog', { name: 'Jana Novák' });
  await expectAccessible(dialog);
  await user.click(within(dialog).getByRole('button', { name: 'Disable' }));
  expect(await screen.findByText('Jana Novák is disabled and signed out everywhere.')).toBeVisible();
  await user.click(screen.getByRole('button', { name: 'Undo' }));
  await waitFor(() => {
    expect(asked.filter(({ method }) => method === 'PATCH').map(({ body }) => body)).toEqual([{ disabled: true }, { disabled: false }]);
  });
});

test('a role that must not be taken away says why', async () => {
  serve({ ...nobody, [list]: ok(accounts([account({ admin: true })])), [`PATCH ${one}`]: problem(409, 'jnovak is the last administrator.') });
  const { user } = openPage('/admin/people');
  await user.click(await screen.findByRole('button', { name: 'Manage Jana Novák' }));
  await user.click(await screen.findByRole('checkbox', { name: /Administrator/ }));
  expect(await screen.findByText('jnovak is the last administrator.')).toBeVisible();
});

test('removing asks first and names what goes and what stays', async () => {
  const asked = serve({ ...nobody, [list]: ok(accounts([jana])), [`DELETE ${one}`]: { status: 204 } });
  const { user } = openPage('/admin/people');
  await user.click(await screen.findByRole('button', { name: 'Manage Jana Novák' }));
  await user.click(await screen.findByRole('button', { name: 'Remove…' }));
  const dialog = await screen.findByRole('dialog', { name: 'Remove the account of Jana Novák?' });
  expect(within(dialog).getByText(/Their uploads and entries stay/)).toBeVisible();
  await user.click(within(dialog).getByRole('button', { name: 'Remove the account' }));
  await waitFor(() => {
    expect(asked.some(({ method }) => method === 'DELETE')).toBe(true);
  });
});

test('approving puts somebody on the list; a list of a file says what to add there', async () => {
  serve({ ...admin, [requests]: ok({ data: [request()] }), [list]: ok(accounts([jana])), 'POST /api/v1/access-requests/r-1/approve': problem(409, 'The list is set in nomad.yaml. Add this line there: - kbrandt') });
  const { user } = openPage('/admin/people');
  await user.click(await screen.findByRole('button', { name: 'Approve Kim Brandt' }));
  expect(await screen.findByText(/Add this line there: - kbrandt/)).toBeVisible();
});

test('somebody who is no administrator sees the refusal of the server', async () => {
  serve({ [list]: problem(403, 'Only administrators may do this.'), [requests]: problem(403, 'Only administrators may do this.') });
  openPage('/admin/people');
  expect(await screen.findByRole('heading', { level: 1, name: 'Only administrators may do this.' })).toBeVisible();
  expect(within(screen.getByRole('navigation', { name: 'Main' })).queryByRole('link', { name: 'People' })).toBeNull();
});

test('shows the shape of the page while it loads', async () => {
  serve({ ...nobody, [list]: never });
  openPage('/admin/people');
  expect((await screen.findAllByRole('status', { name: 'Loading' })).length).toBeGreaterThan(0);
});
