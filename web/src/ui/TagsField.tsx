import { Button, TextInput } from '@mantine/core';
import { useState, type JSX } from 'react';
import { IconX } from './icons';
import styles from './TagsField.module.css';

interface TagsFieldProps {
  label: string;
  description: string;
  values: string[];
  onChange: (values: string[]) => void;
  addLabel: string;
  removeLabel: (value: string) => string;
  disabled?: boolean;
  error?: string | undefined;
}

/** A list of short texts. Enter, a comma or leaving the field adds what is typed; several lines can be pasted at once. */
export function TagsField({ label, description, values, onChange, addLabel, removeLabel, disabled = false, error }: TagsFieldProps): JSX.Element {
  const [text, setText] = useState('');
  const add = (typed: string): void => {
    const fresh = typed
      .split(/[\n,;]+/)
      .map((one) => one.trim())
      .filter((one) => one !== '' && !values.includes(one));
    setText('');
    if (fresh.length > 0) onChange([...values, ...new Set(fresh)]);
  };
  return (
    <div className={styles.field}>
      <div className={styles.add}>
        <TextInput
          label={label}
          description={description}
          error={error}
          disabled={disabled}
          value={text}
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={false}
          onChange={({ currentTarget: { value } }) => {
            if (/[,;]/.test(value)) add(value);
            else setText(value);
          }}
          // The browser would join the lines of what is pasted.
          onPaste={(event) => {
            const pasted = event.clipboardData.getData('text');
            if (!pasted.trim().includes('\n')) return;
            event.preventDefault();
            add(pasted);
          }}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return;
            event.preventDefault();
            add(text);
          }}
          onBlur={() => {
            add(text);
          }}
        />
        <Button
          variant="default"
          aria-label={`${addLabel}: ${label}`}
          disabled={disabled || text === ''}
          onClick={() => {
            add(text);
          }}
        >
          {addLabel}
        </Button>
      </div>
      {values.length === 0 ? null : (
        <ul className={styles.tags} aria-label={label}>
          {values.map((value) => (
            <li key={value} className={styles.tag} data-fixed={disabled || undefined}>
              <span className="clip">{value}</span>
              {disabled ? null : (
                <button
                  type="button"
                  aria-label={removeLabel(value)}
                  onClick={() => {
                    onChange(values.filter((one) => one !== value));
                  }}
                >
                  <IconX size={14} aria-hidden />
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
