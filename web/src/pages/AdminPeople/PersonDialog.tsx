import { Button, Checkbox } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState, type JSX, type ReactNode } from 'react';
import { resetAccount } from '../../api/queries/people';
import type { Account, Linked } from '../../api/types';
import { formatMoment, formatShortDate } from '../../messages/format';
import { nameOf, peopleWords, personWords as words } from '../../messages/people';
import { Confirm } from '../../ui/Confirm';
import { Dialog } from '../../ui/Dialog';
import { InlineProblem } from '../../ui/InlineProblem';
import { KeyValue } from '../../ui/KeyValue';
import styles from './AdminPeople.module.css';
import { usePersonActs } from './usePersonActs';

interface PersonDialogProps {
  person: Account;
  /** Takes the one answer that may hold a link. */
  onLinked: (linked: Linked) => void;
  onClose: () => void;
}

/** One account with its facts, roles and acts. Only removing asks again; everything else can be taken back. */
export function PersonDialog({ person, onLinked, onClose }: PersonDialogProps): JSX.Element {
  const [removing, setRemoving] = useState(false);
  // What was clicked shows at once: it can be taken back, and a refusal sets it back.
  const [clicked, setClicked] = useState<Partial<Record<'admin' | 'lab_manager', boolean>>>({});
  const { change, end, remove } = usePersonActs(person, onClose);
  if (removing) {
    return (
      <Confirm
        title={words.removeTitle(nameOf(person))}
        act={words.removeAct}
        pending={remove.isPending}
        onAct={() => {
          remove.mutate();
        }}
        onClose={onClose}
      >
        <div className="stack">
          <p>{words.removeText(person)}</p>
          {remove.isError ? <InlineProblem error={remove.error} /> : null}
        </div>
      </Confirm>
    );
  }
  const failed = change.error ?? end.error;
  const role = (name: 'admin' | 'lab_manager', label: string, description: string): JSX.Element => (
    <Checkbox
      label={label}
      description={description}
      checked={clicked[name] ?? person[name]}
      onChange={({ currentTarget: { checked } }) => {
        if (change.isPending) return;
        setClicked({ [name]: checked });
        change.mutate(
          { [name]: checked },
          {
            onSettled: () => {
              setClicked({});
            },
          },
        );
      }}
    />
  );
  return (
    <Dialog title={nameOf(person)} onClose={onClose} size={560}>
      <div className="stack-l">
        <Facts person={person} />
        {failed === null ? null : <InlineProblem error={failed} />}
        <Part title={words.roles}>
          {role('admin', peopleWords.admin, words.adminMore)}
          {role('lab_manager', peopleWords.manager, words.managerMore)}
        </Part>
        <Part title={words.ways}>
          <Reset person={person} onLinked={onLinked} />
          <EndAll pending={end.isPending} onEnd={end.mutate} />
        </Part>
        <Part title={words.account}>
          <Act
            text={person.disabled ? words.enableMore : words.disableMore}
            button={
              <Button
                size="xs"
                variant="default"
                loading={change.isPending}
                onClick={() => {
                  change.mutate({ disabled: !person.disabled });
                }}
              >
                {person.disabled ? words.enable : words.disable}
              </Button>
            }
          />
          <Act
            text={words.removeMore}
            button={
              <Button
                size="xs"
                variant="default"
                onClick={() => {
                  setRemoving(true);
                }}
              >
                {words.remove}
              </Button>
            }
          />
        </Part>
      </div>
    </Dialog>
  );
}

function Facts({ person }: { person: Account }): JSX.Element {
  const { facts } = words;
  return (
    <KeyValue
      facts={[
        [facts.username, person.username],
        [facts.email, person.email],
        [facts.affiliation, person.affiliation],
        [facts.created, formatShortDate(person.created)],
        [facts.seen, person.last_seen === null ? peopleWords.never : formatMoment(person.last_seen)],
        [facts.signIn, person.last_sign_in === null ? peopleWords.never : formatMoment(person.last_sign_in)],
        [facts.factor, person.second_factor ? peopleWords.factor.yes : person.origin === 'external' ? peopleWords.factor.elsewhere : peopleWords.factor.no],
      ]}
    />
  );
}

function Part({ title, children }: { title: string; children: ReactNode }): JSX.Element {
  return (
    <section className={styles.part} aria-label={title}>
      <h3>{title}</h3>
      {children}
    </section>
  );
}

function Act({ text, button }: { text: ReactNode; button: ReactNode }): JSX.Element {
  return (
    <div className={styles.act}>
      <div className="muted table-text">{text}</div>
      {button}
    </div>
  );
}

function Reset({ person, onLinked }: Pick<PersonDialogProps, 'person' | 'onLinked'>): JSX.Element {
  const [factors, setFactors] = useState(false);
  const reset = useMutation({ mutationFn: () => resetAccount(person.user_id, factors), onSuccess: onLinked, gcTime: 0 });
  if (person.origin === 'external') return <p className="muted table-text">{words.noReset(person.issuer)}</p>;
  const invited = person.state === 'invited';
  return (
    <>
      <Act
        text={person.disabled ? words.noResetDisabled : invited ? words.inviteMore : words.resetMore}
        button={
          <Button
            size="xs"
            variant="default"
            disabled={person.disabled}
            loading={reset.isPending}
            onClick={() => {
              reset.mutate();
            }}
          >
            {invited ? words.inviteAgain : words.reset}
          </Button>
        }
      />
      {person.second_factor && !person.disabled ? (
        <Checkbox
          label={words.factors}
          checked={factors}
          onChange={() => {
            setFactors(!factors);
          }}
        />
      ) : null}
      {reset.isError ? <InlineProblem error={reset.error} /> : null}
    </>
  );
}

function EndAll({ pending, onEnd }: { pending: boolean; onEnd: (tokens: boolean) => void }): JSX.Element {
  const [tokens, setTokens] = useState(false);
  return (
    <>
      <Act
        text={words.endMore}
        button={
          <Button
            size="xs"
            variant="default"
            loading={pending}
            onClick={() => {
              onEnd(tokens);
            }}
          >
            {words.end}
          </Button>
        }
      />
      <Checkbox
        label={words.endTokens}
        checked={tokens}
        onChange={() => {
          setTokens(!tokens);
        }}
      />
    </>
  );
}
