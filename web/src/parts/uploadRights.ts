import type { Upload } from '../api/types';

// Only the server decides; an operation it does not mention is not offered.

/** What the server says about an operation: whether it may be done, and if not, why. */
export interface Right {
  ok: boolean;
  why?: string;
}

/** The right to an operation of the API, by its id. */
export const rightTo = (upload: Upload, operation: string): Right => upload.allowed?.[operation] ?? { ok: false };

/** Whether to offer adding and removing files. */
export const mayChangeFiles = (upload: Upload): boolean => rightTo(upload, 'putRawFile').ok;

/** Whether to offer deleting the upload. */
export const mayDelete = (upload: Upload): boolean => rightTo(upload, 'deleteUpload').ok;
