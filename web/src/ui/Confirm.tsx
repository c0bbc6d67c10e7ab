import { Button } from '@mantine/core';
import type { JSX, ReactNode } from 'react';
import { Dialog } from './Dialog';

interface ConfirmProps {
  title: string;
  /** The consequence, in a sentence. */
  children: ReactNode;
  /** The act itself, e.g. "Delete 42 entries"; never "OK". */
  act: string;
  pending: boolean;
  /** Something has still to be filled in before the act. */
  locked?: boolean;
  onAct: () => void;
  onClose: () => void;
}

/** Asks before what cannot come back. Focus starts on Cancel. */
export function Confirm({ title, children, act, pending, locked = false, onAct, onClose }: ConfirmProps): JSX.Element {
  return (
    <Dialog onClose={onClose} title={title}>
      <div className="stack-l">
        <div>{children}</div>
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button variant="default" onClick={onClose} data-autofocus>
            Cancel
          </Button>
          <Button className="danger" onClick={onAct} loading={pending} disabled={locked}>
            {act}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
