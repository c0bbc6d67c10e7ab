import type { JSX } from 'react';
import styles from './Brand.module.css';

/** The drop: the mark of an Oasis. Decoration, so without a name. */
export function Mark({ size = 30 }: { size?: number }): JSX.Element {
  return (
    <svg className={styles.mark} width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" />
      <path d="M16 6c4 5 6.5 8.3 6.5 11.8a6.5 6.5 0 0 1-13 0C9.5 14.3 12 11 16 6z" />
    </svg>
  );
}

/** The mark with the lab's name. */
export function Brand({ lab }: { lab: string }): JSX.Element {
  return (
    <span className={styles.brand}>
      <Mark />
      <span className={styles.words}>
        <span className="strong">{lab === '' ? 'Oasis' : lab}</span>
        {lab === '' || lab === 'Oasis' ? null : <span className={styles.kind}>Oasis</span>}
      </span>
    </span>
  );
}
