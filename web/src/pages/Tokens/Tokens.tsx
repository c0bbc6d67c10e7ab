import { Button, SegmentedControl } from '@mantine/core';
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useState, type JSX } from 'react';
import { tokenKeys, tokenQuery, tokensQuery, type TokensShow } from '../../api/queries/tokens';
import { namesQuery } from '../../api/queries/users';
import type { AccessToken, NewAccessToken } from '../../api/types';
import { tokenName, tokensWords as words } from '../../messages/tokens';
import { LinkButton } from '../../parts/LinkButton';
import { RevealToken } from '../../parts/RevealToken';
import { useSession } from '../../session';
import { Empty } from '../../ui/Empty';
import { IconKey, IconPlus } from '../../ui/icons';
import { InlineProblem } from '../../ui/InlineProblem';
import { PageHead } from '../../ui/PageHead';
import { Says } from '../../ui/Says';
import { RowSkeleton } from '../../ui/Skeletons';
import { endsSoon } from './tokenState';
import { TokensTable } from './TokensTable';
import styles from './Tokens.module.css';

const TokenDetails = lazy(async () => ({ default: (await import('./TokenDetails')).TokenDetails }));

const route = getRouteApi('/inside/account/tokens');
const shows = Object.entries(words.shows).map(([value, label]) => ({ value, label }));

/** My access tokens: what each may do, when it was last used, when it ends; rotate, revoke, make another. */
export function Tokens(): JSX.Element {
  const { lab_name: lab } = useSession();
  const { show = 'active', token: open } = route.useSearch();
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
        <List show={show} open={open} onFresh={setFresh} />
      </section>
    </>
  );
}

function List({ show, open, onFresh }: { show: TokensShow; open: string | undefined; onFresh: (fresh: NewAccessToken) => void }): JSX.Element {
  const list = useInfiniteQuery(tokensQuery(show));
  const navigate = useNavigate();
  const { user } = useSession();
  const [now] = useState(() => Date.now());
  const rows = list.data?.pages.flatMap((page) => page.data) ?? [];
  const listed = rows.find(({ id }) => id === open);
  // A link to the details of a token may be to one that is not on this page of the list.
  const { data: elsewhere } = useQuery({ ...tokenQuery(open ?? '', false), enabled: open !== undefined && list.isSuccess && listed === undefined });
  const shown = listed ?? (open === undefined ? undefined : elsewhere);
  const enders = [...rows, ...(shown === undefined ? [] : [shown])].flatMap(({ ended }) => (ended?.by == null || ended.by === user?.user_id ? [] : [ended.by]));
  const { data: names } = useQuery(namesQuery(enders));
  const endedBy = ({ ended }: AccessToken): string | undefined => (ended?.by == null ? undefined : ended.by === user?.user_id ? words.you : names?.get(ended.by));
  const openDetails = (token: AccessToken | undefined): void => {
    void navigate({ to: '/account/tokens', search: { show: show === 'ended' ? 'ended' : undefined, token: token?.id }, replace: token === undefined });
  };
  if (list.isPending) return <RowSkeleton />;
  if (list.isError) {
    return (
      <div className="card-body">
        <InlineProblem error={list.error} onAgain={() => void list.refetch()} />
      </div>
    );
  }
  const soon = rows.filter((token) => endsSoon(token, now)).map((token) => `“${tokenName(token)}”`);
  return (
    <>
      {soon.length === 0 ? null : (
        <div className={styles.notice}>
          <Says tone="warn" more={words.soonMore}>
            {words.soonNotice(soon)}
          </Says>
        </div>
      )}
      {rows.length === 0 ? <Empty icon={IconKey}>{show === 'ended' ? words.emptyEnded : words.empty}</Empty> : <TokensTable tokens={rows} stale={list.isPlaceholderData} endedBy={endedBy} onDetails={openDetails} onFresh={onFresh} />}
      {list.hasNextPage ? (
        <div className={styles.more}>
          <Button variant="default" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {words.more}
          </Button>
        </div>
      ) : null}
      <Suspense>
        {shown === undefined ? null : (
          <TokenDetails
            token={shown}
            by={endedBy(shown)}
            onClose={() => {
              openDetails(undefined);
            }}
          />
        )}
      </Suspense>
    </>
  );
}
