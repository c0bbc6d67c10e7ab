import { Button, PasswordInput, Radio, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useRouter } from '@tanstack/react-router';
import { useState, type SubmitEvent, type JSX, type ReactNode } from 'react';
import { ProblemError } from '../../api/problem';
import { setUp } from '../../api/signin';
import { setupWords as words } from '../../messages/setup';
import { takeSession } from '../../session';
import { Says } from '../../ui/Says';
import styles from './Setup.module.css';

const empty = { first_name: '', last_name: '', email: '', username: '', password: '', lab_name: '' };
type Field = keyof typeof empty;

/** The three questions. What the server finds wrong stands beside the field it is about. */
export function SetupForm({ secret }: { secret: string }): JSX.Element {
  const [values, setValues] = useState(empty);
  const [closed, setClosed] = useState(true);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const router = useRouter();
  const send = useMutation({
    mutationFn: () => setUp({ ...values, secret, require_authentication: closed }),
    onSuccess: async (session) => {
      takeSession(queries, session);
      await router.invalidate();
      await navigate({ to: '/uploads' });
    },
  });
  const problems = send.error instanceof ProblemError ? send.error.fields : [];
  const messageFor = (name: Field): string | undefined => problems.find((problem) => problem.loc.at(-1) === name)?.msg;
  const text = (name: Field) => ({
    value: values[name],
    required: true,
    withAsterisk: false,
    error: messageFor(name),
    // PasswordInput would put this on a box around its field.
    'aria-invalid': messageFor(name) !== undefined,
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget;
      setValues((before) => ({ ...before, [name]: value }));
    },
  });
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    send.mutate();
  };
  return (
    <form onSubmit={submit} className={styles.form}>
      <Section number={1} title={words.you}>
        <div className={styles.pair}>
          <TextInput label={words.first} autoComplete="given-name" {...text('first_name')} />
          <TextInput label={words.last} autoComplete="family-name" {...text('last_name')} />
        </div>
        <TextInput label={words.email} type="email" autoComplete="email" {...text('email')} />
        <div className={styles.pair}>
          <TextInput label={words.userName} description={words.userNameHint} autoComplete="username" autoCapitalize="none" {...text('username')} />
          <PasswordInput
            label={words.password}
            description={words.passwordHint}
            autoComplete="new-password"
            visibilityToggleButtonProps={{ 'aria-label': 'Show the password' }}
            {...text('password')}
          />
        </div>
      </Section>
      <Section number={2} title={words.lab}>
        <TextInput label={words.labName} description={words.labHint} autoComplete="organization" maw={420} {...text('lab_name')} />
      </Section>
      <Section number={3} title={words.who}>
        <Radio.Group
          aria-label={words.who}
          value={closed ? 'closed' : 'open'}
          onChange={(value) => {
            setClosed(value === 'closed');
          }}
        >
          <div className="stack">
            <Radio value="closed" label={words.onlyAdded} description={words.onlyAddedMore} />
            <Radio value="open" label={words.visitors} description={words.visitorsMore} />
          </div>
        </Radio.Group>
        <p className="muted table-text">{words.later}</p>
      </Section>
      {send.isError && problems.length === 0 ? (
        <Says tone="bad" role="alert">
          {send.error instanceof ProblemError && send.error.status === 410 ? words.dead : send.error.message}
        </Says>
      ) : null}
      <div>
        <Button type="submit" size="md" loading={send.isPending}>
          {words.act}
        </Button>
      </div>
    </form>
  );
}

function Section({ number, title, children }: { number: number; title: string; children: ReactNode }): JSX.Element {
  return (
    <section className={styles.section}>
      <h2>
        <span className={styles.number} aria-hidden="true">
          {number}
        </span>
        {title}
      </h2>
      {children}
    </section>
  );
}
