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

const partly = { tone: 'warn', icon: IconAlertTriangle, text: words.partly } as const;

/** Whether an entry was read; `notes` counts the places in it that were not. */
export function EntryStateBadge({ status, notes = 0 }: { status: EntryProcess['process_status']; notes?: number }): JSX.Element {
  const { tone, icon, text } = status === 'SUCCESS' && notes > 0 ? partly : states[status];
  return (
    <StateBadge tone={tone} icon={icon}>
      {text}
    </StateBadge>
  );
}
