import { Button } from '@mantine/core';
import type { JSX } from 'react';
import { accountWords as words } from '../messages/account';
import { CopyButton } from '../ui/CopyButton';
import { Says } from '../ui/Says';
import styles from './RecoveryCodes.module.css';

/** New recovery codes, shown once. */
export function RecoveryCodes({ codes, onDone }: { codes: string[]; onDone: () => void }): JSX.Element {
  return (
    <div className="stack" role="status">
      <Says tone="warn">{words.codesOnce}</Says>
      <ul className={styles.codes} aria-label={words.codes}>
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <div className="row">
        <CopyButton value={codes.join('\n')} what="the codes" />
        <Button size="xs" onClick={onDone}>
          {words.codesDone}
        </Button>
      </div>
    </div>
  );
}
