import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { JSX } from 'react';
import { groupNamesQuery, groupsFoundQuery } from '../../api/queries/groups';
import type { Group, GroupEdit } from '../../api/types';
import { groupPageWords as words, groupWords } from '../../messages/groups';
import { Pick, type Choice } from '../../parts/Pick';
import styles from './Group.module.css';

interface SubgroupsProps {
  group: Group;
  mayEdit: boolean;
  busy: boolean;
  onChange: (body: GroupEdit) => void;
}

/** The groups whose members are in this one too. */
export function Subgroups({ group, mayEdit, busy, onChange }: SubgroupsProps): JSX.Element {
  const { data: names } = useQuery(groupNamesQuery(group.subgroups));
  const named = (id: string): string => names?.get(id) ?? '…';
  const useFound = (text: string): { choices: Choice[] | undefined; error: Error | null } => {
    const found = useQuery(groupsFoundQuery(text));
    return {
      choices: found.data
        ?.filter(({ group_id: id }) => id !== group.group_id)
        .map((one) => ({ id: one.group_id, name: one.group_name, more: groupWords.members(one), taken: group.subgroups.includes(one.group_id) ? words.inGroup : undefined })),
      error: found.error,
    };
  };
  return (
    <section className="card" aria-labelledby="subgroups">
      <div className="card-head">
        <h2 id="subgroups">{words.subgroups}</h2>
      </div>
      <p className={`${styles.note ?? ''} muted small`}>{words.subgroupsMore}</p>
      {group.subgroups.length === 0 ? (
        <p className={styles.note}>{words.noSubgroups}</p>
      ) : (
        <ul className={styles.lines}>
          {group.subgroups.map((id) => (
            <li key={id}>
              <Link to="/groups/$id" params={{ id }}>
                {named(id)}
              </Link>
              {mayEdit ? (
                <Button
                  size="xs"
                  variant="default"
                  disabled={busy}
                  aria-label={words.takeLabel(named(id))}
                  onClick={() => {
                    onChange({ subgroups: group.subgroups.filter((one) => one !== id) });
                  }}
                >
                  {words.take}
                </Button>
              ) : null}
            </li>
          ))}
        </ul>
      )}
      {mayEdit ? (
        <div className={styles.add}>
          <Pick
            label={words.addGroup}
            hint={words.addGroupHint}
            none={words.noneFound}
            verb={words.addVerb}
            useFound={useFound}
            onPick={({ id }) => {
              onChange({ subgroups: [...group.subgroups, id] });
            }}
          />
        </div>
      ) : null}
    </section>
  );
}
