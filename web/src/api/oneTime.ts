// What people come to by a link or a code: invitations, devices, clients of the identity provider, asking to be let in.
import { dataOf, pageClient } from './client';
import type { components } from './page.gen';
import type { Session } from './signin';

type Shapes = components['schemas'];

/** For whom and what a one-time link is. */
export type LinkFacts = Shapes['LinkFacts'];
export type LinkForm = Shapes['LinkForm'];
export type DeviceFacts = Shapes['DeviceFacts'];
export type Consent = Shapes['Consent'];

/** For whom a one-time link is; throws a 410 problem when it was used or is too old. */
export const checkLink = (secret: string): Promise<LinkFacts> => dataOf(pageClient.POST('/auth/link/check', { body: { secret } }));

/** Does what the link is for (first password, new password, new address) and signs in. */
export const completeLink = (form: LinkForm): Promise<Session> => dataOf(pageClient.POST('/auth/link/complete', { body: form }));

/** What a device that shows this code asks for. */
export const getDevice = (code: string, signal: AbortSignal): Promise<DeviceFacts> => dataOf(pageClient.GET('/auth/device/verify', { params: { query: { user_code: code } }, signal }));

export const decideDevice = (code: string, approve: boolean): Promise<unknown> => dataOf(pageClient.POST('/auth/device/verify', { body: { user_code: code, approve } }));

/** What a client asks for; `request` is what the provider put into the address of the page. */
export const getConsent = (request: string, signal: AbortSignal): Promise<Consent> => dataOf(pageClient.GET('/auth/consent', { params: { query: { request } }, signal }));

/** Says yes or no to a client; gives where the browser goes on. */
export const decideConsent = async (request: string, approve: boolean): Promise<string> => (await dataOf(pageClient.POST('/auth/consent', { body: { request, approve } }))).redirect_to;

/** Whether I may ask to be let in, and what came of it. */
export const getAccessRequest = (signal: AbortSignal): Promise<Shapes['AccessStatus']> => dataOf(pageClient.GET('/auth/access-request', { signal }));

/** Asks an administrator to be put on the list. */
export const askForAccess = (message: string): Promise<unknown> => dataOf(pageClient.POST('/auth/access-request', { body: { message } }));
