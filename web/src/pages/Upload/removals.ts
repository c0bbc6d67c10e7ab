import { deleteFile } from '../../api/queries/uploads';
import { filesWords as words } from '../../messages/upload';
import { tellFailure, toastStore } from '../../ui/toastStore';

// Deleting a file is undone, not asked for: the row goes at once, the request leaves when the time to undo is over
// or the page is left, whichever comes first.

const undoSeconds = 10;

interface Removal {
  uploadId: string;
  path: string;
  send: (keepalive: boolean) => void;
}

const listeners = new Set<() => void>();
let pending: readonly Removal[] = [];

function change(next: readonly Removal[]): void {
  pending = next;
  for (const listener of listeners) listener();
}

export const removals = {
  get: (): readonly Removal[] => pending,
  subscribe: (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

/** Hides a file or folder and deletes it when it was not undone in time. `onGone` runs after the server did it. */
export function removeFile(uploadId: string, path: string, onGone: () => void): void {
  let over = false;
  const end = (): boolean => {
    const first = !over;
    over = true;
    clearTimeout(timer);
    return first;
  };
  const drop = (): void => {
    change(pending.filter((one) => one !== removal));
  };
  const removal: Removal = {
    uploadId,
    path,
    send: (keepalive) => {
      if (!end()) return;
      deleteFile(uploadId, path, keepalive)
        .then(onGone)
        .catch((error: unknown) => {
          tellFailure(words.notRemoved(path, error instanceof Error ? error.message : String(error)));
        })
        .finally(drop);
    },
  };
  const timer = setTimeout(() => {
    removal.send(false);
  }, undoSeconds * 1000);
  change([...pending, removal]);
  const hide = toastStore.show(
    {
      text: words.removed(path),
      tone: 'plain',
      action: {
        label: words.undo,
        run: () => {
          hide();
          if (end()) drop();
        },
      },
    },
    undoSeconds,
  );
}

window.addEventListener('pagehide', () => {
  for (const removal of pending) removal.send(true);
});
