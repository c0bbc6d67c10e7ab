import type { JSX } from 'react';
import type { Upload } from '../api/types';
import { audienceOf } from '../messages/uploads';
import { IconBuilding, IconCalendarTime, IconLock, IconUsers, IconWorld } from '../ui/icons';
import { StateBadge } from '../ui/StateBadge';

const icons = { lock: IconLock, users: IconUsers, building: IconBuilding, world: IconWorld, embargo: IconCalendarTime };

/** Who may see an upload, for a list; `mine` turns "the owner" into "you". */
export function AudienceBadge({ upload, mine }: { upload: Upload; mine: boolean }): JSX.Element {
  const { icon, tone, text } = audienceOf(upload);
  return (
    <StateBadge tone={tone} icon={icons[icon]}>
      {icon === 'lock' && mine ? 'Only you' : text}
    </StateBadge>
  );
}
