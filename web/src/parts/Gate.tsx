import { lazy, type JSX } from 'react';
import { isOpen, useSession } from '../session';
import { NotSetUp } from './NotSetUp';
import { Shell } from './Shell';
import { SignInPage } from './SignInPage';

// Few people ever see these two.
const NotOnList = lazy(async () => ({ default: (await import('./NotOnList')).NotOnList }));
const Account = lazy(async () => ({ default: (await import('../pages/Account/Account')).Account }));

/** The door: set-up first, then sign-in where the lab asks for it, the list of people, the second factor, then the app. The URL stays in all of them. */
export function Gate(): JSX.Element {
  const session = useSession();
  const { user } = session;
  if (user !== null && session.access?.allowed === false) return <NotOnList user={user} />;
  if (user?.must_set_up_second_factor === true) {
    return (
      <main className="page">
        <Account />
      </main>
    );
  }
  if (isOpen(session)) return <Shell />;
  return session.set_up ? <SignInPage /> : <NotSetUp />;
}
