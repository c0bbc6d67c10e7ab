import { getRouteApi } from '@tanstack/react-router';
import { useEffect, type JSX } from 'react';
import { serverUrl } from '../../api/address';
import { NotSetUp } from '../../parts/NotSetUp';
import { SignInPage } from '../../parts/SignInPage';
import { useSession } from '../../session';

const route = getRouteApi('/login');

/** Sign-in for a client of the identity provider; goes on to the provider's own address. */
export function Login(): JSX.Element | null {
  const { next, again } = route.useSearch();
  const session = useSession();
  const target = providerOnly(next);
  const done = session.user !== null && again === undefined;
  useEffect(() => {
    if (done) window.location.replace(target);
  }, [done, target]);
  if (!session.set_up) return <NotSetUp />;
  if (done) return null;
  return (
    <SignInPage
      onSignedIn={() => {
        window.location.replace(target);
      }}
    />
  );
}

/** Only addresses of this server's identity provider: a link must not send people elsewhere after they typed their password. */
export function providerOnly(next: string | undefined): string {
  const provider = `${serverUrl()}/auth/`;
  const target = new URL(next ?? '', window.location.href).href;
  return next !== undefined && target.startsWith(provider) ? target : `${serverUrl()}/gui/`;
}
