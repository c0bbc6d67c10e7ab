import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { client, dataOf } from '../client';
import type { Group, GroupEdit, NewShare, Share, User } from '../types';

const pageOfGroups = 50;
const mostFound = 8;

export const groupKeys = {
  all: ['groups'] as const,
  one: (id: string) => ['groups', 'one', id] as const,
  shares: ['shares'] as const,
};

export type GroupsShow = 'mine' | 'all';

/** Groups by name; `mine` are those with this user among their direct members. */
export const groupsQuery = (show: GroupsShow, q: string, userId: string) =>
  infiniteQueryOptions({
    queryKey: [...groupKeys.all, 'list', show, q, userId],
    queryFn: ({ pageParam, signal }) =>
      dataOf(
        client.GET('/groups', {
          params: { query: { user_id: show === 'mine' ? userId : undefined, search_terms: q === '' ? undefined : q, order_by: 'group_name', page: pageParam, page_size: pageOfGroups } },
          signal,
        }),
      ),
    initialPageParam: 1,
    getNextPageParam: (last, _pages, page) => (page * pageOfGroups < last.pagination.total ? page + 1 : undefined),
    placeholderData: keepPreviousData,
    staleTime: 10_000,
  });

export const groupQuery = (id: string) =>
  queryOptions({
    queryKey: groupKeys.one(id),
    queryFn: ({ signal }) => dataOf(client.GET('/groups/{group_id}', { params: { path: { group_id: id } }, signal })),
    staleTime: 10_000,
  });

/** The names behind group ids, as a map; an id that no group has is simply not in it. */
export const groupNamesQuery = (ids: string[]) => {
  const sorted = [...new Set(ids)].sort();
  return queryOptions({
    queryKey: [...groupKeys.all, 'names', sorted],
    queryFn: async ({ signal }) => {
      const answer = await dataOf(client.GET('/groups', { params: { query: { group_id: sorted, page_size: sorted.length } }, signal }));
      return new Map(answer.data.map((group) => [group.group_id, group.group_name]));
    },
    enabled: sorted.length > 0,
    staleTime: 60_000,
  });
};

/** A few people whose name begins so, or with exactly this e-mail address. */
export const peopleFoundQuery = (text: string) =>
  queryOptions({
    queryKey: ['users', 'found', text],
    queryFn: async ({ signal }): Promise<User[]> =>
      (await dataOf(client.GET('/users', { params: { query: text.includes('@') ? { email: [text] } : { prefix: text } }, signal }))).data.slice(0, mostFound),
    enabled: text !== '',
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });

/** A few groups with these words in their name. */
export const groupsFoundQuery = (text: string) =>
  queryOptions({
    queryKey: [...groupKeys.all, 'found', text],
    queryFn: async ({ signal }): Promise<Group[]> =>
      (await dataOf(client.GET('/groups', { params: { query: { search_terms: text, order_by: 'group_name', page_size: mostFound } }, signal }))).data,
    enabled: text !== '',
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });

export const createGroup = (body: GroupEdit): Promise<Group> => dataOf(client.POST('/groups', { body }));

export const editGroup = (id: string, body: GroupEdit): Promise<Group> => dataOf(client.POST('/groups/{group_id}/edit', { params: { path: { group_id: id } }, body }));

export const leaveGroup = (id: string) => dataOf(client.POST('/groups/{group_id}/leave', { params: { path: { group_id: id } } }));

export const removeGroup = (id: string) => dataOf(client.DELETE('/groups/{group_id}', { params: { path: { group_id: id } } }));

/** My standing shares and those for everybody. */
export const sharesQuery = queryOptions({
  queryKey: groupKeys.shares,
  queryFn: async ({ signal }): Promise<Share[]> => (await dataOf(client.GET('/shares', { params: { query: { page_size: 200 } }, signal }))).data,
  staleTime: 10_000,
});

export const createShare = (body: NewShare) => dataOf(client.POST('/shares', { body }));

export const removeShare = (id: string) => dataOf(client.DELETE('/shares/{share_id}', { params: { path: { share_id: id } } }));
