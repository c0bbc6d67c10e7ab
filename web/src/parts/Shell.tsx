import { Link, Outlet, useRouterState } from '@tanstack/react-router';
import { lazy, Suspense, useState, type JSX } from 'react';
import type { SessionUser } from '../api/signin';
import { shellWords } from '../messages/shell';
import { useSession } from '../session';
import { IconLogin, IconMenu2, IconSearch } from '../ui/icons';
import { Brand } from './Brand';
import { OfflineBar } from './OfflineBar';
import { PersonMenu } from './PersonMenu';
import { placesFor } from './pagesOfApp';
import { SchemeButton } from './SchemeButton';
import { SignInOver } from './SignInOver';
import { usePalette } from './usePalette';
import styles from './Shell.module.css';

const Bell = lazy(async () => ({ default: (await import('./Bell')).Bell }));

/** The frame of every page behind the door: rail (or bottom bar), top bar, skip link, palette. */
export function Shell(): JSX.Element {
  const session = useSession();
  const palette = usePalette();
  return (
    <div className={styles.shell}>
      <SkipLink />
      <nav className={styles.rail} aria-label="Main">
        <Link to="/search" className={styles.home}>
          <Brand lab={session.lab_name} />
        </Link>
        <RailPlaces user={session.user} />
        <div className={styles.foot}>{session.user === null ? <SignInLink /> : <PersonMenu user={session.user} />}</div>
      </nav>
      <div className={styles.body}>
        <header className={styles.top}>
          <button type="button" className={styles.go} onClick={palette.open} onMouseEnter={palette.load} onFocus={palette.load} aria-haspopup="dialog">
            <IconSearch size={18} aria-hidden />
            <span className="clip">{shellWords.go}</span>
            <kbd>Ctrl K</kbd>
          </button>
          <Suspense>{session.user === null ? null : <Bell />}</Suspense>
          <SchemeButton />
        </header>
        <OfflineBar />
        <main id="page" className="page" tabIndex={-1}>
          <Outlet />
        </main>
      </div>
      <BottomBar user={session.user} />
      <SignInOver />
      <Suspense>{palette.element}</Suspense>
    </div>
  );
}

// A bare #page link would leave the page, because <base> points elsewhere.
function SkipLink(): JSX.Element {
  return (
    <button
      type="button"
      className={styles.skip}
      onClick={() => {
        document.getElementById('page')?.focus();
      }}
    >
      {shellWords.skip}
    </button>
  );
}

function RailPlaces({ user }: { user: SessionUser | null }): JSX.Element {
  const shown = placesFor(user);
  const groups = [...new Set(shown.map((place) => place.group))];
  return (
    <>
      {groups.map((group) => (
        <div key={group} className={styles.group}>
          <div className={styles.groupName} id={`rail-${group}`}>
            {group}
          </div>
          <ul aria-labelledby={`rail-${group}`}>
            {shown
              .filter((place) => place.group === group)
              .map(({ to, label, icon: Icon }) => (
                <li key={to}>
                  <Link to={to} className={styles.place} activeProps={{ className: styles.here, 'aria-current': 'page' }}>
                    <Icon size={18} stroke={1.7} aria-hidden />
                    {label}
                  </Link>
                </li>
              ))}
          </ul>
        </div>
      ))}
    </>
  );
}

function SignInLink(): JSX.Element {
  const next = useRouterState({ select: (state) => state.location.href });
  return (
    <Link to="/sign-in" search={{ next }} className={styles.place}>
      <IconLogin size={18} stroke={1.7} aria-hidden />
      {shellWords.signIn}
    </Link>
  );
}

function BottomBar({ user }: { user: SessionUser | null }): JSX.Element {
  const session = useSession();
  const [open, setOpen] = useState(false);
  const shown = placesFor(user);
  return (
    <nav className={styles.bottom} aria-label="Main, bottom">
      {shown
        .filter((place) => !place.needsAdmin)
        .map(({ to, short, icon: Icon }) => (
          <Link key={to} to={to} className={styles.tab} activeProps={{ className: styles.tabHere, 'aria-current': 'page' }}>
            <Icon size={22} stroke={1.6} aria-hidden />
            {short}
          </Link>
        ))}
      <button
        type="button"
        className={styles.tab}
        aria-expanded={open}
        onClick={() => {
          setOpen(!open);
        }}
      >
        <IconMenu2 size={22} stroke={1.6} aria-hidden />
        {shellWords.more}
      </button>
      {open ? (
        <div className={styles.sheet}>
          <Brand lab={session.lab_name} />
          <AdminPlaces
            user={user}
            onGo={() => {
              setOpen(false);
            }}
          />
          {user === null ? <SignInLink /> : <PersonMenu user={user} flat />}
        </div>
      ) : null}
    </nav>
  );
}

function AdminPlaces({ user, onGo }: { user: SessionUser | null; onGo: () => void }): JSX.Element | null {
  const shown = placesFor(user).filter((place) => place.needsAdmin);
  if (shown.length === 0) return null;
  return (
    <ul aria-label={shellWords.thisOasis}>
      {shown.map(({ to, label, icon: Icon }) => (
        <li key={to}>
          <Link to={to} className={styles.place} activeProps={{ className: styles.here, 'aria-current': 'page' }} onClick={onGo}>
            <Icon size={18} stroke={1.7} aria-hidden />
            {label}
          </Link>
        </li>
      ))}
    </ul>
  );
}
