import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useState, type JSX } from 'react';
import { rawFileUrl } from '../../api/address';
import { deleteUpload, uploadKeys } from '../../api/queries/uploads';
import type { Upload } from '../../api/types';
import { uploadWords as words } from '../../messages/upload';
import { nameOfUpload } from '../../messages/uploads';
import { IconDownload, IconTrash } from '../../ui/icons';
import { InlineProblem } from '../../ui/InlineProblem';
import { toastStore } from '../../ui/toastStore';
import { mayDelete } from '../../parts/uploadRights';

const Confirm = lazy(async () => ({ default: (await import('../../ui/Confirm')).Confirm }));

/** Download everything, or delete the upload after asking. */
export function UploadActions({ upload }: { upload: Upload }): JSX.Element {
  const [asking, setAsking] = useState(false);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const name = nameOfUpload(upload);
  const remove = useMutation({
    mutationFn: () => deleteUpload(upload.upload_id),
    onSuccess: async () => {
      await navigate({ to: '/uploads' });
      queries.removeQueries({ queryKey: uploadKeys.one(upload.upload_id) });
      await queries.invalidateQueries({ queryKey: uploadKeys.lists });
      toastStore.show({ text: words.removed(name), tone: 'plain' }, 6);
    },
  });
  return (
    <>
      {upload.files === 0 ? null : (
        <Button component="a" href={rawFileUrl(upload.upload_id, '', true)} download variant="default" leftSection={<IconDownload size={18} aria-hidden />}>
          {words.download}
        </Button>
      )}
      {mayDelete(upload) ? (
        <Button
          variant="default"
          leftSection={<IconTrash size={18} aria-hidden />}
          onClick={() => {
            setAsking(true);
          }}
        >
          {words.remove}
        </Button>
      ) : null}
      <Suspense>
        {asking ? (
          <Confirm
            title={words.removeTitle(name)}
            act={words.removeAct(upload)}
            pending={remove.isPending}
            onAct={() => {
              remove.mutate();
            }}
            onClose={() => {
              setAsking(false);
            }}
          >
            <p>{words.removeText(upload)}</p>
            {remove.isError ? <InlineProblem error={remove.error} /> : null}
          </Confirm>
        ) : null}
      </Suspense>
    </>
  );
}
