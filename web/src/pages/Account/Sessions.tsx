import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type JSX } from 'react';
import { accountKeys, endAll, endSession, sessionsQuery, type BrowserSession } from '../../api/queries/account';
import { tokenKeys } from '../../api/queries/tokens';
import { accountWords as words } from '../../messages/account';
import { Confirm } from '../../ui/Confirm';
import { InlineProblem } from '../../ui/InlineProblem';
import { RowSkeleton } from '../../ui/Skeletons';
import { TimeAgo } from '../../ui/TimeAgo';
import styles from './Account.module.css';
import { Section } from './Section';

/** Where I am signed in, and the one button that ends everything else. */
export function Sessions(): JSX.Element {
  const queries = useQueryClient();
  const sessions = useQuery(sessionsQuery);
  const [asking, setAsking] = useState(false);
  const refresh = async (): Promise<void> => {
    await queries.invalidateQueries({ queryKey: accountKeys.all });
    await queries.invalidateQueries({ queryKey: tokenKeys.all });
  };
  const one = useMutation({ mutationFn: endSession, onSuccess: refresh });
  const all = useMutation({
    mutationFn: () => endAll(true),
    onSuccess: refresh,
    onSettled: () => {
      setAsking(false);
    },
  });
  const error = sessions.error ?? one.error ?? all.error;
  return (
    <Section title={words.sessions}>
      {sessions.isPending ? <RowSkeleton rows={2} /> : null}
      {error === null ? null : <InlineProblem error={error} onAgain={() => void sessions.refetch()} />}
      <ul className={styles.rows}>
        {sessions.data?.map((session) => (
          <li key={session.id}>
            <Facts session={session} />
            {session.current ? null : (
              <Button
                size="xs"
                variant="default"
                loading={one.isPending && one.variables === session.id}
                onClick={() => {
                  one.mutate(session.id);
                }}
              >
                {words.end}
              </Button>
            )}
          </li>
        ))}
      </ul>
      <div className="row">
        <Button
          variant="default"
          onClick={() => {
            setAsking(true);
          }}
        >
          {words.endAll}…
        </Button>
        <span role="status" className="muted">
          {all.isSuccess ? words.ended : ''}
        </span>
      </div>
      {asking ? (
        <Confirm
          title={words.endAll}
          act={words.endAllAct}
          pending={all.isPending}
          onAct={() => {
            all.mutate();
          }}
          onClose={() => {
            setAsking(false);
          }}
        >
          {words.endAllMore}
        </Confirm>
      ) : null}
    </Section>
  );
}

function Facts({ session }: { session: BrowserSession }): JSX.Element {
  return (
    <span className="stack-s">
      <span className="strong">{session.current ? `${words.here} · ${session.device}` : session.device}</span>
      <span className="muted table-text">
        {words.since} <TimeAgo iso={session.created} />, {words.seen} <TimeAgo iso={session.last_seen} />
        {session.address === '' ? null : `, ${words.from(session.address)}`}
      </span>
    </span>
  );
}
