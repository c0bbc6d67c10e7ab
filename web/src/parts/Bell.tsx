import { useQuery, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useRef, useState, type JSX } from 'react';
import { followNotifications, markAllRead, notificationKeys, notificationsQuery, type Notification } from '../api/queries/notifications';
import { uploadKeys } from '../api/queries/uploads';
import { notificationWords as words } from '../messages/notifications';
import { IconBell } from '../ui/icons';
import { tellFailure } from '../ui/toastStore';
import styles from './Bell.module.css';

const NotificationList = lazy(async () => ({ default: (await import('./NotificationList')).NotificationList }));

/** The bell: how much is new, and what. It follows the server's stream, so that pages show at once what others did. */
export function Bell(): JSX.Element {
  const queries = useQueryClient();
  const { data: list = [] } = useQuery(notificationsQuery);
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let known: Set<string> | undefined;
    return followNotifications((next: Notification[]) => {
      queries.setQueryData(notificationKeys.all, next);
      const fresh = known !== undefined && next.some(({ id, created_at: at }) => !known?.has(`${id} ${at}`));
      known = new Set(next.map(({ id, created_at: at }) => `${id} ${at}`));
      if (fresh) void queries.invalidateQueries({ queryKey: uploadKeys.all });
    });
  }, [queries]);
  useEffect(() => {
    if (!open) return;
    const outside = (event: PointerEvent): void => {
      if (event.target instanceof Node && box.current?.contains(event.target) === false) setOpen(false);
    };
    const escape = (event: KeyboardEvent): void => {
      if (event.key === 'Escape') setOpen(false);
    };
    document.addEventListener('pointerdown', outside);
    document.addEventListener('keydown', escape);
    return () => {
      document.removeEventListener('pointerdown', outside);
      document.removeEventListener('keydown', escape);
    };
  }, [open]);
  const unread = list.filter(({ read }) => !read).length;
  return (
    <div ref={box} className={styles.box}>
      <button
        type="button"
        className={styles.bell}
        aria-label={words.label(unread)}
        aria-expanded={open}
        onClick={() => {
          setOpen(!open);
          if (open || unread === 0) return;
          markAllRead().catch((error: unknown) => {
            tellFailure(error instanceof Error ? error.message : String(error));
          });
        }}
      >
        <IconBell size={20} stroke={1.7} aria-hidden />
        {unread === 0 ? null : (
          <span className={styles.badge} aria-hidden>
            {unread > 9 ? '9+' : unread}
          </span>
        )}
      </button>
      {open ? (
        <section className={styles.panel} aria-label={words.title}>
          <Suspense>
            <NotificationList
              list={list}
              onGo={() => {
                setOpen(false);
              }}
            />
          </Suspense>
        </section>
      ) : null}
    </div>
  );
}
