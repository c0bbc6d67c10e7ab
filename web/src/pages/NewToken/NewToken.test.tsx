import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { preview, rules, scopes, token, tokens, tried, upload, uploads } from '../../../test/examples';
import { expectAccessible, openPage } from '../../../test/open';
import { ok, problem, serve, type Asked } from '../../../test/server';

const tryIt = 'POST /api/v1/auth/pats/preview';
const handlers = {
  'GET /api/v1/auth/pats': ok(tokens([])),
  'GET /api/v1/scopes': ok({ data: scopes }),
  'GET /api/v1/auth/pats/rules': ok(rules({ max_days: null })),
  [tryIt]: ok(preview([tried(), tried({ summary: 'Search entries', tag: 'entries', scopes: ['entries:read'], allowed: false, step: 'scopes', why: 'Missing scopes' })])),
};
const made = (asked: Asked[]): unknown => asked.find(({ method, path }) => method === 'POST' && path === '/api/v1/auth/pats')?.body;
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
  await user.click(screen.getByRole('radio', { name: 'Choose myself' }));
  await user.click(screen.getByRole('checkbox', { name: 'Entries: read (entries:read)' }));
  expect(screen.getByText(/of these rights only the one to add files counts/)).toBeVisible();
  await user.click(screen.getByRole('button', { name: 'Switch it off' }));
  await user.selectOptions(screen.getByRole('combobox', { name: 'Ends' }), 'in 90 days');
  await user.click(screen.getByRole('button', { name: 'Make the token' }));
  expect(await screen.findByText(raw)).toBeVisible();
  expect(made(asked)).toEqual({ metadata: { name: 'Laptop', scopes: ['uploads:write', 'entries:read'] }, expires_in_days: 90 });
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

test('an instrument’s token only adds, from its own network, and says so before it is made', async () => {
  const asked = serve({ ...handlers, [tryIt]: ok(preview([tried()], { allowed_here: false })), 'POST /api/v1/auth/pats': problem(500, 'stop here') });
  const { user, container } = openPage('/account/tokens/new');
  await user.type(await screen.findByRole('textbox', { name: 'Name' }), 'Titan');
  expect(screen.getByRole('checkbox', { name: 'Only add' })).toBeChecked();
  const card = screen.getByRole('region', { name: 'In words' });
  expect(card).toHaveTextContent('may create uploads and add new files. It cannot see, change or delete anything, not even files it sent itself.');
  await user.click(screen.getByRole('checkbox', { name: 'Only from these networks' }));
  expect(within(card).getByText('Name at least one network, or switch that limit off.')).toBeVisible();
  expect(within(card).getByRole('button', { name: 'Make the token' })).toBeDisabled();
  await user.type(screen.getByRole('textbox', { name: 'Only from these networks' }), '192.0.2.0/24, 2001:db8::/32{Enter}');
  expect(card).toHaveTextContent('Only from 192.0.2.0/24 and 2001:db8::/32.');
  expect(await screen.findByText(/You are now at 10\.4\.2\.17, which is outside/)).toBeVisible();
  await expectAccessible(container);
  await user.click(screen.getByRole('button', { name: 'Put in my address' }));
  await user.click(screen.getByRole('button', { name: 'Make the token' }));
  await screen.findByText('stop here');
  expect(made(asked)).toEqual({
    metadata: { name: 'Titan', scopes: ['uploads:write'], restrictions: { append_only: true, networks: ['192.0.2.0/24', '2001:db8::/32', '10.4.2.17'] } },
    expires_in_days: 30,
  });
});

test('a token for chosen uploads is picked by their names', async () => {
  const asked = serve({
    ...handlers,
    'GET /api/v1/uploads': ok(uploads([upload(), upload({ upload_id: 'other', upload_name: 'Films' })])),
    'GET /api/v1/uploads/other': ok({ data: upload({ upload_id: 'other', upload_name: 'Films' }) }),
    'POST /api/v1/auth/pats': problem(500, 'stop here'),
  });
  const { user } = openPage('/account/tokens/new?name=Films&scope=uploads:read');
  await user.click(await screen.findByRole('checkbox', { name: 'Only these uploads' }));
  expect(screen.getByText('Choose at least one upload, or switch that limit off.')).toBeVisible();
  await user.click(await screen.findByRole('button', { name: 'Add Films' }));
  expect(await screen.findByRole('button', { name: 'Remove Films' })).toBeVisible();
  expect(screen.queryByRole('button', { name: 'Add Films' })).toBeNull();
  await user.click(screen.getByRole('button', { name: 'Make the token' }));
  await screen.findByText('stop here');
  expect(made(asked)).toEqual({ metadata: { name: 'Films', scopes: ['uploads:read'], restrictions: { uploads: ['other'] } }, expires_in_days: 30 });
});

