import { ActionIcon, NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { JSX } from 'react';
import { groupNamesQuery, groupsFoundQuery, peopleFoundQuery } from '../../api/queries/groups';
import type { UploadEdit } from '../../api/queries/uploads';
import { namesQuery } from '../../api/queries/users';
import type { Upload } from '../../api/types';
import { accessWords as words } from '../../messages/access';
import { nameOf } from '../../messages/people';
import { Initials } from '../../parts/Initials';
import { Pick, type Choice } from '../../parts/Pick';
import { useUser } from '../../session';
import { IconUsers, IconX } from '../../ui/icons';
import { toastStore } from '../../ui/toastStore';
import styles from './AccessStep.module.css';
import { changeOf, everybody, membersOf, type Member } from './members';

interface MemberRowsProps {
  upload: Upload;
  mayEdit: boolean;
  busy: boolean;
  onChange: (edit: UploadEdit) => void;
}

const undoSeconds = 10;

/** One row per person or group; adding, changing and removing is saved at once, removing can be undone. */
export function MemberRows({ upload, mayEdit, busy, onChange }: MemberRowsProps): JSX.Element {
  const me = useUser()?.user_id;
  const members = membersOf(upload);
  const people = useQuery(namesQuery([upload.main_author, ...members.filter(({ kind }) => kind === 'person').map(({ id }) => id)]));
  const groups = useQuery(groupNamesQuery(members.filter(({ kind }) => kind === 'group').map(({ id }) => id)));
  const named = ({ kind, id }: Omit<Member, 'role'>): string => {
    const names = kind === 'person' ? people : groups;
    return names.data?.get(id) ?? (names.isPending ? '…' : kind === 'person' ? words.unknown : words.unknownGroup);
  };
  const remove = (member: Member): void => {
    onChange(changeOf(member, undefined));
    const hide = toastStore.show(
      {
        text: words.removed(named(member)),
        tone: 'plain',
        action: {
          label: words.undo,
          run: () => {
            hide();
            onChange(changeOf({ kind: member.kind, id: member.id }, member.role));
          },
        },
      },
      undoSeconds,
    );
  };
  const useFound = (text: string): { choices: Choice[] | undefined; error: Error | null } => {
    const found = useQuery(peopleFoundQuery(text));
    const foundGroups = useQuery(groupsFoundQuery(text));
    const here = (kind: Member['kind'], id: string): string | undefined =>
      id === upload.main_author || members.some((member) => member.kind === kind && member.id === id) ? words.here : undefined;
    if (found.data === undefined && foundGroups.data === undefined) return { choices: undefined, error: found.error ?? foundGroups.error };
    return {
      choices: [
        ...(found.data ?? []).map((person) => ({
          id: `person ${person.user_id}`,
          name: nameOf(person),
          more: [person.username, person.affiliation ?? ''].filter((part) => part !== '').join(' · '),
          taken: here('person', person.user_id),
        })),
        ...(foundGroups.data ?? []).map((group) => ({ id: `group ${group.group_id}`, name: group.group_name, more: words.group, taken: here('group', group.group_id) })),
      ],
      error: found.error ?? foundGroups.error,
    };
  };
  return (
    <>
      {mayEdit ? (
        <Pick
          label={words.add}
          hint={words.addHint}
          none={words.nobody}
          verb={words.addVerb}
          useFound={useFound}
          onPick={({ id }) => {
            const [kind, ...rest] = id.split(' ');
            onChange(changeOf({ kind: kind === 'group' ? 'group' : 'person', id: rest.join(' ') }, 'reviewer'));
          }}
        />
      ) : null}
      <ul className={styles.rows} aria-label={words.title}>
        <li>
          <Who name={named({ kind: 'person', id: upload.main_author })} kind="person" mine={upload.main_author === me} more={words.owner} />
        </li>
        {members.map((member) => (
          <li key={`${member.kind} ${member.id}`}>
            <Who name={named(member)} kind={member.kind} mine={member.id === me} more={member.kind === 'group' ? words.group : words.rolesMore[member.role]} />
            {mayEdit ? (
              <>
                <NativeSelect
                  size="xs"
                  className={styles.role}
                  aria-label={words.roleOf(named(member))}
                  disabled={busy}
                  value={member.role}
                  data={everybody.map((role) => ({ value: role, label: words.roles[role] }))}
                  onChange={({ currentTarget: { value } }) => {
                    onChange(changeOf(member, value === 'coauthor' ? 'coauthor' : 'reviewer'));
                  }}
                />
                <ActionIcon
                  variant="subtle"
                  size="lg"
                  disabled={busy}
                  aria-label={words.remove(named(member))}
                  onClick={() => {
                    remove(member);
                  }}
                >
                  <IconX size={18} aria-hidden />
                </ActionIcon>
              </>
            ) : (
              <span className="table-text">{words.roles[member.role]}</span>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}

function Who({ name, kind, mine, more }: { name: string; kind: Member['kind']; mine: boolean; more: string }): JSX.Element {
  return (
    <span className={styles.who}>
      {kind === 'group' ? <IconUsers size={24} aria-hidden /> : <Initials name={name} />}
      <span>
        <span className="strong">{name}</span>
        {mine ? <span className="muted"> ({words.you})</span> : null}
        <span className="small muted" style={{ display: 'block' }}>
          {more}
        </span>
      </span>
    </span>
  );
}
