import { Button, Textarea } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type JSX, type SubmitEvent } from 'react';
import { askForAccess } from '../api/oneTime';
import { accessRequestQuery } from '../api/queries/oneTime';
import type { SessionUser } from '../api/signin';
import { accessWords as words } from '../messages/account';
import { signInWords } from '../messages/signin';
import { nameOfContact, useSession } from '../session';
import { InlineProblem } from '../ui/InlineProblem';
import { PageHead } from '../ui/PageHead';
import { Says } from '../ui/Says';
import { Mark } from './Brand';
import page from './SignInPage.module.css';
import { useSignOut } from './useSignOut';

/** For somebody who is signed in and whom the list of people keeps out: who they are, whom to ask, and asking here. */
export function NotOnList({ user }: { user: SessionUser }): JSX.Element {
  const session = useSession();
  const out = useSignOut();
  const status = useQuery(accessRequestQuery);
  const request = status.data?.request ?? null;
  return (
    <main className={page.page}>
      <div className={page.box}>
        <Mark size={44} />
        <PageHead title={words.title(session.lab_name)} tab={[session.lab_name]} sub={words.signedIn(user.username)} />
        {request?.state === 'open' ? (
          <Says tone="info" role="status">
            {words.sent}
          </Says>
        ) : null}
        {request?.state === 'declined' ? <Says tone="warn">{words.declined}</Says> : null}
        {status.data?.refused === true && request?.state !== 'open' ? <AskForm /> : null}
        {session.contact === null ? null : (
          <p className="muted">
            <a href={`mailto:${session.contact.email}`}>{signInWords.ask(nameOfContact(session.contact))}</a>
          </p>
        )}
        <Button
          variant="default"
          loading={out.isPending}
          onClick={() => {
            out.mutate();
          }}
        >
          {words.out}
        </Button>
      </div>
    </main>
  );
}

function AskForm(): JSX.Element {
  const queries = useQueryClient();
  const [message, setMessage] = useState('');
  const ask = useMutation({
    mutationFn: () => askForAccess(message.trim()),
    onSuccess: () => queries.invalidateQueries({ queryKey: accessRequestQuery.queryKey }),
  });
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    ask.mutate();
  };
  return (
    <form onSubmit={submit} className="stack">
      <h2>{words.ask}</h2>
      <Textarea
        label={words.message}
        autosize
        minRows={3}
        maxLength={5000}
        value={message}
        onChange={(event) => {
          setMessage(event.currentTarget.value);
        }}
      />
      {ask.isError ? <InlineProblem error={ask.error} /> : null}
      <Button type="submit" loading={ask.isPending}>
        {words.send}
      </Button>
    </form>
  );
}
