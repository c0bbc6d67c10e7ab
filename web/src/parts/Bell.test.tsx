import { act, screen, waitFor, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { upload, uploads } from '../../test/examples';
import { expectAccessible, openPage } from '../../test/open';
import { ok, problem, serve, visitor } from '../../test/server';
import type { Notification } from '../api/queries/notifications';

const id = upload().upload_id;
const read: Notification = {
  id: 'run-1',
  type: 'upload_process',
  created_at: '2026-11-21T09:00:00Z',
  data: { resource_type: 'upload', resource_id: id, resource_name: 'TiO2 anneal series', process: '_process_upload', result: 'failure', message: 'Bad archive.' },
  read: false,
};
const offer: Notification = {
  id: 'ownership-transfer-request-5f2a9c01b3d4e6f75f2a9c01',
  type: 'ownership_transfer',
  created_at: '2026-11-21T09:05:00Z',
  actor_user_id: 'u-jana',
  data: { resource_type: 'upload', resource_id: id, resource_name: 'TiO2 anneal series', event: 'request' },
  read: false,
};

/** A stream that says what a test tells it to. */
class Stream extends EventTarget {
  static opened: Stream[] = [];
  closed = false;
  constructor(readonly address: string) {
    super();
    Stream.opened.push(this);
  }
  close(): void {
    this.closed = true;
  }
  say(notifications: Notification[]): void {
    act(() => {
      this.dispatchEvent(new MessageEvent('notifications', { data: JSON.stringify({ notifications }) }));
    });
  }
}

function withStream(): () => Promise<Stream> {
  Stream.opened = [];
  vi.stubGlobal('EventSource', Stream);
  return async () => {
    await waitFor(() => {
      expect(Stream.opened).toHaveLength(1);
    });
    return Stream.opened[0] as Stream;
  };
}

const jana = ok({ data: [{ user_id: 'u-jana', username: 'jana', name: 'Jana Novák' }] });

test('says how much is new, and marks it as read when it is opened', async () => {
  const opened = withStream();
  const asked = serve({ 'GET /api/v1/uploads': ok(uploads([])), 'GET /api/v1/users': jana, 'PATCH /api/v1/notifications': { status: 204 } });
  const { user, container } = openPage('/uploads');
  const stream = await opened();
  expect(stream.address).toBe('http://oasis.test/nomad-oasis/api/v1/notifications');
  stream.say([read, offer]);
  await user.click(await screen.findByRole('button', { name: 'Notifications, 2 new' }));
  const panel = await screen.findByRole('region', { name: 'Notifications' });
  expect(await within(panel).findByRole('link', { name: '“TiO2 anneal series” could not be read: Bad archive.' })).toHaveAttribute('href', `/nomad-oasis/gui/uploads/${id}`);
  expect(await within(panel).findByText('Jana Novák offers you the upload “TiO2 anneal series”.')).toBeVisible();
  expect(asked.find(({ method }) => method === 'PATCH')?.body).toEqual({ read: true });
  await expectAccessible(container);
  await user.keyboard('{Escape}');
  expect(screen.queryByRole('region', { name: 'Notifications' })).toBeNull();
});

test('an offer is accepted where it is told', async () => {
  const opened = withStream();
  const path = 'POST /api/v1/ownership-transfers/5f2a9c01b3d4e6f75f2a9c01/respond';
  const asked = serve({ 'GET /api/v1/uploads': ok(uploads([])), 'GET /api/v1/users': jana, 'PATCH /api/v1/notifications': { status: 204 }, [path]: ok({}) });
  const { user } = openPage('/uploads');
  (await opened()).say([offer]);
  await user.click(await screen.findByRole('button', { name: 'Notifications, 1 new' }));
  await user.click(await screen.findByRole('button', { name: 'Take it over' }));
  expect(await screen.findByText('TiO2 anneal series is yours now.')).toBeVisible();
  expect(asked.find(({ path: at }) => at.endsWith('/respond'))?.body).toEqual({ action: 'accept' });
});

test('an offer that holds no more says so', async () => {
  const opened = withStream();
  serve({
    'GET /api/v1/uploads': ok(uploads([])),
    'GET /api/v1/users': jana,
    'PATCH /api/v1/notifications': { status: 204 },
    'POST /api/v1/ownership-transfers/5f2a9c01b3d4e6f75f2a9c01/respond': problem(400, 'No pending transfer request for this transfer id.'),
  });
  const { user } = openPage('/uploads');
  (await opened()).say([offer]);
  await user.click(await screen.findByRole('button', { name: 'Notifications, 1 new' }));
  await user.click(await screen.findByRole('button', { name: 'Decline' }));
  expect(await screen.findByText('No pending transfer request for this transfer id.')).toBeVisible();
});

test('something new asks for the uploads once more; a visitor has no bell', async () => {
  const opened = withStream();
  const asked = serve({ 'GET /api/v1/uploads': ok(uploads([])) });
  const { unmount } = openPage('/uploads');
  const stream = await opened();
  stream.say([]);
  const before = asked.filter(({ path }) => path === '/api/v1/uploads').length;
  stream.say([read]);
  await waitFor(() => {
    expect(asked.filter(({ path }) => path === '/api/v1/uploads').length).toBeGreaterThan(before);
  });
  unmount();
  expect(stream.closed).toBe(true);
  Stream.opened = [];
  serve({ 'GET /auth/session': ok(visitor) });
  openPage('/search');
  await screen.findByRole('link', { name: /Sign in/ });
  expect(screen.queryByRole('button', { name: /Notifications/ })).toBeNull();
});
