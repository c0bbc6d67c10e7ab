import { useSuspenseQuery, type QueryClient } from '@tanstack/react-query';
import { rememberSignedIn } from './api/connection';
import { sessionQuery } from './api/queries/session';
import type { Session, SessionUser } from './api/signin';

const channelName = 'oasis-session';

/** The session of this page; the root route has loaded it before anything renders. */
export function useSession(): Session {
  return useSuspenseQuery(sessionQuery).data;
}

/** The person signed in, or `null` for a visitor. */
export function useUser(): SessionUser | null {
  return useSession().user;
}

/** Whom to ask, by name; a lab may have given an address only. */
export const nameOfContact = (contact: NonNullable<Session['contact']>): string => (contact.name === '' ? contact.email : contact.name);

/** Whether pages may be shown: the lab is set up, and the visitor is signed in where it asks for that. */
export const isOpen = (session: Session): boolean =>
  session.set_up && (session.user === null ? !session.require_authentication : session.access?.allowed !== false && !session.user.must_set_up_second_factor);

/** Takes over a fresh session: other people's data leave the cache, other tabs are told. */
export function takeSession(queries: QueryClient, session: Session): void {
  const before = queries.getQueryData(sessionQuery.queryKey);
  rememberSignedIn(session.user !== null);
  if (before?.user?.user_id !== session.user?.user_id) forgetData(queries);
  queries.setQueryData(sessionQuery.queryKey, session);
  announce(session.user?.user_id ?? '');
}

/** Forgets everything that was loaded for a session that has ended on the server. */
export function forgetSession(queries: QueryClient): void {
  rememberSignedIn(false);
  forgetData(queries);
  queries.setQueryData(sessionQuery.queryKey, (session) => (session === undefined ? undefined : { ...session, user: null }));
  sessionStorage.clear();
  announce('');
}

/** The session itself stays: what watches it must see it change. */
function forgetData(queries: QueryClient): void {
  queries.removeQueries({ predicate: (query) => query.queryKey[0] !== sessionQuery.queryKey[0] });
  queries.getMutationCache().clear();
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
