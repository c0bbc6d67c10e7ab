import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { JSX } from 'react';
import { auditExportUrl, auditQuery } from '../../api/queries/audit';
import { auditWords as words } from '../../messages/audit';
import { useSession } from '../../session';
import { Empty } from '../../ui/Empty';
import { IconDownload, IconHistory, IconRefresh, IconSearch } from '../../ui/icons';
import { InlineProblem } from '../../ui/InlineProblem';
import { PageHead } from '../../ui/PageHead';
import { RowSkeleton } from '../../ui/Skeletons';
import styles from './AdminAudit.module.css';
import { AuditTable } from './AuditTable';
import { Filters } from './Filters';
import { filterOf, type AuditSearch } from './url';

const route = getRouteApi('/inside/admin/audit');

/** Who did what, newest first; the filters stand in the URL. */
export function AdminAudit(): JSX.Element {
  const { lab_name: lab } = useSession();
  const search = route.useSearch();
  const list = useInfiniteQuery(auditQuery(filterOf(search)));
  return (
    <>
      <PageHead
        title={words.title}
        tab={[words.title, lab]}
        sub={words.sub}
        actions={
          <Button variant="default" leftSection={<IconRefresh size={18} aria-hidden />} loading={list.isRefetching && !list.isFetchingNextPage} onClick={() => void list.refetch()}>
            {words.refresh}
          </Button>
        }
      />
      <section className="card" aria-label={words.title}>
        <Filters search={search} />
        <div className={styles.under}>
          <a href={auditExportUrl(filterOf(search))} download="audit.jsonl" className="row">
            <IconDownload size={16} aria-hidden />
            {words.lines}
          </a>
          {isFiltered(search) ? <ClearFilters /> : null}
        </div>
        <List search={search} />
      </section>
    </>
  );
}

const isFiltered = (search: AuditSearch): boolean => Object.values(search).some((value) => value !== undefined);

function ClearFilters(): JSX.Element {
  const navigate = route.useNavigate();
  return (
    <button type="button" className="link-button" onClick={() => void navigate({ search: {} })}>
      {words.clear}
    </button>
  );
}

function List({ search }: { search: AuditSearch }): JSX.Element {
  const list = useInfiniteQuery(auditQuery(filterOf(search)));
  if (list.isPending) return <RowSkeleton />;
  if (list.isError) {
    return (
      <div className="card-body">
        <InlineProblem error={list.error} onAgain={() => void list.refetch()} />
      </div>
    );
  }
  const rows = list.data.pages.flatMap((page) => page.data);
  if (rows.length === 0) return isFiltered(search) ? <Empty icon={IconSearch}>{words.nothing}</Empty> : <Empty icon={IconHistory}>{words.empty}</Empty>;
  return (
    <>
      <AuditTable rows={rows} stale={list.isPlaceholderData} />
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
