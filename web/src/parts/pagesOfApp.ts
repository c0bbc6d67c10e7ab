import { shellWords } from '../messages/shell';
import { IconKey, IconSearch, IconUpload } from '../ui/icons';

/** The places of the rail, the bottom bar and the palette, in this order. */
export const places = [
  { to: '/search', label: shellWords.search, short: shellWords.search, icon: IconSearch, group: shellWords.data, key: 's', needsUser: false },
  { to: '/uploads', label: shellWords.uploads, short: shellWords.uploads, icon: IconUpload, group: shellWords.data, key: 'u', needsUser: true },
  { to: '/account/tokens', label: shellWords.tokens, short: shellWords.tokensShort, icon: IconKey, group: shellWords.you, key: 't', needsUser: true },
] as const;
