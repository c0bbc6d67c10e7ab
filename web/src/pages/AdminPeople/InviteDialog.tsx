import { Button, Checkbox, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type JSX, type SubmitEvent } from 'react';
import { ProblemError } from '../../api/problem';
import { inviteAccount, peopleKeys } from '../../api/queries/people';
import type { Linked } from '../../api/types';
import { inviteWords as words, peopleWords, personWords } from '../../messages/people';
import { Dialog } from '../../ui/Dialog';
import { InlineProblem } from '../../ui/InlineProblem';
import styles from './AdminPeople.module.css';

const empty = { email: '', first_name: '', last_name: '', username: '' };
type Field = keyof typeof empty;

interface InviteDialogProps {
  /** Takes the one answer that may hold a link. */
  onLinked: (linked: Linked) => void;
  onClose: () => void;
}

/** Asks for who is to be invited. What the server finds wrong stands beside the field it is about. */
export function InviteDialog({ onLinked, onClose }: InviteDialogProps): JSX.Element {
  const [values, setValues] = useState(empty);
  const [roles, setRoles] = useState({ admin: false, lab_manager: false });
  const queries = useQueryClient();
  const invite = useMutation({
    mutationFn: () => inviteAccount({ ...values, ...roles }),
    onSuccess: async (linked) => {
      onLinked(linked);
      await queries.invalidateQueries({ queryKey: peopleKeys.all });
    },
    gcTime: 0,
  });
  const problems = invite.error instanceof ProblemError ? invite.error.fields : [];
  const text = (name: Field) => ({
    value: values[name],
    error: problems.find((problem) => problem.loc.at(-1) === name)?.msg,
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget;
      setValues((before) => ({ ...before, [name]: value }));
    },
  });
  const role = (name: keyof typeof roles, label: string, description: string): JSX.Element => (
    <Checkbox
      label={label}
      description={description}
      checked={roles[name]}
      onChange={() => {
        setRoles((before) => ({ ...before, [name]: !before[name] }));
      }}
    />
  );
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    invite.mutate();
  };
  return (
    <Dialog title={words.title} onClose={onClose} size={520}>
      <form onSubmit={submit} className="stack-l">
        <TextInput label={words.email} type="email" required withAsterisk={false} autoComplete="off" data-autofocus {...text('email')} />
        <div className={styles.pair}>
          <TextInput label={words.first} autoComplete="off" {...text('first_name')} />
          <TextInput label={words.last} autoComplete="off" {...text('last_name')} />
        </div>
        <TextInput label={words.username} description={words.usernameHint} autoComplete="off" autoCapitalize="none" {...text('username')} />
        <fieldset className="stack">
          <legend className="strong" style={{ marginBottom: 8 }}>
            {words.roles}
          </legend>
          {role('admin', peopleWords.admin, personWords.adminMore)}
          {role('lab_manager', peopleWords.manager, personWords.managerMore)}
        </fieldset>
        {invite.isError && problems.length === 0 ? <InlineProblem error={invite.error} /> : null}
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={invite.isPending}>
            {words.act}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
