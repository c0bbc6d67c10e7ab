import type { SessionUser } from '../api/signin';
import { shellWords } from '../messages/shell';
import { IconHistory, IconKey, IconSearch, IconShieldLock, IconUpload, IconUsers, IconUsersGroup } from '../ui/icons';

/** The places of the rail, the bottom bar and the palette, in this order. */
export const places = [
  { to: '/search', label: shellWords.search, short: shellWords.search, icon: IconSearch, group: shellWords.data, key: 's', needsUser: false, needsAdmin: false },
  { to: '/uploads', label: shellWords.uploads, short: shellWords.uploads, icon: IconUpload, group: shellWords.data, key: 'u', needsUser: true, needsAdmin: false },
  { to: '/groups', label: shellWords.groups, short: shellWords.groups, icon: IconUsersGroup, group: shellWords.lab, key: 'g', needsUser: true, needsAdmin: false },
  { to: '/account/tokens', label: shellWords.tokens, short: shellWords.tokensShort, icon: IconKey, group: shellWords.you, key: 't', needsUser: true, needsAdmin: false },
  { to: '/admin/people', label: shellWords.people, short: shellWords.people, icon: IconUsers, group: shellWords.thisOasis, key: 'p', needsUser: true, needsAdmin: true },
  { to: '/admin/access', label: shellWords.access, short: shellWords.access, icon: IconShieldLock, group: shellWords.thisOasis, key: 'a', needsUser: true, needsAdmin: true },
  { to: '/admin/audit', label: shellWords.audit, short: shellWords.audit, icon: IconHistory, group: shellWords.thisOasis, key: 'l', needsUser: true, needsAdmin: true },
] as const;

/** The places that somebody is shown; the server decides about each page itself. */
export const placesFor = (user: SessionUser | null): (typeof places)[number][] =>
  places.filter((place) => (user !== null || !place.needsUser) && (user?.is_admin === true || !place.needsAdmin));
