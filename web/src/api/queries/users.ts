import { queryOptions } from '@tanstack/react-query';
import { client, dataOf } from '../client';

/** So many ids keep the address of a request short enough for every proxy. */
const mostAtOnce = 100;

/** The names behind user ids, as a map; an id nobody knows is simply not in it. */
export const namesQuery = (ids: string[]) => {
  const sorted = [...new Set(ids)].sort();
  return queryOptions({
    queryKey: ['users', 'names', sorted],
    queryFn: async ({ signal }) => {
      const parts = Array.from({ length: Math.ceil(sorted.length / mostAtOnce) }, (_, part) => sorted.slice(part * mostAtOnce, (part + 1) * mostAtOnce));
      const answers = await Promise.all(parts.map((part) => dataOf(client.GET('/users', { params: { query: { user_id: part } }, signal }))));
      return new Map(answers.flatMap(({ data }) => data).map((user) => [user.user_id, user.name === '' ? user.username : user.name]));
    },
    enabled: sorted.length > 0,
    staleTime: 5 * 60_000,
  });
};
