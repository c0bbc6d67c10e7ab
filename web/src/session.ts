import { useSuspenseQuery, type QueryClient } from '@tanstack/react-query';
import { rememberSignedIn } from './api/connection';
import { sessionQuery } from './api/queries/session';
import { signOut, type Session, type SessionUser } from './api/signin';

const channelName = 'oasis-session';

/** The session of this page; the root route has loaded it before anything renders. */
export function useSession(): Session {
  return useSuspenseQuery(sessionQuery).data;
}

/** The person signed in, or `null` for a visitor. */
export function useUser(): SessionUser | null {
  return useSession().user;
}

/** Whether pages may be shown: the lab is set up, and the visitor is signed in where it asks for that. */
export const isOpen = (session: Session): boolean => session.set_up && (session.user !== null || !session.require_authentication);

/** Takes over a fresh session: other people's data leave the cache, other tabs are told. */
export function takeSession(queries: QueryClient, session: Session): void {
  const before = queries.getQueryData(sessionQuery.queryKey);
  rememberSignedIn(session.user !== null);
  if (before?.user?.user_id !== session.user?.user_id) queries.clear();
  queries.setQueryData(sessionQuery.queryKey, session);
  announce(session.user?.user_id ?? '');
}

/** Ends the session on the server and forgets everything that was loaded for it. */
export async function leave(queries: QueryClient): Promise<void> {
  await signOut();
  rememberSignedIn(false);
  queries.clear();
  sessionStorage.clear();
  announce('');
}

function announce(userId: string): void {
  const channel = new BroadcastChannel(channelName);
  channel.postMessage(userId);
  channel.close();
}

/** Reloads this tab when another tab signs in as somebody else or signs out. Gives the function that stops it. */
export function followOtherTabs(queries: QueryClient): () => void {
  const channel = new BroadcastChannel(channelName);
  channel.onmessage = (message: MessageEvent<unknown>): void => {
    const mine = queries.getQueryData(sessionQuery.queryKey)?.user?.user_id ?? '';
    if (message.data !== mine) window.location.reload();
  };
  return () => {
    channel.close();
  };
}
