import type { JSX, ReactNode } from 'react';
import styles from './TabLinks.module.css';

/** Tabs that are links: each has its own address, so back goes to the one before. */
export function TabLinks({ label, children }: { label: string; children: ReactNode }): JSX.Element {
  return (
    <nav className={styles.tabs} aria-label={label}>
      {children}
    </nav>
  );
}
