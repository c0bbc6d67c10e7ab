import { infiniteQueryOptions, keepPreviousData } from '@tanstack/react-query';
import { apiUrl } from '../address';
import { client, dataOf } from '../client';
import type { AuditFilter } from '../types';

const pageOfRows = 50;

/** The rows of the audit log that a filter selects, newest first. */
export const auditQuery = (filter: AuditFilter) =>
  infiniteQueryOptions({
    queryKey: ['audit', filter],
    queryFn: ({ pageParam, signal }) => dataOf(client.GET('/audit', { params: { query: { ...filter, page_size: pageOfRows, page_after_value: pageParam === '' ? undefined : pageParam } }, signal })),
    initialPageParam: '',
    getNextPageParam: (last) => last.pagination.next_page_after_value ?? undefined,
    placeholderData: keepPreviousData,
    staleTime: 5_000,
  });

/** Where the rows of a filter can be had as JSON lines. */
export function auditExportUrl(filter: AuditFilter): string {
  const query = new URLSearchParams(Object.entries(filter).filter((pair): pair is [string, string] => typeof pair[1] === 'string'));
  return `${apiUrl()}/audit/export${query.size === 0 ? '' : `?${query.toString()}`}`;
}
