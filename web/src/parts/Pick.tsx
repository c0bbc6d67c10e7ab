import { useState, type JSX } from 'react';
import { FilterField } from '../ui/FilterField';
import { InlineProblem } from '../ui/InlineProblem';
import styles from './Pick.module.css';

/** Something that can be chosen. */
export interface Choice {
  id: string;
  name: string;
  more?: string;
  /** Why it cannot be chosen. */
  taken?: string;
}

interface PickProps {
  label: string;
  hint: string;
  /** Says that nothing was found. */
  none: string;
  /** What choosing does, in a word before the name for screen readers. */
  verb: string;
  /** Looks a text up; a hook, so it is called on every render. */
  useFound: (text: string) => { choices: Choice[] | undefined; error: Error | null };
  onPick: (choice: Choice) => void;
}

/** A field that looks people or groups up while one types, and a list of what it found to choose from. */
export function Pick({ label, hint, none, verb, useFound, onPick }: PickProps): JSX.Element {
  const [text, setText] = useState('');
  const { choices, error } = useFound(text);
  return (
    <div>
      <FilterField label={label} labelled placeholder={hint} value={text} onChange={setText} autoComplete="off" />
      {error === null ? null : <InlineProblem error={error} />}
      <div aria-live="polite">{text !== '' && choices?.length === 0 ? <p className={styles.none}>{none}</p> : null}</div>
      {text === '' || choices === undefined || choices.length === 0 ? null : (
        <ul className={styles.found} aria-label={label}>
          {choices.map((choice) => (
            <li key={choice.id}>
              <button
                type="button"
                className={styles.one}
                disabled={choice.taken !== undefined}
                onClick={() => {
                  setText('');
                  onPick(choice);
                }}
              >
                <span className={styles.name}>
                  {choice.taken === undefined ? <span className="hidden-text">{verb}</span> : null} {choice.name} {choice.more === undefined ? null : <span className="small muted">{choice.more}</span>}
                </span>
                {choice.taken === undefined ? null : <span className="small">{choice.taken}</span>}
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
