import { queryOptions } from '@tanstack/react-query';
import { checkLink, getAccessRequest, getConsent, getDevice, type LinkFacts } from '../oneTime';

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
