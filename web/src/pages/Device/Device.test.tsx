import { screen } from '@testing-library/react';
import { expect, test } from 'vitest';
import { expectAccessible, openPage } from '../../../test/open';
import { ok, problem, serve } from '../../../test/server';

test('a code that is typed shows who asks, and yes is sent with it', async () => {
  const asked = serve({
    'GET /auth/device/verify': ok({ client: { id: 'oasis-cli', name: 'Oasis command line', trusted: true }, scopes: ['openid'], address: '10.4.2.17', expires_in: 540 }),
    'POST /auth/device/verify': { status: 204 },
  });
  const { user, container } = openPage('/device');
  await user.type(await screen.findByRole('textbox', { name: 'Code' }), 'abcd-efgh');
  await user.click(screen.getByRole('button', { name: 'Go on' }));
  expect(await screen.findByText('Oasis command line asks to act as you')).toBeVisible();
  expect(screen.getByText(/10\.4\.2\.17\. The code is good for 9 minutes/)).toBeVisible();
  await expectAccessible(container);
  await user.click(screen.getByRole('button', { name: 'Yes, let it' }));
  expect(await screen.findByText(/The device is connected/)).toBeVisible();
  expect(asked.find(({ method }) => method === 'POST')?.body).toEqual({ user_code: 'ABCD-EFGH', approve: true });
}, 30_000);

test('an unknown code can be typed again', async () => {
  serve({ 'GET /auth/device/verify': problem(404, 'No device waits with this code.') });
  openPage('/device?user_code=XXXX-XXXX');
  expect(await screen.findByText('No device waits with this code.')).toBeVisible();
  expect(screen.getByRole('textbox', { name: 'Code' })).toBeVisible();
});
