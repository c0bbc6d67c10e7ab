import { Link } from '@tanstack/react-router';
import { useState, type JSX } from 'react';
import type { SessionUser } from '../api/signin';
import { accountWords } from '../messages/account';
import { shellWords } from '../messages/shell';
import { IconChevronDown, IconLogout, IconUser } from '../ui/icons';
import { Initials } from './Initials';
import styles from './PersonMenu.module.css';
import { useSignOut } from './useSignOut';

/** The person at the foot of the rail; opens to who is signed in and to sign-out. `flat` shows all at once (phone). */
export function PersonMenu({ user, flat = false }: { user: SessionUser; flat?: boolean }): JSX.Element {
  const [open, setOpen] = useState(false);
  const out = useSignOut();
  return (
    <div className={styles.menu}>
      {flat ? null : (
        <button
          type="button"
          className={styles.person}
          aria-expanded={open}
          onClick={() => {
            setOpen(!open);
          }}
        >
          <Initials name={user.name} />
          <span className="clip">{user.name}</span>
          <IconChevronDown size={16} aria-hidden />
        </button>
      )}
      {open || flat ? (
        <div className={styles.panel}>
          <div className="small muted">
            {shellWords.signedInAs(user.username)}
            {user.is_admin ? ', administrator' : ''}
          </div>
          <Link
            to="/account"
            className={styles.out}
            onClick={() => {
              setOpen(false);
            }}
          >
            <IconUser size={18} stroke={1.7} aria-hidden />
            {accountWords.title}
          </Link>
          <button
            type="button"
            className={styles.out}
            onClick={() => {
              out.mutate();
            }}
            disabled={out.isPending}
          >
            <IconLogout size={18} stroke={1.7} aria-hidden />
            {shellWords.signOut}
          </button>
          {out.isError ? <div role="alert">{out.error.message}</div> : null}
        </div>
      ) : null}
    </div>
  );
}
