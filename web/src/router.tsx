import type { QueryClient } from '@tanstack/react-query';
import { createRootRouteWithContext, createRoute, createRouter, lazyRouteComponent, Outlet, redirect, type ErrorComponentProps } from '@tanstack/react-router';
import { lazy, Suspense, type JSX } from 'react';
import { appPath } from './api/address';
import { archiveQuery, entryQuery, searchQuery } from './api/queries/entries';
import { sessionQuery } from './api/queries/session';
import { scopesQuery, tokensQuery } from './api/queries/tokens';
import { uploadQuery, uploadsQuery } from './api/queries/uploads';
import { readEntrySearch } from './pages/Entry/url';
import { readTokenSearch } from './pages/NewToken/url';
import { entriesBody } from './pages/Search/body';
import { readSearch } from './pages/Search/url';
import { readTokensSearch } from './pages/Tokens/url';
import { readUploadSearch } from './pages/Upload/url';
import { readUploadsSearch } from './pages/Uploads/url';
import { ServerDown } from './parts/ServerDown';
import { isOpen } from './session';
import { PageSkeleton } from './ui/Skeletons';
import { parseSearch, stringifySearch, textParam } from './urlState';

interface RouterContext {
  queries: QueryClient;
}

const Refusal = lazy(async () => ({ default: (await import('./parts/Refusal')).Refusal }));

const RefusalOnDemand = (problem: ErrorComponentProps): JSX.Element => (
  <Suspense>
    <Refusal {...problem} />
  </Suspense>
);

// Every route has its own const: createRoute() written inside addChildren([…]) silently turns all route types into any.

const root = createRootRouteWithContext<RouterContext>()({
  beforeLoad: ({ context }) => context.queries.query({ ...sessionQuery, staleTime: 'static' }),
  component: Outlet,
  errorComponent: ServerDown,
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: 'sign-in',
  validateSearch: (search): { next?: string } => ({ next: textParam(search, 'next') }),
  component: lazyRouteComponent(() => import('./pages/SignIn/SignIn'), 'SignIn'),
});

const setup = createRoute({
  getParentRoute: () => root,
  path: 'setup',
  component: lazyRouteComponent(() => import('./pages/Setup/Setup'), 'Setup'),
});

const inside = createRoute({
  getParentRoute: () => root,
  id: 'inside',
  // Behind a closed door nothing is asked for: each question would only be a refusal in the console.
  beforeLoad: ({ context }): { open: boolean } => {
    const session = context.queries.getQueryData(sessionQuery.queryKey);
    return { open: session !== undefined && isOpen(session) };
  },
  component: lazyRouteComponent(() => import('./parts/Gate'), 'Gate'),
});

const home = createRoute({
  getParentRoute: () => inside,
  path: '/',
  beforeLoad: ({ context }) => {
    const session = context.queries.getQueryData(sessionQuery.queryKey);
    throw redirect({ to: session?.user == null ? '/search' : '/uploads', replace: true });
  },
});

const search = createRoute({
  getParentRoute: () => inside,
  path: 'search',
  validateSearch: readSearch,
  // Only on entering: while one filters, the page itself keeps the old results until the new ones are there.
  loader: async ({ context, location }) => {
    if (!context.open) return;
    const signedIn = context.queries.getQueryData(sessionQuery.queryKey)?.user != null;
    await context.queries.infiniteQuery({ ...searchQuery(entriesBody(readSearch(location.search), signedIn)), staleTime: 'static' });
  },
  component: lazyRouteComponent(() => import('./pages/Search/Search'), 'Search'),
});

const uploads = createRoute({
  getParentRoute: () => inside,
  path: 'uploads',
  validateSearch: readUploadsSearch,
  loader: async ({ context, location }) => {
    if (!context.open) return;
    const { show, q } = readUploadsSearch(location.search);
    await context.queries.infiniteQuery({ ...uploadsQuery(show ?? 'all', q ?? ''), staleTime: 'static' });
  },
  component: lazyRouteComponent(() => import('./pages/Uploads/Uploads'), 'Uploads'),
});

const upload = createRoute({
  getParentRoute: () => inside,
  path: 'uploads/$id',
  validateSearch: readUploadSearch,
  loader: async ({ context, params }) => {
    if (context.open) await context.queries.query({ ...uploadQuery(params.id), staleTime: 'static' });
  },
  component: lazyRouteComponent(() => import('./pages/Upload/Upload'), 'Upload'),
});

const entry = createRoute({
  getParentRoute: () => inside,
  path: 'entries/$id',
  validateSearch: readEntrySearch,
  loader: async ({ context, params }) => {
    if (!context.open) return;
    // Only a head start for the archive tab, which shows the problem if there is one.
    context.queries.query(archiveQuery(params.id)).catch(() => undefined);
    await context.queries.query({ ...entryQuery(params.id), staleTime: 'static' });
  },
  component: lazyRouteComponent(() => import('./pages/Entry/Entry'), 'Entry'),
});

const tokens = createRoute({
  getParentRoute: () => inside,
  path: 'account/tokens',
  validateSearch: readTokensSearch,
  loader: async ({ context, location }) => {
    if (context.open) await context.queries.infiniteQuery({ ...tokensQuery(readTokensSearch(location.search).show ?? 'active'), staleTime: 'static' });
  },
  component: lazyRouteComponent(() => import('./pages/Tokens/Tokens'), 'Tokens'),
});

const newToken = createRoute({
  getParentRoute: () => inside,
  path: 'account/tokens/new',
  validateSearch: readTokenSearch,
  loader: async ({ context }) => {
    if (!context.open) return;
    // The form is for people who are signed in: the list answers 401 to everybody else.
    await Promise.all([context.queries.query({ ...scopesQuery, staleTime: 'static' }), context.queries.infiniteQuery({ ...tokensQuery('active'), staleTime: 'static' })]);
  },
  component: lazyRouteComponent(() => import('./pages/NewToken/NewToken'), 'NewToken'),
});

const nowhere = createRoute({ getParentRoute: () => inside, path: '$', component: lazyRouteComponent(() => import('./parts/NotFound'), 'NotFound') });

const insideTree = inside.addChildren([home, search, uploads, upload, entry, tokens, newToken, nowhere]);

/** All routes; tests look at this tree. */
export const routeTree = root.addChildren([insideTree, signIn, setup]);

/** Makes the router of the app; tests give a history of their own. */
// eslint-disable-next-line @typescript-eslint/explicit-module-boundary-types -- its type is what all links are checked against
export const makeRouter = (queries: QueryClient, history?: Parameters<typeof createRouter>[0]['history']) =>
  createRouter({
    routeTree,
    context: { queries },
    basepath: appPath(),
    history,
    parseSearch,
    stringifySearch,
    defaultPreload: 'intent',
    defaultPreloadStaleTime: 0,
    defaultPendingMs: 150,
    defaultPendingMinMs: 0,
    defaultPendingComponent: PageSkeleton,
    defaultErrorComponent: RefusalOnDemand,
    defaultNotFoundComponent: lazyRouteComponent(() => import('./parts/NotFound'), 'NotFound'),
    scrollRestoration: true,
  });

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
