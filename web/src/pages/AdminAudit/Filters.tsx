import { NativeSelect, TextInput } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import type { JSX } from 'react';
import { auditWords as words } from '../../messages/audit';
import { FilterField } from '../../ui/FilterField';
import styles from './AdminAudit.module.css';
import { outcomes, type AuditSearch } from './url';

const route = getRouteApi('/inside/admin/audit');

/** Every filter of the log. Typing replaces the address, choosing adds one, so that back undoes a choice. */
export function Filters({ search }: { search: AuditSearch }): JSX.Element {
  const navigate = route.useNavigate();
  const set = (change: AuditSearch, replace: boolean): void => {
    void navigate({ search: (before) => ({ ...before, ...change }), replace });
  };
  const typed = (name: 'who' | 'operation' | 'credential', hint: string, pageFilter = false): JSX.Element => (
    <FilterField
      label={words[name]}
      labelled
      placeholder={hint}
      leftSection={null}
      pageFilter={pageFilter}
      className={styles.wide}
      value={search[name] ?? ''}
      onChange={(value) => {
        set({ [name]: value === '' ? undefined : value }, true);
      }}
    />
  );
  const day = (name: 'from' | 'to'): JSX.Element => (
    <TextInput
      type="date"
      label={words[name]}
      value={search[name] ?? ''}
      onChange={({ currentTarget: { value } }) => {
        set({ [name]: value === '' ? undefined : value }, false);
      }}
    />
  );
  const kinds = Object.entries(words.kinds);
  const ownKind = search.kind !== undefined && words.kinds[search.kind] === undefined ? [{ value: search.kind, label: search.kind }] : [];
  return (
    <div role="search" aria-label={words.filters} className={styles.filters}>
      {typed('who', words.whoHint, true)}
      {typed('operation', words.operationHint)}
      {typed('credential', words.credentialHint)}
      <NativeSelect
        label={words.outcome}
        value={search.outcome ?? ''}
        data={[{ value: '', label: words.any }, ...outcomes.map((value) => ({ value, label: words.outcomes[value] }))]}
        onChange={({ currentTarget: { value } }) => {
          set({ outcome: outcomes.find((one) => one === value) }, false);
        }}
      />
      <NativeSelect
        label={words.kind}
        value={search.kind ?? ''}
        data={[{ value: '', label: words.any }, ...kinds.map(([value, label]) => ({ value, label })), ...ownKind]}
        onChange={({ currentTarget: { value } }) => {
          set({ kind: value === '' ? undefined : value }, false);
        }}
      />
      {day('from')}
      {day('to')}
    </div>
  );
}
