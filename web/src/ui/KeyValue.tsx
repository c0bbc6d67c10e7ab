import type { JSX, ReactNode } from 'react';
import styles from './KeyValue.module.css';

/** Facts as a list of names and values; a fact without a value is left out. */
export function KeyValue({ facts }: { facts: [name: string, value: ReactNode][] }): JSX.Element {
  return (
    <dl className={styles.facts}>
      {facts
        .filter(([, value]) => value !== undefined && value !== null && value !== '')
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}
