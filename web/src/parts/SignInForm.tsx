import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useState, type SubmitEvent, type JSX } from 'react';
import { ProblemError } from '../api/problem';
import { passkeysWork, wasStopped } from '../api/passkey';
import { signIn, signInByPasskey, type Session } from '../api/signin';
import { signInWords } from '../messages/signin';
import { takeSession, useSession } from '../session';
import { IconKey } from '../ui/icons';
import { Says } from '../ui/Says';

// Comes after the password, so there is time to load it.
const SecondFactorForm = lazy(async () => ({ default: (await import('./SecondFactorForm')).SecondFactorForm }));

interface SignInFormProps {
  /** Called when the new session is in place. */
  onSignedIn: (session: Session) => void;
  /** Where an external provider sends the browser back to; this page without it. */
  next?: string;
}

/** The ways to sign in that the server offers: name and password with the second factor behind it, a passkey, an external provider. */
export function SignInForm({ onSignedIn, next }: SignInFormProps): JSX.Element {
  const queries = useQueryClient();
  const { methods } = useSession();
  const [factors, setFactors] = useState<readonly string[]>();
  const take = (session: Session): void => {
    if (session.second_factor !== null) {
      setFactors(session.second_factor.methods);
      return;
    }
    takeSession(queries, session);
    onSignedIn(session);
  };
  const byPasskey = useMutation({ mutationFn: () => signInByPasskey('sign-in'), onSuccess: take });
  if (factors !== undefined) {
    return (
      <Suspense>
        <SecondFactorForm
          methods={factors}
          onSignedIn={take}
          onBack={() => {
            setFactors(undefined);
          }}
        />
      </Suspense>
    );
  }
  const passkey = methods.passkey && passkeysWork();
  return (
    <div className="stack">
      {methods.provider === null ? null : (
        <Button component="a" href={withNext(methods.provider.url, next)} size="md" fullWidth>
          {signInWords.provider(methods.provider.name)}
        </Button>
      )}
      {methods.password ? (
        <>
          {methods.provider === null ? null : <div className="muted center">{signInWords.or}</div>}
          <PasswordForm onSession={take} />
        </>
      ) : null}
      {passkey ? (
        <Button
          variant="default"
          size="md"
          fullWidth
          leftSection={<IconKey size={18} aria-hidden />}
          loading={byPasskey.isPending}
          onClick={() => {
            byPasskey.mutate();
          }}
        >
          {signInWords.passkey}
        </Button>
      ) : null}
      {byPasskey.isError && !wasStopped(byPasskey.error) ? (
        <Says tone="bad" role="alert">
          {byPasskey.error.message}
        </Says>
      ) : null}
    </div>
  );
}

/** The address of the external provider's sign-in, with where to come back to. */
function withNext(url: string, next: string | undefined): string {
  const target = new URL(url, window.location.href);
  const back = new URL(next ?? window.location.href, window.location.href);
  target.searchParams.set('return_to', back.pathname + back.search);
  return target.href;
}

/** User name, password, one button; says what went wrong and, when throttled, counts down. */
function PasswordForm({ onSession }: { onSession: (session: Session) => void }): JSX.Element {
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const [incomplete, setIncomplete] = useState(false);
  const attempt = useMutation({
    mutationFn: (typed: { username: string; password: string }) => signIn(typed.username, typed.password),
    onSuccess: onSession,
  });
  const wait = useCountdown(attempt.error instanceof ProblemError ? attempt.error.retryAfter : undefined, attempt.submittedAt);
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    // Some browsers fill the fields without telling the page: ask the form itself.
    const form = new FormData(event.currentTarget);
    const typed = { username: textOf(form, 'username').trim(), password: textOf(form, 'password') };
    const complete = typed.username !== '' && typed.password !== '';
    setIncomplete(!complete);
    if (wait === 0 && complete) attempt.mutate(typed);
  };
  const failed = attempt.isError ? sentence(attempt.error, wait) : undefined;
  const problem = incomplete ? signInWords.incomplete : failed;
  return (
    <form onSubmit={submit} className="stack" noValidate>
      <TextInput
        label={signInWords.user}
        name="username"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        value={username}
        onChange={(event) => {
          setUsername(event.currentTarget.value);
        }}
        size="md"
        data-autofocus
      />
      <PasswordInput
        label={signInWords.password}
        name="password"
        autoComplete="current-password"
        value={password}
        onChange={(event) => {
          setPassword(event.currentTarget.value);
        }}
        size="md"
        visibilityToggleButtonProps={{ 'aria-label': 'Show the password' }}
      />
      <div role="alert">{problem === undefined ? null : <Says tone="bad">{problem}</Says>}</div>
      <Button type="submit" size="md" fullWidth loading={attempt.isPending} disabled={wait > 0}>
        {signInWords.title}
      </Button>
    </form>
  );
}

function textOf(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value : '';
}

function sentence(error: Error, wait: number): string {
  if (!(error instanceof ProblemError)) return signInWords.reachFail;
  if (error.status === 401) return error.detail.startsWith('Incorrect') ? signInWords.wrong : error.detail;
  if (error.status === 429 && error.retryAfter !== undefined) return wait > 0 ? signInWords.wait(wait) : signInWords.waited;
  return error.detail;
}

/** Seconds left of a Retry-After, counted from when the attempt was sent. */
function useCountdown(seconds: number | undefined, since: number): number {
  const [now, setNow] = useState(since);
  const left = seconds === undefined ? 0 : Math.max(0, Math.ceil(seconds - (Math.max(now, since) - since) / 1000));
  useEffect(() => {
    if (seconds === undefined) return undefined;
    const timer = setInterval(() => {
      setNow(Date.now());
    }, 1000);
    return () => {
      clearInterval(timer);
    };
  }, [seconds, since]);
  return left;
}
