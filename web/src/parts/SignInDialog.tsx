import { Modal } from '@mantine/core';
import type { JSX } from 'react';
import { finishSignIn } from '../api/connection';
import { signInWords } from '../messages/signin';
import { SignInForm } from './SignInForm';

/** The dialog itself; closing it lets the waiting requests fail. */
export function SignInDialog(): JSX.Element {
  return (
    <Modal
      opened
      centered
      title={signInWords.title}
      closeButtonProps={{ 'aria-label': 'Close' }}
      onClose={() => {
        finishSignIn(false);
      }}
    >
      <p style={{ marginBottom: 12 }}>{signInWords.again}</p>
      <SignInForm
        onSignedIn={() => {
          finishSignIn(true);
        }}
      />
    </Modal>
  );
}
