import { useEffect, useRef, type JSX, type ReactNode } from 'react';
import styles from './PageHead.module.css';

interface PageHeadProps {
  title: ReactNode;
  /** What the browser tab says, most specific part first; without it the title, which must then be text. */
  tab: string[];
  crumbs?: ReactNode;
  sub?: ReactNode;
  actions?: ReactNode;
}

// The first page of a visit keeps the browser's own focus; later ones move it to their h1, so that a screen
// reader says where one is now and Tab goes on from there.
let visited = false;

/** The head of a page: its one h1 (which takes the focus on navigation), crumbs, a sentence and the page's actions. */
export function PageHead({ title, tab, crumbs, sub, actions }: PageHeadProps): JSX.Element {
  const heading = useRef<HTMLHeadingElement>(null);
  const name = tab.join(' · ');
  useEffect(() => {
    document.title = name;
  }, [name]);
  useEffect(() => {
    if (visited) heading.current?.focus({ preventScroll: true });
    visited = true;
  }, []);
  return (
    <header className={styles.head}>
      <div className={styles.words}>
        {crumbs === undefined ? null : <div className={styles.crumbs}>{crumbs}</div>}
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {sub === undefined ? null : <div className={styles.sub}>{sub}</div>}
      </div>
      {actions === undefined ? null : <div className={styles.actions}>{actions}</div>}
    </header>
  );
}
