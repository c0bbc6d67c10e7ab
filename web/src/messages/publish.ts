import type { Upload } from '../api/types';
import { addMonths, count, formatDate } from './format';

/** What is to be settled, or known, before an upload is published. */
export interface PublishNote {
  /** Whether nothing can be published as long as it is so. */
  blocks: boolean;
  text: string;
  /** The step where it is mended. */
  step?: 'files' | 'entries';
}

export const publishWords = {
  title: 'Publish',
  when: 'When may everyone read it?',
  atOnce: 'At once',
  later: 'After an embargo',
  months: 'Embargo in months',
  closed: 'Only the people who can see it now',
  opens: (date: string): string => `Open to everyone from ${date}`,
  calendar: (months: number): string => `An embargo of ${count(months, 'month')} out of the 36 that are possible`,
  from: (now: string, months: number): string =>
    months === 0 ? 'From the moment you publish, anyone on the internet may read this.' : `From ${formatDate(addMonths(now, months))} anyone on the internet may read this.`,
  until: 'Until then search tells everyone what the entries are about, and only the people who can see it now get the files.',
  final: 'Files can no longer be changed or deleted after publishing; what is said about them can.',
  licence: (licence: string): string => `Licence: ${licence}. Whoever may read it may use it under these terms.`,
  act: (upload: Upload): string => `Publish ${count(upload.entries, 'entry', 'entries')}`,
  confirmTitle: (name: string): string => `Publish “${name}”?`,
  confirmAct: (upload: Upload): string => `Publish ${count(upload.entries, 'entry', 'entries')} for good`,
  confirmType: (name: string): string => `Type “${name}” to confirm`,
  done: (name: string): string => `Published “${name}”.`,
  cannot: (why: string): string => `You cannot publish this: ${why}`,
  toStep: { files: 'Go to the files', entries: 'Go to the entries' },
  published: (iso: string): string => `Published on ${formatDate(iso)}.`,
  embargoed: (iso: string, months: number): string => `Published on ${formatDate(iso)} with an embargo that ends on ${formatDate(addMonths(iso, months))}.`,
  ends: 'It ends by itself on that day.',
  lift: 'End the embargo now',
  liftTitle: (name: string): string => `End the embargo of “${name}”?`,
  liftText: 'From now on anyone on the internet may read all of it. This cannot be undone.',
  liftAct: 'End the embargo',
  lifted: 'The embargo has ended. Everyone may read it now.',
  status: (upload: Upload): string => {
    if (upload.published) return upload.with_embargo ? 'Published, embargo' : 'Published';
    const blocking = notesOf(upload).filter(({ blocks }) => blocks).length;
    return blocking === 0 ? 'Not published yet' : `${count(blocking, 'thing')} to settle first`;
  },
};

/** What stands in the way of publishing, or should be known before; the server asks again. */
export function notesOf(upload: Upload): PublishNote[] {
  const notes: PublishNote[] = [];
  if (upload.process_running) notes.push({ blocks: true, text: 'The files are still being read. You may leave this page meanwhile.' });
  else if (upload.process_status === 'FAILURE') notes.push({ blocks: true, text: 'Reading the files failed. Have them read again first.', step: 'entries' });
  else if (upload.entries === 0) notes.push({ blocks: true, text: 'There is no entry yet. An upload needs at least one to be published.', step: 'files' });
  if (upload.entries_failed > 0) {
    notes.push({ blocks: false, text: `${count(upload.entries_failed, 'entry', 'entries')} could not be read. They are published as they are, with what went wrong.`, step: 'entries' });
  }
  if (upload.entries_with_warnings > 0) notes.push({ blocks: false, text: `${count(upload.entries_with_warnings, 'entry was', 'entries were')} read only in part.`, step: 'entries' });
  return notes;
}

export const processWords = {
  again: 'Read the files again',
  stop: 'Stop',
  stopped: 'Reading the files was stopped.',
};
