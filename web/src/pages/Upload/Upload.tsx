import { useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useRef, type JSX } from 'react';
import { uploadKeys, uploadQuery } from '../../api/queries/uploads';
import { namesQuery } from '../../api/queries/users';
import type { Upload as UploadRecord } from '../../api/types';
import { uploadWords as words } from '../../messages/upload';
import { nameOfUpload, uploadsWords } from '../../messages/uploads';
import { ProcessingStrip } from '../../parts/ProcessingStrip';
import { TransferStrip } from '../../parts/TransferStrip';
import { UploadSteps } from '../../parts/UploadSteps';
import { VisibilitySentence } from '../../parts/VisibilitySentence';
import { useSession, useUser } from '../../session';
import { CopyButton } from '../../ui/CopyButton';
import { PageHead } from '../../ui/PageHead';
import { RowSkeleton } from '../../ui/Skeletons';
import { TimeAgo } from '../../ui/TimeAgo';
import { EntriesStep } from './EntriesStep';
import { FilesStep } from './FilesStep';
import { UploadActions } from './UploadActions';

const AccessStep = lazy(async () => ({ default: (await import('./AccessStep')).AccessStep }));
const PublishStep = lazy(async () => ({ default: (await import('./PublishStep')).PublishStep }));

const route = getRouteApi('/inside/uploads/$id');

/** One upload: who can see it, what is being done with it, its files and its entries. */
export function Upload(): JSX.Element {
  const { id } = route.useParams();
  const { step = 'files', path = '', page = 1 } = route.useSearch();
  const { lab_name: lab } = useSession();
  const { data: upload } = useSuspenseQuery(uploadQuery(id));
  useReloadWhenDone(upload);
  const name = nameOfUpload(upload);
  return (
    <>
      <PageHead
        title={name}
        tab={[name, uploadsWords.title, lab]}
        crumbs={<Link to="/uploads">{uploadsWords.title}</Link>}
        sub={<Origin upload={upload} />}
        actions={<UploadActions upload={upload} />}
      />
      <div className="stack-l">
        <VisibilitySentence upload={upload} />
        <UploadSteps upload={upload} step={step} />
        <TransferStrip uploadId={id} />
        <ProcessingStrip upload={upload} />
        {step === 'files' ? <FilesStep key={id} upload={upload} path={path} /> : null}
        {step === 'entries' ? <EntriesStep upload={upload} page={page} /> : null}
        <Suspense fallback={<RowSkeleton rows={4} />}>
          {step === 'access' ? <AccessStep key={id} upload={upload} /> : null}
          {step === 'publish' ? <PublishStep key={id} upload={upload} /> : null}
        </Suspense>
      </div>
    </>
  );
}

function Origin({ upload }: { upload: UploadRecord }): JSX.Element {
  const me = useUser()?.user_id;
  const names = useQuery(namesQuery([upload.main_author])).data;
  const author = upload.main_author === me ? words.you : names?.get(upload.main_author);
  return (
    <span className="row" style={{ gap: 4 }}>
      {author === undefined ? null : <span>{author} ·</span>}
      <span>
        {words.created} <TimeAgo iso={upload.upload_create_time} /> ·
      </span>
      <code>{upload.upload_id}</code>
      <CopyButton value={upload.upload_id} what="the upload id" variant="subtle" />
    </span>
  );
}

/** When the server has finished reading, the lists of files and entries are asked for once more. */
function useReloadWhenDone(upload: UploadRecord): void {
  const queries = useQueryClient();
  const ran = useRef(upload.process_running);
  useEffect(() => {
    if (ran.current && !upload.process_running) void queries.invalidateQueries({ queryKey: uploadKeys.one(upload.upload_id) });
    ran.current = upload.process_running;
  }, [queries, upload.process_running, upload.upload_id]);
}
