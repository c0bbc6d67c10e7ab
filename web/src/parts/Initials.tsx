import type { JSX } from 'react';
import styles from './Initials.module.css';

/** The round picture of a person: the first letters of the first and last name. */
export function Initials({ name, size = 28 }: { name: string; size?: number }): JSX.Element {
  const words = name.split(/\s+/).filter((word) => word !== '');
  const letters = words.length > 1 ? `${words[0]?.[0] ?? ''}${words.at(-1)?.[0] ?? ''}` : name.slice(0, 2);
  return (
    <span className={styles.initials} style={{ width: size, height: size }} aria-hidden="true">
      {letters.toUpperCase()}
    </span>
  );
}
