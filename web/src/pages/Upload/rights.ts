import type { Upload } from '../../api/types';

// Only the server decides; an operation it does not mention is not offered.

/** Whether to offer adding and removing files. */
export const mayChangeFiles = (upload: Upload): boolean => upload.allowed?.putRawFile?.ok ?? false;

/** Whether to offer deleting the upload. */
export const mayDelete = (upload: Upload): boolean => upload.allowed?.deleteUpload?.ok ?? false;
