import { Button } from '@mantine/core';
import type { JSX, ReactNode } from 'react';
import type { TokenEnd } from '../api/queries/tokens';
import { cannotDo, limitSentences, mayInWords } from '../messages/tokenLimits';
import { endInWords, newTokenWords as words } from '../messages/tokens';
import { CodeTabs } from '../ui/CodeTabs';
import { IconCheck, IconShieldLock } from '../ui/icons';
import { Says } from '../ui/Says';
import { StateBadge } from '../ui/StateBadge';
import { tokenCommand } from './tokenCommand';
import type { TokenLimits } from './tokenLimits';
import styles from './TokenInWords.module.css';

interface TokenInWordsProps {
  name: string;
  scopes: string[];
  limits: TokenLimits;
  end: TokenEnd;
  now: Date;
  pending: boolean;
  /** What has to be done before the token can be made. */
  missing: string | undefined;
  /** Lets rights count that a limit takes away. */
  onWiden: () => void;
  /** What the server says the token could do. */
  tried: ReactNode;
  /** What went wrong with the last try, beside the button. */
  children: ReactNode;
}

/** The consequence before the click: what the token will and will not be able to do, and the button that makes it. */
export function TokenInWords({ name, scopes, limits, end, now, pending, missing, onWiden, tried, children }: TokenInWordsProps): JSX.Element {
  const idle = limits.appendOnly && scopes.some((scope) => scope !== 'uploads:write');
  return (
    <div className={styles.side}>
      <section className="card" aria-labelledby="in-words">
        <div className="card-head">
          <h2 id="in-words">{words.inWords}</h2>
        </div>
        <div className="card-body stack">
          <p aria-live="polite">
            <strong>{name === '' ? words.thisToken : name}</strong> acts <strong>as you</strong> and may <strong>{mayInWords(scopes, limits)}</strong>. {limitSentences(limits).join(' ')} It{' '}
            {end === 'never' ? 'never ends' : `ends ${endInWords(end, now)}`}.
          </p>
          <ul className="row">
            {cannotDo(scopes, limits).map((what) => (
              <li key={what}>
                <StateBadge tone="ok" icon={IconCheck}>
                  {what}
                </StateBadge>
              </li>
            ))}
          </ul>
          {idle ? (
            <Says
              tone="warn"
              action={
                <Button size="xs" variant="default" onClick={onWiden}>
                  {words.widen}
                </Button>
              }
            >
              {words.idle}
            </Says>
          ) : null}
          {children}
          <Button type="submit" fullWidth loading={pending} disabled={missing !== undefined} leftSection={<IconShieldLock size={18} aria-hidden />}>
            {words.make}
          </Button>
          {missing === undefined ? null : <p className="small muted">{missing}</p>}
          {tried}
        </div>
      </section>
      <details className="card">
        <summary className={styles.summary}>{words.command}</summary>
        <div className={styles.command}>
          <CodeTabs label={words.command} tabs={[{ id: 'oasis', label: 'oasis', code: tokenCommand(name, scopes, limits, end, now) }]} />
        </div>
      </details>
    </div>
  );
}
