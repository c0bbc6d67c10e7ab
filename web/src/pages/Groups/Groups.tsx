import { Button, SegmentedControl } from '@mantine/core';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { lazy, Suspense, useState, type JSX } from 'react';
import { createGroup, groupKeys, groupsQuery, type GroupsShow } from '../../api/queries/groups';
import { groupWords as words } from '../../messages/groups';
import { useSession } from '../../session';
import { Empty } from '../../ui/Empty';
import { FilterField } from '../../ui/FilterField';
import { IconPlus, IconSearch, IconUsersGroup } from '../../ui/icons';
import { InlineProblem } from '../../ui/InlineProblem';
import { PageHead } from '../../ui/PageHead';
import { RowSkeleton } from '../../ui/Skeletons';
import styles from './Groups.module.css';
import { GroupsTable } from './GroupsTable';
import { StandingShares } from './StandingShares';

const GroupDialog = lazy(async () => ({ default: (await import('./GroupDialog')).GroupDialog }));

const route = getRouteApi('/inside/groups');
const shows = Object.entries(words.shows).map(([value, label]) => ({ value, label }));

/** The groups somebody is in, or all of them, and with whom new uploads are shared. */
export function Groups(): JSX.Element {
  const { lab_name: lab, user } = useSession();
  const { show = 'mine', q = '' } = route.useSearch();
  const navigate = route.useNavigate();
  const queries = useQueryClient();
  const [making, setMaking] = useState(false);
  return (
    <>
      <PageHead
        title={words.title}
        tab={[words.title, lab]}
        sub={words.sub}
        actions={
          <Button
            leftSection={<IconPlus size={18} aria-hidden />}
            onClick={() => {
              setMaking(true);
            }}
          >
            {words.make}
          </Button>
        }
      />
      <div className="stack">
        <section className="card" aria-label={words.title}>
          <Filters show={show} q={q} userId={user?.user_id ?? ''} />
          <List show={show} q={q} userId={user?.user_id ?? ''} />
        </section>
        {user === null ? null : <StandingShares user={user} />}
      </div>
      <Suspense>
        {making ? (
          <GroupDialog
            onSave={async (body) => {
              const group = await createGroup(body);
              await queries.invalidateQueries({ queryKey: groupKeys.all });
              await navigate({ to: '/groups/$id', params: { id: group.group_id } });
            }}
            onClose={() => {
              setMaking(false);
            }}
          />
        ) : null}
      </Suspense>
    </>
  );
}

interface ListProps {
  show: GroupsShow;
  q: string;
  userId: string;
}

function Filters({ show, q, userId }: ListProps): JSX.Element {
  const navigate = route.useNavigate();
  const list = useInfiniteQuery(groupsQuery(show, q, userId));
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
          void navigate({ search: (before) => ({ ...before, show: value === 'all' ? value : undefined }) });
        }}
      />
      <span className={styles.count} aria-live="polite">
        {first === undefined ? '' : words.shown(shown, first.pagination.total)}
      </span>
    </div>
  );
}

function List({ show, q, userId }: ListProps): JSX.Element {
  const navigate = route.useNavigate();
  const list = useInfiniteQuery(groupsQuery(show, q, userId));
  if (list.isPending) return <RowSkeleton rows={4} />;
  if (list.isError) {
    return (
      <div className="card-body">
        <InlineProblem error={list.error} onAgain={() => void list.refetch()} />
      </div>
    );
  }
  const rows = list.data.pages.flatMap((page) => page.data);
  if (rows.length === 0 && q !== '') {
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
  if (rows.length === 0) return <Empty icon={IconUsersGroup}>{show === 'mine' ? words.empty : words.nobody}</Empty>;
  return (
    <>
      <GroupsTable groups={rows} stale={list.isPlaceholderData} />
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
