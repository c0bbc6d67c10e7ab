import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useState, type JSX } from 'react';
import { setupQuery } from '../../api/queries/session';
import { formatBytes } from '../../messages/format';
import { setupWords as words } from '../../messages/setup';
import { signInWords } from '../../messages/signin';
import { Mark } from '../../parts/Brand';
import { IconFolder, IconKey, IconWorldOff } from '../../ui/icons';
import { PageHead } from '../../ui/PageHead';
import { Says } from '../../ui/Says';
import { RowSkeleton } from '../../ui/Skeletons';
import { SetupForm } from './SetupForm';
import styles from './Setup.module.css';

/** First run. The secret stands in the fragment, is read once into component state and then leaves the address bar. */
export function Setup(): JSX.Element {
  const [secret] = useState(readSecret);
  useEffect(() => {
    window.history.replaceState(window.history.state, '', window.location.pathname);
  }, []);
  const check = useQuery(setupQuery(secret));
  const facts = check.data;
  return (
    <div className={styles.page}>
      <aside className={styles.side}>
        <Mark size={44} />
        <PageHead title={words.title} tab={[words.title, 'Oasis']} sub={words.sub} />
        <ul className={styles.facts}>
          {facts === undefined ? null : (
            <Fact icon={IconFolder} title={words.stays} text={words.staysMore(facts.data_dir, formatBytes(facts.free_bytes))} />
          )}
          <Fact icon={IconWorldOff} title={words.internet} text={words.internetMore} />
          <Fact icon={IconKey} title={words.once} text={words.onceMore} />
        </ul>
      </aside>
      <main className={styles.main}>
        {check.isPending ? <RowSkeleton rows={5} /> : null}
        {check.isError ? (
          <Says tone="bad" role="alert" more={words.deadMore} action={<Link to="/sign-in">{signInWords.title}</Link>}>
            {secret === '' || 'status' in check.error ? words.dead : check.error.message}
          </Says>
        ) : null}
        {facts === undefined ? null : <SetupForm secret={secret} />}
      </main>
    </div>
  );
}

function Fact({ icon: Icon, title, text }: { icon: typeof IconKey; title: string; text: string }): JSX.Element {
  return (
    <li>
      <Icon size={20} stroke={1.6} aria-hidden />
      <div>
        <div className="strong">{title}</div>
        <div className={styles.quiet}>{text}</div>
      </div>
    </li>
  );
}

function readSecret(): string {
  return decodeURIComponent(window.location.hash.slice(1));
}
