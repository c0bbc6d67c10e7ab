import { useMutation, type UseMutationResult } from '@tanstack/react-query';
import { useState } from 'react';
import { sendFiles, type FileToSend } from '../../api/transfer';
import type { Outgoing } from '../../ui/files';
import { existingPaths } from './conflicts';

/** Files waiting for an answer to "what about the ones that are already there?". */
export interface Conflict {
  files: FileToSend[];
  existing: Set<string>;
}

interface AddFiles {
  add: UseMutationResult<void, Error, Outgoing[]>;
  conflict: Conflict | undefined;
  /** Ends the question: sends these files, or nothing. */
  settle: (files: FileToSend[]) => void;
}

/** Adds files to a folder of an upload; asks once for all when some exist already. */
export function useAddFiles(uploadId: string, folder: string): AddFiles {
  const [conflict, setConflict] = useState<Conflict>();
  const add = useMutation({
    mutationFn: async (outgoing: Outgoing[]) => {
      const files = outgoing.map(({ file, path }) => ({ file, path: folder === '' ? path : `${folder}/${path}` }));
      const existing = await existingPaths(uploadId, files, folder);
      if (existing.size > 0) setConflict({ files, existing });
      else sendFiles(uploadId, files);
    },
  });
  const settle = (files: FileToSend[]): void => {
    setConflict(undefined);
    if (files.length > 0) sendFiles(uploadId, files);
  };
  return { add, conflict, settle };
}
