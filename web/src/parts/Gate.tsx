import type { JSX } from 'react';
import { useSession } from '../session';
import { NotSetUp } from './NotSetUp';
import { Shell } from './Shell';
import { SignInPage } from './SignInPage';

/** The door: set-up first, then sign-in where the lab asks for it, then the app. The URL stays in all three. */
export function Gate(): JSX.Element {
  const session = useSession();
  if (!session.set_up) return <NotSetUp />;
  if (session.require_authentication && session.user === null) return <SignInPage />;
  return <Shell />;
}
