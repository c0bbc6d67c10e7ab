import { Button, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState, type JSX, type SubmitEvent } from 'react';
import { decideDevice } from '../../api/oneTime';
import { deviceQuery } from '../../api/queries/oneTime';
import { deviceWords as words } from '../../messages/account';
import { Mark } from '../../parts/Brand';
import { Decide } from '../../parts/Decide';
import { SignInPage } from '../../parts/SignInPage';
import page from '../../parts/SignInPage.module.css';
import { useSession } from '../../session';
import { InlineProblem } from '../../ui/InlineProblem';
import { PageHead } from '../../ui/PageHead';
import { Says } from '../../ui/Says';
import { RowSkeleton } from '../../ui/Skeletons';

const route = getRouteApi('/device');

/** Where the code of a device sign-in (RFC 8628) is typed and decided. */
export function Device(): JSX.Element {
  const session = useSession();
  const { user_code: code } = route.useSearch();
  if (session.user === null) return <SignInPage />;
  return (
    <main className={page.page}>
      <div className={page.box}>
        <Mark size={44} />
        <PageHead title={words.title} tab={[words.title, session.lab_name]} sub={code === undefined ? words.sub : undefined} />
        {code === undefined ? <Ask /> : <Answer code={code} />}
      </div>
    </main>
  );
}

function Ask(): JSX.Element {
  const [typed, setTyped] = useState('');
  const navigate = useNavigate();
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (typed.trim() !== '') void navigate({ to: '/device', search: { user_code: typed.trim().toUpperCase() } });
  };
  return (
    <form onSubmit={submit} className="stack">
      <TextInput
        label={words.code}
        size="md"
        autoComplete="off"
        autoCapitalize="characters"
        spellCheck={false}
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
        }}
        data-autofocus
      />
      <Button type="submit" size="md" fullWidth>
        {words.look}
      </Button>
    </form>
  );
}

function Answer({ code }: { code: string }): JSX.Element {
  const device = useQuery(deviceQuery(code));
  const decide = useMutation({ mutationFn: (approve: boolean) => decideDevice(code, approve) });
  if (device.isPending) return <RowSkeleton rows={3} />;
  if (device.isError) {
    return (
      <div className="stack">
        <InlineProblem error={device.error} />
        <Ask />
      </div>
    );
  }
  if (decide.isSuccess) {
    return (
      <Says tone={decide.variables ? 'ok' : 'info'} role="status">
        {decide.variables ? words.done : words.declined}
      </Says>
    );
  }
  const { client, address, expires_in: seconds } = device.data;
  return (
    <div className="stack">
      <h2>{words.asks(client.name)}</h2>
      <p>{words.asksMore(address, Math.max(1, Math.round(seconds / 60)))}</p>
      <Says tone="warn">{words.warn}</Says>
      <Decide decide={decide} yes={words.yes} no={words.no} />
    </div>
  );
}
