import { Button } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore, type JSX } from 'react';
import { uploadKeys } from '../api/queries/uploads';
import { forgetTransfer, retryFailed, stopTransfer, subscribeTransfers, transferOf } from '../api/transfer';
import { transferWords as words } from '../messages/upload';
import { Bar } from '../ui/Bar';
import styles from './Strip.module.css';

const reloadEvery = 1000;

/** One bar for all files on their way to an upload, with rate and rest time; afterwards what could not be sent. */
export function TransferStrip({ uploadId }: { uploadId: string }): JSX.Element | null {
  const transfer = useSyncExternalStore(subscribeTransfers, () => transferOf(uploadId));
  const running = transfer?.running ?? false;
  useReloads(uploadId, transfer?.id, running);
  if (transfer === undefined) return null;
  if (!running && transfer.failed.length === 0) {
    return <div className="hidden-text" aria-live="polite">{words.sent(transfer)}</div>;
  }
  return (
    <div className={styles.strip}>
      {running ? (
        <>
          <div className="spread">
            <strong className="number">{words.sending(transfer)}</strong>
            <span className="row table-text muted">
              <span>{[words.rest(transfer), words.stay].filter((part) => part !== '').join(' · ')}</span>
              <Button
                size="xs"
                variant="default"
                onClick={() => {
                  stopTransfer(uploadId);
                }}
              >
                {words.stop}
              </Button>
            </span>
          </div>
          <Bar value={transfer.bytes === 0 ? null : transfer.sent / transfer.bytes} label={words.sending(transfer)} />
          <div className="small muted clip">{transfer.current}</div>
        </>
      ) : null}
      {transfer.failed.length > 0 ? (
        <div className="stack-s" role="alert">
          <div className="spread">
            <strong>{words.notSent(transfer)}</strong>
            {running ? null : (
              <span className="row">
                <Button
                  size="xs"
                  onClick={() => {
                    retryFailed(uploadId);
                  }}
                >
                  {words.again}
                </Button>
                <Button
                  size="xs"
                  variant="default"
                  onClick={() => {
                    forgetTransfer(uploadId);
                  }}
                >
                  {words.close}
                </Button>
              </span>
            )}
          </div>
          <ul className={styles.failed}>
            {transfer.failed.map((file) => (
              <li key={file.path}>
                <code>{file.path}</code>: {file.message}
              </li>
            ))}
          </ul>
        </div>
      ) : null}
    </div>
  );
}

/** While files arrive, and once at the end, the page asks for the new state. */
function useReloads(uploadId: string, transfer: number | undefined, running: boolean): void {
  const queries = useQueryClient();
  useEffect(() => {
    if (transfer === undefined) return undefined;
    const reload = (): void => void queries.invalidateQueries({ queryKey: uploadKeys.one(uploadId) });
    if (!running) {
      // Also when a small file was sent before this page saw it start.
      reload();
      void queries.invalidateQueries({ queryKey: uploadKeys.lists });
      return undefined;
    }
    const timer = setInterval(reload, reloadEvery);
    return () => {
      clearInterval(timer);
    };
  }, [queries, uploadId, transfer, running]);
}
