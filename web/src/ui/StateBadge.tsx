import type { ComponentType, JSX, ReactNode } from 'react';
import type { Tone } from './Says';
import styles from './StateBadge.module.css';

interface StateBadgeProps {
  tone: Tone;
  icon: ComponentType<{ size?: number; 'aria-hidden'?: boolean }>;
  children: ReactNode;
}

/** A state in one or two words: always icon + word + colour, so that no one of them is needed to understand it. */
export function StateBadge({ tone, icon: Icon, children }: StateBadgeProps): JSX.Element {
  return (
    <span className={styles.badge} data-tone={tone}>
      <Icon size={14} aria-hidden />
      {children}
    </span>
  );
}
