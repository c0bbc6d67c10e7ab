import { queryOptions } from '@tanstack/react-query';
import { rememberSignedIn } from '../connection';
import { checkLink, checkSetup, getAccessRequest, getConsent, getDevice, getSession, type LinkFacts, type Session, type SetupFacts } from '../signin';

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

/** For whom a one-time link is. Keyed without the secret: it must not lie in a cache key. */
export const linkQuery = (secret: string) =>
  queryOptions({
    queryKey: ['link'],
    queryFn: (): Promise<LinkFacts> => checkLink(secret),
    retry: false,
    staleTime: Infinity,
    gcTime: 0,
  });

/** What came of my request to be let in, for somebody whom the list keeps out. */
export const accessRequestQuery = queryOptions({ queryKey: ['access-request'], queryFn: ({ signal }) => getAccessRequest(signal) });

/** What a device that shows this code asks for. */
export const deviceQuery = (code: string) => queryOptions({ queryKey: ['device', code], queryFn: ({ signal }) => getDevice(code, signal), retry: false, gcTime: 0 });

/** What a client of the identity provider asks for. */
export const consentQuery = (request: string) => queryOptions({ queryKey: ['consent', request], queryFn: ({ signal }) => getConsent(request, signal), retry: false, gcTime: 0 });
