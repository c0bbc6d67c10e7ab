// Toasts live outside React: an upload or a delayed delete tells its end whatever page is open.

export interface Toast {
  id: number;
  text: string;
  tone: 'plain' | 'bad';
  /** One way back, e.g. Undo. */
  action?: { label: string; run: () => void };
}

type Listener = () => void;

let toasts: readonly Toast[] = [];
let last = 0;
const listeners = new Set<Listener>();

function change(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

export const toastStore = {
  get: (): readonly Toast[] => toasts,
  subscribe: (listener: Listener): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  /** Shows a toast for `seconds`; gives the function that takes it away sooner. */
  show: (toast: Omit<Toast, 'id'>, seconds: number): (() => void) => {
    last += 1;
    const id = last;
    const remove = (): void => {
      if (toasts.some((one) => one.id === id)) change(toasts.filter((one) => one.id !== id));
    };
    change([...toasts, { ...toast, id }]);
    setTimeout(remove, seconds * 1000);
    return remove;
  },
};

/** Says that something which ran in the background failed. */
export const tellFailure = (text: string): void => {
  toastStore.show({ text, tone: 'bad' }, 12);
};
