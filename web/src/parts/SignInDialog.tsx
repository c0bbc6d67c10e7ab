import type { JSX } from 'react';
import { finishSignIn } from '../api/connection';
import { signInWords } from '../messages/signin';
import { SignInForm } from './SignInForm';
import { Dialog } from '../ui/Dialog';

/** The dialog itself; closing it lets the waiting requests fail. */
export function SignInDialog(): JSX.Element {
  return (
    <Dialog
      title={signInWords.title}
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
    </Dialog>
  );
}
