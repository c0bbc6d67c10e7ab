import { screen, waitFor } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import { uploads } from '../../../test/examples';
import { expectAccessible, openPage } from '../../../test/open';
import { ok, problem, serve, session, visitor } from '../../../test/server';

const facts = { purpose: 'invite', username: 'mlindqvist', name: 'Mara Lindqvist', first_name: 'Mara', last_name: 'Lindqvist', email: 'mara@steinbach.example', expires: '2026-11-28T09:00:00Z' };

afterEach(() => {
  window.history.replaceState(null, '', '/nomad-oasis/gui/');
});

const openLink = (secret: string): ReturnType<typeof openPage> => {
  window.history.replaceState(null, '', `/nomad-oasis/gui/link#${secret}`);
  return openPage('/link');
};

test('an invitation asks for a password, signs in, and leaves no secret in the address', async () => {
  const asked = serve({
    'GET /auth/session': ok(visitor),
    'POST /auth/link/check': ok(facts),
    'POST /auth/link/complete': ok(session),
    'GET /api/v1/uploads': ok(uploads([])),
  });
  const { user, address, container } = openLink('one-time');
  expect(await screen.findByRole('heading', { level: 1, name: 'Welcome to Steinbach Lab' })).toBeVisible();
  expect(window.location.hash).toBe('');
  await expectAccessible(container);
  await user.type(screen.getByLabelText('Password'), 'a sentence is fine');
  await user.click(screen.getByRole('button', { name: 'Begin' }));
  await waitFor(() => {
    expect(address()).toBe('/uploads');
  });
  expect(asked.find(({ path }) => path === '/auth/link/complete')?.body).toEqual({ secret: 'one-time', password: 'a sentence is fine' });
}, 30_000);

test('a reset of an account with a second factor goes on to ask for it', async () => {
  serve({
    'GET /auth/session': ok(visitor),
    'POST /auth/link/check': ok({ ...facts, purpose: 'reset' }),
    'POST /auth/link/complete': ok({ ...visitor, second_factor_required: true, second_factor: { methods: ['totp', 'recovery'] } }),
    'POST /auth/session/second-factor': problem(401, 'That code is not right.'),
  });
  const { user } = openLink('one-time');
  await user.type(await screen.findByLabelText('Password'), 'a sentence is fine');
  await user.click(screen.getByRole('button', { name: 'Set the password' }));
  await user.type(await screen.findByRole('textbox', { name: 'Code' }), '000000');
  await user.click(screen.getByRole('button', { name: 'Go on' }));
  expect(await screen.findByText('That code is not right.')).toBeVisible();
}, 30_000);

test('a dead link says whom to ask', async () => {
  serve({ 'GET /auth/session': ok(visitor), 'POST /auth/link/check': problem(410, 'Gone.') });
  openLink('old');
  expect(await screen.findByText('This link was used or is too old.')).toBeVisible();
});
