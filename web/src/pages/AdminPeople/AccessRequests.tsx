import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { JSX } from 'react';
import { decideRequest, peopleKeys, requestsQuery } from '../../api/queries/people';
import { policyKeys } from '../../api/queries/policy';
import type { AccessRequest } from '../../api/types';
import { nameOf, requestWords as words } from '../../messages/people';
import { Initials } from '../../parts/Initials';
import { InlineProblem } from '../../ui/InlineProblem';
import { TimeAgo } from '../../ui/TimeAgo';
import { toastStore } from '../../ui/toastStore';
import styles from './AdminPeople.module.css';

const toldFor = 6;

/** Who asks to be let in, with the two answers; nothing when nobody asks. */
export function AccessRequests(): JSX.Element | null {
  const list = useQuery(requestsQuery);
  if (list.isError) return <InlineProblem error={list.error} onAgain={() => void list.refetch()} />;
  if (list.data === undefined || list.data.length === 0) return null;
  return (
    <section className="card" aria-labelledby="requests">
      <div className="card-head">
        <h2 id="requests">{words.title(list.data.length)}</h2>
      </div>
      <ul>
        {list.data.map((request) => (
          <Request key={request.id} request={request} />
        ))}
      </ul>
    </section>
  );
}

function Request({ request }: { request: AccessRequest }): JSX.Element {
  const queries = useQueryClient();
  const name = request.user === null ? request.username : nameOf(request.user);
  const decide = useMutation({
    mutationFn: (what: 'approve' | 'decline') => decideRequest(request.id, what),
    onSuccess: async (_done, what) => {
      toastStore.show({ text: what === 'approve' ? words.approved(name) : words.declined(name), tone: 'plain' }, toldFor);
      await Promise.all([queries.invalidateQueries({ queryKey: peopleKeys.requests }), queries.invalidateQueries({ queryKey: policyKeys.all })]);
    },
  });
  return (
    <li className={styles.request}>
      <Initials name={name} />
      <div className={styles.words}>
        <div>
          <span className="strong">{name}</span>{' '}
          <span className="muted small">
            {request.username}
            {request.email === null ? '' : ` · ${request.email}`} · {words.asked} <TimeAgo iso={request.created} />
          </span>
        </div>
        <div className={request.message === '' ? 'muted' : styles.message}>{request.user === null ? words.gone : request.message === '' ? words.nothing : request.message}</div>
        {decide.isError ? <InlineProblem error={decide.error} /> : null}
      </div>
      <div className="row">
        <Button
          size="xs"
          aria-label={words.approveLabel(name)}
          disabled={request.user === null || decide.isPending}
          onClick={() => {
            decide.mutate('approve');
          }}
        >
          {words.approve}
        </Button>
        <Button
          size="xs"
          variant="default"
          aria-label={words.declineLabel(name)}
          disabled={decide.isPending}
          onClick={() => {
            decide.mutate('decline');
          }}
        >
          {words.decline}
        </Button>
      </div>
    </li>
  );
}
