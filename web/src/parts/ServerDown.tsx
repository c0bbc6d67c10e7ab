import { Button } from '@mantine/core';
import { useRouter, type ErrorComponentProps } from '@tanstack/react-router';
import type { JSX } from 'react';
import { refusalWords } from '../messages/refusal';
import { PageHead } from '../ui/PageHead';
import { Mark } from './Brand';
import styles from './SignInPage.module.css';

/** Stands in for the whole app when not even the session can be asked for. */
export function ServerDown({ error, reset }: ErrorComponentProps): JSX.Element {
  const router = useRouter();
  return (
    <main className={styles.page}>
      <div className={styles.box}>
        <Mark size={44} />
        <PageHead title={refusalWords.failed} tab={[refusalWords.failed, 'Oasis']} sub={error instanceof Error ? error.message : String(error)} />
        <Button
          onClick={() => {
            reset();
            void router.invalidate();
          }}
        >
          {refusalWords.again}
        </Button>
      </div>
    </main>
  );
}
