import { lazy, Suspense, useSyncExternalStore, type JSX } from 'react';
import { sessionEnded } from '../api/connection';

const SignInDialog = lazy(async () => ({ default: (await import('./SignInDialog')).SignInDialog }));

/** Sign-in over the page when the session ends in the middle of work; the waiting requests then go on. */
export function SignInOver(): JSX.Element | null {
  const ended = useSyncExternalStore(sessionEnded.subscribe, sessionEnded.get);
  return ended ? (
    <Suspense>
      <SignInDialog />
    </Suspense>
  ) : null;
}
