import { queryOptions } from '@tanstack/react-query';
import { dataOf, pageClient } from '../client';
import { accountKeys } from './account';

/** The person at the identity provider that I am linked to. */
export const linkQuery = queryOptions({
  queryKey: [...accountKeys.all, 'link'],
  queryFn: ({ signal }) => dataOf(pageClient.GET('/auth/external/link', { signal })),
});

/** Begins to link my account; gives the address to go to. */
export const beginLink = (current: string): Promise<{ url: string }> =>
  dataOf(pageClient.POST('/auth/external/link', { body: current === '' ? {} : { current } }));

/** Ends the link and all my sessions. */
export const endLink = (): Promise<unknown> => dataOf(pageClient.DELETE('/auth/external/link'));
