import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { client, dataOf } from '../client';
import type { ExplainAnswer, ExplainQuestion, Policy, PolicyChanges, PolicyPreview } from '../types';

export const policyKeys = { all: ['policy'] as const };

/** The policy in force, where each setting comes from, and how the last reading of the files went. */
export const policyQuery = queryOptions({
  queryKey: [...policyKeys.all, 'in-force'],
  queryFn: ({ signal }): Promise<Policy> => dataOf(client.GET('/policy', { signal })),
  staleTime: 5_000,
});

/** What a draft would mean; nothing is changed. */
export const previewQuery = (changes: PolicyChanges) =>
  queryOptions({
    queryKey: [...policyKeys.all, 'preview', changes],
    queryFn: ({ signal }): Promise<PolicyPreview> => dataOf(client.POST('/policy/preview', { body: changes, signal })),
    placeholderData: keepPreviousData,
    staleTime: 5_000,
    retry: false,
  });

/** Puts a draft in force, for the next request. */
export const changePolicy = (changes: PolicyChanges): Promise<Policy> => dataOf(client.PUT('/policy', { body: changes }));

/** What can be asked about; it changes only with the server's version. */
export const operationsQuery = queryOptions({
  queryKey: ['operations'],
  queryFn: async ({ signal }) => (await dataOf(client.GET('/policy/operations', { signal }))).data,
  staleTime: Infinity,
});

/** Why somebody may or may not do something, with the policy in force. */
export const explainAccess = (question: ExplainQuestion): Promise<ExplainAnswer> => dataOf(client.POST('/policy/explain', { body: question }));
