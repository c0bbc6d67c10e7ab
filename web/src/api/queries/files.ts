import { queryOptions } from '@tanstack/react-query';
import { apiUrl, pathSegments } from '../address';
import { send } from '../client';
import { parseJson, problemFrom } from '../problem';

/** The first bytes of a raw file as text, for a quick look. */
export const fileStartQuery = (uploadId: string, path: string, bytes: number) =>
  queryOptions({
    queryKey: ['files', 'start', uploadId, path, bytes],
    queryFn: async ({ signal }) => {
      const url = `${apiUrl()}/uploads/${encodeURIComponent(uploadId)}/raw/${pathSegments(path)}?offset=0&length=${bytes}`;
      const response = await send(new Request(url, { credentials: 'same-origin', signal }));
      const text = await response.text();
      if (!response.ok) throw problemFrom(response.status, parseJson(text));
      return text;
    },
    staleTime: 60_000,
  });
