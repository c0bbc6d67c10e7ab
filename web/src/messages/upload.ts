import type { Transfer } from '../api/transfer';
import type { Upload } from '../api/types';
import { count, duration, formatBytes, formatList, formatNumber } from './format';
import { progressOf } from './uploads';

export const uploadWords = {
  you: 'You',
  created: 'created',
  download: 'Download all files',
  remove: 'Delete the upload',
  removeTitle: (name: string): string => `Delete “${name}”?`,
  removeText: (upload: Upload): string => {
    const parts = [count(upload.files, 'file'), count(upload.entries, 'entry', 'entries')];
    return `Its ${formatList(parts)} are gone for good, for everyone who could see them. This cannot be undone.`;
  },
  removeAct: (upload: Upload): string => (upload.entries > 0 ? `Delete it with ${count(upload.entries, 'entry', 'entries')}` : 'Delete the upload'),
  removed: (name: string): string => `Deleted “${name}”.`,
  steps: { files: 'Files', entries: 'Entries', access: 'Who may see it', publish: 'Publish' },
  filesStatus: (upload: Upload): string => {
    if (upload.files === 0) return 'None yet';
    return `${count(upload.files, 'file')}, ${formatBytes(upload.bytes)}`;
  },
  entriesStatus: (upload: Upload): string => {
    if (upload.process_running) {
      const progress = progressOf(upload);
      return progress === undefined ? 'Reading the files…' : `${formatNumber(progress.done)} of ${formatNumber(progress.total)} read`;
    }
    if (upload.entries === 0) return 'None yet';
    const [failed, partly] = [upload.entries_failed, upload.entries_with_warnings];
    const parts = [failed > 0 ? `${formatNumber(failed)} failed` : '', partly > 0 ? `${formatNumber(partly)} read in part` : ''].filter((part) => part !== '');
    const well = upload.entries - failed - partly;
    if (well === 0 && failed === 0) return parts.join(', ');
    return parts.length === 0 ? `${formatNumber(upload.entries)} read` : [`${formatNumber(well)} of ${formatNumber(upload.entries)} read`, ...parts].join(', ');
  },
  reading: 'Reading your files',
  readingSome: (done: number, total: number): string => `Reading your files: ${formatNumber(done)} of ${count(total, 'entry', 'entries')}`,
  leave: 'you may leave this page',
  readAll: 'All files are read.',
  failedRun: 'Reading the files failed.',
};

export const filesWords = {
  root: 'All files',
  filter: 'Filter this folder',
  add: 'Add files',
  addFolder: 'Add a folder',
  hint: 'Drop files or folders here. Zip and tar archives are unpacked.',
  hintFixed: 'The files of a published upload can no longer be changed.',
  drop: (folder: string): string => (folder === '' ? 'Drop to add to this upload' : `Drop to add to the folder ${folder}`),
  empty: 'No files here yet. Drop files or a folder anywhere on this page.',
  emptyFixed: 'There are no files here.',
  none: 'No file in this folder fits the filter.',
  entry: 'entry',
  open: (name: string): string => `Open ${name}`,
  download: (name: string): string => `Download ${name}`,
  remove: (name: string): string => `Delete ${name}`,
  removed: (name: string): string => `Removed ${name}.`,
  notRemoved: (name: string, why: string): string => `${name} was not removed: ${why}`,
  undo: 'Undo',
  more: 'Show more files',
  up: 'Up one folder',
  size: 'Size',
  name: 'Name',
  downloadFolder: 'Download this folder',
};

export const conflictWords = {
  title: (amount: number): string => (amount === 1 ? 'One file exists already' : `${formatNumber(amount)} files exist already`),
  text: 'What should happen where a file is already there?',
  replace: 'Replace',
  both: 'Keep both',
  skip: 'Skip',
  andMore: (amount: number): string => `and ${count(amount, 'more', 'more')}`,
};

export const transferWords = {
  sending: (transfer: Transfer): string =>
    `Sending ${formatNumber(transfer.done)} of ${count(transfer.files, 'file')}, ${formatBytes(transfer.sent)} of ${formatBytes(transfer.bytes)}`,
  rest: (transfer: Transfer): string => {
    if (transfer.rate === 0) return '';
    return `${formatBytes(transfer.rate)}/s · ${duration((transfer.bytes - transfer.sent) / transfer.rate)} left`;
  },
  stay: 'keep this tab open',
  stop: 'Stop',
  close: 'Close',
  sent: (transfer: Transfer): string => `${count(transfer.done, 'file')} sent.`,
  notSent: (transfer: Transfer): string => `${count(transfer.failed.length, 'file')} could not be sent.`,
  again: 'Try these again',
};

export const entriesWords = {
  empty: 'No entries yet. Files named like sample.archive.yaml or sample.archive.json become entries; all other files are kept beside them.',
  emptyRunning: 'The files are being read. Entries appear here one by one.',
  name: 'Entry',
  file: 'File',
  state: 'State',
  parser: 'Read by',
  read: 'Read',
  partly: 'Read in part',
  failed: 'Failed',
  waiting: 'Waiting',
  running: 'Being read',
  summary: (good: number, bad: number): string => (bad === 0 ? `${formatNumber(good)} read` : `${formatNumber(good)} read, ${formatNumber(bad)} failed`),
  openFile: 'Show the file',
  page: (page: number, pages: number): string => `Page ${page} of ${pages}`,
  before: 'Previous',
  after: 'Next',
};
