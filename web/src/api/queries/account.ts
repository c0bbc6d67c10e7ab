import { queryOptions } from '@tanstack/react-query';
import { client, dataOf } from '../client';
import { makePasskey } from '../passkey';
import type { components } from '../schema.gen';

type Schemas = components['schemas'];

export type OwnAccount = Schemas['OwnAccount'];
export type BrowserSession = Schemas['BrowserSession'];
export type Passkey = Schemas['Passkey'];

export const accountKeys = { all: ['account'] as const };

/** My account and its second factors. */
export const accountQuery = queryOptions({
  queryKey: [...accountKeys.all, 'own'],
  queryFn: ({ signal }) => dataOf(client.GET('/auth/account', { signal })),
});

/** Where I am signed in. */
export const sessionsQuery = queryOptions({
  queryKey: [...accountKeys.all, 'sessions'],
  queryFn: async ({ signal }) => (await dataOf(client.GET('/auth/sessions', { signal }))).data,
});

/** My passkeys. */
export const passkeysQuery = queryOptions({
  queryKey: [...accountKeys.all, 'passkeys'],
  queryFn: async ({ signal }) => (await dataOf(client.GET('/auth/account/passkeys', { signal }))).data,
});

export const changeAccount = (change: Schemas['ChangeAccount']): Promise<OwnAccount> => dataOf(client.PATCH('/auth/account', { body: change }));

export const changePassword = (current: string, fresh: string): Promise<unknown> =>
  dataOf(client.POST('/auth/account/password', { body: { ...(current === '' ? {} : { current }), new: fresh } }));

/** Begins to set up an authenticator app. The answer holds its secret: keep it in component state only. */
export const beginApp = (): Promise<Schemas['NewApp']> => dataOf(client.POST('/auth/account/totp'));

/** Proves the app with its first code; gives the recovery codes, once. */
export const confirmApp = async (code: string): Promise<string[]> => (await dataOf(client.POST('/auth/account/totp/confirm', { body: { code } }))).recovery_codes;

export const removeApp = (): Promise<unknown> => dataOf(client.DELETE('/auth/account/totp'));

export const renewRecoveryCodes = async (): Promise<string[]> => (await dataOf(client.POST('/auth/account/recovery-codes'))).recovery_codes;

/** Makes a passkey in the browser and keeps it; gives the recovery codes when it is the first second factor, else none. */
export async function addPasskey(name: string): Promise<string[]> {
  const { public_key: options } = await dataOf(client.POST('/auth/account/passkeys'));
  const credential = await makePasskey(options);
  const made = await dataOf(client.POST('/auth/account/passkeys/finish', { body: { credential, name } }));
  return made.recovery_codes;
}

export const removePasskey = (id: string): Promise<unknown> => dataOf(client.DELETE('/auth/account/passkeys/{passkey_id}', { params: { path: { passkey_id: id } } }));

export const endSession = (id: string): Promise<unknown> => dataOf(client.DELETE('/auth/sessions/{session_id}', { params: { path: { session_id: id } } }));

/** Ends all other sessions and, when asked, revokes all access tokens. */
export const endAll = (tokens: boolean): Promise<unknown> => dataOf(client.POST('/auth/sessions/end-all', { body: { tokens, keep_this: true } }));
