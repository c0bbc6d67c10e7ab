import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { JSX } from 'react';
import { actOnUpload, pageOfEntries, uploadEntriesQuery } from '../../api/queries/uploads';
import type { EntryProcess, Upload } from '../../api/types';
import { processWords } from '../../messages/publish';
import { entriesWords as words } from '../../messages/upload';
import { EntryStateBadge } from '../../parts/EntryStateBadge';
import { DataTable, type Column } from '../../ui/DataTable';
import { Empty } from '../../ui/Empty';
import { IconFileText, IconRefresh } from '../../ui/icons';
import { InlineProblem } from '../../ui/InlineProblem';
import { RowSkeleton } from '../../ui/Skeletons';
import styles from './EntriesStep.module.css';
import { rightTo } from '../../parts/uploadRights';
import { useUploadChange } from '../../parts/useUploadChange';

const route = getRouteApi('/inside/uploads/$id');

/** Step "Entries": what was read from the files, and what could not be read and why. */
export function EntriesStep({ upload, page }: { upload: Upload; page: number }): JSX.Element {
  const list = useQuery(uploadEntriesQuery(upload.upload_id, page, upload.process_running));
  const data = list.data;
  return (
    <section className="card" aria-label="Entries">
      {list.isPending ? <RowSkeleton /> : null}
      {list.isError ? (
        <div className="card-body">
          <InlineProblem error={list.error} onAgain={() => void list.refetch()} />
        </div>
      ) : null}
      {data !== undefined && data.data.length === 0 ? (
        <Empty icon={IconFileText}>{upload.process_running ? words.emptyRunning : words.empty}</Empty>
      ) : null}
      {data !== undefined && data.data.length > 0 ? (
        <>
          <div className={styles.head}>
            <strong>{words.summary(data.processing_successful, data.processing_failed)}</strong>
            <ReadAgain upload={upload} />
          </div>
          <DataTable label="Entries" columns={columns} rows={data.data} rowKey={(entry) => entry.entry_id} stale={list.isPlaceholderData} />
          <Pages page={page} pages={Math.ceil(data.pagination.total / pageOfEntries)} />
        </>
      ) : null}
    </section>
  );
}

function ReadAgain({ upload }: { upload: Upload }): JSX.Element | null {
  const again = useUploadChange(upload.upload_id, () => actOnUpload(upload.upload_id, 'process'));
  if (upload.process_running || !rightTo(upload, 'processUpload').ok) return null;
  return (
    <>
      <Button
        size="xs"
        variant="default"
        leftSection={<IconRefresh size={16} aria-hidden />}
        loading={again.isPending}
        onClick={() => {
          again.mutate(undefined);
        }}
      >
        {processWords.again}
      </Button>
      {again.isError ? <InlineProblem error={again.error} /> : null}
    </>
  );
}

const nameOf = (entry: EntryProcess): string => {
  const name = entry.entry_metadata?.entry_name;
  return typeof name === 'string' && name !== '' ? name : (entry.mainfile.split('/').at(-1) ?? entry.mainfile);
};

const columns: Column<EntryProcess>[] = [
  {
    id: 'name',
    header: words.name,
    card: 'title',
    cell: (entry) => (
      <>
        <Link to="/entries/$id" params={{ id: entry.entry_id }} className="plain-link strong">
          {nameOf(entry)}
        </Link>
        {[...entry.errors, ...entry.warnings].length === 0 ? null : (
          <ul className={styles.errors} data-failed={entry.process_status === 'FAILURE' || undefined}>
            {[...new Set([...entry.errors, ...entry.warnings])].map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        )}
      </>
    ),
  },
  {
    id: 'file',
    header: words.file,
    cell: (entry) => (
      <Link
        to="/uploads/$id"
        params={{ id: entry.upload_id }}
        search={{ path: entry.mainfile.includes('/') ? entry.mainfile.slice(0, entry.mainfile.lastIndexOf('/')) : undefined }}
        className="plain-link muted"
        aria-label={`${words.openFile} ${entry.mainfile}`}
      >
        <code>{entry.mainfile}</code>
      </Link>
    ),
  },
  { id: 'parser', header: words.parser, card: 'hidden', width: '150px', cell: (entry) => <span className="muted">{entry.parser_name ?? ''}</span> },
  { id: 'state', header: words.state, card: 'corner', width: '130px', cell: (entry) => <EntryStateBadge status={entry.process_status} notes={entry.warnings.length} /> },
];

function Pages({ page, pages }: { page: number; pages: number }): JSX.Element | null {
  const navigate = route.useNavigate();
  if (pages <= 1) return null;
  const go = (to: number): void => void navigate({ search: (before) => ({ ...before, page: to === 1 ? undefined : to }) });
  return (
    <nav className={styles.pages} aria-label="Pages of entries">
      <Button
        size="xs"
        variant="default"
        disabled={page <= 1}
        onClick={() => {
          go(page - 1);
        }}
      >
        {words.before}
      </Button>
      <span className="muted">{words.page(page, pages)}</span>
      <Button
        size="xs"
        variant="default"
        disabled={page >= pages}
        onClick={() => {
          go(page + 1);
        }}
      >
        {words.after}
      </Button>
    </nav>
  );
}
