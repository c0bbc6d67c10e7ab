import type { QueryClient } from '@tanstack/react-query';
import { createRootRouteWithContext, createRoute, createRouter, lazyRouteComponent, Outlet, redirect, type ErrorComponentProps } from '@tanstack/react-router';
import { lazy, Suspense, type JSX } from 'react';
import { appPath } from './api/address';
import { sessionQuery } from './api/queries/session';
import { readAskSearch } from './pages/AdminAccess/url';
import { filterOf, readAuditSearch } from './pages/AdminAudit/url';
import { readPeopleSearch } from './pages/AdminPeople/url';
import { readEntrySearch } from './pages/Entry/url';
import { readGroupsSearch } from './pages/Groups/url';
import { readTokenSearch } from './pages/NewToken/url';
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

// Loaders import what they ask with their page, so that the sign-in page stays small.
// Every route has its own const: createRoute() written inside addChildren([…]) silently turns all route types into any.

const root = createRootRouteWithContext<RouterContext>()({
  beforeLoad: ({ context }) => context.queries.query({ ...sessionQuery, staleTime: 'static' }),
  component: Outlet,
  errorComponent: ServerDown,
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: 'sign-in',
  validateSearch: (search): { next?: string; external?: string } => ({ next: textParam(search, 'next'), external: textParam(search, 'external') }),
  component: lazyRouteComponent(() => import('./pages/SignIn/SignIn'), 'SignIn'),
});

// The identity provider sends people here; it goes on to `next`, which is an address of the provider.
const login = createRoute({
  getParentRoute: () => root,
  path: 'login',
  validateSearch: (search): { next?: string; again?: string } => ({ next: textParam(search, 'next'), again: textParam(search, 'again') }),
  component: lazyRouteComponent(() => import('./pages/SignIn/Login'), 'Login'),
});

const link = createRoute({
  getParentRoute: () => root,
  path: 'link',
  component: lazyRouteComponent(() => import('./pages/Link/Link'), 'Link'),
});

const consent = createRoute({
  getParentRoute: () => root,
  path: 'consent',
  validateSearch: (search): { request?: string } => ({ request: textParam(search, 'request') }),
  component: lazyRouteComponent(() => import('./pages/Consent/Consent'), 'Consent'),
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
    const [{ searchQuery }, { entriesBody }] = await Promise.all([import('./api/queries/entries'), import('./pages/Search/body')]);
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
    const { uploadsQuery } = await import('./api/queries/uploads');
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
    if (!context.open) return;
    const { uploadQuery } = await import('./api/queries/uploads');
    await context.queries.query({ ...uploadQuery(params.id), staleTime: 'static' });
  },
  component: lazyRouteComponent(() => import('./pages/Upload/Upload'), 'Upload'),
});

const entry = createRoute({
  getParentRoute: () => inside,
  path: 'entries/$id',
  validateSearch: readEntrySearch,
  loader: async ({ context, params }) => {
    if (!context.open) return;
    const { archiveQuery, entryQuery } = await import('./api/queries/entries');
    // Only a head start for the archive tab, which shows the problem if there is one.
    context.queries.query(archiveQuery(params.id)).catch(() => undefined);
    await context.queries.query({ ...entryQuery(params.id), staleTime: 'static' });
  },
  component: lazyRouteComponent(() => import('./pages/Entry/Entry'), 'Entry'),
});

const groups = createRoute({
  getParentRoute: () => inside,
  path: 'groups',
  validateSearch: readGroupsSearch,
  loader: async ({ context, location }) => {
    if (!context.open) return;
    const { groupsQuery } = await import('./api/queries/groups');
    const { show, q } = readGroupsSearch(location.search);
    const me = context.queries.getQueryData(sessionQuery.queryKey)?.user?.user_id;
    await context.queries.infiniteQuery({ ...groupsQuery(show ?? 'mine', q ?? '', me ?? ''), staleTime: 'static' });
  },
  component: lazyRouteComponent(() => import('./pages/Groups/Groups'), 'Groups'),
});

const group = createRoute({
  getParentRoute: () => inside,
  path: 'groups/$id',
  loader: async ({ context, params }) => {
    if (!context.open) return;
    const { groupQuery } = await import('./api/queries/groups');
    await context.queries.query({ ...groupQuery(params.id), staleTime: 'static' });
  },
  component: lazyRouteComponent(() => import('./pages/Group/Group'), 'Group'),
});

