import { Link, useRouter } from '@tanstack/react-router';
import type { JSX } from 'react';
import { signInWords } from '../messages/signin';
import { nameOfContact, useSession } from '../session';
import { PageHead } from '../ui/PageHead';
import { Says } from '../ui/Says';
import { Mark } from './Brand';
import { SignInForm } from './SignInForm';
import styles from './SignInPage.module.css';

interface SignInPageProps {
  onSignedIn?: () => void;
  /** Where an external provider sends the browser back to. */
  next?: string;
  /** What went wrong at an external provider. */
  failure?: string | undefined;
}

/** The sign-in page: also shown in place of any page when the lab lets in nobody without it. */
export function SignInPage({ onSignedIn, next, failure }: SignInPageProps): JSX.Element {
  const session = useSession();
  const router = useRouter();
  return (
    <main className={styles.page}>
      <div className={styles.box}>
        <Mark size={44} />
        <PageHead title={session.lab_name} tab={[signInWords.title, session.lab_name]} sub={signInWords.goOn} />
        {failure === undefined ? null : (
          <Says tone="bad" role="alert">
            {failure}
          </Says>
        )}
        <SignInForm
          {...(next === undefined ? {} : { next })}
          onSignedIn={() => {
            if (onSignedIn === undefined) void router.invalidate();
            else onSignedIn();
          }}
        />
        {session.contact === null ? null : (
          <p className="muted">
            {signInWords.noAccount} <a href={`mailto:${session.contact.email}`}>{signInWords.ask(nameOfContact(session.contact))}</a>
            {session.contact.name === '' ? null : `, ${session.contact.email}`}
          </p>
        )}
        {session.require_authentication ? null : (
          <p>
            <Link to="/search">{signInWords.publicData}</Link>
          </p>
        )}
      </div>
    </main>
  );
}
