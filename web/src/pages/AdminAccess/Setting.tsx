import { Checkbox, Radio } from '@mantine/core';
import type { JSX, ReactNode } from 'react';
import type { PolicyOrigin } from '../../api/types';
import { lockedWords } from '../../messages/policy';
import { IconLock } from '../../ui/icons';
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
