import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState, type JSX } from 'react';
import { rawFileUrl } from '../../api/address';
import { entryFilesQuery } from '../../api/queries/entries';
import { entryWords as words } from '../../messages/entry';
import { formatBytes } from '../../messages/format';
import { Empty } from '../../ui/Empty';
import { IconEye, IconFile, IconFileOff, IconFileText } from '../../ui/icons';
import { InlineProblem } from '../../ui/InlineProblem';
import { RowSkeleton } from '../../ui/Skeletons';
import { StateBadge } from '../../ui/StateBadge';
import { lookKind } from './kinds';
import { QuickLook } from './QuickLook';
import styles from './Entry.module.css';

/** The files beside the entry's main file; what can be shown can be looked at in place. */
export function FilesTab({ id }: { id: string }): JSX.Element {
  const list = useQuery(entryFilesQuery(id));
  const [shown, setShown] = useState<string>();
  if (list.isPending) return <RowSkeleton />;
  if (list.isError) return <InlineProblem error={list.error} onAgain={() => void list.refetch()} />;
  const { upload_id: uploadId, mainfile, files } = list.data;
  if (files.length === 0) return <Empty icon={IconFileOff}>{words.filesEmpty}</Empty>;
  const look = files.find((file) => file.path === shown);
  return (
    <div className="stack">
      <section className="card" aria-label={words.tabs.files}>
        <ul>
          {files.map((file) => {
            const name = file.path.split('/').at(-1) ?? file.path;
            return (
              <li key={file.path} className={styles.fileRow}>
                <IconFile size={18} stroke={1.6} aria-hidden />
                <a href={rawFileUrl(uploadId, file.path)} download className="plain-link clip">
                  {name}
                </a>
                {file.path === mainfile ? (
                  <StateBadge tone="info" icon={IconFileText}>
                    {words.main}
                  </StateBadge>
                ) : null}
                <span className={styles.fileSize}>{formatBytes(file.size)}</span>
                {lookKind(file) === undefined ? null : (
                  <button
                    type="button"
                    className="link-button"
                    aria-expanded={shown === file.path}
                    aria-label={`${words.look}: ${name}`}
                    onClick={() => {
                      setShown(shown === file.path ? undefined : file.path);
                    }}
                  >
                    <IconEye size={18} aria-hidden />
                  </button>
                )}
              </li>
            );
          })}
        </ul>
      </section>
      {look === undefined ? null : <QuickLook uploadId={uploadId} file={look} />}
      <p>
        <Link to="/uploads/$id" params={{ id: uploadId }} search={{ path: mainfile.includes('/') ? mainfile.slice(0, mainfile.lastIndexOf('/')) : undefined }}>
          {words.inUpload}
        </Link>
      </p>
    </div>
  );
}
