import { useQuery } from '@tanstack/react-query';
import type { JSX } from 'react';
import { accountQuery } from '../../api/queries/account';
import { accountWords as words } from '../../messages/account';
import { useSession } from '../../session';
import { InlineProblem } from '../../ui/InlineProblem';
import { PageHead } from '../../ui/PageHead';
import { Says } from '../../ui/Says';
import { RowSkeleton } from '../../ui/Skeletons';
import styles from './Account.module.css';
import { Elsewhere } from './Elsewhere';
import { Factors } from './Factors';
import { Password } from './Password';
import { Profile } from './Profile';
import { Sessions } from './Sessions';

/** Who I am here, how I prove it, where I am signed in. */
export function Account(): JSX.Element {
  const { lab_name: lab, methods, user } = useSession();
  const account = useQuery(accountQuery);
  const own = account.data;
  return (
    <div className={styles.page}>
      <PageHead title={words.title} tab={[words.title, lab]} sub={words.sub} />
      {user?.must_set_up_second_factor === true ? (
        <Says tone="warn" role="status">
          {words.must}
        </Says>
      ) : null}
      {account.isPending ? <RowSkeleton rows={6} /> : null}
      {account.isError ? <InlineProblem error={account.error} onAgain={() => void account.refetch()} /> : null}
      {own === undefined ? null : (
        <>
          <Profile key={own.account.email} own={own} />
          {own.account.origin === 'external' ? null : <Password account={own.account} />}
          {own.account.origin === 'external' ? null : <Factors factors={own.factors} />}
          {own.account.origin === 'external' || methods.provider === null ? null : <Elsewhere account={own.account} />}
          <Sessions />
        </>
      )}
    </div>
  );
}
