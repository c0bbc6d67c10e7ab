import { expect, test } from 'vitest';
import { upload } from '../../test/examples';
import { audienceOf, nameOfUpload, stateOfUpload } from './uploads';

test.each([
  [{ process_running: true, last_status_message: 'Parsing 31 of 42' }, 'Processing 31 of 42'],
  [{ process_running: true, last_status_message: 'Adding files' }, 'Processing'],
  [{ process_status: 'FAILURE' as const }, 'Processing failed'],
  [{ entries: 42, entries_failed: 2, entries_with_warnings: 1 }, '2 of 42 failed'],
  [{ entries: 42, entries_with_warnings: 1 }, '1 of 42 read in part'],
  [{ published: true }, 'Published'],
  [{ entries: 0, files: 0 }, 'Waiting for files'],
  [{ entries: 0, files: 3 }, 'Ready'],
])('%j is "%s"', (part, text) => {
  expect(stateOfUpload(upload(part)).text).toBe(text);
});

test.each([
  [{}, 'Only the owner'],
  [{ coauthors: ['a'], reviewers: ['a', 'b'] }, '2 people'],
  [{ coauthors: ['a'], reviewer_groups: ['g'] }, '1 person, 1 group'],
  [{ reviewer_groups: ['all'] }, 'Everyone here'],
  [{ published: true }, 'Public'],
])('%j may be seen by "%s"', (part, text) => {
  expect(audienceOf(upload(part)).text).toBe(text);
});

test('an upload without a name is called by the start of its id', () => {
  expect(nameOfUpload({ upload_id: 'abcdefghij', upload_name: undefined })).toBe('Upload abcdef…');
});
