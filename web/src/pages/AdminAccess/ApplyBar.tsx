import { Button } from '@mantine/core';
import type { JSX } from 'react';
import type { PolicyPreview } from '../../api/types';
import { answersChange, policyWords as words } from '../../messages/policy';
import { InlineProblem } from '../../ui/InlineProblem';
import styles from './AdminAccess.module.css';

interface ApplyBarProps {
  amount: number;
  /** That of exactly this draft; until it is there nothing can be applied. */
  preview: PolicyPreview | undefined;
  pending: boolean;
  error: Error | null;
  onDiscard: () => void;
  onApply: () => void;
}

/** Stays in sight while something is drafted: how much, what it changes, discard or apply. */
export function ApplyBar({ amount, preview, pending, error, onDiscard, onApply }: ApplyBarProps): JSX.Element {
  return (
    <section className={styles.bar} aria-label={words.may}>
      <div className={styles.barWords}>
        <div className="strong">{words.changed(amount)}</div>
        {preview === undefined ? null : (
          <div className="muted table-text" role="status">
            {answersChange(preview)} {preview.locks_you_out ? words.lockedOut : words.stayIn}
          </div>
        )}
        {error === null ? null : <InlineProblem error={error} />}
      </div>
      <div className="row">
        <Button variant="default" onClick={onDiscard} disabled={pending}>
          {words.discard}
        </Button>
        <Button onClick={onApply} loading={pending} disabled={preview === undefined || preview.locks_you_out}>
          {words.apply}
        </Button>
      </div>
    </section>
  );
}
