import { useState, type JSX } from 'react';
import type { PolicyOrigin, PolicySettings } from '../../api/types';
import { policyWords as words } from '../../messages/policy';
import { TagsField } from '../../ui/TagsField';
import styles from './AdminAccess.module.css';
import { Choice } from './Setting';

type Rule = PolicySettings['unauthenticated_user_scopes'];
type Sides = Pick<Rule, 'include' | 'exclude'>;
type Mode = keyof typeof words.rules;

interface RuleFieldProps {
  label: string;
  value: Sides;
  /** The rights that come out of the rule in force; `undefined` while another one is drafted. */
  granted: string[] | undefined;
  lock: PolicyOrigin | undefined;
  errors: Partial<Record<keyof Sides, string | undefined>>;
  onChange: (sides: Sides) => void;
}

const read = ['*:read'];

function modeOf({ include, exclude }: Sides): Mode {
  if (include.length === 0) return 'none';
  return exclude.length === 0 && include.length === 1 && include[0] === read[0] ? 'read' : 'own';
}

const modes = (['none', 'read', 'own'] as const).map((mode) => [mode, words.rules[mode], words.rulesMore[mode]] as const);

/** Which scopes a rule grants: nothing, reading, or patterns of one's own. */
export function RuleField({ label, value, granted, lock, errors, onChange }: RuleFieldProps): JSX.Element {
  // "Choose myself" stays chosen while the patterns happen to be those of another choice.
  const [own, setOwn] = useState(false);
  const mode = own ? 'own' : modeOf(value);
  return (
    <>
      <Choice
        label={label}
        value={mode}
        choices={modes}
        lock={lock}
        onChange={(next) => {
          setOwn(next === 'own');
          if (next !== 'own') onChange({ include: next === 'none' ? [] : read, exclude: [] });
        }}
      />
      {mode === 'own' ? (
        <div className={styles.inner}>
          {(['include', 'exclude'] as const).map((side) => (
            <TagsField
              key={side}
              label={`${words[side]}: ${label.toLowerCase()}`}
              description={words.patternHint}
              values={value[side]}
              addLabel={words.entriesAdd}
              removeLabel={words.removeEntry}
              disabled={lock !== undefined}
              error={errors[side]}
              onChange={(patterns) => {
                onChange({ ...value, [side]: patterns });
              }}
            />
          ))}
        </div>
      ) : null}
      {granted === undefined || mode === 'none' ? null : (
        <details className="small muted">
          <summary>{words.granted(granted.length)}</summary>
          <span>{granted.join(', ')}</span>
        </details>
      )}
    </>
  );
}
