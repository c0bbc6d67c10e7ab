import type { JSX } from 'react';
import type { Upload } from '../api/types';
import { stateOfUpload } from '../messages/uploads';
import { Bar } from '../ui/Bar';
import { IconAlertTriangle, IconCheck, IconClock } from '../ui/icons';
import { StateBadge } from '../ui/StateBadge';

const icons = { waiting: IconClock, failed: IconAlertTriangle, partly: IconAlertTriangle, ready: IconCheck, published: IconCheck };

/** The state of an upload for a list: a badge, or while files are read a small bar with its numbers. */
export function UploadStateBadge({ upload }: { upload: Upload }): JSX.Element {
  const state = stateOfUpload(upload);
  if (state.kind === 'processing') {
    return (
      <div className="stack-s" style={{ minWidth: 130, maxWidth: 170 }}>
        <span className="small">{state.text}</span>
        <Bar value={state.progress === undefined ? null : state.progress.done / Math.max(1, state.progress.total)} label={state.text} />
      </div>
    );
  }
  return (
    <StateBadge tone={state.tone} icon={icons[state.kind]}>
      {state.text}
    </StateBadge>
  );
}