test('the server’s own decisions are shown, grouped, before the token is made', async () => {
  const asked = serve(handlers);
  const { user } = openPage('/account/tokens/new');
  const part = await screen.findByRole('region', { name: 'Try this token' });
  expect(part).toHaveTextContent('The server would let it call 1 operation and refuse 1 other.');
  await user.click(within(part).getByText('It was not given the right to read entries'));
  expect(within(part).getByText('Search entries')).toBeVisible();
  expect(asked.find(({ path }) => path.endsWith('/preview'))?.body).toEqual({
    metadata: { name: 'preview', scopes: ['uploads:write'], restrictions: { append_only: true } },
    expires_in_days: 30,
  });
});

test('a network that is none is said at the field, and the token is not made', async () => {
  const wrong = 'Write an address or a network such as 192.0.2.0/24 or 2001:db8::/32';
  serve({ ...handlers, [tryIt]: problem(422, [{ loc: ['body', 'metadata', 'restrictions', 'networks', 0], msg: wrong, type: 'value_error' }]) });
  openPage('/account/tokens/new?name=x&network=10.4');
  const field = await screen.findByRole('textbox', { name: 'Only from these networks' });
  expect(await screen.findByText(wrong)).toBeVisible();
  expect(field).toBeInvalid();
  expect(screen.getByRole('button', { name: 'Make the token' })).toBeDisabled();
});

test('what the rules of the lab forbid is greyed out with the reason', async () => {
  serve({ ...handlers, 'GET /api/v1/auth/pats/rules': ok(rules({ forbidden_scopes: ['uploads:publish'], max_days: 90 })) });
  const { user } = openPage('/account/tokens/new?name=x&scope=uploads:publish&scope=uploads:read');
  const publish = await screen.findByRole('checkbox', { name: 'Uploads: publish (uploads:publish)' });
  expect(publish).toBeDisabled();
  expect(publish).not.toBeChecked();
  expect(publish).toHaveAttribute('title', expect.stringContaining('The rules of this lab do not allow it in tokens'));
  expect(screen.getByText('1 of 5 chosen')).toBeVisible();
  expect(screen.getByRole('option', { name: 'in 180 days (too long for this lab)' })).toBeDisabled();
  expect(screen.getByRole('option', { name: 'never (not allowed here)' })).toBeDisabled();
  // Tokens that only add have a rule of their own.
  await user.click(screen.getByRole('checkbox', { name: 'Only add' }));
  expect(screen.getByRole('option', { name: 'never' })).toBeEnabled();
});

test('it can end on a day of one’s choice', async () => {
  const asked = serve({ ...handlers, 'POST /api/v1/auth/pats': problem(500, 'stop here') });
  const { user } = openPage('/account/tokens/new?name=x&scope=uploads:read');
  await user.selectOptions(await screen.findByRole('combobox', { name: 'Ends' }), 'on a day of your choice');
  fireEvent.change(screen.getByLabelText('Last day'), { target: { value: '2099-05-31' } });
  await user.click(screen.getByRole('button', { name: 'Make the token' }));
  await screen.findByText('stop here');
  expect(made(asked)).toEqual({ metadata: { name: 'x', scopes: ['uploads:read'] }, expires_at: new Date('2099-05-31T23:59:59').toISOString() });
});

test('rights that guard nothing yet are folded away with that reason', async () => {
  const later = scopes.map((scope) => ({ ...scope, in_use: scope.resource !== 'north' && scope.scope !== 'entries:write' }));
  serve({ ...handlers, 'GET /api/v1/scopes': ok({ data: later }) });
  const { user } = openPage('/account/tokens/new');
  const fold = await screen.findByRole('button', { name: 'Show 2 rights that guard nothing yet' });
  expect(screen.queryByRole('checkbox', { name: 'Entries: write (entries:write)' })).toBeNull();
  await user.click(fold);
  expect(screen.getByText(/nothing that asks for these/)).toBeVisible();
  expect(screen.getByRole('checkbox', { name: 'Entries: write (entries:write)' })).toBeEnabled();
});

test('who may make no tokens is told so instead of shown a form', async () => {
  serve({ ...handlers, 'GET /api/v1/auth/pats/rules': ok(rules({ may_make: false })) });
  openPage('/account/tokens/new');
  expect(await screen.findByText('You cannot make tokens here')).toBeVisible();
  expect(screen.queryByRole('button', { name: 'Make the token' })).toBeNull();
});
