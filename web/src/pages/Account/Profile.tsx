import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type JSX, type SubmitEvent } from 'react';
import { ProblemError } from '../../api/problem';
import { accountKeys, accountQuery, changeAccount, type OwnAccount } from '../../api/queries/account';
import { sessionQuery } from '../../api/queries/session';
import { accountWords as words } from '../../messages/account';
import { InlineProblem } from '../../ui/InlineProblem';
import { Says } from '../../ui/Says';
import styles from './Account.module.css';
import { Section } from './Section';

/** Names, affiliation and address. A new address counts when the link that is mailed to it was opened. */
export function Profile({ own }: { own: OwnAccount }): JSX.Element {
  const { account } = own;
  const queries = useQueryClient();
  const [values, setValues] = useState({ first_name: account.first_name, last_name: account.last_name, affiliation: account.affiliation, email: account.email });
  const [current, setCurrent] = useState('');
  const movesMail = values.email !== account.email;
  const save = useMutation({
    mutationFn: () => {
      const { email, ...rest } = values;
      return changeAccount(movesMail ? { ...rest, email, current } : rest);
    },
    onSuccess: async (changed) => {
      queries.setQueryData(accountQuery.queryKey, changed);
      setCurrent('');
      setValues((before) => ({ ...before, email: changed.account.email }));
      await queries.invalidateQueries({ queryKey: sessionQuery.queryKey });
      await queries.invalidateQueries({ queryKey: accountKeys.all });
    },
  });
  const fields = save.error instanceof ProblemError ? save.error.fields : [];
  const field = (name: keyof typeof values) => ({
    value: values[name],
    error: fields.find((wrong) => wrong.loc.at(-1) === name)?.msg,
    disabled: account.origin === 'external',
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget;
      setValues((before) => ({ ...before, [name]: value }));
    },
  });
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Section title={words.profile}>
      <form onSubmit={submit} className="stack" noValidate>
        <div className={styles.pair}>
          <TextInput label={words.first} autoComplete="given-name" {...field('first_name')} />
          <TextInput label={words.last} autoComplete="family-name" {...field('last_name')} />
        </div>
        <div className={styles.pair}>
          <TextInput label={words.affiliation} autoComplete="organization" {...field('affiliation')} />
          <TextInput label={words.email} type="email" autoComplete="email" {...field('email')} />
        </div>
        {movesMail ? (
          <PasswordInput
            label={words.current}
            description={words.emailNeeds}
            autoComplete="current-password"
            value={current}
            onChange={(event) => {
              setCurrent(event.currentTarget.value);
            }}
            visibilityToggleButtonProps={{ 'aria-label': 'Show the password' }}
          />
        ) : null}
        {own.email_pending === null ? null : <Says tone="info">{words.emailPending(own.email_pending)}</Says>}
        {save.isError && fields.length === 0 ? <InlineProblem error={save.error} /> : null}
        {account.origin === 'external' ? (
          <p className="muted">{words.elsewhere}</p>
        ) : (
          <div className="row">
            <Button type="submit" loading={save.isPending}>
              {words.save}
            </Button>
            <span role="status" className="muted">
              {save.isSuccess ? words.saved : ''}
            </span>
          </div>
        )}
        <p className="muted table-text">
          {words.userName}: <code>{account.username}</code>
        </p>
      </form>
    </Section>
  );
}
