import type { SessionUser } from '../../api/signin';
import type { Upload } from '../../api/types';

// What the server says counts (`allowed`). An answer without it names the writers; then the buttons are offered
// to them and the server has the last word.

/** Whether to offer adding and removing files. */
export function mayChangeFiles(upload: Upload, user: SessionUser | null): boolean {
  return upload.allowed?.change_files?.ok ?? (!upload.published && isWriter(upload, user));
}

/** Whether to offer deleting the upload. */
export function mayDelete(upload: Upload, user: SessionUser | null): boolean {
  return upload.allowed?.delete?.ok ?? (user !== null && (user.is_admin || (!upload.published && upload.main_author === user.user_id)));
}

const isWriter = (upload: Upload, user: SessionUser | null): boolean =>
  user !== null && (user.is_admin || (upload.writers ?? [upload.main_author]).includes(user.user_id));
