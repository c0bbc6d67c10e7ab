import { useMutation, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { JSX } from 'react';
import { decideConsent } from '../../api/oneTime';
import { consentQuery } from '../../api/queries/oneTime';
import { consentWords as words } from '../../messages/account';
import { Mark } from '../../parts/Brand';
import { Decide } from '../../parts/Decide';
import { SignInPage } from '../../parts/SignInPage';
import page from '../../parts/SignInPage.module.css';
import { useSession } from '../../session';
import { InlineProblem } from '../../ui/InlineProblem';
import { PageHead } from '../../ui/PageHead';
import { Says } from '../../ui/Says';
import { RowSkeleton } from '../../ui/Skeletons';

const route = getRouteApi('/consent');

/** Asks whether a client of the identity provider may act as the person. */
export function Consent(): JSX.Element {
  const session = useSession();
  const { request = '' } = route.useSearch();
  if (session.user === null) return <SignInPage />;
  return (
    <main className={page.page}>
      <div className={page.box}>
        <Mark size={44} />
        <Question request={request} lab={session.lab_name} />
      </div>
    </main>
  );
}

function Question({ request, lab }: { request: string; lab: string }): JSX.Element {
  const asked = useQuery(consentQuery(request));
  const decide = useMutation({
    mutationFn: (approve: boolean) => decideConsent(request, approve),
    onSuccess: (to) => {
      window.location.replace(to);
    },
  });
  if (asked.isPending) return <RowSkeleton rows={3} />;
  if (asked.isError) return <InlineProblem error={asked.error} />;
  const { client, redirect_host: host, scopes } = asked.data;
  const title = words.title(client.name);
  return (
    <div className="stack">
      <PageHead title={title} tab={[title, lab]} sub={words.sub(host)} />
      <div>
        <div className="strong">{words.learns}</div>
        <ul>
          {scopes.map((scope) => (
            <li key={scope}>{words.scopes[scope] ?? scope}</li>
          ))}
        </ul>
      </div>
      <Says tone="warn">{words.power}</Says>
      <Decide decide={decide} yes={words.yes} no={words.no} />
    </div>
  );
}
