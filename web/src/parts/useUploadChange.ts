import { useMutation, useQueryClient, type UseMutationResult } from '@tanstack/react-query';
import { uploadKeys, uploadQuery } from '../api/queries/uploads';
import type { Upload } from '../api/types';

/** Changes an upload by a call that answers with it; the page and the lists then show what the server says. */
export function useUploadChange<Asked>(id: string, call: (asked: Asked) => Promise<Upload>, onDone?: (asked: Asked) => void): UseMutationResult<Upload, Error, Asked> {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: call,
    onSuccess: async (changed, asked) => {
      // What may be done is not in the answer: until it is asked for anew, what was known holds.
      queries.setQueryData(uploadQuery(id).queryKey, (before) => ({ ...changed, allowed: before?.allowed }));
      onDone?.(asked);
      await Promise.all([queries.invalidateQueries({ queryKey: uploadKeys.one(id) }), queries.invalidateQueries({ queryKey: uploadKeys.lists })]);
    },
  });
}
