import { Button } from '@mantine/core';
import type { JSX } from 'react';
import type { Linked } from '../../api/types';
import { inviteWords as words } from '../../messages/people';
import { CopyButton } from '../../ui/CopyButton';
import { Dialog } from '../../ui/Dialog';
import { Says } from '../../ui/Says';
import styles from './AdminPeople.module.css';

/** Says that a link was mailed, or shows it, once. A click beside the dialog does not put it away. */
export function LinkDialog({ linked, onClose }: { linked: Linked; onClose: () => void }): JSX.Element {
  return (
    <Dialog title={words.readyTitle(linked)} onClose={onClose} closeOnClickOutside={false} size={560}>
      <div className="stack-l">
        {linked.link === null ? (
          <Says tone="ok">{words.mailed(linked)}</Says>
        ) : (
          <>
            <Says tone="warn" more={words.onceMore(linked)}>
              <strong>{words.once}</strong>
            </Says>
            <div className={styles.link}>
              <code data-testid="one-time-link">{linked.link}</code>
              <CopyButton value={linked.link} what="the link" variant="filled" />
            </div>
          </>
        )}
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button variant="default" onClick={onClose} data-autofocus={linked.link === null ? true : undefined}>
            {words.done}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
