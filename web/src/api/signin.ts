import { serverUrl } from './address';
import { sendJson } from './client';
import { disconnected } from './connection';

/** Who is signed in, as the server tells it. */
export interface SessionUser {
  user_id: string;
  username: string;
  name: string;
  first_name: string;
  last_name: string;
  email: string;
  is_admin: boolean;
}

/** What every page needs to know before it shows anything. */
export interface Session {
  user: SessionUser | null;
  lab_name: string;
  set_up: boolean;
  require_authentication: boolean;
  contact: { name: string; email: string } | null;
}

/** What the first-run page sends, once. */
export interface SetupForm {
  secret: string;
  username: string;
  password: string;
  email: string;
  first_name: string;
  last_name: string;
  lab_name: string;
  require_authentication: boolean;
}

/** Where the data will live, told to the holder of the one-time link only. */
export interface SetupFacts {
  data_dir: string;
  free_bytes: number;
}

const address = (path: string): string => `${serverUrl()}/auth/${path}`;

export function getSession(signal?: AbortSignal): Promise<Session> {
  return sendJson(address('session'), 'GET', undefined, signal);
}

/** Signs in; throws a 401 problem for a wrong pair and a 429 with `retryAfter` after too many tries. */
export function signIn(username: string, password: string): Promise<Session> {
  return sendJson(address('session'), 'POST', { username, password });
}

export function signOut(): Promise<undefined> {
  return sendJson(address('session'), 'DELETE');
}

/** Asks whether the one-time link still holds; throws a 410 problem when it was used or is too old. */
export function checkSetup(secret: string): Promise<SetupFacts> {
  return sendJson(address('setup/check'), 'POST', { secret });
}

/** Makes the first account and signs it in; throws 410 for a dead link and 422 with the wrong values. */
export function setUp(form: SetupForm): Promise<Session> {
  return sendJson(address('setup'), 'POST', form);
}

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
