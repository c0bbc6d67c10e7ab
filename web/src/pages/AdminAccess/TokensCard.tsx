import { TextInput } from '@mantine/core';
import { useState, type JSX } from 'react';
import type { PolicyChanges, PolicyOrigin, PolicySettings } from '../../api/types';
import { policyWords as words } from '../../messages/policy';
import { TagsField } from '../../ui/TagsField';
import { Card, Choice, People, Setting } from './Setting';

interface TokensCardProps {
  settings: PolicySettings;
  lock: (key: string) => PolicyOrigin | undefined;
  problemAt: (...path: string[]) => string | undefined;
  onChange: (changes: PolicyChanges) => void;
}

/** Who may make access tokens, what these may hold, how long they last. */
export function TokensCard({ settings, lock, problemAt, onChange }: TokensCardProps): JSX.Element {
  const [creators] = useState(settings.pat_creators);
  const days = (key: 'pat_max_lifetime' | 'pat_max_lifetime_append_only', label: string): JSX.Element => (
    <Setting lock={lock(key)}>
      <TextInput
        type="number"
        min={1}
        label={label}
        description={words.lifeHint}
        maw={280}
        value={settings[key] ?? ''}
        disabled={lock(key) !== undefined}
        error={problemAt(key)}
        onChange={({ currentTarget: { value } }) => {
          onChange({ [key]: value === '' ? null : Number(value) });
        }}
      />
    </Setting>
  );
  return (
    <Card title={words.tokens}>
      <People
        label={words.creators}
        everybody={words.creatorsEverybody}
        named={words.creatorsNamed}
        listLabel={words.creatorsList}
        none={words.creatorsNone}
        value={settings.pat_creators}
        before={creators}
        lock={lock('pat_creators')}
        error={problemAt('pat_creators')}
        onChange={(value) => {
          onChange({ pat_creators: value });
        }}
      />
      <Setting lock={lock('pat_forbidden_scopes')}>
        <TagsField
          label={words.forbidden}
          description={words.patternHint}
          values={settings.pat_forbidden_scopes}
          addLabel={words.entriesAdd}
          removeLabel={words.removeEntry}
          disabled={lock('pat_forbidden_scopes') !== undefined}
          error={problemAt('pat_forbidden_scopes')}
          onChange={(scopes) => {
            onChange({ pat_forbidden_scopes: scopes });
          }}
        />
      </Setting>
      {days('pat_max_lifetime', words.life)}
      {days('pat_max_lifetime_append_only', words.lifeAdds)}
      <Choice
        label={words.dead}
        value={settings.invalid_credentials}
        choices={[
          ['reject', words.deads.reject],
          ['anonymous', words.deads.anonymous],
        ]}
        lock={lock('invalid_credentials')}
        onChange={(value) => {
          onChange({ invalid_credentials: value });
        }}
      />
    </Card>
  );
}
