import { Button, PasswordInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState, type JSX, type SubmitEvent } from 'react';
import { accountKeys, type OwnAccount } from '../../api/queries/account';
import { ProblemError } from '../../api/problem';
import { beginLink, endLink, linkQuery } from '../../api/queries/link';
import { accountWords as words } from '../../messages/account';
import { Confirm } from '../../ui/Confirm';
import { InlineProblem } from '../../ui/InlineProblem';
import { Says } from '../../ui/Says';
import { Section } from './Section';

const route = getRouteApi('/inside/account');

/** Signing in to this account at the lab's identity provider too. */
export function Elsewhere({ account }: { account: OwnAccount['account'] }): JSX.Element | null {
  const queries = useQueryClient();
  const link = useQuery(linkQuery);
  const [asking, setAsking] = useState(false);
  const end = useMutation({
    mutationFn: endLink,
    onSuccess: () => queries.invalidateQueries({ queryKey: accountKeys.all }),
    onSettled: () => {
      setAsking(false);
    },
  });
  const provider = link.data?.provider ?? '';
  if (link.isError) return <InlineProblem error={link.error} onAgain={() => void link.refetch()} />;
  if (provider === '') return null;
  const name = link.data?.name ?? '';
  return (
    <Section title={words.elsewhereTitle(provider)}>
      <CameBack />
      {name === '' ? (
        <Begin provider={provider} account={account} />
      ) : (
        <>
          <p>{words.linked(name, provider)}</p>
          {link.data?.active === false ? <Says tone="warn">{words.linkedOff(provider)}</Says> : null}
          {end.isError ? <InlineProblem error={end.error} /> : null}
          <div className="row">
            <Button
              variant="default"
              onClick={() => {
                setAsking(true);
              }}
            >
              {words.unlink}…
            </Button>
          </div>
        </>
      )}
      {asking ? (
        <Confirm
          title={words.unlink}
          act={words.unlink}
          pending={end.isPending}
          onAct={() => {
            end.mutate();
          }}
          onClose={() => {
            setAsking(false);
          }}
        >
          {words.unlinkMore(provider)}
        </Confirm>
      ) : null}
    </Section>
  );
}

/** Says how linking ended, when the browser has just come back from the provider. */
function CameBack(): JSX.Element | null {
  const { link: how = '' } = route.useSearch();
  const text = words.linkEnded[how];
  if (text === undefined) return null;
  return (
    <Says tone={how === 'done' ? 'info' : 'warn'} role="status">
      {text}
    </Says>
  );
}

function Begin({ provider, account }: { provider: string; account: OwnAccount['account'] }): JSX.Element {
  const [current, setCurrent] = useState('');
  const begin = useMutation({
    mutationFn: () => beginLink(current),
    onSuccess: ({ url }) => {
      window.location.assign(url);
    },
  });
  const fields = begin.error instanceof ProblemError ? begin.error.fields : [];
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    begin.mutate();
  };
  return (
    <form onSubmit={submit} className="stack" noValidate>
      <p className="muted">{words.linkMore(provider)}</p>
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
      {begin.isError && fields.length === 0 ? <InlineProblem error={begin.error} /> : null}
      <div className="row">
        <Button type="submit" variant="default" loading={begin.isPending}>
          {words.link(provider)}
        </Button>
      </div>
    </form>
  );
}
