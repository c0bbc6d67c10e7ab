import { Button, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useMemo, useState, type JSX, type SubmitEvent } from 'react';
import { renderSVG } from 'uqr';
import { beginApp, confirmApp } from '../../api/queries/account';
import { accountWords as words } from '../../messages/account';
import { CopyButton } from '../../ui/CopyButton';
import { InlineProblem } from '../../ui/InlineProblem';
import { RowSkeleton } from '../../ui/Skeletons';
import styles from './Account.module.css';

/** Sets up an authenticator app: shows its key as a QR code, asks for the first code, and gives the recovery codes on. */
export function NewApp({ onDone }: { onDone: (codes: string[]) => void }): JSX.Element {
  // The secret lives only as long as this is shown.
  const fresh = useQuery({ queryKey: ['new-app'], queryFn: beginApp, staleTime: Infinity, gcTime: 0, retry: false });
  const [code, setCode] = useState('');
  const confirm = useMutation({ mutationFn: () => confirmApp(code.trim()), onSuccess: onDone });
  const image = useMemo(() => (fresh.data === undefined ? undefined : `data:image/svg+xml;utf8,${encodeURIComponent(renderSVG(fresh.data.uri, { border: 1 }))}`), [fresh.data]);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (code.trim() !== '') confirm.mutate();
  };
  if (fresh.isPending) return <RowSkeleton rows={3} />;
  if (fresh.isError) return <InlineProblem error={fresh.error} onAgain={() => void fresh.refetch()} />;
  return (
    <div className={styles.scan}>
      <img className={styles.qr} src={image} alt={words.appScan} />
      <form className="stack" onSubmit={submit} noValidate>
        <p>{words.appScan}</p>
        <div className="stack-s">
          <span className="muted">{words.appType}</span>
          <div className="row">
            <code>{fresh.data.secret}</code>
            <CopyButton value={fresh.data.secret} what="the key" />
          </div>
        </div>
        <TextInput
          label={words.code}
          autoComplete="one-time-code"
          inputMode="numeric"
          value={code}
          onChange={(event) => {
            setCode(event.currentTarget.value);
          }}
        />
        {confirm.isError ? <InlineProblem error={confirm.error} /> : null}
        <div>
          <Button type="submit" loading={confirm.isPending}>
            {words.confirm}
          </Button>
        </div>
      </form>
    </div>
  );
}
