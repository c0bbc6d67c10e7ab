import { queryOptions } from '@tanstack/react-query';
import { rememberSignedIn } from '../connection';
import { checkSetup, getSession, type Session, type SetupFacts } from '../signin';

const keys = { session: ['session'] as const };

/** Who is signed in and what the lab is called; asked once and then kept until sign-in or sign-out. */
export const sessionQuery = queryOptions({
  queryKey: keys.session,
  queryFn: async ({ signal }): Promise<Session> => {
    const session = await getSession(signal);
    rememberSignedIn(session.user !== null);
    return session;
  },
  staleTime: 5 * 60_000,
});

/** Whether the one-time link of the first run still holds. Keyed without the secret: it must not lie in a cache key. */
export const setupQuery = (secret: string) =>
  queryOptions({
    queryKey: ['setup'],
    queryFn: (): Promise<SetupFacts> => checkSetup(secret),
    retry: false,
    staleTime: Infinity,
    gcTime: 0,
  });
