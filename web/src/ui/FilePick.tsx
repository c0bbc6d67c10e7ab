import { Button, type ButtonProps } from '@mantine/core';
import { useRef, type JSX, type ReactNode } from 'react';
import { outgoingOf, type Outgoing } from './files';

interface FilePickProps extends ButtonProps {
  /** Choose a whole folder instead of single files. */
  folder?: boolean;
  children: ReactNode;
  onFiles: (files: Outgoing[]) => void;
}

/** A button that opens the browser's own file chooser: the twin of dropping. */
export function FilePick({ folder = false, children, onFiles, ...button }: FilePickProps): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-hidden="true"
        tabIndex={-1}
        data-testid={folder ? 'pick-folder' : 'pick-files'}
        {...(folder ? { webkitdirectory: '' } : {})}
        onChange={(event) => {
          const chosen = event.currentTarget.files;
          const files = chosen === null ? [] : outgoingOf(chosen);
          event.currentTarget.value = '';
          if (files.length > 0) onFiles(files);
        }}
      />
      <Button {...button} onClick={() => input.current?.click()}>
        {children}
      </Button>
    </>
  );
}
