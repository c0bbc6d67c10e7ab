import { Button, Modal } from '@mantine/core';
import type { JSX, ReactNode } from 'react';

interface ConfirmProps {
  title: string;
  /** The consequence, in a sentence. */
  children: ReactNode;
  /** The act itself, e.g. "Delete 42 entries"; never "OK". */
  act: string;
  pending: boolean;
  onAct: () => void;
  onClose: () => void;
}

/** Asks before what cannot come back. Focus starts on Cancel. */
export function Confirm({ title, children, act, pending, onAct, onClose }: ConfirmProps): JSX.Element {
  return (
    <Modal opened onClose={onClose} title={title} centered closeButtonProps={{ 'aria-label': 'Close' }}>
      <div className="stack-l">
        <div>{children}</div>
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button variant="default" onClick={onClose} data-autofocus>
            Cancel
          </Button>
          <Button className="danger" onClick={onAct} loading={pending}>
            {act}
          </Button>
        </div>
      </div>
    </Modal>
  );
}
