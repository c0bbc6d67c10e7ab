import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore, type JSX } from 'react';
import { disconnected } from '../api/connection';
import { reachable } from '../api/signin';
import { shellWords } from '../messages/shell';
import { IconPlugConnectedX } from '../ui/icons';
import styles from './OfflineBar.module.css';

const retryEvery = 5000;

/** A slim bar while the server cannot be reached; it tries again by itself and then reloads what failed. */
export function OfflineBar(): JSX.Element | null {
  const off = useSyncExternalStore(disconnected.subscribe, disconnected.get);
  const queries = useQueryClient();
  useEffect(() => {
    if (!off) return undefined;
    const timer = setInterval(() => {
      void reachable().then((yes) => (yes ? queries.invalidateQueries() : undefined));
    }, retryEvery);
    return () => {
      clearInterval(timer);
    };
  }, [off, queries]);
  return (
    <div role="status" className={off ? styles.bar : undefined}>
      {off ? (
        <>
          <IconPlugConnectedX size={18} aria-hidden /> {shellWords.offline}
        </>
      ) : null}
    </div>
  );
}
