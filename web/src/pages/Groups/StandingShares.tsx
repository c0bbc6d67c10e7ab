import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useState, type JSX } from 'react';
import { groupKeys, groupNamesQuery, removeShare, sharesQuery } from '../../api/queries/groups';
import { namesQuery } from '../../api/queries/users';
import type { SessionUser } from '../../api/signin';
import type { Share } from '../../api/types';
import { groupWords, shareWords as words } from '../../messages/groups';
import { InlineProblem } from '../../ui/InlineProblem';
import { RowSkeleton } from '../../ui/Skeletons';
import { toastStore } from '../../ui/toastStore';
import styles from './Groups.module.css';

const ShareDialog = lazy(async () => ({ default: (await import('./ShareDialog')).ShareDialog }));

const toldFor = 6;

/** With whom new uploads are shared from the start, with a way to add and end that. */
export function StandingShares({ user }: { user: SessionUser }): JSX.Element {
  const list = useQuery(sharesQuery);
  const [adding, setAdding] = useState(false);
  return (
    <section className="card" aria-labelledby="shares">
      <div className="card-head">
        <h2 id="shares">{words.title}</h2>
        <Button
          variant="default"
          size="xs"
          aria-haspopup="dialog"
          onClick={() => {
            setAdding(true);
          }}
        >
          {words.add}
        </Button>
      </div>
      <p className={`${styles.note ?? ''} muted small`}>{words.sub}</p>
      {list.isPending ? <RowSkeleton rows={2} /> : null}
      {list.isError ? <InlineProblem error={list.error} onAgain={() => void list.refetch()} /> : null}
      {list.data?.length === 0 ? <p className={styles.note}>{words.none}</p> : null}
      {list.data === undefined || list.data.length === 0 ? null : <Lines shares={list.data} user={user} />}
      <Suspense>
        {adding ? (
          <ShareDialog
            user={user}
            onClose={() => {
              setAdding(false);
            }}
          />
        ) : null}
      </Suspense>
    </section>
  );
}

function Lines({ shares, user }: { shares: Share[]; user: SessionUser }): JSX.Element {
  const queries = useQueryClient();
  const { data: people } = useQuery(namesQuery(shares.flatMap((share) => share.with_user ?? [])));
  const { data: groups } = useQuery(groupNamesQuery(shares.flatMap((share) => (share.with_group === null || share.with_group === 'all' ? [] : share.with_group))));
  const end = useMutation({
    mutationFn: (share: Share) => removeShare(share.share_id),
    onSuccess: async () => {
      toastStore.show({ text: words.ended, tone: 'plain' }, toldFor);
      await queries.invalidateQueries({ queryKey: groupKeys.shares });
    },
  });
  const nameOf = ({ with_user: person, with_group: group }: Share): string => {
    if (group === 'all') return words.everybody;
    return (group === null ? people?.get(person ?? '') : groups?.get(group)) ?? groupWords.unknown;
  };
  return (
    <>
      <ul className={styles.lines}>
        {shares.map((share) => {
          const line = words.line(share.user_id === null, nameOf(share), share.role);
          const may = user.is_admin || (share.user_id === user.user_id && share.created_by === user.user_id);
          return (
            <li key={share.share_id}>
              <span>
                {line} {may || share.user_id === null ? null : <span className="small muted">({words.byAdmin})</span>}
              </span>
              {may ? (
                <Button
                  size="xs"
                  variant="default"
                  aria-label={words.endLabel(line)}
                  loading={end.isPending && end.variables.share_id === share.share_id}
                  onClick={() => {
                    end.mutate(share);
                  }}
                >
                  {words.end}
                </Button>
              ) : null}
            </li>
          );
        })}
      </ul>
      {end.isError ? <InlineProblem error={end.error} /> : null}
    </>
  );
}
