import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { client, dataOf } from '../client';
import type { NewAccessToken } from '../types';

const pageOfTokens = 50;

export const tokenKeys = { all: ['tokens'] as const, one: (id: string) => ['tokens', 'one', id] as const };

export type TokensShow = 'active' | 'ended';

/** My access tokens, newest first. */
export const tokensQuery = (show: TokensShow) =>
  infiniteQueryOptions({
    queryKey: [...tokenKeys.all, 'list', show],
    queryFn: ({ pageParam, signal }) =>
      dataOf(
        client.GET('/auth/pats', {
          params: { query: { state: show === 'ended' ? 'inactive' : 'active', order_by: 'created_desc', page: pageParam, page_size: pageOfTokens } },
          signal,
        }),
      ),
    initialPageParam: 1,
    getNextPageParam: (last, _pages, page) => (page * pageOfTokens < last.pagination.total ? page + 1 : undefined),
    placeholderData: keepPreviousData,
    staleTime: 10_000,
  });

/** One token; `watch` asks again every two seconds until it has been used, for the page that shows a new one. */
export const tokenQuery = (id: string, watch: boolean) =>
  queryOptions({
    queryKey: tokenKeys.one(id),
    queryFn: ({ signal }) => dataOf(client.GET('/auth/pats/{pat_id}', { params: { path: { pat_id: id } }, signal })),
    refetchInterval: (query) => (watch && query.state.data?.last_used_at == null ? 2000 : false),
  });

/** All rights a token can have, with a sentence for each. They change only with the server's version. */
export const scopesQuery = queryOptions({
  queryKey: ['scopes'],
  queryFn: async ({ signal }) => (await dataOf(client.GET('/scopes', { signal }))).data,
  staleTime: Infinity,
});

/** What tokens I may make here, and where I am now as the server sees it. */
export const tokenRulesQuery = queryOptions({
  queryKey: [...tokenKeys.all, 'rules'],
  queryFn: ({ signal }) => dataOf(client.GET('/auth/pats/rules', { signal })),
  staleTime: 30_000,
});

/** What one token was used for in the last weeks, and how it could be narrowed. */
export const tokenUsageQuery = (id: string) =>
  queryOptions({
    queryKey: [...tokenKeys.one(id), 'usage'],
    queryFn: ({ signal }) => dataOf(client.GET('/auth/pats/{pat_id}/usage', { params: { path: { pat_id: id } }, signal })),
    staleTime: 10_000,
  });

export interface TokenRequest {
  name: string;
  scopes: string[];
  /** What narrows it, as the API reads it. */
  restrictions: Record<string, unknown> | undefined;
  end: TokenEnd;
}

/** When a token ends: some days after it is made, at a moment, or never. */
export type TokenEnd = { days: number } | { at: string } | 'never';

const bodyOf = ({ name, scopes, restrictions, end }: TokenRequest) => ({
  metadata: { name, scopes, ...(restrictions === undefined ? {} : { restrictions }) },
  ...(end === 'never' ? { expires_in_days: null } : 'at' in end ? { expires_at: end.at } : { expires_in_days: end.days }),
});

/** What a token would be able to do, without making it. The name changes nothing, so typing it asks nothing again. */
export const previewTokenQuery = (request: Omit<TokenRequest, 'name'>) =>
  queryOptions({
    queryKey: [...tokenKeys.all, 'preview', request],
    queryFn: ({ signal }) => dataOf(client.POST('/auth/pats/preview', { body: bodyOf({ ...request, name: 'preview' }), signal })),
    placeholderData: keepPreviousData,
    staleTime: 10_000,
    gcTime: 60_000,
    retry: false,
  });

/** Makes a token. The answer holds the secret, once: keep it in component state only. */
export const createToken = (request: TokenRequest): Promise<NewAccessToken> => dataOf(client.POST('/auth/pats', { body: bodyOf(request) }));

/** Replaces a token by a new one with the same rights; the old one stops working at once. */
export const rotateToken = (id: string): Promise<NewAccessToken> =>
  dataOf(client.POST('/auth/pats/{pat_id}/rotate', { params: { path: { pat_id: id } } }));

export const revokeToken = (id: string) => dataOf(client.DELETE('/auth/pats/{pat_id}', { params: { path: { pat_id: id } } }));
