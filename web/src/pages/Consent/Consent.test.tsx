import { screen } from '@testing-library/react';
import { expect, test } from 'vitest';
import { expectAccessible, openPage } from '../../../test/open';
import { ok, problem, serve } from '../../../test/server';

test('says what the client may do, and shows a refusal', async () => {
  const asked = serve({
    'GET /auth/consent': ok({ client: { id: 'lab-book', name: 'Lab book', trusted: false }, scopes: ['openid', 'email'], redirect_host: 'book.example' }),
    'POST /auth/consent': problem(403, 'The request is too old.'),
  });
  const { user, container } = openPage('/consent?request=client_id%3Dlab-book');
  expect(await screen.findByRole('heading', { level: 1, name: 'Lab book asks to act as you' })).toBeVisible();
  expect(screen.getByText('your e-mail address')).toBeVisible();
  expect(screen.getByText(/whatever you may do/)).toBeVisible();
  await expectAccessible(container);
  await user.click(screen.getByRole('button', { name: 'Agree' }));
  expect(await screen.findByText('The request is too old.')).toBeVisible();
  expect(asked.find(({ method }) => method === 'POST')?.body).toEqual({ request: 'client_id=lab-book', approve: true });
}, 30_000);
