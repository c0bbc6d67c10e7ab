import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState, type JSX } from 'react';
import { apiUrl } from '../api/address';
import { tokenQuery } from '../api/queries/tokens';
import type { NewAccessToken } from '../api/types';
import { formatMoment } from '../messages/format';
import { revealWords as words, tokenName, tokensWords } from '../messages/tokens';
import { useSession } from '../session';
import { CodeTabs } from '../ui/CodeTabs';
import { CopyButton } from '../ui/CopyButton';
import { IconCheck, IconClock } from '../ui/icons';
import { PageHead } from '../ui/PageHead';
import { Says } from '../ui/Says';
import { StateBadge } from '../ui/StateBadge';
import styles from './RevealToken.module.css';
import { limitsOf } from './tokenLimits';
import { usageOf } from './tokenUsage';
import { useAskBeforeLosing } from './useAskBeforeLosing';

interface RevealTokenProps {
  /** Holds the secret; the caller keeps it in component state only. */
  fresh: NewAccessToken;
  onDone: () => void;
}

/** Shows a new token, once, with ready commands; leaving without having copied it asks. */
export function RevealToken({ fresh, onDone }: RevealTokenProps): JSX.Element {
  const { lab_name: lab } = useSession();
  const [copied, setCopied] = useState(false);
  useAskBeforeLosing(!copied, words.leave);
  const { data: token } = useQuery(tokenQuery(fresh.pat.id, true));
  const used = token?.last_used_at ?? null;
  const title = words.title(tokenName(fresh.pat));
  return (
    <div className={styles.page}>
      <PageHead title={title} tab={[tokensWords.title, lab]} crumbs={tokensWords.title} />
      <Says tone="warn" more={words.onceMore}>
        <strong>{words.once}</strong>
      </Says>
      <section className="card card-body stack" aria-label={words.token}>
        <div className={styles.token}>
          <code data-testid="raw-token">{fresh.raw_token}</code>
          <CopyButton
            value={fresh.raw_token}
            what="the token"
            named
            variant="filled"
            onCopied={() => {
              setCopied(true);
            }}
          />
        </div>
        <div aria-live="polite">
          {used === null ? (
            <StateBadge tone="plain" icon={IconClock}>
              {words.waiting}
            </StateBadge>
          ) : (
            <StateBadge tone="ok" icon={IconCheck}>
              {words.worked(formatMoment(used), token?.last_used_from ?? null)}
            </StateBadge>
          )}
        </div>
      </section>
      <section className="card" aria-label={words.use}>
        <div className="card-head">
          <h2>{words.use}</h2>
        </div>
        <div className="card-body">
          <CodeTabs label={words.use} tabs={usageOf(apiUrl(), fresh.pat.scopes, limitsOf(fresh.pat))} />
        </div>
      </section>
      <div>
        <Button
          variant="default"
          onClick={() => {
            if (copied || window.confirm(words.leave)) onDone();
          }}
        >
          {words.saved}
        </Button>
      </div>
    </div>
  );
}
