import type { ComponentType, JSX, ReactNode } from 'react';
import { IconAlertTriangle, IconCheck, IconInfoCircle } from './icons';
import styles from './Says.module.css';

export type Tone = 'plain' | 'ok' | 'warn' | 'bad' | 'info' | 'accent';

interface SaysProps {
  tone: Tone;
  /** The sentence. */
  children: ReactNode;
  more?: ReactNode;
  action?: ReactNode;
  icon?: ComponentType<{ size?: number; 'aria-hidden'?: boolean }>;
  /** `alert` is read out at once, `status` when the reader pauses. */
  role?: 'alert' | 'status';
}

const icons = { plain: IconInfoCircle, ok: IconCheck, warn: IconAlertTriangle, bad: IconAlertTriangle, info: IconInfoCircle, accent: IconInfoCircle };

/** A notice: a sentence with an icon, on the soft colour of its tone, and at most one action. */
export function Says({ tone, children, more, action, icon, role }: SaysProps): JSX.Element {
  const Icon = icon ?? icons[tone];
  return (
    <div className={styles.says} data-tone={tone} role={role}>
      <span className={styles.icon}>
        <Icon size={18} aria-hidden />
      </span>
      <div className={styles.words}>
        <div>{children}</div>
        {more === undefined ? null : <div className={styles.more}>{more}</div>}
      </div>
      {action === undefined ? null : <div className={styles.action}>{action}</div>}
    </div>
  );
}
