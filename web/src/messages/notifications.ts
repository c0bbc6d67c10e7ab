import type { Notification } from '../api/queries/notifications';

const processes: Record<string, { good: string; bad: string }> = {
  _publish_upload: { good: 'is published', bad: 'could not be published' },
  _edit_metadata: { good: 'was changed', bad: 'could not be changed' },
  _import_bundle: { good: 'was imported', bad: 'could not be imported' },
  _publish_externally: { good: 'was sent to the other server', bad: 'could not be sent to the other server' },
  delete_upload: { good: 'was deleted', bad: 'could not be deleted' },
};

export const notificationWords = {
  title: 'Notifications',
  label: (unread: number): string => (unread === 0 ? 'Notifications' : `Notifications, ${unread} new`),
  none: 'Nothing new. You are told here when files were read, or when somebody offers you an upload.',
  remove: (text: string): string => `Delete “${text}”`,
  accept: 'Take it over',
  refuse: 'Decline',
  taken: (name: string): string => `${name} is yours now.`,
  declined: (name: string): string => `You declined ${name}.`,
};

const quoted = ({ data }: Notification): string => (data.resource_name === undefined || data.resource_name === '' ? `the ${data.resource_type ?? 'upload'}` : `“${data.resource_name}”`);

/** The sentence of a notification; `actor` is the name of who caused it. */
export function notificationSentence(one: Notification, actor: string): string {
  const { data, type } = one;
  if (type === 'ownership_transfer') {
    return data.event === 'refused' ? `${actor} declined ${quoted(one)}.` : `${actor} offers you the ${data.resource_type ?? 'upload'} ${quoted(one)}.`;
  }
  if (type === 'upload_deposit') return `${actor} stored ${quoted(one)} for you.`;
  const words = processes[data.process ?? ''] ?? { good: 'is read', bad: 'could not be read' };
  return data.result === 'failure' ? `${sentenceCase(quoted(one))} ${words.bad}: ${data.message ?? ''}` : `${sentenceCase(quoted(one))} ${words.good}.`;
}

const sentenceCase = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const requestPrefix = 'ownership-transfer-request-';

/** The transfer that can be answered, if the notification is an offer. */
export const offerOf = (one: Notification): string | undefined => (one.id.startsWith(requestPrefix) ? one.id.slice(requestPrefix.length) : undefined);
