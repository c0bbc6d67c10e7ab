import { Button } from '@mantine/core';
import { lazy, Suspense, useState, type JSX } from 'react';
import type { Account, Linked } from '../../api/types';
import { nameOf, peopleWords as words } from '../../messages/people';
import { Initials } from '../../parts/Initials';
import { useUser } from '../../session';
import { DataTable, type Column } from '../../ui/DataTable';
import { IconCheck, IconMail, IconX } from '../../ui/icons';
import { StateBadge } from '../../ui/StateBadge';
import { TimeAgo } from '../../ui/TimeAgo';
import styles from './AdminPeople.module.css';

const PersonDialog = lazy(async () => ({ default: (await import('./PersonDialog')).PersonDialog }));

interface PeopleTableProps {
  people: Account[];
  stale: boolean;
  /** Takes the one answer that may hold a link. */
  onLinked: (linked: Linked) => void;
}

/** The accounts; what can be done to one stands in the dialog that its row opens. */
export function PeopleTable({ people, stale, onLinked }: PeopleTableProps): JSX.Element {
  const me = useUser()?.user_id;
  const [openId, setOpenId] = useState<string>();
  // The row may change while its dialog is open.
  const open = people.find((person) => person.user_id === openId);
  const columns: Column<Account>[] = [
    {
      id: 'name',
      header: words.columns.name,
      card: 'title',
      width: '26%',
      cell: (person) => (
        <span className={styles.person}>
          <Initials name={nameOf(person)} />
          <span>
            <span className="strong">{nameOf(person)}</span>
            {person.user_id === me ? <span className="muted"> ({words.you})</span> : null}
            {person.name === '' || person.name === person.username ? null : (
              <span className="small muted" style={{ display: 'block' }}>
                {person.username}
              </span>
            )}
          </span>
        </span>
      ),
    },
    { id: 'email', header: words.columns.email, cell: (person) => person.email },
    {
      id: 'role',
      header: words.columns.role,
      cell: (person) => (
        <>
          <span className={styles.label}>{words.columns.role} </span>
          {rolesOf(person)}
          {person.origin === 'external' ? <div className="small muted">{words.external(person.issuer)}</div> : null}
        </>
      ),
    },
    {
      id: 'factor',
      header: words.columns.factor,
      cell: (person) => (
        <>
          <span className={styles.label}>{words.columns.factor} </span>
          <Factor person={person} />
        </>
      ),
    },
    {
      id: 'seen',
      header: words.columns.seen,
      card: 'start',
      cell: (person) => (
        <>
          <span className={styles.label}>{words.columns.seen} </span>
          {person.last_seen === null ? <span className="muted">{words.never}</span> : <TimeAgo iso={person.last_seen} />}
        </>
      ),
    },
    { id: 'state', header: words.columns.state, card: 'corner', cell: (person) => <State state={person.state} /> },
    {
      id: 'acts',
      header: <span className="hidden-text">{words.columns.acts}</span>,
      align: 'end',
      card: 'end',
      cell: (person) => (
        <Button
          size="xs"
          variant="default"
          aria-label={words.manageLabel(nameOf(person))}
          aria-haspopup="dialog"
          onClick={() => {
            setOpenId(person.user_id);
          }}
        >
          {words.manage}
        </Button>
      ),
    },
  ];
  return (
    <>
      <DataTable label={words.title} columns={columns} rows={people} rowKey={(person) => person.user_id} stale={stale} />
      <Suspense>
        {open === undefined ? null : (
          <PersonDialog
            key={open.user_id}
            person={open}
            onLinked={(linked) => {
              setOpenId(undefined);
              onLinked(linked);
            }}
            onClose={() => {
              setOpenId(undefined);
            }}
          />
        )}
      </Suspense>
    </>
  );
}

function rolesOf(person: Account): string {
  const roles = [...(person.admin ? [words.admin] : []), ...(person.lab_manager ? [words.manager] : [])];
  return roles.length === 0 ? words.member : roles.join(', ');
}

function Factor({ person }: { person: Account }): JSX.Element {
  if (person.second_factor) return <span>{words.factor.yes}</span>;
  return <span className="muted">{person.origin === 'external' ? words.factor.elsewhere : words.factor.no}</span>;
}

const states = { active: { tone: 'ok', icon: IconCheck }, invited: { tone: 'info', icon: IconMail }, disabled: { tone: 'bad', icon: IconX } } as const;

function State({ state }: { state: Account['state'] }): JSX.Element {
  return (
    <StateBadge tone={states[state].tone} icon={states[state].icon}>
      {words.states[state]}
    </StateBadge>
  );
}
