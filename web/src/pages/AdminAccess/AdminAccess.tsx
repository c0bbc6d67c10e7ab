import { useDebouncedValue } from '@mantine/hooks';
import { useMutation, useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState, type JSX } from 'react';
import { ProblemError } from '../../api/problem';
import { changePolicy, policyKeys, policyQuery, previewQuery } from '../../api/queries/policy';
import { sessionQuery } from '../../api/queries/session';
import type { Policy, PolicyChanges } from '../../api/types';
import { policyWords as words } from '../../messages/policy';
import { useAskBeforeLosing } from '../../parts/useAskBeforeLosing';
import { useSession } from '../../session';
import { PageHead } from '../../ui/PageHead';
import { Says } from '../../ui/Says';
import { toastStore } from '../../ui/toastStore';
import styles from './AdminAccess.module.css';
import { ApplyBar } from './ApplyBar';
import { Ask } from './Ask';
import { settle } from './draft';
import { PolicyForm } from './PolicyForm';
import { Preview } from './Preview';

const route = getRouteApi('/inside/admin/access');
const patience = 300;
const toldFor = 6;

/** Who may come in and do what: the settings, what a change would mean, and why somebody may or may not do something. */
export function AdminAccess(): JSX.Element {
  const { lab_name: lab } = useSession();
  const { user, operation } = route.useSearch();
  const { data: policy } = useSuspenseQuery(policyQuery);
  return (
    <>
      <PageHead title={words.title} tab={[words.title, lab]} sub={words.sub} />
      <div className="stack">
        <Reload policy={policy} />
        <Draft policy={policy} />
        <Ask key={`${user ?? ''} ${operation ?? ''}`} begun={{ user, operation }} />
      </div>
    </>
  );
}

/** What went wrong when the files were read the last time, and what waits for the next start. */
function Reload({ policy: { reload } }: { policy: Policy }): JSX.Element | null {
  if (reload.ok && reload.restart.length === 0) return null;
  return (
    <>
      {reload.ok ? null : (
        <Says tone="bad" role="alert" more={words.brokenMore(reload.in_force_since)}>
          <strong>{words.broken}</strong> <span style={{ whiteSpace: 'pre-line' }}>{reload.error}</span>
        </Says>
      )}
      {reload.restart.length === 0 ? null : <Says tone="warn">{words.restart(reload.restart)}</Says>}
    </>
  );
}

function Draft({ policy }: { policy: Policy }): JSX.Element {
  const queries = useQueryClient();
  const [typed, setTyped] = useState<PolicyChanges>({});
  // What others have put in force in the meantime is no change any more.
  const draft = settle(policy.settings, typed, policy.origins);
  const text = JSON.stringify(draft);
  const amount = Object.keys(draft).length;
  const [asked] = useDebouncedValue(text, patience);
  const preview = useQuery(previewQuery(JSON.parse(asked) as PolicyChanges));
  const current = asked === text && !preview.isPlaceholderData && !preview.isError ? preview.data : undefined;
  useAskBeforeLosing(amount > 0, words.leave);
  const apply = useMutation({
    mutationFn: () => changePolicy(draft),
    onSuccess: async (fresh) => {
      queries.setQueryData(policyQuery.queryKey, fresh);
      setTyped({});
      toastStore.show({ text: words.applied, tone: 'plain' }, toldFor);
      await Promise.all([queries.invalidateQueries({ queryKey: policyKeys.all }), queries.invalidateQueries({ queryKey: sessionQuery.queryKey })]);
    },
  });
  return (
    <div className={styles.columns}>
      <PolicyForm
        policy={policy}
        draft={draft}
        problems={asked === text && preview.error instanceof ProblemError ? preview.error.fields : []}
        onChange={(changes) => {
          apply.reset();
          setTyped({ ...draft, ...changes });
        }}
      />
      <div className={styles.side}>
        {amount === 0 ? null : (
          <ApplyBar
            amount={amount}
            preview={current}
            pending={apply.isPending}
            error={apply.error}
            onDiscard={() => {
              apply.reset();
              setTyped({});
            }}
            onApply={() => {
              apply.mutate();
            }}
          />
        )}
        <Preview preview={preview.data} error={preview.error} drafted={amount > 0} stale={asked !== text || preview.isPlaceholderData} />
      </div>
    </div>
  );
}
