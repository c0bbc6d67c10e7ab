import type { JSX } from 'react';
import { signInWords } from '../messages/signin';
import { PageHead } from '../ui/PageHead';
import { Mark } from './Brand';
import styles from './SignInPage.module.css';

/** What everybody sees until the first account exists. */
export function NotSetUp(): JSX.Element {
  return (
    <main className={styles.page}>
      <div className={styles.box}>
        <Mark size={44} />
        <PageHead title={signInWords.notSetUp} tab={[signInWords.notSetUp, 'Oasis']} />
        <p className="muted">{signInWords.notSetUpMore}</p>
      </div>
    </main>
  );
}
