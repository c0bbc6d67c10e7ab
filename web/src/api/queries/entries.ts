import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { client, dataOf } from '../client';
import type { components } from '../schema.gen';
import type { Owner } from '../types';

type EntriesBody = components['schemas']['EntriesQuery'];

const second = 1000;
const pageOfResults = 50;

/** A search by cursor: 50 entries at a time, the counts of all facets with the first page only. */
export const searchQuery = (body: EntriesBody) =>
  infiniteQueryOptions({
    queryKey: ['entries', 'search', body],
    queryFn: async ({ pageParam, signal }) => {
      const started = performance.now();
      const answer = await dataOf(
        client.POST('/entries/query', {
          body: {
            ...body,
            aggregations: pageParam === '' ? body.aggregations : undefined,
            pagination: { ...body.pagination, page_size: pageOfResults, page_after_value: pageParam === '' ? undefined : pageParam },
          },
          signal,
        }),
      );
      return { ...answer, took: performance.now() - started };
    },
    initialPageParam: '',
    getNextPageParam: (last) => last.pagination.next_page_after_value,
    placeholderData: keepPreviousData,
    staleTime: 30 * second,
  });

/** How many entries there are without any filter: the second number of "3,362 of 12,408". */
export const totalQuery = (owner: Owner) =>
  queryOptions({
    queryKey: ['entries', 'total', owner],
    queryFn: async ({ signal }) => {
      const answer = await dataOf(client.POST('/entries/query', { body: { owner, pagination: { page_size: 0 } }, signal }));
      return answer.pagination.total;
    },
    staleTime: 60 * second,
  });

/** The search document of one entry. */
export const entryQuery = (id: string) =>
  queryOptions({
    queryKey: ['entries', 'one', id],
    queryFn: async ({ signal }) => (await dataOf(client.GET('/entries/{entry_id}', { params: { path: { entry_id: id } }, signal }))).data,
    staleTime: 10 * second,
  });

/** The whole archive of one entry. */
export const archiveQuery = (id: string) =>
  queryOptions({
    queryKey: ['entries', 'archive', id],
    queryFn: async ({ signal }) => (await dataOf(client.GET('/entries/{entry_id}/archive', { params: { path: { entry_id: id } }, signal }))).data,
    staleTime: 60 * second,
  });

/** The files in the folder of an entry's main file. */
export const entryFilesQuery = (id: string) =>
  queryOptions({
    queryKey: ['entries', 'files', id],
    queryFn: async ({ signal }) => (await dataOf(client.GET('/entries/{entry_id}/rawdir', { params: { path: { entry_id: id } }, signal }))).data,
    staleTime: 30 * second,
  });
