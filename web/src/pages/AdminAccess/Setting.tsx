import { Checkbox, Radio } from '@mantine/core';
import type { JSX, ReactNode } from 'react';
import type { PolicyOrigin } from '../../api/types';
import { lockedWords, policyWords as words } from '../../messages/policy';
import { IconLock } from '../../ui/icons';
import { TagsField } from '../../ui/TagsField';
import styles from './AdminAccess.module.css';

/** A setting, and where it is set when that is not here. */
export function Setting({ lock, children }: { lock: PolicyOrigin | undefined; children: ReactNode }): JSX.Element {
  return (
    <div className={styles.setting}>
      {children}
      {lock === undefined ? null : (
        <div className={styles.lock}>
          <IconLock size={14} aria-hidden />
          <span>{lockedWords(lock)}</span>
        </div>
      )}
    </div>
  );
}

interface ChoiceProps<Value extends string> {
  label: string;
  description?: string;
  value: Value;
  choices: readonly (readonly [value: Value, label: string, description?: string])[];
  lock: PolicyOrigin | undefined;
  onChange: (value: Value) => void;
}

/** One of a few, each in words. */
export function Choice<Value extends string>({ label, description, value, choices, lock, onChange }: ChoiceProps<Value>): JSX.Element {
  return (
    <Setting lock={lock}>
      <Radio.Group
        label={label}
        description={description}
        value={value}
        onChange={(next) => {
          const chosen = choices.find(([one]) => one === next);
          if (chosen !== undefined) onChange(chosen[0]);
        }}
      >
        <div className="stack-s" style={{ gap: 8, marginTop: 8 }}>
          {choices.map(([one, text, more]) => (
            <Radio key={one} value={one} label={text} description={more} disabled={lock !== undefined} />
          ))}
        </div>
      </Radio.Group>
    </Setting>
  );
}

interface SwitchedProps {
  label: string;
  description: string;
  value: boolean;
  lock: PolicyOrigin | undefined;
  onChange: (value: boolean) => void;
}

/** On or off. */
export function Switched({ label, description, value, lock, onChange }: SwitchedProps): JSX.Element {
  return (
    <Setting lock={lock}>
      <Checkbox
        label={label}
        description={description}
        checked={value}
        disabled={lock !== undefined}
        onChange={() => {
          onChange(!value);
        }}
      />
    </Setting>
  );
}

interface PeopleProps {
  label: string;
  everybody: string;
  named: string;
  listLabel: string;
  /** What an empty list means. */
  none: string;
  /** null is everybody. */
  value: string[] | null;
  /** The list in force, to begin with when one changes from everybody to a list. */
  before: string[] | null;
  lock: PolicyOrigin | undefined;
  error: string | undefined;
  onChange: (value: string[] | null) => void;
}

/** Everybody, or a list of people, domains and groups. */
export function People({ label, everybody, named, listLabel, none, value, before, lock, error, onChange }: PeopleProps): JSX.Element {
  return (
    <>
      <Choice
        label={label}
        value={value === null ? 'everybody' : 'named'}
        choices={[
          ['everybody', everybody],
          ['named', named],
        ]}
        lock={lock}
        onChange={(next) => {
          onChange(next === 'everybody' ? null : (before ?? []));
        }}
      />
      {value === null ? null : (
        <div className={styles.inner}>
          <TagsField
            label={listLabel}
            description={words.entriesHint}
            values={value}
            addLabel={words.entriesAdd}
            removeLabel={words.removeEntry}
            disabled={lock !== undefined}
            error={error}
            onChange={onChange}
          />
          {value.length === 0 ? <p className="muted table-text">{none}</p> : null}
        </div>
      )}
    </>
  );
}

/** Some settings that belong together. */
export function Card({ title, children }: { title: string; children: ReactNode }): JSX.Element {
  return (
    <section className="card" aria-label={title}>
      <div className="card-head">
        <h2>{title}</h2>
      </div>
      <div className={`card-body ${styles.settings ?? ''}`}>{children}</div>
    </section>
  );
}
