import { Button, SegmentedControl } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { lazy, Suspense, useState, type JSX } from 'react';
import { accountsQuery, type PeopleShow } from '../../api/queries/people';
import type { Linked } from '../../api/types';
import { peopleWords as words } from '../../messages/people';
import { useSession } from '../../session';
import { Empty } from '../../ui/Empty';
import { FilterField } from '../../ui/FilterField';
import { IconSearch, IconUserPlus, IconUsers } from '../../ui/icons';
import { InlineProblem } from '../../ui/InlineProblem';
import { PageHead } from '../../ui/PageHead';
import { RowSkeleton } from '../../ui/Skeletons';
import { AccessRequests } from './AccessRequests';
import styles from './AdminPeople.module.css';
import { PeopleTable } from './PeopleTable';

const InviteDialog = lazy(async () => ({ default: (await import('./InviteDialog')).InviteDialog }));
const LinkDialog = lazy(async () => ({ default: (await import('./LinkDialog')).LinkDialog }));

const route = getRouteApi('/inside/admin/people');
const shows = Object.entries(words.shows).map(([value, label]) => ({ value, label }));

/** Everybody with an account: invite, give roles, disable, remove; on top who asks to be let in. */
export function AdminPeople(): JSX.Element {
  const { lab_name: lab } = useSession();
  const { show = 'all', q = '' } = route.useSearch();
  const [inviting, setInviting] = useState(false);
  // A link lives here only, until it is put away.
  const [linked, setLinked] = useState<Linked>();
  return (
    <>
      <PageHead
        title={words.title}
        tab={[words.title, lab]}
        sub={words.sub}
        actions={
          <Button
            leftSection={<IconUserPlus size={18} aria-hidden />}
            onClick={() => {
              setInviting(true);
            }}
          >
            {words.invite}
          </Button>
        }
      />
      <div className="stack">
        <AccessRequests />
        <section className="card" aria-label={words.title}>
          <Filters show={show} q={q} />
          <List show={show} q={q} onLinked={setLinked} />
        </section>
      </div>
      <Suspense>
        {inviting ? (
          <InviteDialog
            onLinked={(fresh) => {
              setInviting(false);
              setLinked(fresh);
            }}
            onClose={() => {
              setInviting(false);
            }}
          />
        ) : null}
        {linked === undefined ? null : (
          <LinkDialog
            linked={linked}
            onClose={() => {
              setLinked(undefined);
            }}
          />
        )}
      </Suspense>
    </>
  );
}

function Filters({ show, q }: { show: PeopleShow; q: string }): JSX.Element {
  const navigate = route.useNavigate();
  const list = useInfiniteQuery(accountsQuery(show, q));
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
        aria-label={words.which}
        size="xs"
        data={shows}
        value={show}
        onChange={(value) => {
          void navigate({ search: (before) => ({ ...before, show: value === 'all' ? undefined : (value as Exclude<PeopleShow, 'all'>) }) });
        }}
      />
      <span className={styles.count} aria-live="polite">
        {first === undefined ? '' : words.shown(shown, first.pagination.total)}
      </span>
    </div>
  );
}

function List({ show, q, onLinked }: { show: PeopleShow; q: string; onLinked: (linked: Linked) => void }): JSX.Element {
  const navigate = route.useNavigate();
  const list = useInfiniteQuery(accountsQuery(show, q));
  if (list.isPending) return <RowSkeleton />;
  if (list.isError) {
    return (
      <div className="card-body">
        <InlineProblem error={list.error} onAgain={() => void list.refetch()} />
      </div>
    );
  }
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
  if (rows.length === 0) return <Empty icon={IconUsers}>{words.empty}</Empty>;
  return (
    <>
      <PeopleTable people={rows} stale={list.isPlaceholderData} onLinked={onLinked} />
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
