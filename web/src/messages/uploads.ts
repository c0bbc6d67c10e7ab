import type { Upload } from '../api/types';
import type { Tone } from '../ui/Says';
import { addMonths, count, formatBytes, formatNumber, formatShortDate } from './format';

export const uploadsWords = {
  title: 'Uploads',
  sub: 'An upload is a folder of files that belong together. What can be read in it becomes entries.',
  newUpload: 'New upload',
  folder: 'Upload a folder',
  filter: 'Filter by name',
  shows: { all: 'All', shared: 'Shared with me', published: 'Published', attention: 'Needs attention' },
  empty: 'Nothing here yet. Drop files or a folder anywhere on this page, or start with a button.',
  nothing: 'No upload fits this filter.',
  clear: 'Clear the filter',
  more: 'Show 50 more',
  shown: (shown: number, total: number): string => (shown < total ? `${formatNumber(shown)} of ${count(total, 'upload')}` : count(total, 'upload')),
  drop: 'Drop to start a new upload',
  columns: { name: 'Name', entries: 'Entries', state: 'State', who: 'Who may see it', created: 'Created' },
  by: (name: string): string => `by ${name}`,
};

/** The name of an upload, or what stands for it while it has none. */
export const nameOfUpload = (upload: Pick<Upload, 'upload_name' | 'upload_id'>): string => upload.upload_name ?? `Upload ${upload.upload_id.slice(0, 6)}…`;

/** "10,240 files · 8.4 GB". */
export function sizeOfUpload(upload: Upload): string {
  return `${count(upload.files, 'file')} · ${formatBytes(upload.bytes)}`;
}

export interface Progress {
  done: number;
  total: number;
}

/** Reads "Parsing 31 of 42" from the message of a running process. */
export function progressOf(upload: Pick<Upload, 'last_status_message'>): Progress | undefined {
  const match = /(\d+) of (\d+)/.exec(upload.last_status_message ?? '');
  return match === null ? undefined : { done: Number(match[1]), total: Number(match[2]) };
}

export type UploadState =
  | { kind: 'processing'; text: string; progress: Progress | undefined }
  | { kind: 'waiting' | 'failed' | 'partly' | 'ready' | 'published'; text: string; tone: Tone };

/** The one state of an upload that a list shows. */
export function stateOfUpload(upload: Upload): UploadState {
  if (upload.process_running) {
    const progress = progressOf(upload);
    return { kind: 'processing', progress, text: progress === undefined ? 'Processing' : `Processing ${progress.done} of ${progress.total}` };
  }
  if (upload.process_status === 'FAILURE') return { kind: 'failed', tone: 'bad', text: 'Processing failed' };
  if (upload.entries_failed > 0) return { kind: 'partly', tone: 'warn', text: `${formatNumber(upload.entries_failed)} of ${formatNumber(upload.entries)} failed` };
  if (upload.entries_with_warnings > 0) return { kind: 'partly', tone: 'warn', text: `${formatNumber(upload.entries_with_warnings)} of ${formatNumber(upload.entries)} read in part` };
  if (upload.published) return { kind: 'published', tone: 'ok', text: 'Published' };
  if (upload.entries === 0 && upload.files === 0) return { kind: 'waiting', tone: 'plain', text: 'Waiting for files' };
  return { kind: 'ready', tone: 'ok', text: 'Ready' };
}

export interface Audience {
  icon: 'lock' | 'users' | 'building' | 'world' | 'embargo';
  tone: Tone;
  text: string;
}

/** Who may see an upload, in the two words a list has room for. The sentence is in messages/visibility.ts. */
export function audienceOf(upload: Upload): Audience {
  if (upload.published && upload.with_embargo && upload.publish_time !== undefined) {
    return { icon: 'embargo', tone: 'warn', text: `Embargo to ${formatShortDate(addMonths(upload.publish_time, upload.embargo_length))}` };
  }
  if (upload.published) return { icon: 'world', tone: 'ok', text: 'Public' };
  if (upload.reviewer_groups.includes('all')) return { icon: 'building', tone: 'info', text: 'Everyone here' };
  const people = new Set([...upload.coauthors, ...upload.reviewers]);
  const groups = new Set([...upload.coauthor_groups, ...upload.reviewer_groups]);
  if (people.size === 0 && groups.size === 0) return { icon: 'lock', tone: 'plain', text: 'Only the owner' };
  const parts = [people.size > 0 ? count(people.size, 'person', 'people') : '', groups.size > 0 ? count(groups.size, 'group') : ''];
  return { icon: 'users', tone: 'info', text: parts.filter((part) => part !== '').join(', ') };
}
