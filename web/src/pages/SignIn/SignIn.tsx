import { getRouteApi, useRouter } from '@tanstack/react-router';
import type { JSX } from 'react';
import { appPath } from '../../api/address';
import { signInWords } from '../../messages/signin';
import { NotSetUp } from '../../parts/NotSetUp';
import { SignInPage } from '../../parts/SignInPage';
import { useSession } from '../../session';

const route = getRouteApi('/sign-in');

/** `sign-in?next=`: signs in and goes on to where one came from. */
export function SignIn(): JSX.Element {
  const { next, external } = route.useSearch();
  const session = useSession();
  const router = useRouter();
  if (!session.set_up) return <NotSetUp />;
  const goOn = async (): Promise<void> => {
    await router.invalidate();
    router.history.push(insideOnly(next));
  };
  return <SignInPage onSignedIn={() => void goOn()} next={insideOnly(next)} failure={external === undefined ? undefined : (signInWords.external[external] ?? signInWords.external.failed)} />;
}

/** Only addresses of this app: a link must not send people elsewhere after they typed their password. */
export function insideOnly(next: string | undefined): string {
  const home = `${appPath()}/`;
  if (next === undefined) return home;
  const target = new URL(next, window.location.href);
  const inside = target.origin === window.location.origin && target.pathname.startsWith(home) && !target.pathname.endsWith('/sign-in');
  return inside ? `${target.pathname}${target.search}${target.hash}` : home;
}
