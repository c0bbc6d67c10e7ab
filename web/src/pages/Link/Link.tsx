import { Button, PasswordInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useRouter } from '@tanstack/react-router';
import { useEffect, useState, type JSX, type SubmitEvent } from 'react';
import { ProblemError } from '../../api/problem';
import { completeLink, type LinkFacts } from '../../api/oneTime';
import { linkQuery } from '../../api/queries/oneTime';
import { linkWords as words } from '../../messages/account';
import { Mark } from '../../parts/Brand';
import { SecondFactorForm } from '../../parts/SecondFactorForm';
import page from '../../parts/SignInPage.module.css';
import { takeSession, useSession } from '../../session';
import { InlineProblem } from '../../ui/InlineProblem';
import { PageHead } from '../../ui/PageHead';
import { Says } from '../../ui/Says';
import { RowSkeleton } from '../../ui/Skeletons';

/** A one-time link: an invitation, a new password, a new address. The secret stands in the fragment, is read once and leaves the address bar. */
export function Link(): JSX.Element {
  const [secret] = useState(() => decodeURIComponent(window.location.hash.slice(1)));
  useEffect(() => {
    window.history.replaceState(window.history.state, '', window.location.pathname);
  }, []);
  const { lab_name: lab } = useSession();
  // Who comes in forgets what was loaded before; a used link must not be asked about again.
  const [used, setUsed] = useState(false);
  const check = useQuery({ ...linkQuery(secret), enabled: !used });
  const facts = check.data;
  return (
    <main className={page.page}>
      <div className={page.box}>
        <Mark size={44} />
        {facts === undefined ? (
          <PageHead title={lab} tab={[lab]} />
        ) : (
          <PageHead
            title={{ invite: words.invite(lab), reset: words.reset, email: words.email }[facts.purpose]}
            tab={[lab]}
            sub={{ invite: words.inviteSub(facts.username), reset: words.resetSub(facts.username), email: words.emailSub(facts.email) }[facts.purpose]}
          />
        )}
        {check.isPending ? <RowSkeleton rows={3} /> : null}
        {check.isError ? (
          <Says tone="bad" role="alert" more={words.deadMore}>
            {check.error instanceof ProblemError ? words.dead : check.error.message}
          </Says>
        ) : null}
        {facts === undefined ? null : (
          <Form
            secret={secret}
            facts={facts}
            onUsed={() => {
              setUsed(true);
            }}
          />
        )}
      </div>
    </main>
  );
}

function Form({ secret, facts, onUsed }: { secret: string; facts: LinkFacts; onUsed: () => void }): JSX.Element {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const router = useRouter();
  const [password, setPassword] = useState('');
  const [factors, setFactors] = useState<readonly string[]>();
  const enter = async (session: Parameters<typeof takeSession>[1]): Promise<void> => {
    if (session.second_factor !== null) {
      setFactors(session.second_factor.methods);
      return;
    }
    onUsed();
    takeSession(queries, session);
    await router.invalidate();
    await navigate({ to: '/' });
  };
  const complete = useMutation({
    mutationFn: () => completeLink(facts.purpose === 'email' ? { secret } : { secret, password }),
    onSuccess: enter,
  });
  if (factors !== undefined) {
    return <SecondFactorForm methods={factors} onSignedIn={(session) => void enter(session)} onBack={() => void navigate({ to: '/sign-in' })} />;
  }
  const fields = complete.error instanceof ProblemError ? complete.error.fields : [];
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    complete.mutate();
  };
  return (
    <form onSubmit={submit} className="stack" noValidate>
      {facts.purpose === 'email' ? null : (
        <>
          {/* Password managers ask under which name to keep it. */}
          <input type="text" name="username" autoComplete="username" value={facts.username} readOnly hidden />
          <PasswordInput
            label={words.password}
            description="12 characters or more; a sentence is fine"
            autoComplete="new-password"
            size="md"
            value={password}
            error={fields[0]?.msg}
            onChange={(event) => {
              setPassword(event.currentTarget.value);
            }}
            visibilityToggleButtonProps={{ 'aria-label': 'Show the password' }}
            data-autofocus
          />
        </>
      )}
      {complete.isError && fields.length === 0 ? <InlineProblem error={complete.error} /> : null}
      <Button type="submit" size="md" fullWidth loading={complete.isPending}>
        {words.go[facts.purpose]}
      </Button>
    </form>
  );
}
