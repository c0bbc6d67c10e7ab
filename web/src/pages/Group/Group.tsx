import { Button } from '@mantine/core';
import { useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy, Suspense, useState, type JSX } from 'react';
import { editGroup, groupKeys, groupQuery, leaveGroup, removeGroup } from '../../api/queries/groups';
import type { Group as GroupShape, GroupEdit } from '../../api/types';
import { groupPageWords as words, groupWords } from '../../messages/groups';
import { useSession } from '../../session';
import { Confirm } from '../../ui/Confirm';
import { InlineProblem } from '../../ui/InlineProblem';
import { PageHead } from '../../ui/PageHead';
import { Says } from '../../ui/Says';
import { toastStore } from '../../ui/toastStore';
import { Members } from './Members';
import { Subgroups } from './Subgroups';

const GroupDialog = lazy(async () => ({ default: (await import('../Groups/GroupDialog')).GroupDialog }));

const route = getRouteApi('/inside/groups/$id');
const toldFor = 6;

type Asking = 'edit' | 'leave' | 'remove';

/** One group: who is in it, which groups are in it, and what one may do with it. */
export function Group(): JSX.Element {
  const { id } = route.useParams();
  const { lab_name: lab, user } = useSession();
  const { data: group } = useSuspenseQuery(groupQuery(id));
  const [asking, setAsking] = useState<Asking>();
  const save = useSave(id);
  const role = group.members_info.find((member) => member.user_id === user?.user_id)?.role;
  const admin = user?.is_admin === true;
  const may = { edit: admin || role === 'owner' || role === 'maintainer', leave: role !== undefined && role !== 'owner', remove: admin || role === 'owner' };
  const ask = (what: Asking) => () => {
    setAsking(what);
  };
  const change = (body: GroupEdit): void => {
    save.mutate(body);
  };
  return (
    <>
      <PageHead
        title={group.group_name}
        tab={[group.group_name, groupWords.title, lab]}
        crumbs={<Link to="/groups">{groupWords.title}</Link>}
        sub={group.description ?? undefined}
        actions={
          <div className="row">
            {may.edit ? (
              <Button variant="default" aria-haspopup="dialog" onClick={ask('edit')}>
                {words.edit}
              </Button>
            ) : null}
            {may.leave ? (
              <Button variant="default" aria-haspopup="dialog" onClick={ask('leave')}>
                {words.leave}
              </Button>
            ) : null}
            {may.remove ? (
              <Button variant="default" aria-haspopup="dialog" onClick={ask('remove')}>
                {words.remove}
              </Button>
            ) : null}
          </div>
        }
      />
      <div className="stack">
        {may.edit || user === null ? null : <Says tone="info">{words.notMine}</Says>}
        {group.owner === null && user !== null ? <Says tone="warn">{words.noOwner}</Says> : null}
        {save.isError ? <InlineProblem error={save.error} /> : null}
        {user === null ? <p className="muted">{groupWords.members(group)}</p> : <Members group={group} me={user.user_id} mayEdit={may.edit} busy={save.isPending} onChange={change} />}
        {user === null ? null : <Subgroups group={group} mayEdit={may.edit} busy={save.isPending} onChange={change} />}
      </div>
      <Suspense>
        {asking === 'edit' ? (
          <GroupDialog
            group={group}
            onSave={async (body) => {
              await save.mutateAsync(body);
              setAsking(undefined);
            }}
            onClose={() => {
              setAsking(undefined);
            }}
          />
        ) : null}
      </Suspense>
      {asking === 'leave' || asking === 'remove' ? (
        <Goodbye
          group={group}
          what={asking}
          onClose={() => {
            setAsking(undefined);
          }}
        />
      ) : null}
    </>
  );
}

/** Sends a change and shows what the server made of it. */
function useSave(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: GroupEdit) => editGroup(id, body),
    onSuccess: async (group) => {
      queries.setQueryData(groupQuery(id).queryKey, group);
      await queries.invalidateQueries({ queryKey: [...groupKeys.all, 'list'] });
    },
    // Somebody else may have changed it meanwhile: show how it is.
    onError: () => queries.invalidateQueries({ queryKey: groupKeys.one(id) }),
  });
}

function Goodbye({ group, what, onClose }: { group: GroupShape; what: 'leave' | 'remove'; onClose: () => void }): JSX.Element {
  const navigate = route.useNavigate();
  const queries = useQueryClient();
  const go = useMutation({
    mutationFn: () => (what === 'leave' ? leaveGroup(group.group_id) : removeGroup(group.group_id)),
    onSuccess: async () => {
      toastStore.show({ text: what === 'leave' ? words.left(group.group_name) : words.removed(group.group_name), tone: 'plain' }, toldFor);
      await navigate({ to: '/groups' });
      queries.removeQueries({ queryKey: groupKeys.one(group.group_id) });
      await Promise.all([queries.invalidateQueries({ queryKey: groupKeys.all }), queries.invalidateQueries({ queryKey: groupKeys.shares }), queries.invalidateQueries({ queryKey: ['uploads'] })]);
    },
  });
  return (
    <Confirm
      title={what === 'leave' ? words.leaveTitle(group.group_name) : words.removeTitle(group.group_name)}
      act={what === 'leave' ? words.leaveAct : words.removeAct}
      pending={go.isPending}
      onAct={() => {
        go.mutate();
      }}
      onClose={onClose}
    >
      <p>{what === 'leave' ? words.leaveText : words.removeText(group)}</p>
      {go.isError ? <InlineProblem error={go.error} /> : null}
    </Confirm>
  );
}
