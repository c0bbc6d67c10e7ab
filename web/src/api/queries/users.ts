import { queryOptions } from '@tanstack/react-query';
import { client, dataOf } from '../client';

/** The names behind user ids, as a map; an id nobody knows is simply not in it. */
export const namesQuery = (ids: string[]) => {
  const sorted = [...new Set(ids)].sort();
  return queryOptions({
    queryKey: ['users', 'names', sorted],
    queryFn: async ({ signal }) => {
      const answer = await dataOf(client.GET('/users', { params: { query: { user_id: sorted } }, signal }));
      return new Map(answer.data.map((user) => [user.user_id, user.name === '' ? user.username : user.name]));
    },
    enabled: sorted.length > 0,
    staleTime: 5 * 60_000,
  });
};
