import type { JSX } from 'react';
import styles from './Bar.module.css';

interface BarProps {
  /** 0 to 1; `null` = under way, but nobody knows how far. */
  value: number | null;
  label: string;
}

/** A progress bar with a name for screen readers. */
export function Bar({ value, label }: BarProps): JSX.Element {
  const percent = value === null ? undefined : Math.round(Math.min(1, Math.max(0, value)) * 100);
  return (
    <div className={styles.bar} role="progressbar" aria-label={label} aria-valuemin={0} aria-valuemax={100} aria-valuenow={percent}>
      <div className={styles.fill} data-unknown={value === null || undefined} style={{ width: percent === undefined ? '30%' : `${percent}%` }} />
    </div>
  );
}
