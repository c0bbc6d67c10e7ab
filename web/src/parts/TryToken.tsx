import type { JSX } from 'react';
import type { Scope, TokenPreview } from '../api/types';
import { tryWords as words } from '../messages/tokenLimits';
import { IconCheck, IconChevronRight, IconX } from '../ui/icons';
import { InlineProblem } from '../ui/InlineProblem';
import styles from './TokenInWords.module.css';
import { groupTried, type TriedGroup } from './triedToken';

interface TryTokenProps {
  preview: TokenPreview | undefined;
  error: Error | null;
  stale: boolean;
  /** The rights that the preview is about. */
  chosen: string[];
  catalogue: Scope[];
}

/** What the server would let the token do, and what not and why, decided by the server itself before the token exists. */
export function TryToken({ preview, error, stale, chosen, catalogue }: TryTokenProps): JSX.Element | null {
  if (error !== null) return <InlineProblem error={error} />;
  if (chosen.length === 0) return null;
  if (preview === undefined) return <p className="small muted">{words.asking}</p>;
  const { can, cannot } = groupTried(preview, chosen, catalogue);
  return (
    <section className={styles.tried} aria-labelledby="try-token" aria-busy={stale}>
      <h3 id="try-token">{words.title}</h3>
      <p className="small muted" aria-live="polite">
        {words.counts(preview.allowed, preview.refused)}
      </p>
      <h4>{words.can}</h4>
      {can.length === 0 ? <p className="small muted">{words.nothing}</p> : <Groups groups={can} allowed />}
      <h4>{words.cannot}</h4>
      <Groups groups={cannot} allowed={false} />
      <p className="small muted">{words.data}</p>
    </section>
  );
}

function Groups({ groups, allowed }: { groups: TriedGroup[]; allowed: boolean }): JSX.Element {
  const Icon = allowed ? IconCheck : IconX;
  return (
    <ul className={styles.groups}>
      {groups.map(({ title, things }) => (
        <li key={title}>
          <details>
            <summary>
              <span className={styles.mark} data-allowed={allowed || undefined}>
                <Icon size={14} aria-hidden />
              </span>
              <span>{title}</span>
              <span className="muted number">{things.length}</span>
              <IconChevronRight size={14} aria-hidden />
            </summary>
            <ul className={styles.things}>
              {things.map((thing) => (
                <li key={thing}>{thing}</li>
              ))}
            </ul>
          </details>
        </li>
      ))}
    </ul>
  );
}
