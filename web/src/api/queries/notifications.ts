import { queryOptions } from '@tanstack/react-query';
import { apiUrl } from '../address';
import { client, dataOf } from '../client';

/** One thing somebody is told. It stands in the events of a stream, for which the API description has no types. */
export interface Notification {
  id: string;
  type: string;
  created_at: string;
  /** Who caused it. */
  actor_user_id?: string;
  data: Partial<Record<'resource_type' | 'resource_id' | 'resource_name' | 'process' | 'result' | 'message' | 'event', string>>;
  read: boolean;
}

export const notificationKeys = { all: ['notifications'] as const, transfers: ['transfers'] as const };

/** What one is told, newest first. The stream fills it; nothing is asked for. */
export const notificationsQuery = queryOptions({
  queryKey: notificationKeys.all,
  queryFn: (): Notification[] => [],
  staleTime: 'static',
});

/**
 * Follows the stream and tells each whole list; gives the function that ends it. A tab that is not in sight
 * lets go of its connection: browsers have few for one server.
 */
export function followNotifications(tell: (list: Notification[]) => void): () => void {
  let stream: EventSource | undefined;
  const follow = (): void => {
    stream?.close();
    stream = undefined;
    if (document.visibilityState === 'hidden') return;
    stream = new EventSource(`${apiUrl()}/notifications`);
    stream.addEventListener('notifications', ({ data }: MessageEvent<string>) => {
      tell((JSON.parse(data) as { notifications: Notification[] }).notifications);
    });
  };
  follow();
  document.addEventListener('visibilitychange', follow);
  return () => {
    document.removeEventListener('visibilitychange', follow);
    stream?.close();
  };
}

export const markAllRead = () => dataOf(client.PATCH('/notifications', { body: { read: true } }));

export const deleteNotification = (id: string) => dataOf(client.DELETE('/notifications/{notification_id}', { params: { path: { notification_id: id } } }));

export const respondToTransfer = (id: string, action: 'accept' | 'refuse', type: 'upload' | 'group') =>
  dataOf(client.POST('/ownership-transfers/{transfer_id}/respond', { params: { path: { transfer_id: id }, query: { resource_type: type } }, body: { action } }));
