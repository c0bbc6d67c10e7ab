import { useSyncExternalStore, type JSX } from 'react';
import { toastStore } from '../ui/toastStore';
import styles from './Toasts.module.css';

/** The toasts at the lower edge. Read out politely; their one action is an ordinary button. */
export function Toasts(): JSX.Element {
  const toasts = useSyncExternalStore(toastStore.subscribe, toastStore.get);
  return (
    <div className={styles.toasts} role="status">
      {toasts.map((toast) => (
        <div key={toast.id} className={styles.toast} data-tone={toast.tone}>
          <span>{toast.text}</span>
          {toast.action === undefined ? null : (
            <button type="button" className="link-button" onClick={toast.action.run}>
              {toast.action.label}
            </button>
          )}
        </div>
      ))}
    </div>
  );
}