const tokens = createRoute({
  getParentRoute: () => inside,
  path: 'account/tokens',
  validateSearch: readTokensSearch,
  loader: async ({ context, location }) => {
    if (!context.open) return;
    const { tokensQuery } = await import('./api/queries/tokens');
    await context.queries.infiniteQuery({ ...tokensQuery(readTokensSearch(location.search).show ?? 'active'), staleTime: 'static' });
  },
  component: lazyRouteComponent(() => import('./pages/Tokens/Tokens'), 'Tokens'),
});

const newToken = createRoute({
  getParentRoute: () => inside,
  path: 'account/tokens/new',
  validateSearch: readTokenSearch,
  loader: async ({ context }) => {
    if (!context.open) return;
    const { scopesQuery, tokensQuery } = await import('./api/queries/tokens');
    // The form is for people who are signed in: the list answers 401 to everybody else.
    await Promise.all([context.queries.query({ ...scopesQuery, staleTime: 'static' }), context.queries.infiniteQuery({ ...tokensQuery('active'), staleTime: 'static' })]);
  },
  component: lazyRouteComponent(() => import('./pages/NewToken/NewToken'), 'NewToken'),
});

// Administrators only: the server answers 403 to everybody else, and the page shows that.

const adminPeople = createRoute({
  getParentRoute: () => inside,
  path: 'admin/people',
  validateSearch: readPeopleSearch,
  loader: async ({ context, location }) => {
    if (!context.open) return;
    const { accountsQuery, requestsQuery } = await import('./api/queries/people');
    // Only a head start: the list of requests shows its own problem if there is one.
    context.queries.query(requestsQuery).catch(() => undefined);
    const { show, q } = readPeopleSearch(location.search);
    await context.queries.infiniteQuery({ ...accountsQuery(show ?? 'all', q ?? ''), staleTime: 'static' });
  },
  component: lazyRouteComponent(() => import('./pages/AdminPeople/AdminPeople'), 'AdminPeople'),
});

const adminAccess = createRoute({
  getParentRoute: () => inside,
  path: 'admin/access',
  validateSearch: readAskSearch,
  loader: async ({ context }) => {
    if (!context.open) return;
    const { policyQuery } = await import('./api/queries/policy');
    await context.queries.query({ ...policyQuery, staleTime: 'static' });
  },
  component: lazyRouteComponent(() => import('./pages/AdminAccess/AdminAccess'), 'AdminAccess'),
});

const adminAudit = createRoute({
  getParentRoute: () => inside,
  path: 'admin/audit',
  validateSearch: readAuditSearch,
  loader: async ({ context, location }) => {
    if (!context.open) return;
    const { auditQuery } = await import('./api/queries/audit');
    await context.queries.infiniteQuery({ ...auditQuery(filterOf(readAuditSearch(location.search))), staleTime: 'static' });
  },
  component: lazyRouteComponent(() => import('./pages/AdminAudit/AdminAudit'), 'AdminAudit'),
});

const account = createRoute({
  getParentRoute: () => inside,
  path: 'account',
  validateSearch: (search): { link?: string } => ({ link: textParam(search, 'link') }),
  loader: async ({ context }) => {
    if (!context.open) return;
    const { accountQuery } = await import('./api/queries/account');
    await context.queries.query({ ...accountQuery, staleTime: 'static' });
  },
  component: lazyRouteComponent(() => import('./pages/Account/Account'), 'Account'),
});

const device = createRoute({
  getParentRoute: () => root,
  path: 'device',
  validateSearch: (search): { user_code?: string } => ({ user_code: textParam(search, 'user_code') }),
  component: lazyRouteComponent(() => import('./pages/Device/Device'), 'Device'),
});

const nowhere = createRoute({ getParentRoute: () => inside, path: '$', component: lazyRouteComponent(() => import('./parts/NotFound'), 'NotFound') });

const insideTree = inside.addChildren([home, search, uploads, upload, entry, groups, group, tokens, newToken, adminPeople, adminAccess, adminAudit, account, nowhere]);

/** All routes; tests look at this tree. */
export const routeTree = root.addChildren([insideTree, signIn, login, setup, link, consent, device]);

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
