import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { client, dataOf } from '../client';
import type { Upload } from '../types';

const second = 1000;
const pageOfUploads = 50;
export const pageOfEntries = 100;
/** As many rows as the virtual list was proved with; a folder with more is read in further pages. */
export const pageOfFiles = 10_000;

export type UploadsShow = 'all' | 'shared' | 'published' | 'attention';

const filters = {
  all: {},
  shared: { roles: ['coauthor', 'reviewer'] },
  published: { is_published: true },
  attention: { needs_attention: true },
} as const;

/** How often to ask again: each second while something is being processed, else not at all. Hidden tabs do not poll. */
const whileRunning = (uploads: (Upload | undefined)[]): number | false => (uploads.some((upload) => upload?.process_running) ? second : false);

export const uploadKeys = {
  all: ['uploads'] as const,
  lists: ['uploads', 'list'] as const,
  one: (id: string) => ['uploads', 'one', id] as const,
};

const fuzzy = (text: string): string[] | undefined => (text === '' ? undefined : [JSON.stringify({ value: text, type: 'fuzzy' })]);

/** My uploads, newest first, by pages of 50. */
export const uploadsQuery = (show: UploadsShow, q: string) =>
  infiniteQueryOptions({
    queryKey: [...uploadKeys.lists, show, q],
    queryFn: ({ pageParam, signal }) =>
      dataOf(
        client.GET('/uploads', {
          params: {
            query: {
              ...filters[show],
              roles: show === 'shared' ? [...filters.shared.roles] : undefined,
              upload_name: fuzzy(q),
              page: pageParam,
              page_size: pageOfUploads,
              order_by: 'upload_create_time',
              order: 'desc',
            },
          },
          signal,
        }),
      ),
    initialPageParam: 1,
    getNextPageParam: (last, _pages, page) => (page * pageOfUploads < last.pagination.total ? page + 1 : undefined),
    placeholderData: keepPreviousData,
    staleTime: 30 * second,
    refetchInterval: (query) => whileRunning(query.state.data?.pages.flatMap((page) => page.data) ?? []),
  });

/** The few of my uploads whose name contains a text, for the palette. */
export const uploadsNamedQuery = (text: string) =>
  queryOptions({
    queryKey: [...uploadKeys.lists, 'named', text],
    queryFn: async ({ signal }) => (await dataOf(client.GET('/uploads', { params: { query: { upload_name: fuzzy(text), page_size: 5 } }, signal }))).data,
    placeholderData: keepPreviousData,
    staleTime: 30 * second,
  });

/** One upload; asked again each second while it is being processed. */
export const uploadQuery = (id: string) =>
  queryOptions({
    queryKey: uploadKeys.one(id),
    queryFn: async ({ signal }) => (await dataOf(client.GET('/uploads/{upload_id}', { params: { path: { upload_id: id }, query: { include: ['allowed'] } }, signal }))).data,
    staleTime: 10 * second,
    refetchInterval: (query) => whileRunning([query.state.data]),
  });

/** The entries of an upload with the state of each; `running` keeps the list moving while files are read. */
export const uploadEntriesQuery = (id: string, page: number, running: boolean) =>
  queryOptions({
    queryKey: [...uploadKeys.one(id), 'entries', page],
    queryFn: ({ signal }) =>
      dataOf(
        client.GET('/uploads/{upload_id}/entries', {
          params: { path: { upload_id: id }, query: { page, page_size: pageOfEntries, order_by: 'mainfile', order: 'asc' } },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    staleTime: 10 * second,
    refetchInterval: running ? second : false,
  });

/** The children of one folder of raw files; a path to a file gives its `file_metadata` instead. */
export const folderQuery = (id: string, path: string, running: boolean) =>
  infiniteQueryOptions({
    queryKey: [...uploadKeys.one(id), 'files', path],
    queryFn: ({ pageParam, signal }) => readFolder(id, path, pageParam, signal),
    initialPageParam: 1,
    getNextPageParam: (last, _pages, page) => (page * pageOfFiles < (last.pagination?.total ?? 0) ? page + 1 : undefined),
    placeholderData: keepPreviousData,
    staleTime: 10 * second,
    refetchInterval: running ? 2 * second : false,
  });

export const readFolder = (id: string, path: string, page: number, signal?: AbortSignal) =>
  dataOf(
    client.GET('/uploads/{upload_id}/rawdir/{path}', {
      params: { path: { upload_id: id, path }, query: { include_entry_info: true, page, page_size: pageOfFiles } },
      signal,
    }),
  );

/** Makes an empty upload; its files are sent afterwards, each with its own PUT. */
export async function createUpload(name: string): Promise<Upload> {
  const answer = await dataOf(client.POST('/uploads', { params: { query: name === '' ? {} : { upload_name: name } } }));
  // The API answers curl with a text; to a client that accepts JSON it never does.
  if (typeof answer === 'string') throw new Error(answer);
  return answer.data;
}

export const deleteUpload = (id: string) => dataOf(client.DELETE('/uploads/{upload_id}', { params: { path: { upload_id: id } } }));

/** Removes a file or folder. `keepalive` lets the request outlive the page (undo time cut short by leaving). */
export const deleteFile = (id: string, path: string, keepalive: boolean) =>
  dataOf(client.DELETE('/uploads/{upload_id}/raw/{path}', { params: { path: { upload_id: id, path } }, keepalive }));

/** A change of one of the lists of members. */
export interface MemberChange {
  add?: string[];
  remove?: string[];
}

/** What editing an upload can change here. */
export interface UploadEdit {
  coauthors?: MemberChange;
  reviewers?: MemberChange;
  coauthor_groups?: MemberChange;
  reviewer_groups?: MemberChange;
}

export const editUpload = async (id: string, metadata: UploadEdit): Promise<Upload> =>
  (await dataOf(client.POST('/uploads/{upload_id}/edit', { params: { path: { upload_id: id } }, body: { metadata: { ...metadata } } }))).data;

export const publishUpload = async (id: string, embargoMonths: number): Promise<Upload> =>
  (await dataOf(client.POST('/uploads/{upload_id}/action/publish', { params: { path: { upload_id: id }, query: { embargo_length: embargoMonths } } }))).data;

/** The acts on an upload that need nothing but its id. */
export type UploadAct = 'lift-embargo' | 'process' | 'stop-processing';

export async function actOnUpload(id: string, act: UploadAct): Promise<Upload> {
  const params = { params: { path: { upload_id: id } } };
  switch (act) {
    case 'lift-embargo':
      return (await dataOf(client.POST('/uploads/{upload_id}/action/lift-embargo', params))).data;
    case 'process':
      return (await dataOf(client.POST('/uploads/{upload_id}/action/process', params))).data;
    case 'stop-processing':
      return (await dataOf(client.POST('/uploads/{upload_id}/action/stop-processing', params))).data;
  }
}
