import { Button } from '@mantine/core';
import type { JSX } from 'react';
import type { FileToSend } from '../../api/transfer';
import { conflictWords as words } from '../../messages/upload';
import { keepBoth } from './conflicts';
import type { Conflict } from './useAddFiles';
import { Dialog } from '../../ui/Dialog';

const shown = 6;

/** One question for all files that exist already: replace, keep both, or skip. */
export function ConflictQuestion({ conflict, onSettle }: { conflict: Conflict; onSettle: (files: FileToSend[]) => void }): JSX.Element {
  const { files, existing } = conflict;
  const paths = [...existing];
  return (
    <Dialog
      title={words.title(existing.size)}
      onClose={() => {
        onSettle([]);
      }}
    >
      <div className="stack">
        <p>{words.text}</p>
        <ul className="small">
          {paths.slice(0, shown).map((path) => (
            <li key={path}>
              <code>{path}</code>
            </li>
          ))}
          {paths.length > shown ? <li className="muted">{words.andMore(paths.length - shown)}</li> : null}
        </ul>
        <div className="row">
          <Button
            data-autofocus
            onClick={() => {
              onSettle(keepBoth(files, existing));
            }}
          >
            {words.both}
          </Button>
          <Button
            variant="default"
            onClick={() => {
              onSettle(files);
            }}
          >
            {words.replace}
          </Button>
          <Button
            variant="default"
            onClick={() => {
              onSettle(files.filter(({ path }) => !existing.has(path)));
            }}
          >
            {words.skip}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
