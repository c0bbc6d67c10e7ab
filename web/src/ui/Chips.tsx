import type { JSX } from 'react';
import { IconX } from './icons';
import styles from './Chips.module.css';

export interface Chip {
  key: string;
  label: string;
  removeLabel: string;
  onRemove: () => void;
}

/** The filters in force, each removable. */
export function Chips({ label, chips, clear, onClear }: { label: string; chips: Chip[]; clear: string; onClear: () => void }): JSX.Element | null {
  if (chips.length === 0) return null;
  return (
    <ul className={styles.chips} aria-label={label}>
      {chips.map((chip) => (
        <li key={chip.key} className={styles.chip}>
          <span className="clip">{chip.label}</span>
          <button type="button" aria-label={chip.removeLabel} onClick={chip.onRemove}>
            <IconX size={14} aria-hidden />
          </button>
        </li>
      ))}
      <li>
        <button type="button" className="link-button" onClick={onClear}>
          {clear}
        </button>
      </li>
    </ul>
  );
}
