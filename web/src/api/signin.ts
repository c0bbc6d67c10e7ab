import { serverUrl } from './address';
import { dataOf, pageClient } from './client';
import { disconnected } from './connection';
import { askPasskey } from './passkey';
import type { components } from './page.gen';

type Shapes = components['schemas'];

/** What every page needs to know before it shows anything: who is signed in, and how one may. */
export type Session = Shapes['Session'];
export type SessionUser = Shapes['SessionUser'];
/** Where the data will live, told to the holder of the one-time link only. */
export type SetupFacts = Shapes['SetUpFacts'];
/** What the first-run page sends, once. */
export type SetupForm = Shapes['SetUpForm'];

export const getSession = (signal: AbortSignal): Promise<Session> => dataOf(pageClient.GET('/auth/session', { signal }));

/** Signs in; throws a 401 problem for a wrong pair and a 429 with `retryAfter` after too many tries. */
export const signIn = (username: string, password: string): Promise<Session> => dataOf(pageClient.POST('/auth/session', { body: { username, password } }));

/** Signs out; gives where the browser has to go to sign out at an external provider too, or "". */
export async function signOut(): Promise<string> {
  const answer = await dataOf<{ provider_url: string } | undefined>(pageClient.DELETE('/auth/session'));
  return answer?.provider_url ?? ''; // 204 when there is no other place to sign out of
}

/** Answers the question for the second factor with a code of the app or a recovery code. */
export const giveCode = (code: string): Promise<Session> => dataOf(pageClient.POST('/auth/session/second-factor', { body: { code } }));

/** Signs in with a passkey: as the only proof, or as the second factor after the password. Throws what the browser throws when the person stops it. */
export async function signInByPasskey(step: 'sign-in' | 'second-factor'): Promise<Session> {
  const { public_key: options } = await dataOf(pageClient.POST('/auth/session/passkey/begin'));
  const credential = await askPasskey(options);
  return step === 'sign-in'
    ? dataOf(pageClient.POST('/auth/session/passkey/finish', { body: { credential } }))
    : dataOf(pageClient.POST('/auth/session/second-factor', { body: { passkey: credential } }));
}

/** Asks whether the one-time link of the first run still holds; throws a 410 problem when it was used or is too old. */
export const checkSetup = (secret: string): Promise<SetupFacts> => dataOf(pageClient.POST('/auth/setup/check', { body: { secret } }));

/** Makes the first account and signs it in; throws 410 for a dead link and 422 with the wrong values. */
export const setUp = (form: SetupForm): Promise<Session> => dataOf(pageClient.POST('/auth/setup', { body: form }));

/** Asks whether the server answers again after it could not be reached. */
export async function reachable(): Promise<boolean> {
  try {
    const response = await fetch(`${serverUrl()}/alive`, { cache: 'no-store' });
    if (response.ok) disconnected.set(false);
    return response.ok;
  } catch {
    return false;
  }
}
