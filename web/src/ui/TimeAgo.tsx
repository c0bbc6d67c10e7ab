import type { JSX } from 'react';
import { ago, formatMoment } from '../messages/format';

/** A time relative to now, with the exact one in the tooltip and in `datetime`. */
export function TimeAgo({ iso }: { iso: string }): JSX.Element {
  return (
    <time dateTime={iso} title={formatMoment(iso)}>
      {ago(iso)}
    </time>
  );
}
