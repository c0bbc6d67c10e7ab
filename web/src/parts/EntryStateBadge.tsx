import type { JSX } from 'react';
import type { EntryProcess } from '../api/types';
import { entriesWords as words } from '../messages/upload';
import { IconAlertTriangle, IconCheck, IconClock, IconRefresh } from '../ui/icons';
import { StateBadge } from '../ui/StateBadge';

const states = {
  SUCCESS: { tone: 'ok', icon: IconCheck, text: words.read },
  FAILURE: { tone: 'bad', icon: IconAlertTriangle, text: words.failed },
  READY: { tone: 'plain', icon: IconClock, text: words.waiting },
  PENDING: { tone: 'plain', icon: IconClock, text: words.waiting },
  WAITING_FOR_RESULT: { tone: 'plain', icon: IconClock, text: words.waiting },
  RUNNING: { tone: 'accent', icon: IconRefresh, text: words.running },
} as const;

/** Whether an entry was read. */
export function EntryStateBadge({ entry }: { entry: Pick<EntryProcess, 'process_status'> }): JSX.Element {
  const { tone, icon, text } = states[entry.process_status];
  return (
    <StateBadge tone={tone} icon={icon}>
      {text}
    </StateBadge>
  );
}
