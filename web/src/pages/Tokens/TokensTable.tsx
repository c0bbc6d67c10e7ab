import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useState, type JSX } from 'react';
import { revokeToken, rotateToken, tokenKeys } from '../../api/queries/tokens';
import type { AccessToken, NewAccessToken } from '../../api/types';
import { formatShortDate } from '../../messages/format';
import { scopesInWords, tokensWords as words } from '../../messages/tokens';
import { LinkButton } from '../../parts/LinkButton';
import { DataTable, type Column } from '../../ui/DataTable';
import { IconClock, IconX } from '../../ui/icons';
import { InlineProblem } from '../../ui/InlineProblem';
import { StateBadge } from '../../ui/StateBadge';
import { TimeAgo } from '../../ui/TimeAgo';
import styles from './Tokens.module.css';

const Confirm = lazy(async () => ({ default: (await import('../../ui/Confirm')).Confirm }));

const day = 86_400_000;
const soonDays = 14;

interface TokensTableProps {
  tokens: AccessToken[];
  stale: boolean;
  /** Takes the one answer that holds a secret. */
  onFresh: (fresh: NewAccessToken) => void;
}

type Asking = { act: 'rotate' | 'revoke'; token: AccessToken };

/** The tokens with what one can do to each; both acts ask first, because neither can be undone. */
export function TokensTable({ tokens, stale, onFresh }: TokensTableProps): JSX.Element {
  const [asking, setAsking] = useState<Asking>();
  const queries = useQueryClient();
  const act = useMutation({
    mutationFn: async ({ act: what, token }: Asking): Promise<NewAccessToken | undefined> => {
      if (what === 'rotate') return rotateToken(token.id);
      await revokeToken(token.id);
      return undefined;
    },
    onSuccess: async (fresh) => {
      setAsking(undefined);
      if (fresh !== undefined) onFresh(fresh);
      await queries.invalidateQueries({ queryKey: tokenKeys.all });
    },
    gcTime: 0,
  });
  const columns: Column<AccessToken>[] = [
    {
      id: 'name',
      header: words.columns.name,
      card: 'title',
      width: '24%',
      cell: (token) => (
        <>
          <span className="strong">{token.name}</span>
          {token.description === null ? null : <div className="small muted">{token.description}</div>}
        </>
      ),
    },
    { id: 'may', header: words.columns.may, cell: (token) => <span title={token.scopes.join(', ')}>{scopesInWords(token.scopes)}</span> },
    {
      id: 'used',
      header: words.columns.used,
      width: '120px',
      cell: (token) => (
        <>
          <span className={styles.label}>{words.columns.used} </span>
          {token.last_used_at === null ? <span className="muted">{words.neverUsed}</span> : <TimeAgo iso={token.last_used_at} />}
          {token.last_used_from === null ? null : <div className="small muted">{words.from(token.last_used_from)}</div>}
        </>
      ),
    },
    { id: 'ends', header: words.columns.ends, card: 'corner', width: '150px', cell: (token) => <Ends token={token} /> },
    {
      id: 'acts',
      header: <span className="hidden-text">{words.columns.acts}</span>,
      align: 'end',
      cell: (token) => (
        <span className={styles.acts}>
          {ended(token) ? (
            <LinkButton to="/account/tokens/new" search={{ name: token.name, scope: token.scopes }} size="xs" variant="default" aria-label={words.likeLabel(token.name)}>
              {words.like}
            </LinkButton>
          ) : (
            (['rotate', 'revoke'] as const).map((what) => (
              <Button
                key={what}
                size="xs"
                variant="default"
                aria-label={what === 'rotate' ? words.rotateLabel(token.name) : words.revokeLabel(token.name)}
                onClick={() => {
                  act.reset();
                  setAsking({ act: what, token });
                }}
              >
                {words[what]}
              </Button>
            ))
          )}
        </span>
      ),
    },
  ];
  return (
    <>
      <DataTable label={words.title} columns={columns} rows={tokens} rowKey={(token) => token.id} stale={stale} />
      <Suspense>
        {asking === undefined ? null : (
          <Confirm
            title={asking.act === 'rotate' ? words.rotateTitle(asking.token.name) : words.revokeTitle(asking.token.name)}
            act={asking.act === 'rotate' ? words.rotateAct : words.revokeAct}
            pending={act.isPending}
            onAct={() => {
              act.mutate(asking);
            }}
            onClose={() => {
              setAsking(undefined);
            }}
          >
            <p>{asking.act === 'rotate' ? words.rotateText : words.revokeText(asking.token)}</p>
            {act.isError ? <InlineProblem error={act.error} /> : null}
          </Confirm>
        )}
      </Suspense>
    </>
  );
}

const isPast = (iso: string | null): boolean => iso !== null && Date.parse(iso) < Date.now();
const ended = (token: AccessToken): boolean => token.revoked || isPast(token.expired_at);

function Ends({ token }: { token: AccessToken }): JSX.Element {
  const [now] = useState(() => Date.now());
  if (token.revoked) {
    return (
      <StateBadge tone="bad" icon={IconX}>
        {words.revokedState}
      </StateBadge>
    );
  }
  if (token.expired_at === null) return <span>{words.never}</span>;
  if (isPast(token.expired_at)) {
    return (
      <StateBadge tone="plain" icon={IconClock}>
        {words.endedState} {formatShortDate(token.expired_at)}
      </StateBadge>
    );
  }
  const days = Math.floor((Date.parse(token.expired_at) - now) / day);
  // A warning only for tokens that somebody would miss.
  if (days < soonDays && token.last_used_at !== null) {
    return (
      <StateBadge tone="warn" icon={IconClock}>
        {words.soon(days)}
      </StateBadge>
    );
  }
  return <time dateTime={token.expired_at}>{formatShortDate(token.expired_at)}</time>;
}
