import type { JSX, ReactNode } from 'react';

/** A card with a heading. */
export function Section({ title, action, children }: { title: string; action?: ReactNode; children: ReactNode }): JSX.Element {
  return (
    <section className="card" aria-label={title}>
      <div className="card-head">
        <h2>{title}</h2>
        {action}
      </div>
      <div className="card-body stack">{children}</div>
    </section>
  );
}
