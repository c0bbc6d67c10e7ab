import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState, type JSX } from 'react';
import { signOut, type SessionUser } from '../api/signin';
import { shellWords } from '../messages/shell';
import { forgetSession } from '../session';
import { IconChevronDown, IconLogout } from '../ui/icons';
import { Initials } from './Initials';
import styles from './PersonMenu.module.css';

/** The person at the foot of the rail; opens to who is signed in and to sign-out. `flat` shows all at once (phone). */
export function PersonMenu({ user, flat = false }: { user: SessionUser; flat?: boolean }): JSX.Element {
  const [open, setOpen] = useState(false);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const out = useMutation({
    mutationFn: signOut,
    onSuccess: async () => {
      // First away from the page: its data must not be asked for again by somebody who has left.
      await navigate({ to: '/sign-in' });
      forgetSession(queries);
    },
  });
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
