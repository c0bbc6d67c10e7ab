import { useMutation, useQueryClient, type UseMutationResult } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { createUpload, uploadKeys } from '../api/queries/uploads';
import { sendFiles } from '../api/transfer';
import type { Upload } from '../api/types';
import { count } from '../messages/format';
import { commonFolder, type Outgoing } from '../ui/files';

/** Makes an upload of what was dropped or chosen, starts sending the files and opens its page. No files = an empty upload. */
export function useStartUpload(): UseMutationResult<Upload, Error, Outgoing[]> {
  const queries = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: (files: Outgoing[]) => createUpload(nameFor(files)),
    onSuccess: async (upload, files) => {
      if (files.length > 0) sendFiles(upload.upload_id, withoutCommonFolder(files));
      void queries.invalidateQueries({ queryKey: uploadKeys.lists });
      await navigate({ to: '/uploads/$id', params: { id: upload.upload_id } });
    },
  });
}

/** The folder's name, else the file's, else "scan.csv and 2 more". */
export function nameFor(files: Outgoing[]): string {
  const first = files[0];
  if (first === undefined) return '';
  const folder = commonFolder(files);
  if (folder !== undefined) return folder;
  const name = first.path.split('/')[0] ?? first.path;
  return files.length === 1 ? name : `${name} and ${count(files.length - 1, 'more', 'more')}`;
}

/** A dropped folder becomes the upload itself, not a folder inside it. */
export function withoutCommonFolder(files: Outgoing[]): Outgoing[] {
  const folder = commonFolder(files);
  return folder === undefined ? files : files.map(({ file, path }) => ({ file, path: path.slice(folder.length + 1) }));
}
