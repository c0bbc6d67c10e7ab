import { screen, waitFor, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { scopes, token, tokens } from '../../../test/examples';
import { expectAccessible, openPage } from '../../../test/open';
import { ok, problem, serve } from '../../../test/server';

const handlers = { 'GET /api/v1/auth/pats': ok(tokens([])), 'GET /api/v1/scopes': ok({ data: scopes }) };
const raw = 'nomad_pat_only-shown-once';

test('says in words what the token may do before it is made, and what it can never do', async () => {
  serve(handlers);
  const { user, container } = openPage('/account/tokens/new');
  expect(await screen.findByRole('heading', { level: 1, name: 'New token' })).toBeVisible();
  const card = screen.getByRole('region', { name: 'In words' });
  expect(within(card).getByRole('button', { name: 'Make the token' })).toBeDisabled();
  expect(within(card).getByText('Give it a name first.')).toBeVisible();
  await user.click(screen.getByRole('radio', { name: 'Only read' }));
  expect(card).toHaveTextContent('acts as you and may read uploads and entries');
  expect(within(card).getByText('cannot add or delete files')).toBeVisible();
  expect(screen.getByRole('checkbox', { name: 'Tokens: create (tokens:create)' })).toBeDisabled();
  await expectAccessible(container);
});

test('makes it with the chosen rights and end, and shows the secret once, with commands that do not contain it', async () => {
  const pat = token({ id: 'new', name: 'Laptop' });
  const asked = serve({ ...handlers, 'POST /api/v1/auth/pats': { status: 201, body: { pat, raw_token: raw } }, 'GET /api/v1/auth/pats/new': ok(pat) });
  const { user, address, container } = openPage('/account/tokens/new');
  await user.type(await screen.findByRole('textbox', { name: 'Name' }), 'Laptop');
  await user.click(screen.getByRole('checkbox', { name: 'Entries: read (entries:read)' }));
  await user.selectOptions(screen.getByRole('combobox', { name: 'Ends' }), 'in 90 days');
  await user.click(screen.getByRole('button', { name: 'Make the token' }));
  expect(await screen.findByText(raw)).toBeVisible();
  expect(asked.find(({ method }) => method === 'POST')?.body).toEqual({ metadata: { name: 'Laptop', scopes: ['uploads:write', 'entries:read'] }, expires_in_days: 90 });
  const commands = screen.getByRole('tabpanel');
  expect(commands).toHaveTextContent('curl -H @"$HOME/.oasis-token" -X POST -T FILE \\ \'http://oasis.test/nomad-oasis/api/v1/uploads');
  expect(commands).not.toHaveTextContent(raw);
  await expectAccessible(container);

  const confirm = vi.spyOn(window, 'confirm').mockReturnValue(false);
  await user.click(screen.getByRole('button', { name: 'I have saved it' }));
  expect(confirm).toHaveBeenCalledOnce();
  expect(screen.getByText(raw)).toBeVisible();
  confirm.mockReturnValue(true);
  await user.click(screen.getByRole('button', { name: 'I have saved it' }));
  await waitFor(() => {
    expect(address()).toBe('/account/tokens');
  });
  expect(screen.queryByText(raw)).toBeNull();
});

test('a link prefills the form, never with a right that tokens cannot have', async () => {
  serve(handlers);
  openPage('/account/tokens/new?name=Nightly&scope=uploads:publish&scope=tokens:create');
  expect(await screen.findByRole('textbox', { name: 'Name' })).toHaveValue('Nightly');
  expect(screen.getByRole('checkbox', { name: 'Uploads: publish (uploads:publish)' })).toBeChecked();
  expect(screen.getByRole('checkbox', { name: 'Tokens: create (tokens:create)' })).not.toBeChecked();
  expect(screen.getByText('1 of 6 chosen')).toBeVisible();
});

test('a refusal stays beside the button and nothing typed is lost', async () => {
  serve({ ...handlers, 'POST /api/v1/auth/pats': problem(400, 'Infinite tokens are disabled. Max lifetime is 365 days.') });
  const { user } = openPage('/account/tokens/new');
  await user.type(await screen.findByRole('textbox', { name: 'Name' }), 'Forever');
  await user.selectOptions(screen.getByRole('combobox', { name: 'Ends' }), 'never');
  await user.click(screen.getByRole('button', { name: 'Make the token' }));
  expect(await screen.findByText('Infinite tokens are disabled. Max lifetime is 365 days.')).toBeVisible();
  expect(screen.getByRole('textbox', { name: 'Name' })).toHaveValue('Forever');
});

test('rarer rights are folded, the count says what is chosen', async () => {
  serve(handlers);
  const { user } = openPage('/account/tokens/new');
  expect(await screen.findByText('1 of 6 chosen')).toBeVisible();
  expect(screen.queryByRole('checkbox', { name: 'North: run (north:run)' })).toBeNull();
  await user.click(screen.getByRole('button', { name: 'Show 1 rarer right' }));
  await user.click(screen.getByRole('checkbox', { name: 'North: run (north:run)' }));
  expect(screen.getByText('2 of 6 chosen')).toBeVisible();
});
