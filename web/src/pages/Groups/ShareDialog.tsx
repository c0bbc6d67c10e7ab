import { Button, Radio } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type JSX, type SubmitEvent } from 'react';
import { createShare, groupKeys, groupsFoundQuery, peopleFoundQuery } from '../../api/queries/groups';
import type { SessionUser } from '../../api/signin';
import { groupPageWords, shareWords as words } from '../../messages/groups';
import { nameOf } from '../../messages/people';
import { Pick, type Choice } from '../../parts/Pick';
import { Dialog } from '../../ui/Dialog';
import { InlineProblem } from '../../ui/InlineProblem';
import styles from './Groups.module.css';

interface Chosen extends Choice {
  kind: 'person' | 'group';
}

/** People and groups in one list; the kind is told by the id's prefix, which is taken off when one is chosen. */
function useBoth(text: string): { choices: Choice[] | undefined; error: Error | null } {
  const people = useQuery(peopleFoundQuery(text));
  const groups = useQuery(groupsFoundQuery(text));
  const both = people.data === undefined && groups.data === undefined ? undefined : true;
  return {
    choices: both && [
      ...(groups.data ?? []).map((group) => ({ id: `group:${group.group_id}`, name: group.group_name, more: words.group })),
      ...(people.data ?? []).map((person) => ({ id: `person:${person.user_id}`, name: nameOf(person), more: person.username })),
    ],
    error: people.error ?? groups.error,
  };
}

/** Asks with whom new uploads are to be shared, and how. */
export function ShareDialog({ user, onClose }: { user: SessionUser; onClose: () => void }): JSX.Element {
  const queries = useQueryClient();
  const [whose, setWhose] = useState('mine');
  const [chosen, setChosen] = useState<Chosen>();
  const [role, setRole] = useState<'reviewer' | 'coauthor'>('reviewer');
  const save = useMutation({
    mutationFn: async ({ id, kind }: Chosen) =>
      createShare({ ...(whose === 'mine' ? {} : { user_id: null }), ...(kind === 'group' ? { with_group: id } : { with_user: id }), role }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: groupKeys.shares });
      onClose();
    },
  });
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (chosen !== undefined) save.mutate(chosen);
  };
  return (
    <Dialog title={words.addTitle} onClose={onClose} size={520}>
      <form onSubmit={submit} className="stack-l">
        {user.is_admin ? (
          <Radio.Group label={words.whose} value={whose} onChange={setWhose}>
            <div className="stack-s">
              <Radio value="mine" label={words.mine} />
              <Radio value="all" label={words.all} />
            </div>
          </Radio.Group>
        ) : null}
        {chosen === undefined ? (
          <Pick
            label={words.with}
            hint={words.withHint}
            none={groupPageWords.nobodyFound}
            verb={words.verb}
            useFound={useBoth}
            onPick={({ id, name }) => {
              const [kind, rest] = id.split(/:(.*)/s);
              setChosen({ id: rest ?? '', name, kind: kind === 'group' ? 'group' : 'person' });
            }}
          />
        ) : (
          <div className={styles.chosen}>
            <span>
              <span className="strong">{words.chosen(chosen.name)}</span> <span className="small muted">{words[chosen.kind]}</span>
            </span>
            <Button
              size="xs"
              variant="default"
              onClick={() => {
                setChosen(undefined);
              }}
            >
              {words.other}
            </Button>
          </div>
        )}
        <Radio.Group
          label={words.role}
          value={role}
          onChange={(value) => {
            setRole(value === 'coauthor' ? 'coauthor' : 'reviewer');
          }}
        >
          <div className="stack-s">
            <Radio value="reviewer" label={words.roles.reviewer} />
            <Radio value="coauthor" label={words.roles.coauthor} />
          </div>
        </Radio.Group>
        {save.isError ? <InlineProblem error={save.error} /> : null}
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={chosen === undefined} loading={save.isPending}>
            {words.act}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
