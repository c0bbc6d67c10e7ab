import { useEffect, useState, type JSX, type ReactNode } from 'react';
import styles from './Skeletons.module.css';

const patience = 150;

/** Shows its children only after 150 ms: a page that is there sooner never flashes a skeleton. */
export function AfterAWhile({ children }: { children: ReactNode }): ReactNode {
  const [due, setDue] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => {
      setDue(true);
    }, patience);
    return () => {
      clearTimeout(timer);
    };
  }, []);
  return due ? children : null;
}

/** Grey rows where a list will be. */
export function RowSkeleton({ rows = 8 }: { rows?: number }): JSX.Element {
  return (
    <AfterAWhile>
      <div className={styles.rows} role="status" aria-label="Loading">
        {Array.from({ length: rows }, (_, index) => (
          <div key={index} className={styles.row}>
            <span style={{ width: `${55 - ((index * 17) % 30)}%` }} />
            <span style={{ width: '12%' }} />
          </div>
        ))}
      </div>
    </AfterAWhile>
  );
}

/** The outline of a whole page: head and a card of rows. */
export function PageSkeleton(): JSX.Element {
  return (
    <AfterAWhile>
      <div className={styles.page} role="status" aria-label="Loading">
        <span style={{ width: '30%', height: 26 }} />
        <span style={{ width: '55%' }} />
        <div className="card">
          <RowSkeleton />
        </div>
      </div>
    </AfterAWhile>
  );
}
