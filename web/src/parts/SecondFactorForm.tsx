import { Button, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState, type JSX, type SubmitEvent } from 'react';
import { passkeysWork, wasStopped } from '../api/passkey';
import { giveCode, signInByPasskey, type Session } from '../api/signin';
import { signInWords as words } from '../messages/signin';
import { IconKey } from '../ui/icons';
import { Says } from '../ui/Says';

interface SecondFactorFormProps {
  methods: readonly string[];
  onSignedIn: (session: Session) => void;
  onBack: () => void;
}

/** After the password: a code of the app, a recovery code, or a passkey. */
export function SecondFactorForm({ methods, onSignedIn, onBack }: SecondFactorFormProps): JSX.Element {
  const [code, setCode] = useState('');
  const byCode = useMutation({ mutationFn: () => giveCode(code.trim()), onSuccess: onSignedIn });
  const byPasskey = useMutation({ mutationFn: () => signInByPasskey('second-factor'), onSuccess: onSignedIn });
  const error = byCode.error ?? (wasStopped(byPasskey.error) ? null : byPasskey.error);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (code.trim() !== '') byCode.mutate();
  };
  return (
    <form onSubmit={submit} className="stack" noValidate>
      <h2>{words.codeTitle}</h2>
      {methods.includes('totp') || methods.includes('recovery') ? (
        <TextInput
          label={words.code}
          description={words.codeHint}
          autoComplete="one-time-code"
          autoCapitalize="none"
          spellCheck={false}
          size="md"
          value={code}
          onChange={(event) => {
            setCode(event.currentTarget.value);
          }}
          data-autofocus
        />
      ) : null}
      <div role="alert">{error === null ? null : <Says tone="bad">{error.message}</Says>}</div>
      {methods.includes('totp') || methods.includes('recovery') ? (
        <Button type="submit" size="md" fullWidth loading={byCode.isPending}>
          {words.codeGo}
        </Button>
      ) : null}
      {methods.includes('passkey') && passkeysWork() ? (
        <Button
          variant="default"
          size="md"
          fullWidth
          leftSection={<IconKey size={18} aria-hidden />}
          loading={byPasskey.isPending}
          onClick={() => {
            byPasskey.mutate();
          }}
        >
          {words.passkey}
        </Button>
      ) : null}
      <Button variant="subtle" onClick={onBack}>
        {words.codeBack}
      </Button>
    </form>
  );
}
