import { Button, NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { JSX } from 'react';
import { peopleFoundQuery } from '../../api/queries/groups';
import { namesQuery } from '../../api/queries/users';
import type { Group, GroupEdit, GroupMember } from '../../api/types';
import { groupPageWords as words, groupWords, type GroupRole } from '../../messages/groups';
import { nameOf } from '../../messages/people';
import { Initials } from '../../parts/Initials';
import { Pick, type Choice } from '../../parts/Pick';
import { DataTable, type Column } from '../../ui/DataTable';
import styles from './Group.module.css';

interface MembersProps {
  group: Group;
  me: string;
  mayEdit: boolean;
  busy: boolean;
  onChange: (body: GroupEdit) => void;
}

const assignable = ['member', 'maintainer'] as const;

/** Who is in the group and in which role; whoever may adds, removes and gives roles here, and each change holds at once. */
export function Members({ group, me, mayEdit, busy, onChange }: MembersProps): JSX.Element {
  const members = group.members_info;
  const { data: names } = useQuery(namesQuery(group.members));
  const named = (id: string): string => names?.get(id) ?? (names === undefined ? '…' : groupWords.unknown);
  const set = (next: GroupMember[]): void => {
    onChange({ members_info: next });
  };
  const give = (userId: string, role: GroupRole): void => {
    set(members.map((member) => (member.user_id === userId ? { ...member, role } : member)));
  };
  const columns: Column<GroupMember>[] = [
    {
      id: 'name',
      header: groupWords.columns.name,
      card: 'title',
      width: '45%',
      cell: ({ user_id: id }) => (
        <span className={styles.person}>
          <Initials name={named(id)} />
          <span>
            <span className="strong">{named(id)}</span>
            {id === me ? <span className="muted"> ({words.you})</span> : null}
          </span>
        </span>
      ),
    },
    {
      id: 'role',
      header: groupWords.columns.role,
      cell: ({ user_id: id, role }) =>
        mayEdit && role !== 'owner' ? (
          <NativeSelect
            size="xs"
            className={styles.role}
            aria-label={words.roleOf(named(id))}
            disabled={busy}
            value={role}
            data={assignable.map((value) => ({ value, label: groupWords.roles[value] }))}
            onChange={(event) => {
              give(id, event.currentTarget.value === 'maintainer' ? 'maintainer' : 'member');
            }}
          />
        ) : (
          <span title={groupWords.rolesMore[role]}>{groupWords.roles[role]}</span>
        ),
    },
    {
      id: 'acts',
      header: <span className="hidden-text">{groupWords.columns.acts}</span>,
      align: 'end',
      card: 'corner',
      cell: ({ user_id: id, role }) =>
        mayEdit && group.owner === null ? (
          <Button
            size="xs"
            variant="default"
            disabled={busy}
            aria-label={words.ownLabel(named(id))}
            onClick={() => {
              give(id, 'owner');
            }}
          >
            {words.own}
          </Button>
        ) : mayEdit && role !== 'owner' ? (
          <Button
            size="xs"
            variant="default"
            disabled={busy}
            aria-label={words.takeLabel(named(id))}
            onClick={() => {
              set(members.filter((member) => member.user_id !== id));
            }}
          >
            {words.take}
          </Button>
        ) : null,
    },
  ];
  const useFound = (text: string): { choices: Choice[] | undefined; error: Error | null } => {
    const found = useQuery(peopleFoundQuery(text));
    return {
      choices: found.data?.map((person) => ({
        id: person.user_id,
        name: nameOf(person),
        more: [person.username, person.affiliation ?? ''].filter((part) => part !== '').join(' · '),
        taken: group.members.includes(person.user_id) ? words.inGroup : undefined,
      })),
      error: found.error,
    };
  };
  return (
    <section className="card" aria-labelledby="members">
      <div className="card-head">
        <h2 id="members">{words.members}</h2>
      </div>
      <DataTable label={words.members} columns={columns} rows={members} rowKey={(member) => member.user_id} />
      {mayEdit ? (
        <div className={styles.add}>
          <Pick
            label={words.add}
            hint={words.addHint}
            none={words.nobodyFound}
            verb={words.addVerb}
            useFound={useFound}
            onPick={({ id }) => {
              set([...members, { user_id: id, role: 'member' }]);
            }}
          />
        </div>
      ) : null}
    </section>
  );
}
