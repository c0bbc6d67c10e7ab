import type { ComponentType, JSX, ReactNode } from 'react';
import styles from './Empty.module.css';

interface EmptyProps {
  icon: ComponentType<{ size?: number; stroke?: number; 'aria-hidden'?: boolean }>;
  /** One sentence: what belongs here. */
  children: ReactNode;
  action?: ReactNode;
}

/** What a list shows instead of nothing. */
export function Empty({ icon: Icon, children, action }: EmptyProps): JSX.Element {
  return (
    <div className={styles.empty}>
      <Icon size={32} stroke={1.3} aria-hidden />
      <p>{children}</p>
      {action}
    </div>
  );
}
