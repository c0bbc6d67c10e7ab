import { Button, SegmentedControl } from '@mantine/core';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState, type JSX } from 'react';
import { tokenKeys, tokensQuery, type TokensShow } from '../../api/queries/tokens';
import type { NewAccessToken } from '../../api/types';
import { tokensWords as words } from '../../messages/tokens';
import { LinkButton } from '../../parts/LinkButton';
import { RevealToken } from '../../parts/RevealToken';
import { useSession } from '../../session';
import { Empty } from '../../ui/Empty';
import { IconKey, IconPlus } from '../../ui/icons';
import { InlineProblem } from '../../ui/InlineProblem';
import { PageHead } from '../../ui/PageHead';
import { RowSkeleton } from '../../ui/Skeletons';
import { TokensTable } from './TokensTable';
import styles from './Tokens.module.css';

const route = getRouteApi('/inside/account/tokens');
const shows = Object.entries(words.shows).map(([value, label]) => ({ value, label }));

/** My access tokens: what each may do, when it was last used, when it ends; rotate, revoke, make another. */
export function Tokens(): JSX.Element {
  const { lab_name: lab } = useSession();
  const { show = 'active' } = route.useSearch();
  const navigate = useNavigate();
  const queries = useQueryClient();
  // A rotated token's secret lives here only, until it is put away.
  const [fresh, setFresh] = useState<NewAccessToken>();
  if (fresh !== undefined) {
    return (
      <RevealToken
        fresh={fresh}
        onDone={() => {
          setFresh(undefined);
          void queries.invalidateQueries({ queryKey: tokenKeys.all });
        }}
      />
    );
  }
  return (
    <>
      <PageHead
        title={words.title}
        tab={[words.title, lab]}
        sub={words.sub}
        actions={
          <LinkButton to="/account/tokens/new" leftSection={<IconPlus size={18} aria-hidden />}>
            {words.make}
          </LinkButton>
        }
      />
      <section className="card" aria-label={words.title}>
        <div className={styles.filters}>
          <SegmentedControl
            aria-label="Which tokens"
            size="xs"
            data={shows}
            value={show}
            onChange={(value) => {
              void navigate({ to: '/account/tokens', search: value === 'ended' ? { show: 'ended' } : {} });
            }}
          />
        </div>
        <List show={show} onFresh={setFresh} />
      </section>
    </>
  );
}

function List({ show, onFresh }: { show: TokensShow; onFresh: (fresh: NewAccessToken) => void }): JSX.Element {
  const list = useInfiniteQuery(tokensQuery(show));
  if (list.isPending) return <RowSkeleton />;
  if (list.isError) {
    return (
      <div className="card-body">
        <InlineProblem error={list.error} onAgain={() => void list.refetch()} />
      </div>
    );
  }
  const rows = list.data.pages.flatMap((page) => page.data);
  if (rows.length === 0) return <Empty icon={IconKey}>{show === 'ended' ? words.emptyEnded : words.empty}</Empty>;
  return (
    <>
      <TokensTable tokens={rows} stale={list.isPlaceholderData} onFresh={onFresh} />
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
