import { Checkbox } from '@mantine/core';
import type { JSX } from 'react';
import { formatNumber } from '../messages/format';
import styles from './Facet.module.css';

export interface FacetValue {
  value: string;
  label: string;
  count: number;
}

interface FacetProps {
  title: string;
  values: FacetValue[];
  chosen: string[];
  onChange: (chosen: string[]) => void;
}

/** Values with counts and bars. A chosen value stays even when nothing is left of it. */
export function Facet({ title, values, chosen, onChange }: FacetProps): JSX.Element | null {
  const missing = chosen.filter((value) => !values.some((one) => one.value === value)).map((value): FacetValue => ({ value, label: value, count: 0 }));
  const all = [...values, ...missing];
  if (all.length === 0) return null;
  const most = Math.max(1, ...all.map(({ count }) => count));
  return (
    <fieldset className={styles.facet}>
      <legend>{title}</legend>
      {all.map(({ value, label, count }) => (
        <div key={value} className={styles.value} data-none={count === 0 || undefined}>
          <span className={styles.bar} style={{ width: `${(100 * count) / most}%` }} aria-hidden="true" />
          <Checkbox
            checked={chosen.includes(value)}
            label={
              <>
                <span className="clip">{label}</span>
                <span className={styles.count}>{formatNumber(count)}</span>
              </>
            }
            classNames={{ body: styles.body, labelWrapper: styles.labelWrapper, label: styles.label }}
            onChange={() => {
              onChange(chosen.includes(value) ? chosen.filter((one) => one !== value) : [...chosen, value]);
            }}
          />
        </div>
      ))}
    </fieldset>
  );
}
