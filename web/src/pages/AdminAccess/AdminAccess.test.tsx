import { screen, waitFor, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { policy, preview } from '../../../test/adminExamples';
import { expectAccessible, openPage } from '../../../test/open';
import { admin, never, ok, problem, serve } from '../../../test/server';

const operations = { data: [{ operation: 'createUpload', summary: 'Make an upload', scopes: ['uploads:write'], upload: false }, { operation: 'getUpload', summary: 'One upload', scopes: ['uploads:read'], upload: true }] };
const handlers = {
  ...admin,
  'GET /api/v1/policy': ok(policy()),
  'POST /api/v1/policy/preview': ok(preview()),
  'GET /api/v1/policy/operations': ok(operations),
};

test('shows what is in force, and where a file has the last word', async () => {
  serve(handlers);
  const { container } = openPage('/admin/access');
  expect(await screen.findByRole('radio', { name: 'Nobody sees anything' })).toBeChecked();
  expect(screen.getByRole('radio', { name: 'Nobody sees anything' })).toBeDisabled();
  expect(screen.getByText('Set in nomad.yaml, line 3. Change it there.')).toBeVisible();
  expect(await screen.findByText('Lets in 38 of 41 accounts.')).toBeVisible();
  expect(screen.getByRole('button', { name: /^Closed/ })).toHaveAttribute('aria-pressed', 'true');
  expect(screen.queryByRole('button', { name: 'Apply now' })).toBeNull();
  await expectAccessible(container);
});

test('a draft shows what it means before it can be applied', async () => {
  const locks = { count: 1, users: [{ user_id: 'u-k', username: 'kbrandt', name: 'Kim Brandt' }] };
  const asked = serve({
    ...handlers,
    'POST /api/v1/policy/preview': async (sent) => ok((await sent.text()) === '{}' ? preview() : preview({ locked_out: locks })),
    'PUT /api/v1/policy': ok(policy({ authorized_users: ['*@steinbach.example', 'jane'] })),
  });
  const { user } = openPage('/admin/access');
  const field = await screen.findByLabelText('On the list', { selector: 'input' });
  await user.type(field, 'jane,');
  expect(await screen.findByText('Locks out Kim Brandt.')).toBeVisible();
  const bar = screen.getByRole('region', { name: 'Changes' });
  expect(within(bar).getByText('1 setting changed')).toBeVisible();
  expect(within(bar).getByText('1 answer of the table changes. You stay in.')).toBeVisible();
  expect(within(screen.getByRole('row', { name: /Read published data/ })).getByRole('cell')).toHaveTextContent('yes, new');
  await user.click(within(bar).getByRole('button', { name: 'Apply now' }));
  expect(await screen.findByText('In force now.')).toBeVisible();
  expect(asked.find(({ method }) => method === 'PUT')?.body).toEqual({ authorized_users: ['*@steinbach.example', 'jane'] });
  await waitFor(() => {
    expect(screen.queryByRole('region', { name: 'Changes' })).toBeNull();
  });
});

test('everybody is null, and what is set back is no change', async () => {
  const asked = serve(handlers);
  const { user } = openPage('/admin/access');
  await user.click(await screen.findByRole('radio', { name: 'Everybody may use this Oasis' }));
  await waitFor(() => {
    expect(asked.some(({ body }) => JSON.stringify(body) === '{"authorized_users":null}')).toBe(true);
  });
  await user.click(screen.getByRole('radio', { name: 'Only people on this list' }));
  await waitFor(() => {
    expect(screen.queryByRole('region', { name: 'Changes' })).toBeNull();
  });
});

test('a preset leaves out what a file sets', async () => {
  const asked = serve(handlers);
  const { user } = openPage('/admin/access');
  await user.click(await screen.findByRole('button', { name: /^Open/ }));
  await waitFor(() => {
    expect(asked.some(({ body }) => JSON.stringify(body) === '{"reject_unauthorized_users":false}')).toBe(true);
  });
  expect(screen.getByRole('button', { name: /^Open/ })).toHaveAttribute('aria-pressed', 'true');
});

test('a draft that would lock oneself out cannot be applied', async () => {
  serve({ ...handlers, 'POST /api/v1/policy/preview': ok({ ...preview(), locks_you_out: true }) });
  const { user } = openPage('/admin/access');
  await user.click(await screen.findByRole('radio', { name: 'Everyone' }));
  expect(await screen.findByText(/You would lock yourself out/)).toBeVisible();
  expect(screen.getByRole('button', { name: 'Apply now' })).toBeDisabled();
  await user.click(screen.getByRole('button', { name: 'Discard' }));
  expect(screen.queryByRole('button', { name: 'Apply now' })).toBeNull();
});

test('a value the server does not take is named at its field', async () => {
  serve({ ...handlers, 'POST /api/v1/policy/preview': problem(422, [{ loc: ['body', 'authorized_users'], msg: '“*@” names no domain', type: 'value_error' }]) });
  const { user } = openPage('/admin/access');
  await user.type(await screen.findByLabelText('On the list', { selector: 'input' }), '*@,');
  expect((await screen.findAllByText('“*@” names no domain')).length).toBeGreaterThan(0);
  expect(screen.getByRole('button', { name: 'Apply now' })).toBeDisabled();
});

test('a broken file is named with its line, and what stays in force', async () => {
  const broken = policy();
  serve({ ...handlers, 'GET /api/v1/policy': ok({ ...broken, reload: { ...broken.reload, ok: false, error: 'nomad.yaml:7:3: auth.authorised_users is no option' } }) });
  openPage('/admin/access');
  const alert = await screen.findByRole('alert');
  expect(alert).toHaveTextContent('nomad.yaml:7:3');
  expect(alert).toHaveTextContent('stays in force');
});

test('asks whether somebody may do something, and shows the way of the answer', async () => {
  const answer = { allowed: false, status: 403, detail: 'You are not authorized to access this Oasis', decision: { steps: [{ step: 'allow_list', outcome: 'stopped', text: 'Not on the list.' }, { step: 'scopes', outcome: 'not_reached', text: '' }], help: 'Would be let in by adding kbrandt.' } };
  const asked = serve({ ...handlers, 'POST /api/v1/policy/explain': ok(answer) });
  const { user } = openPage('/admin/access?user=kbrandt&operation=createUpload');
  const part = await screen.findByRole('region', { name: 'Ask: may somebody do something?' });
  await within(part).findByRole('option', { name: 'Make an upload (createUpload)' });
  await user.click(within(part).getByRole('button', { name: 'Ask' }));
  expect(await within(part).findByText('No (403).')).toBeVisible();
  expect(within(part).getByText('Not on the list.')).toBeVisible();
  expect(within(part).getByText('Would be let in by adding kbrandt.')).toBeVisible();
  expect(asked.find(({ path }) => path.endsWith('/explain'))?.body).toEqual({ user: 'kbrandt', operation: 'createUpload', credential: { kind: 'session' } });
});

test('leaving with a draft asks first', async () => {
  serve({ ...handlers, 'GET /api/v1/audit': ok({ pagination: { page_size: 50 }, data: [] }) });
  const confirm = vi.spyOn(window, 'confirm').mockReturnValue(false);
  const { user, address } = openPage('/admin/access');
  await user.click(await screen.findByRole('radio', { name: 'Everyone' }));
  await user.click(within(screen.getByRole('navigation', { name: 'Main' })).getByRole('link', { name: 'Audit log' }));
  expect(confirm).toHaveBeenCalledWith('Your changes are not in force yet. Leave anyway?');
  expect(address()).toBe('/admin/access');
});

test('somebody who is no administrator sees the refusal; a slow server the shape of the page', async () => {
  serve({ 'GET /api/v1/policy': problem(403, 'Only administrators may do this.') });
  const first = openPage('/admin/access');
  expect(await screen.findByRole('heading', { level: 1, name: 'Only administrators may do this.' })).toBeVisible();
  first.unmount();
  serve({ ...handlers, 'GET /api/v1/policy': never });
  openPage('/admin/access');
  expect((await screen.findAllByRole('status', { name: 'Loading' })).length).toBeGreaterThan(0);
});
