import { expect, test } from 'vitest';
import type { Notification } from '../api/queries/notifications';
import { notificationSentence } from './notifications';

const one = (type: string, data: Notification['data']): Notification => ({ id: 'x', type, created_at: '2026-11-21T09:00:00Z', read: false, data: { resource_type: 'upload', resource_id: 'u', ...data } });

test.each([
  [one('upload_process', { resource_name: 'Films', process: '_process_upload', result: 'success' }), '“Films” is read.'],
  [one('upload_process', { resource_name: 'Films', process: '_publish_upload', result: 'success' }), '“Films” is published.'],
  [one('upload_process', { process: '_import_bundle', result: 'failure', message: 'Bad bundle.' }), 'The upload could not be imported: Bad bundle.'],
  [one('upload_deposit', { resource_name: 'Night' }), 'Titan stored “Night” for you.'],
  [one('ownership_transfer', { resource_name: 'Films', event: 'request' }), 'Titan offers you the upload “Films”.'],
  [one('ownership_transfer', { resource_name: 'Films', event: 'refused' }), 'Titan declined “Films”.'],
])('a notification is a sentence (%#)', (notification, sentence) => {
  expect(notificationSentence(notification, 'Titan')).toBe(sentence);
});
