import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { JSX } from 'react';
import { namesQuery } from '../../api/queries/users';
import type { Group } from '../../api/types';
import { groupWords as words } from '../../messages/groups';
import { useUser } from '../../session';
import { DataTable, type Column } from '../../ui/DataTable';
import styles from './Groups.module.css';

/** Groups with the own role in each; the name leads to the group. */
export function GroupsTable({ groups, stale }: { groups: Group[]; stale: boolean }): JSX.Element {
  const me = useUser()?.user_id;
  const { data: names } = useQuery(namesQuery(groups.flatMap(({ owner }) => owner ?? [])));
  const columns: Column<Group>[] = [
    {
      id: 'name',
      header: words.columns.name,
      card: 'title',
      width: '44%',
      cell: (group) => (
        <>
          <Link to="/groups/$id" params={{ id: group.group_id }} className="strong">
            {group.group_name}
          </Link>
          {group.description === null ? null : <div className="small muted">{group.description}</div>}
        </>
      ),
    },
    { id: 'role', header: words.columns.you, card: 'corner', cell: (group) => roleIn(group, me) },
    {
      id: 'owner',
      header: words.columns.owner,
      card: 'start',
      cell: (group) => (
        <>
          <span className={styles.label}>{words.columns.owner}: </span>
          {group.owner === null ? words.noOwner : (names?.get(group.owner) ?? '')}
        </>
      ),
    },
    { id: 'members', header: words.columns.members, align: 'end', card: 'end', cell: words.members },
  ];
  return <DataTable label={words.title} columns={columns} rows={groups} rowKey={(group) => group.group_id} stale={stale} />;
}

function roleIn(group: Group, me: string | undefined): string {
  const role = group.members_info.find(({ user_id: id }) => id === me)?.role;
  return role === undefined ? '' : words.roles[role];
}
