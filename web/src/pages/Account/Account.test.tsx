import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { expectAccessible, openPage } from '../../../test/open';
import { mara, ok, problem, serve, session } from '../../../test/server';

const when = '2026-11-20T09:00:00Z';
const own = (part: Record<string, unknown> = {}, factors: Record<string, unknown> = {}): unknown => ({
  account: {
    ...mara, admin: false, lab_manager: false, affiliation: '', affiliation_address: '', created: when, last_sign_in: when, last_seen: when,
    disabled: false, state: 'active', origin: 'local', issuer: null, has_password: true, second_factor: false, ...part,
  },
  email_pending: null,
  factors: { required: false, must_set_up: false, app_since: null, passkeys: [], passkeys_possible: false, recovery_codes: 0, ...factors },
});
const sessions = ok({
  data: [
    { id: 's1', current: true, device: 'Firefox on Linux', address: '10.4.2.17', created: when, last_seen: when },
    { id: 's2', current: false, device: 'Chrome on Windows', address: '10.4.2.18', created: when, last_seen: when },
  ],
});
const handlers = { 'GET /api/v1/auth/account': ok(own()), 'GET /api/v1/auth/sessions': sessions };

test('shows who I am and where I am signed in, and ends another session', async () => {
  const asked = serve({ ...handlers, 'DELETE /api/v1/auth/sessions/s2': { status: 204 } });
  const { user, container } = openPage('/account');
  expect(await screen.findByRole('textbox', { name: 'First name' })).toHaveValue('Mara');
  expect(await screen.findByText('This browser · Firefox on Linux')).toBeVisible();
  await expectAccessible(container);
  await user.click(screen.getByRole('button', { name: 'Sign out there' }));
  await waitFor(() => {
    expect(asked.some(({ method, path }) => method === 'DELETE' && path.endsWith('/s2'))).toBe(true);
  });
}, 30_000);

test('an app is set up with its first code, and its recovery codes are shown once', async () => {
  const asked = serve({
    ...handlers,
    'POST /api/v1/auth/account/totp': ok({ secret: 'JBSWY3DPEHPK3PXP', uri: 'otpauth://totp/Oasis:mara?secret=JBSWY3DPEHPK3PXP' }),
    'POST /api/v1/auth/account/totp/confirm': (request) => (request.url === '' ? problem(400, '') : ok({ recovery_codes: ['aaaa-bbbb', 'cccc-dddd'] })),
  });
  const { user } = openPage('/account');
  await user.click(await screen.findByRole('button', { name: 'Set up an app' }));
  expect(await screen.findByText('JBSWY3DPEHPK3PXP')).toBeVisible();
  await user.type(screen.getByRole('textbox', { name: 'Code from the app' }), '123456');
  await user.click(screen.getByRole('button', { name: 'Confirm' }));
  expect(within(await screen.findByRole('list', { name: 'Recovery codes' })).getAllByRole('listitem')).toHaveLength(2);
  expect(asked.find(({ path }) => path.endsWith('/confirm'))?.body).toEqual({ code: '123456' });
}, 30_000);

test('who must have a second factor sees this page and nothing else', async () => {
  serve({ ...handlers, 'GET /auth/session': ok({ ...session, user: { ...mara, must_set_up_second_factor: true } }) });
  openPage('/uploads');
  expect(await screen.findByText(/asks you for a second factor/)).toBeVisible();
  expect(screen.queryByRole('navigation', { name: 'Main' })).toBeNull();
}, 30_000);

test('whom the list keeps out can ask, once', async () => {
  let open = false;
  const asked = serve({
    'GET /auth/session': ok({ ...session, access: { allowed: false, detail: 'You are not authorized to access this Oasis' } }),
    'GET /auth/access-request': () => ok({ refused: true, request: open ? { state: 'open', message: 'Hello', created: when } : null }),
    'POST /auth/access-request': () => {
      open = true;
      return { status: 201, body: { refused: true, request: { state: 'open', message: 'Hello', created: when } } };
    },
  });
  const { user, container } = openPage('/uploads');
  await user.type(await screen.findByRole('textbox', { name: 'Who you are and why you ask' }), 'Hello');
  await expectAccessible(container);
  await user.click(screen.getByRole('button', { name: 'Send' }));
  expect(await screen.findByText(/waits for an administrator/)).toBeVisible();
  expect(screen.queryByRole('button', { name: 'Send' })).toBeNull();
  expect(asked.find(({ method }) => method === 'POST')?.body).toEqual({ message: 'Hello' });
}, 30_000);

test('an account is linked with the identity provider after its password was given', async () => {
  const provider = { name: 'Keycloak', url: 'https://oasis.example/auth/external/start' };
  const asked = serve({
    ...handlers,
    'GET /auth/session': ok({ ...session, methods: { password: true, passkey: false, provider } }),
    'GET /auth/external/link': ok({ provider: 'Keycloak', name: null, active: false }),
    'POST /auth/external/link': problem(409, 'You sign in elsewhere.'),
  });
  const { user, container } = openPage('/account?link=taken');
  const section = await screen.findByRole('region', { name: 'Sign-in with Keycloak' });
  expect(within(section).getByRole('status')).toHaveTextContent('That person has another account here.');
  await expectAccessible(container);
  await user.type(within(section).getByLabelText('Present password'), 'correct horse battery');
  await user.click(within(section).getByRole('button', { name: 'Link with Keycloak' }));
  expect(await within(section).findByText(/You sign in elsewhere\./)).toBeVisible();
  const sent = asked.find(({ method, path }) => method === 'POST' && path.endsWith('/auth/external/link'));
  expect(sent?.body).toEqual({ current: 'correct horse battery' });
}, 30_000);
