import { Modal, type ModalProps } from '@mantine/core';
import { useEffect, useState, type JSX } from 'react';

/** A dialog that is open as long as it is rendered. It holds the focus and gives it back to where it was. */
export function Dialog(props: Omit<ModalProps, 'opened'>): JSX.Element {
  const [before] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    },
    [before],
  );
  return <Modal centered transitionProps={{ duration: 100 }} returnFocus={false} closeButtonProps={{ 'aria-label': 'Close' }} {...props} opened />;
}
