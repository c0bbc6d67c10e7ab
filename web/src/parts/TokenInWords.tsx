import { Button } from '@mantine/core';
import { useState, type JSX, type ReactNode } from 'react';
import { cannotDo, newTokenWords as words, scopesInWords } from '../messages/tokens';
import { CodeTabs } from '../ui/CodeTabs';
import { IconCheck, IconShieldLock } from '../ui/icons';
import { StateBadge } from '../ui/StateBadge';
import styles from './TokenInWords.module.css';

interface TokenInWordsProps {
  name: string;
  scopes: string[];
  days: number | null;
  pending: boolean;
  /** What went wrong with the last try, beside the button. */
  children: ReactNode;
}

/** The consequence before the click: what the token will and will not be able to do, and the button that makes it. */
export function TokenInWords({ name, scopes, days, pending, children }: TokenInWordsProps): JSX.Element {
  const [now] = useState(() => new Date());
  const missing = name === '' ? words.needName : scopes.length === 0 ? words.needRight : undefined;
  return (
    <div className={styles.side}>
      <section className="card" aria-labelledby="in-words">
        <div className="card-head">
          <h2 id="in-words">{words.inWords}</h2>
        </div>
        <div className="card-body stack">
          <p aria-live="polite">
            <strong>{name === '' ? words.thisToken : name}</strong> acts <strong>as you</strong> and may <strong>{scopesInWords(scopes)}</strong>. It{' '}
            {days === null ? 'never ends' : `ends ${words.endsOn(days, now)}`}.
          </p>
          <ul className="row">
            {cannotDo(scopes).map((what) => (
              <li key={what}>
                <StateBadge tone="ok" icon={IconCheck}>
                  {what}
                </StateBadge>
              </li>
            ))}
          </ul>
          {children}
          <Button type="submit" fullWidth loading={pending} disabled={missing !== undefined} leftSection={<IconShieldLock size={18} aria-hidden />}>
            {words.make}
          </Button>
          {missing === undefined ? null : <p className="small muted">{missing}</p>}
        </div>
      </section>
      <details className="card">
        <summary className={styles.summary}>{words.command}</summary>
        <div className={styles.command}>
          <CodeTabs label={words.command} tabs={[{ id: 'oasis', label: 'oasis', code: command(name, scopes, days) }]} />
        </div>
      </details>
    </div>
  );
}

function command(name: string, scopes: string[], days: number | null): string {
  const quoted = (name === '' ? 'NAME' : name).replaceAll("'", `'\\''`);
  const lines = ['bin/oasis token create --user USER', `  --name '${quoted}'`, ...scopes.map((scope) => `  --scope ${scope}`), `  --expires ${days === null ? 'never' : `${days}d`} --data DIR`];
  return lines.join(' \\\n');
}
