import { Link } from '@tanstack/react-router';
import { expect, test } from 'vitest';
import { routeTree } from '../src/router';

interface Node {
  id?: string;
  children?: Node[] | Record<string, Node>;
  options: { id?: string; path?: string };
}

const paths = (node: Node, above = ''): string[] => {
  const here = node.options.path === undefined ? above : `${above}/${node.options.path}`.replace(/\/+/g, '/');
  return [...(node.options.path === undefined ? [] : [here]), ...Object.values(node.children ?? {}).flatMap((child) => paths(child, here))];
};

test('these are the pages', () => {
  expect(paths(routeTree as unknown as Node).sort()).toEqual([
    '/',
    '/$',
    '/account',
    '/account/tokens',
    '/account/tokens/new',
    '/admin/access',
    '/admin/audit',
    '/admin/people',
    '/consent',
    '/device',
    '/entries/$id',
    '/groups',
    '/groups/$id',
    '/link',
    '/login',
    '/search',
    '/setup',
    '/sign-in',
    '/uploads',
    '/uploads/$id',
  ]);
});

test('a link to a page that does not exist does not compile', () => {
  // @ts-expect-error -- if this line compiles, the route types have become `any` (see router.tsx)
  const wrong = <Link to="/nope" />;
  // @ts-expect-error -- an upload's page needs its id
  const without = <Link to="/uploads/$id" />;
  expect([wrong, without]).toHaveLength(2);
});
