import { Button, PasswordInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type JSX, type SubmitEvent } from 'react';
import { ProblemError } from '../../api/problem';
import { accountKeys, changePassword, type OwnAccount } from '../../api/queries/account';
import { accountWords as words } from '../../messages/account';
import { InlineProblem } from '../../ui/InlineProblem';
import styles from './Account.module.css';
import { Section } from './Section';

/** Changing one's password; all other sessions end with the old one. */
export function Password({ account }: { account: OwnAccount['account'] }): JSX.Element {
  const queries = useQueryClient();
  const [current, setCurrent] = useState('');
  const [fresh, setFresh] = useState('');
  const change = useMutation({
    mutationFn: () => changePassword(current, fresh),
    onSuccess: async () => {
      setCurrent('');
      setFresh('');
      await queries.invalidateQueries({ queryKey: accountKeys.all });
    },
  });
  const fields = change.error instanceof ProblemError ? change.error.fields : [];
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (fresh !== '') change.mutate();
  };
  return (
    <Section title={words.password}>
      <form onSubmit={submit} className="stack" noValidate>
        {/* Password managers ask under which name to keep it. */}
        <input type="text" name="username" autoComplete="username" value={account.username} readOnly hidden />
        <div className={styles.pair}>
          {account.has_password ? (
            <PasswordInput
              label={words.current}
              autoComplete="current-password"
              value={current}
              error={fields.find((wrong) => wrong.loc.at(-1) === 'current')?.msg}
              onChange={(event) => {
                setCurrent(event.currentTarget.value);
              }}
              visibilityToggleButtonProps={{ 'aria-label': 'Show the present password' }}
            />
          ) : null}
          <PasswordInput
            label={words.fresh}
            description={words.freshHint}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            autoComplete="new-password"
            value={fresh}
            error={fields.find((wrong) => wrong.loc.at(-1) !== 'current')?.msg}
            onChange={(event) => {
              setFresh(event.currentTarget.value);
            }}
            visibilityToggleButtonProps={{ 'aria-label': 'Show the new password' }}
          />
        </div>
        {change.isError && fields.length === 0 ? <InlineProblem error={change.error} /> : null}
        <div className="row">
          <Button type="submit" variant="default" loading={change.isPending}>
            {words.change}
          </Button>
          <span role="status" className="muted">
            {change.isSuccess ? words.changed : ''}
          </span>
        </div>
      </form>
    </Section>
  );
}
