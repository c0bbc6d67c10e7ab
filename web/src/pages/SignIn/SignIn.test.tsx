import { screen, waitFor } from '@testing-library/react';
import { expect, test } from 'vitest';
import { uploads } from '../../../test/examples';
import { expectAccessible, openPage } from '../../../test/open';
import { ok, problem, serve, session, visitor } from '../../../test/server';
import { insideOnly } from './SignIn';

const list = { 'GET /api/v1/uploads': ok(uploads([])) };

test('signs in and goes on to where one came from', async () => {
  const asked = serve({ ...list, 'GET /auth/session': ok(visitor), 'POST /auth/session': ok(session) });
  const { user, address, container } = openPage('/sign-in?next=/nomad-oasis/gui/uploads?q=TiO2');
  expect(await screen.findByRole('heading', { level: 1, name: 'Steinbach Lab' })).toBeVisible();
  await expectAccessible(container);
  await user.type(screen.getByLabelText('User name or e-mail'), ' mara ');
  await user.type(screen.getByLabelText('Password'), ' with spaces ');
  await user.click(screen.getByRole('button', { name: 'Sign in' }));
  await waitFor(() => {
    expect(address()).toBe('/uploads?q=TiO2');
  });
  expect(asked.find(({ method }) => method === 'POST')?.body).toEqual({ username: 'mara', password: ' with spaces ' });
});

test('a wrong pair says so and keeps what was typed', async () => {
  serve({ 'GET /auth/session': ok(visitor), 'POST /auth/session': problem(401, 'Incorrect username or password') });
  const { user } = openPage('/sign-in');
  await user.type(await screen.findByLabelText('User name or e-mail'), 'mara');
  await user.type(screen.getByLabelText('Password'), 'nope');
  await user.click(screen.getByRole('button', { name: 'Sign in' }));
  expect(await screen.findByText('That user name and password do not match.')).toBeVisible();
  expect(screen.getByLabelText('User name or e-mail')).toHaveValue('mara');
});

test('a throttled try counts down and cannot be repeated meanwhile', async () => {
  serve({ 'GET /auth/session': ok(visitor), 'POST /auth/session': { ...problem(429, 'Too many tries.'), headers: { 'Retry-After': '40' } } });
  const { user } = openPage('/sign-in');
  await user.type(await screen.findByLabelText('User name or e-mail'), 'mara');
  await user.type(screen.getByLabelText('Password'), 'nope');
  await user.click(screen.getByRole('button', { name: 'Sign in' }));
  expect(await screen.findByText(/Too many tries\. Next try in (40|39) seconds\./)).toBeVisible();
  expect(screen.getByRole('button', { name: 'Sign in' })).toBeDisabled();
});

test('an incomplete form says what is missing and asks nobody', async () => {
  const asked = serve({ 'GET /auth/session': ok(visitor) });
  const { user } = openPage('/sign-in');
  await user.click(await screen.findByRole('button', { name: 'Sign in' }));
  expect(screen.getByText('Type your user name and your password.')).toBeVisible();
  expect(asked.some(({ method }) => method === 'POST')).toBe(false);
});

test('names the person to ask, and the public data where visitors are let in', async () => {
  serve({ 'GET /auth/session': ok(visitor) });
  openPage('/sign-in');
  expect(await screen.findByRole('link', { name: 'Ask Jana Novák' })).toHaveAttribute('href', 'mailto:jana@steinbach.example');
  expect(screen.getByRole('link', { name: 'Look at what is published' })).toBeVisible();
});

test('a closed lab shows sign-in in place of any page and keeps the address', async () => {
  serve({ 'GET /auth/session': ok({ ...visitor, require_authentication: true }), ...list, 'POST /auth/session': ok(session) });
  const { address, user } = openPage('/uploads?show=shared');
  expect(await screen.findByRole('button', { name: 'Sign in' })).toBeVisible();
  expect(screen.queryByRole('navigation', { name: 'Main' })).toBeNull();
  await user.type(screen.getByLabelText('User name or e-mail'), 'mara');
  await user.type(screen.getByLabelText('Password'), 'a long sentence');
  await user.click(screen.getByRole('button', { name: 'Sign in' }));
  expect(await screen.findByRole('heading', { level: 1, name: 'Uploads' })).toBeVisible();
  expect(address()).toBe('/uploads?show=shared');
});

test('before set-up every page says how to begin', async () => {
  serve({ 'GET /auth/session': ok({ ...visitor, set_up: false }), 'GET /api/v1/uploads': problem(503, 'This Oasis is not set up yet.') });
  openPage('/uploads');
  expect(await screen.findByRole('heading', { level: 1, name: 'This Oasis is not set up yet.' })).toBeVisible();
});

test.each([
  [undefined, '/nomad-oasis/gui/'],
  ['/nomad-oasis/gui/search?q=1#x', '/nomad-oasis/gui/search?q=1#x'],
  ['https://evil.example/nomad-oasis/gui/', '/nomad-oasis/gui/'],
  ['//evil.example/nomad-oasis/gui/', '/nomad-oasis/gui/'],
  ['javascript:alert(1)', '/nomad-oasis/gui/'],
  ['/other', '/nomad-oasis/gui/'],
  ['/nomad-oasis/gui/sign-in', '/nomad-oasis/gui/'],
])('after sign-in, %s leads to %s', (next, target) => {
  expect(insideOnly(next)).toBe(target);
});
