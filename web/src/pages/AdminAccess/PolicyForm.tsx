import { TextInput } from '@mantine/core';
import type { JSX } from 'react';
import type { FieldProblem } from '../../api/problem';
import type { Policy, PolicyChanges } from '../../api/types';
import { policyWords as words } from '../../messages/policy';
import styles from './AdminAccess.module.css';
import { lockOf, matches, withDraft, type RuleKey } from './draft';
import { RuleField } from './RuleField';
import { Card, Choice, People, Setting, Switched } from './Setting';
import { TokensCard } from './TokensCard';

const switches = ['password_grant', 'allow_upload_tokens', 'allow_upload_token_in_query', 'allow_simple_tokens', 'allow_authorization_cookie', 'allow_password_in_query'] as const;

interface PolicyFormProps {
  policy: Policy;
  draft: PolicyChanges;
  /** What the server finds wrong with the draft. */
  problems: FieldProblem[];
  onChange: (changes: PolicyChanges) => void;
}

/** Every setting of the policy; what a file sets is shown with its place and cannot be changed here. */
export function PolicyForm({ policy, draft, problems, onChange }: PolicyFormProps): JSX.Element {
  const { settings, origins } = policy;
  const values = withDraft(settings, draft);
  const lock = (key: string) => lockOf(origins, key);
  const problemAt = (...path: string[]): string | undefined => problems.find(({ loc }) => path.every((part) => loc.includes(part)))?.msg;
  const rule = (key: RuleKey, label: string): JSX.Element => (
    <RuleField
      label={label}
      value={values[key]}
      granted={draft[key] === undefined ? settings[key].granted : undefined}
      lock={lock(key)}
      errors={{ include: problemAt(key, 'include'), exclude: problemAt(key, 'exclude') }}
      onChange={({ include, exclude }) => {
        onChange({ [key]: { include, exclude } });
      }}
    />
  );
  const named = values.authorized_users !== null;
  return (
    <div className="stack">
      <Presets policy={policy} draft={draft} onChange={onChange} />
      <Card title={words.whoTitle}>
        <Choice
          label={words.door}
          value={values.require_authentication ? 'closed' : 'open'}
          choices={[
            ['closed', words.doorClosed],
            ['open', words.doorOpen],
          ]}
          lock={lock('require_authentication')}
          onChange={(value) => {
            onChange({ require_authentication: value === 'closed' });
          }}
        />
        {values.require_authentication ? null : rule('unauthenticated_user_scopes', words.visitorsMay)}
        <People
          label={words.list}
          everybody={words.listEverybody}
          named={words.listNamed}
          listLabel={words.entries}
          none={words.entriesNone}
          value={values.authorized_users}
          before={settings.authorized_users}
          lock={lock('authorized_users')}
          error={problemAt('authorized_users')}
          onChange={(value) => {
            onChange({ authorized_users: value });
          }}
        />
        {named ? (
          <Choice
            label={words.unlisted}
            value={values.reject_unauthorized_users ? 'refused' : 'limited'}
            choices={[
              ['refused', words.unlistedRefused],
              ['limited', words.unlistedLimited],
            ]}
            lock={lock('reject_unauthorized_users')}
            onChange={(value) => {
              onChange({ reject_unauthorized_users: value === 'refused' });
            }}
          />
        ) : null}
        {named && !values.reject_unauthorized_users ? rule('unauthorized_user_scopes', words.unlistedMay) : null}
        <Setting lock={lock('maintainer_email')}>
          <TextInput
            type="email"
            label={words.email}
            description={words.emailHint}
            value={values.maintainer_email}
            disabled={lock('maintainer_email') !== undefined}
            error={problemAt('maintainer_email')}
            onChange={({ currentTarget: { value } }) => {
              onChange({ maintainer_email: value });
            }}
          />
        </Setting>
      </Card>
      <Card title={words.signIn}>
        <Choice
          label={words.factor}
          description={words.factorMore}
          value={values.second_factor}
          choices={[
            ['optional', words.factors.optional],
            ['admins', words.factors.admins],
            ['everyone', words.factors.everyone],
          ]}
          lock={lock('second_factor')}
          onChange={(value) => {
            onChange({ second_factor: value });
          }}
        />
        <Switched
          label={words.local}
          description={words.localMore}
          value={values.local_accounts}
          lock={lock('local_accounts')}
          onChange={(value) => {
            onChange({ local_accounts: value });
          }}
        />
      </Card>
      <TokensCard settings={values} lock={lock} problemAt={problemAt} onChange={onChange} />
      <Card title={words.old}>
        <p className="muted table-text">{words.oldMore}</p>
        {switches.map((key) => (
          <Switched
            key={key}
            label={words.switches[key].label}
            description={words.switches[key].more}
            value={values[key]}
            lock={lock(key)}
            onChange={(value) => {
              onChange({ [key]: value });
            }}
          />
        ))}
      </Card>
    </div>
  );
}

function Presets({ policy, draft, onChange }: Omit<PolicyFormProps, 'problems'>): JSX.Element {
  return (
    <section className="card card-body stack" aria-labelledby="start">
      <h2 id="start">{words.start}</h2>
      <div className={styles.presets}>
        {policy.presets.map((preset) => (
          <button
            key={preset.id}
            type="button"
            className={styles.preset}
            aria-pressed={Object.keys(draft).length === 0 ? preset.active : matches(policy.settings, draft, preset.settings, policy.origins)}
            onClick={() => {
              onChange(preset.settings);
            }}
          >
            <span className="strong">{preset.title}</span>
            <span className="muted table-text">{preset.sentence}</span>
          </button>
        ))}
      </div>
    </section>
  );
}
