import type { JSX } from 'react';
import { isOpen, useSession } from '../session';
import { NotSetUp } from './NotSetUp';
import { Shell } from './Shell';
import { SignInPage } from './SignInPage';

/** The door: set-up first, then sign-in where the lab asks for it, then the app. The URL stays in all three. */
export function Gate(): JSX.Element {
  const session = useSession();
  if (isOpen(session)) return <Shell />;
  return session.set_up ? <SignInPage /> : <NotSetUp />;
}
