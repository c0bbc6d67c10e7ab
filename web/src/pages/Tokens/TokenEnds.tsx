import { useState, type JSX } from 'react';
import type { AccessToken } from '../../api/types';
import { formatShortDate } from '../../messages/format';
import { tokensWords as words } from '../../messages/tokens';
import { IconClock, IconRefresh, IconX } from '../../ui/icons';
import { StateBadge } from '../../ui/StateBadge';
import { daysLeft, endsSoon } from './tokenState';

const icons = { expired: IconClock, rotated: IconRefresh };

/** When the token ends, or how, when and by whom it was ended. `by` is the name of that person. */
export function TokenEnds({ token, by }: { token: AccessToken; by: string | undefined }): JSX.Element {
  const [now] = useState(() => Date.now());
  const { ended } = token;
  if (ended !== null) {
    const known: Partial<Record<string, typeof IconX>> = icons;
    return (
      <>
        <StateBadge tone={ended.how === 'expired' || ended.how === 'rotated' ? 'plain' : 'bad'} icon={known[ended.how] ?? IconX}>
          {words.ended[ended.how]}
        </StateBadge>
        <div className="small muted">
          {words.endedWhen(ended.at, by)}
          {ended.successor === null ? null : <div>{words.successor(ended.successor)}</div>}
        </div>
      </>
    );
  }
  if (token.expired_at === null) return <span>{words.never}</span>;
  // A warning only for tokens that somebody would miss.
  if (endsSoon(token, now)) {
    return (
      <StateBadge tone="warn" icon={IconClock}>
        {words.soon(daysLeft(token, now) ?? 0)}
      </StateBadge>
    );
  }
  return <time dateTime={token.expired_at}>{formatShortDate(token.expired_at)}</time>;
}
