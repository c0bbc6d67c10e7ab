import { Button, SegmentedControl } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { JSX } from 'react';
import { uploadsQuery, type UploadsShow } from '../../api/queries/uploads';
import { uploadsWords as words } from '../../messages/uploads';
import { DropVeil } from '../../parts/DropVeil';
import { useDrop } from '../../parts/useDrop';
import { useStartUpload } from '../../parts/useStartUpload';
import { useSession } from '../../session';
import { Empty } from '../../ui/Empty';
import { FilePick } from '../../ui/FilePick';
import { FilterField } from '../../ui/FilterField';
import { IconFolder, IconFolderUp, IconSearch, IconUpload } from '../../ui/icons';
import { InlineProblem } from '../../ui/InlineProblem';
import { PageHead } from '../../ui/PageHead';
import { RowSkeleton } from '../../ui/Skeletons';
import { UploadsTable } from './UploadsTable';
import styles from './Uploads.module.css';

const route = getRouteApi('/inside/uploads');
const shows = Object.entries(words.shows).map(([value, label]) => ({ value, label }));

/** My uploads: start one by dropping files anywhere, filter, open. */
export function Uploads(): JSX.Element {
  const { lab_name: lab } = useSession();
  const { show = 'all', q = '' } = route.useSearch();
  const start = useStartUpload();
  const over = useDrop(true, start.mutate);
  return (
    <>
      <PageHead
        title={words.title}
        tab={[words.title, lab]}
        sub={words.sub}
        actions={
          <>
            <FilePick folder variant="default" leftSection={<IconFolderUp size={18} aria-hidden />} onFiles={start.mutate}>
              {words.folder}
            </FilePick>
            <FilePick leftSection={<IconUpload size={18} aria-hidden />} loading={start.isPending} onFiles={start.mutate}>
              {words.newUpload}
            </FilePick>
          </>
        }
      />
      <div className="stack">
        {start.isError ? <InlineProblem error={start.error} /> : null}
        <section className="card" aria-label={words.title}>
          <Filters show={show} q={q} />
          <List show={show} q={q} />
        </section>
      </div>
      {over ? <DropVeil text={words.drop} /> : null}
    </>
  );
}

function Filters({ show, q }: { show: UploadsShow; q: string }): JSX.Element {
  const navigate = route.useNavigate();
  const list = useInfiniteQuery(uploadsQuery(show, q));
  const first = list.data?.pages[0];
  const shown = list.data?.pages.reduce((sum, page) => sum + page.data.length, 0) ?? 0;
  return (
    <div className={styles.filters}>
      <FilterField
        label={words.filter}
        pageFilter
        value={q}
        onChange={(value) => void navigate({ search: (before) => ({ ...before, q: value === '' ? undefined : value }), replace: true })}
        className={styles.filter}
      />
      <SegmentedControl
        aria-label="Which uploads"
        size="xs"
        data={shows}
        value={show}
        onChange={(value) => {
          void navigate({ search: (before) => ({ ...before, show: value === 'all' ? undefined : (value as UploadsShow) }) });
        }}
      />
      <span className={styles.count} aria-live="polite">
        {first === undefined ? '' : words.shown(shown, first.pagination.total)}
      </span>
    </div>
  );
}

function List({ show, q }: { show: UploadsShow; q: string }): JSX.Element {
  const navigate = route.useNavigate();
  const list = useInfiniteQuery(uploadsQuery(show, q));
  if (list.isPending) return <RowSkeleton />;
  if (list.isError)
    return (
      <div className="card-body">
        <InlineProblem error={list.error} onAgain={() => void list.refetch()} />
      </div>
    );
  const rows = list.data.pages.flatMap((page) => page.data);
  if (rows.length === 0 && (q !== '' || show !== 'all')) {
    return (
      <Empty
        icon={IconSearch}
        action={
          <Button variant="default" onClick={() => void navigate({ search: {} })}>
            {words.clear}
          </Button>
        }
      >
        {words.nothing}
      </Empty>
    );
  }
  if (rows.length === 0) return <Empty icon={IconFolder}>{words.empty}</Empty>;
  return (
    <>
      <UploadsTable uploads={rows} stale={list.isPlaceholderData} />
      {list.hasNextPage ? (
        <div className={styles.more}>
          <Button variant="default" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {words.more}
          </Button>
        </div>
      ) : null}
    </>
  );
}
