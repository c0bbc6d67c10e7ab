import { TextInput, type TextInputProps } from '@mantine/core';
import { useEffect, useRef, useState, type JSX } from 'react';
import { IconSearch } from './icons';

interface FilterFieldProps extends Omit<TextInputProps, 'value' | 'onChange'> {
  label: string;
  value: string;
  /** Called 200 ms after the last key, or at once on Enter and on leaving the field. */
  onChange: (value: string) => void;
  /** Whether `/` puts the cursor here. */
  pageFilter?: boolean;
  /** Shows the label above the field, for a field among others. */
  labelled?: boolean;
}

const delay = 200;

/** A field that filters while one types, without asking the server at each key. */
export function FilterField({ label, value, onChange, pageFilter = false, labelled = false, ...input }: FilterFieldProps): JSX.Element {
  const [text, setText] = useState(value);
  const [known, setKnown] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  // The URL is the state: going back, or a cleared filter, changes the text from outside.
  if (known !== value) {
    setKnown(value);
    if (value !== text.trim()) setText(value);
  }
  const stop = (): void => {
    clearTimeout(timer.current);
    timer.current = undefined;
  };
  useEffect(() => stop, []);
  const tell = (next: string): void => {
    stop();
    onChange(next.trim());
  };
  return (
    <TextInput
      type="search"
      label={labelled ? label : undefined}
      aria-label={labelled ? undefined : label}
      placeholder={label}
      leftSection={<IconSearch size={18} aria-hidden />}
      data-page-filter={pageFilter ? true : undefined}
      {...input}
      value={text}
      onChange={(event) => {
        const { value: next } = event.currentTarget;
        setText(next);
        stop();
        timer.current = setTimeout(() => {
          tell(next);
        }, delay);
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter') tell(text);
      }}
      // Going elsewhere within the 200 ms must not be overtaken by the filter.
      onBlur={() => {
        if (timer.current !== undefined) tell(text);
      }}
    />
  );
}
