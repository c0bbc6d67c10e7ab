import { ActionIcon, Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { JSX } from 'react';
import { deleteNotification, respondToTransfer, type Notification } from '../api/queries/notifications';
import { namesQuery } from '../api/queries/users';
import { notificationSentence, notificationWords as words, offerOf } from '../messages/notifications';
import { IconX } from '../ui/icons';
import { InlineProblem } from '../ui/InlineProblem';
import { TimeAgo } from '../ui/TimeAgo';
import { toastStore } from '../ui/toastStore';
import styles from './Bell.module.css';

/** What one is told, newest first; offers are answered here. The stream tells when something is gone. */
export function NotificationList({ list, onGo }: { list: Notification[]; onGo: () => void }): JSX.Element {
  const actors = list.flatMap(({ actor_user_id: actor }) => (actor === undefined ? [] : [actor]));
  const names = useQuery(namesQuery(actors)).data;
  if (list.length === 0) return <p className={styles.empty}>{words.none}</p>;
  return (
    <ul>
      {list.map((one) => (
        <Item key={one.id} one={one} actor={names?.get(one.actor_user_id ?? '') ?? 'Somebody'} onGo={onGo} />
      ))}
    </ul>
  );
}

function Item({ one, actor, onGo }: { one: Notification; actor: string; onGo: () => void }): JSX.Element {
  const queries = useQueryClient();
  const sentence = notificationSentence(one, actor);
  const { resource_id: id = '', resource_name: name = '', resource_type: type = 'upload' } = one.data;
  const remove = useMutation({ mutationFn: () => deleteNotification(one.id) });
  const offer = offerOf(one);
  const respond = useMutation({
    mutationFn: (action: 'accept' | 'refuse') => respondToTransfer(offer ?? '', action, type === 'group' ? 'group' : 'upload'),
    onSuccess: async (_result, action) => {
      toastStore.show({ text: action === 'accept' ? words.taken(name) : words.declined(name), tone: 'plain' }, 6);
      await queries.invalidateQueries();
    },
  });
  const problem = remove.error ?? respond.error;
  return (
    <li className={styles.item}>
      <div className={styles.words}>
        {type === 'upload' && id !== '' ? (
          <Link to="/uploads/$id" params={{ id }} onClick={onGo}>
            {sentence}
          </Link>
        ) : (
          <span>{sentence}</span>
        )}
        <span className="small muted">
          <TimeAgo iso={one.created_at} />
        </span>
        {offer === undefined ? null : (
          <span className="row">
            <Button
              size="xs"
              loading={respond.isPending}
              onClick={() => {
                respond.mutate('accept');
              }}
            >
              {words.accept}
            </Button>
            <Button
              size="xs"
              variant="default"
              disabled={respond.isPending}
              onClick={() => {
                respond.mutate('refuse');
              }}
            >
              {words.refuse}
            </Button>
          </span>
        )}
        {problem === null ? null : <InlineProblem error={problem} />}
      </div>
      {offer === undefined ? (
        <ActionIcon
          variant="subtle"
          aria-label={words.remove(sentence)}
          loading={remove.isPending}
          onClick={() => {
            remove.mutate();
          }}
        >
          <IconX size={16} aria-hidden />
        </ActionIcon>
      ) : null}
    </li>
  );
}
