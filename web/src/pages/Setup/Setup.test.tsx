import { screen, waitFor } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import { uploads } from '../../../test/examples';
import { expectAccessible, openPage } from '../../../test/open';
import { ok, problem, serve, session, visitor } from '../../../test/server';

const closed = ok({ ...visitor, set_up: false });
const facts = ok({ data_dir: '/srv/oasis/data', free_bytes: 1_800_000_000_000 });

afterEach(() => {
  window.history.replaceState(null, '', '/nomad-oasis/gui/');
});

const openLink = (secret: string): ReturnType<typeof openPage> => {
  window.history.replaceState(null, '', `/nomad-oasis/gui/setup#${secret}`);
  return openPage('/setup');
};

test('a good link shows where the data will live, makes the account and goes on to the uploads', async () => {
  const asked = serve({ 'GET /auth/session': closed, 'POST /auth/setup/check': facts, 'POST /auth/setup': { status: 201, body: session }, 'GET /api/v1/uploads': ok(uploads([])) });
  const { user, address, container } = openLink('one-time');
  expect(await screen.findByText(/\/srv\/oasis\/data on this machine\. 1\.8 TB free\./)).toBeVisible();
  expect(window.location.hash).toBe('');
  await expectAccessible(container);
  await user.type(await screen.findByRole('textbox', { name: 'First name' }), 'Mara');
  await user.type(screen.getByRole('textbox', { name: 'Last name' }), 'Lindqvist');
  await user.type(screen.getByRole('textbox', { name: 'E-mail' }), 'mara@steinbach.example');
  await user.type(screen.getByRole('textbox', { name: 'User name' }), 'mara');
  await user.type(screen.getByLabelText('Password'), 'a sentence is fine');
  await user.type(screen.getByRole('textbox', { name: 'What should this Oasis be called?' }), 'Steinbach Lab');
  await user.click(screen.getByRole('radio', { name: /Visitors may read/ }));
  await user.click(screen.getByRole('button', { name: 'Open the Oasis' }));
  await waitFor(() => {
    expect(address()).toBe('/uploads');
  });
  expect(asked.find(({ path }) => path === '/auth/setup')?.body).toEqual({
    secret: 'one-time',
    first_name: 'Mara',
    last_name: 'Lindqvist',
    email: 'mara@steinbach.example',
    username: 'mara',
    password: 'a sentence is fine',
    lab_name: 'Steinbach Lab',
    require_authentication: false,
  });
});

test('a used or old link says so', async () => {
  serve({ 'GET /auth/session': closed, 'POST /auth/setup/check': problem(410, 'Gone.') });
  const { container } = openLink('old');
  expect(await screen.findByText('This link was used or is too old.')).toBeVisible();
  expect(screen.queryByRole('button', { name: 'Open the Oasis' })).toBeNull();
  await expectAccessible(container);
});

test('what is wrong stands beside its field and nothing typed is lost', async () => {
  serve({
    'GET /auth/session': closed,
    'POST /auth/setup/check': facts,
    'POST /auth/setup': problem(422, [{ loc: ['body', 'password'], msg: 'Use at least 12 characters.', type: 'too_short' }]),
  });
  const { user } = openLink('one-time');
  for (const name of ['First name', 'Last name', 'E-mail', 'User name']) await user.type(await screen.findByRole('textbox', { name }), 'a@b.example');
  await user.type(screen.getByRole('textbox', { name: /called/ }), 'Lab');
  await user.type(screen.getByLabelText('Password'), 'short');
  await user.click(screen.getByRole('button', { name: 'Open the Oasis' }));
  expect(await screen.findByText('Use at least 12 characters.')).toBeVisible();
  expect(screen.getByLabelText('Password')).toHaveAttribute('aria-invalid', 'true');
  expect(screen.getByRole('textbox', { name: 'First name' })).toHaveValue('a@b.example');
});
