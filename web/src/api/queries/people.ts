import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { client, dataOf } from '../client';
import type { AccessRequest, Account, AccountChange, Linked, NewAccount } from '../types';

const pageOfAccounts = 50;

export const peopleKeys = { all: ['people'] as const, requests: ['access-requests'] as const };

export type PeopleShow = 'all' | 'active' | 'invited' | 'disabled' | 'admin';

/** All accounts, for administrators. */
export const accountsQuery = (show: PeopleShow, q: string) =>
  infiniteQueryOptions({
    queryKey: [...peopleKeys.all, show, q],
    queryFn: ({ pageParam, signal }) =>
      dataOf(
        client.GET('/accounts', {
          params: { query: { state: show === 'all' ? undefined : show, search: q === '' ? undefined : q, page: pageParam, page_size: pageOfAccounts } },
          signal,
        }),
      ),
    initialPageParam: 1,
    getNextPageParam: (last, _pages, page) => (page * pageOfAccounts < last.pagination.total ? page + 1 : undefined),
    placeholderData: keepPreviousData,
    staleTime: 10_000,
  });

/** Who asks to be let in and has had no answer yet. */
export const requestsQuery = queryOptions({
  queryKey: peopleKeys.requests,
  queryFn: async ({ signal }): Promise<AccessRequest[]> => (await dataOf(client.GET('/access-requests', { signal }))).data,
  staleTime: 10_000,
});

export const decideRequest = (id: string, what: 'approve' | 'decline') => {
  const params = { path: { request_id: id } };
  return dataOf(what === 'approve' ? client.POST('/access-requests/{request_id}/approve', { params }) : client.POST('/access-requests/{request_id}/decline', { params }));
};

/** Makes an account. The answer may hold a link that works once: keep it in component state only. */
export const inviteAccount = (body: NewAccount): Promise<Linked> => dataOf(client.POST('/accounts', { body }));

export const changeAccount = (id: string, body: AccountChange): Promise<Account> => dataOf(client.PATCH('/accounts/{user_id}', { params: { path: { user_id: id } }, body }));

/** Makes a link that sets a new password; with `factors` all second factors go. The link works once: keep it in component state only. */
export const resetAccount = (id: string, factors: boolean): Promise<Linked> =>
  dataOf(client.POST('/accounts/{user_id}/reset', { params: { path: { user_id: id } }, body: { second_factor: factors } }));

/** Ends all sessions of somebody, with `tokens` all access tokens too. */
export const endSessionsOf = (id: string, tokens: boolean) => dataOf(client.POST('/accounts/{user_id}/end-all', { params: { path: { user_id: id } }, body: { tokens } }));

export const removeAccount = (id: string) => dataOf(client.DELETE('/accounts/{user_id}', { params: { path: { user_id: id } } }));
