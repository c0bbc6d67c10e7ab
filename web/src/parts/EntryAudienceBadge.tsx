import type { JSX } from 'react';
import type { Entry } from '../api/types';
import { searchWords as words } from '../messages/search';
import { IconCalendarTime, IconLock, IconUsers, IconWorld } from '../ui/icons';
import { StateBadge } from '../ui/StateBadge';
import { at, textsAt } from './entryFacts';

/** Who may see an entry, in one word for a list. */
export function EntryAudienceBadge({ entry }: { entry: Entry }): JSX.Element {
  if (at(entry, 'published') === true) {
    const embargo = at(entry, 'with_embargo') === true;
    return (
      <StateBadge tone={embargo ? 'warn' : 'ok'} icon={embargo ? IconCalendarTime : IconWorld}>
        {embargo ? words.embargo : words.public}
      </StateBadge>
    );
  }
  const viewers = at(entry, 'viewers');
  const shared = (Array.isArray(viewers) && viewers.length > 1) || textsAt(entry, 'viewer_groups').length > 0;
  return (
    <StateBadge tone={shared ? 'info' : 'plain'} icon={shared ? IconUsers : IconLock}>
      {shared ? words.shared : words.own}
    </StateBadge>
  );
}
