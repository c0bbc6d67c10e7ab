import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useState, type JSX } from 'react';
import { revokeToken, rotateToken, tokenKeys } from '../../api/queries/tokens';
import type { AccessToken, NewAccessToken } from '../../api/types';
import { limitsInWords, mayInWords } from '../../messages/tokenLimits';
import { tokenName, tokensWords as words } from '../../messages/tokens';
import { LinkButton } from '../../parts/LinkButton';
import { DataTable, type Column } from '../../ui/DataTable';
import { limitsOf } from '../../parts/tokenLimits';
import { IconLock } from '../../ui/icons';
import { InlineProblem } from '../../ui/InlineProblem';
import { StateBadge } from '../../ui/StateBadge';
import { TimeAgo } from '../../ui/TimeAgo';
import { formFor } from '../NewToken/url';
import { CouldDoWithLess } from './CouldDoWithLess';
import { TokenEnds } from './TokenEnds';
import { twins } from './tokenState';
import styles from './Tokens.module.css';

const Confirm = lazy(async () => ({ default: (await import('../../ui/Confirm')).Confirm }));

const fewTokens = 20;

interface TokensTableProps {
  tokens: AccessToken[];
  stale: boolean;
  /** The name of the person who ended a token. */
  endedBy: (token: AccessToken) => string | undefined;
  onDetails: (token: AccessToken) => void;
  /** Takes the one answer that holds a secret. */
  onFresh: (fresh: NewAccessToken) => void;
}

type Asking = { act: 'rotate' | 'revoke'; token: AccessToken };

/** The tokens with what one can do to each; both acts ask first, because neither can be undone. */
export function TokensTable({ tokens, stale, endedBy, onDetails, onFresh }: TokensTableProps): JSX.Element {
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
  const twice = twins(tokens);
  // One question per row: only while there are few.
  const asksUsage = tokens.length <= fewTokens;
  const label = (token: AccessToken): string => words.label(token, twice.has(token.name));
  const columns: Column<AccessToken>[] = [
    {
      id: 'name',
      header: words.columns.name,
      card: 'title',
      width: '24%',
      cell: (token) => (
        <>
          <span className="strong">{tokenName(token)}</span>
          {token.description === null ? null : <div className="small muted">{token.description}</div>}
          <div className="small muted">{words.made(token)}</div>
          {asksUsage && token.state === 'active' && token.last_used_at !== null ? (
            <CouldDoWithLess
              id={token.id}
              label={label(token)}
              onOpen={() => {
                onDetails(token);
              }}
            />
          ) : null}
        </>
      ),
    },
    {
      id: 'may',
      header: words.columns.may,
      cell: (token) => {
        const limits = limitsOf(token);
        const badges = limitsInWords(limits);
        return (
          <>
            <span title={token.scopes.join(', ')}>{mayInWords(token.scopes, limits)}</span>
            {badges.length === 0 ? null : (
              <ul className={styles.badges} aria-label={words.facts.limits}>
                {badges.map((text) => (
                  <li key={text}>
                    <StateBadge tone="info" icon={IconLock}>
                      {text}
                    </StateBadge>
                  </li>
                ))}
              </ul>
            )}
          </>
        );
      },
    },
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
    { id: 'ends', header: words.columns.ends, card: 'corner', width: '150px', cell: (token) => <TokenEnds token={token} by={endedBy(token)} /> },
    {
      id: 'acts',
      header: <span className="hidden-text">{words.columns.acts}</span>,
      align: 'end',
      cell: (token) => (
        <span className={styles.acts}>
          <Button
            size="xs"
            variant="subtle"
            aria-label={words.detailsLabel(label(token))}
            onClick={() => {
              onDetails(token);
            }}
          >
            {words.details}
          </Button>
          {token.state !== 'active' ? (
            <LinkButton to="/account/tokens/new" search={formFor(token.name, token.scopes, limitsOf(token))} size="xs" variant="default" aria-label={words.likeLabel(label(token))}>
              {words.like}
            </LinkButton>
          ) : (
            (['rotate', 'revoke'] as const).map((what) => (
              <Button
                key={what}
                size="xs"
                variant="default"
                aria-label={what === 'rotate' ? words.rotateLabel(label(token)) : words.revokeLabel(label(token))}
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
            title={asking.act === 'rotate' ? words.rotateTitle(tokenName(asking.token)) : words.revokeTitle(tokenName(asking.token))}
            act={asking.act === 'rotate' ? words.rotateAct : words.revokeAct}
            pending={act.isPending}
            onAct={() => {
              act.mutate(asking);
            }}
            onClose={() => {
              setAsking(undefined);
            }}
          >
            {twice.has(asking.token.name) ? <p className="muted">{words.which(asking.token)}</p> : null}
            <p>{asking.act === 'rotate' ? words.rotateText : words.revokeText(asking.token)}</p>
            {act.isError ? <InlineProblem error={act.error} /> : null}
          </Confirm>
        )}
      </Suspense>
    </>
  );
}
