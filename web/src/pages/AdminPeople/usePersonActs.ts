import { useMutation, useQueryClient, type UseMutationResult } from '@tanstack/react-query';
import { changeAccount, endSessionsOf, peopleKeys, removeAccount } from '../../api/queries/people';
import type { Account, AccountChange } from '../../api/types';
import { nameOf, peopleWords } from '../../messages/people';
import { tellFailure, toastStore } from '../../ui/toastStore';

const undoSeconds = 10;
const words = peopleWords.tell;

/** The change that can be taken back: one role, or the switch of the account. */
export type Undoable = Pick<AccountChange, 'disabled' | 'admin' | 'lab_manager'>;

interface PersonActs {
  change: UseMutationResult<Account, Error, Undoable>;
  end: UseMutationResult<{ tokens_revoked: number }, Error, boolean>;
  remove: UseMutationResult<unknown, Error, void>;
}

/** What can be done to an account at once. Changes are told with a way back for ten seconds. */
export function usePersonActs(person: Account, onDone: () => void): PersonActs {
  const queries = useQueryClient();
  const again = (): Promise<void> => queries.invalidateQueries({ queryKey: peopleKeys.all });
  const name = nameOf(person);
  const undo = (made: Undoable): void => {
    const before: Undoable = {};
    if (made.disabled !== undefined) before.disabled = person.disabled;
    if (made.admin !== undefined) before.admin = person.admin;
    if (made.lab_manager !== undefined) before.lab_manager = person.lab_manager;
    changeAccount(person.user_id, before)
      .then(again)
      .catch((error: unknown) => {
        tellFailure(words.undone(name, error instanceof Error ? error.message : String(error)));
      });
  };
  const change = useMutation({
    mutationFn: (made: Undoable) => changeAccount(person.user_id, made),
    onSuccess: async (_account, made) => {
      const hide = toastStore.show(
        {
          text: sentence(name, made),
          tone: 'plain',
          action: {
            label: words.undo,
            run: () => {
              hide();
              undo(made);
            },
          },
        },
        undoSeconds,
      );
      if (made.disabled !== undefined) onDone();
      await again();
    },
  });
  const end = useMutation({
    mutationFn: (tokens: boolean) => endSessionsOf(person.user_id, tokens),
    onSuccess: async ({ tokens_revoked: revoked }) => {
      toastStore.show({ text: words.signedOut(name, revoked), tone: 'plain' }, undoSeconds);
      onDone();
      await again();
    },
  });
  const remove = useMutation({
    mutationFn: () => removeAccount(person.user_id),
    onSuccess: async () => {
      toastStore.show({ text: words.removed(name), tone: 'plain' }, undoSeconds);
      onDone();
      await again();
    },
  });
  return { change, end, remove };
}

function sentence(name: string, made: Undoable): string {
  if (made.admin !== undefined) return words.admin(name, made.admin);
  if (made.lab_manager !== undefined) return words.manager(name, made.lab_manager);
  return made.disabled === true ? words.disabled(name) : words.enabled(name);
}
