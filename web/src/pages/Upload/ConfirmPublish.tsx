import { TextInput } from '@mantine/core';
import { useState, type JSX, type ReactNode } from 'react';
import type { Upload } from '../../api/types';
import { publishWords as words } from '../../messages/publish';
import { nameOfUpload } from '../../messages/uploads';
import { Confirm } from '../../ui/Confirm';
import { InlineProblem } from '../../ui/InlineProblem';

const manyEntries = 100;

interface ConfirmPublishProps {
  upload: Upload;
  pending: boolean;
  error: Error | null;
  onAct: () => void;
  onClose: () => void;
  /** The consequence. */
  children: ReactNode;
}

/** Asks once more; where much or what others share is published, by typing the name. */
export function ConfirmPublish({ upload, pending, error, onAct, onClose, children }: ConfirmPublishProps): JSX.Element {
  const [typed, setTyped] = useState('');
  const name = nameOfUpload(upload);
  const shared = upload.viewers.length > 1 || upload.viewer_groups.length > 0;
  const mustType = upload.entries > manyEntries || shared;
  return (
    <Confirm title={words.confirmTitle(name)} act={words.confirmAct(upload)} pending={pending} locked={mustType && typed.trim() !== name} onAct={onAct} onClose={onClose}>
      <div className="stack">
        {children}
        {mustType ? (
          <TextInput
            label={words.confirmType(name)}
            value={typed}
            autoComplete="off"
            onChange={({ currentTarget: { value } }) => {
              setTyped(value);
            }}
          />
        ) : null}
        {error === null ? null : <InlineProblem error={error} />}
      </div>
    </Confirm>
  );
}
