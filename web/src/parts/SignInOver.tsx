import { Modal } from '@mantine/core';
import { useSyncExternalStore, type JSX } from 'react';
import { finishSignIn, sessionEnded } from '../api/connection';
import { signInWords } from '../messages/signin';
import { SignInForm } from './SignInForm';

/** Sign-in over the page when the session ends in the middle of work; the waiting requests then go on. */
export function SignInOver(): JSX.Element | null {
  const ended = useSyncExternalStore(sessionEnded.subscribe, sessionEnded.get);
  if (!ended) return null;
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
