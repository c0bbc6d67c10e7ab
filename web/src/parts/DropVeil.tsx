import type { JSX } from 'react';
import { IconUpload } from '../ui/icons';
import styles from './DropVeil.module.css';

/** Covers the page while files hover over it and says what dropping them does. */
export function DropVeil({ text }: { text: string }): JSX.Element {
  return (
    <div className={styles.veil} aria-hidden="true">
      <div className={styles.box}>
        <IconUpload size={32} stroke={1.4} />
        {text}
      </div>
    </div>
  );
}
