import { NativeSelect, TextInput } from '@mantine/core';
import { useState, type JSX } from 'react';
import type { TokenEnd } from '../../api/queries/tokens';
import { endInWords, newTokenWords as words } from '../../messages/tokens';

const day = 86_400_000;
const lifetimes = [7, 30, 90, 180, 365];
const usual = 30;

interface EndsProps {
  end: TokenEnd;
  /** The longest life in days that the rules of the lab allow; `null` = any. */
  longest: number | null;
  now: Date;
  onChange: (end: TokenEnd) => void;
}

const two = (part: number): string => String(part).padStart(2, '0');
const dateOf = (time: Date): string => `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;

/** When the token ends: after some days, on a day, or never; what the lab does not allow says so. */
export function Ends({ end, longest, now, onChange }: EndsProps): JSX.Element {
  const [date, setDate] = useState(() => dateOf(new Date(now.getTime() + usual * day)));
  const byDate = end !== 'never' && 'at' in end;
  const chooseDate = (next: string): void => {
    setDate(next);
    // Until the end of that day, where the person is.
    const at = new Date(`${next}T23:59:59`);
    if (!Number.isNaN(at.getTime())) onChange({ at: at.toISOString() });
  };
  const tooLong = (days: number): boolean => longest !== null && days > longest;
  return (
    <div className="row" style={{ alignItems: 'flex-start' }}>
      <NativeSelect
        label={words.ends}
        description={[byDate ? '' : end === 'never' ? '' : words.itEnds(endInWords(end, now)), words.longest(longest)].filter((part) => part !== '').join(' ')}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        miw={240}
        value={byDate ? 'date' : end === 'never' ? 'never' : String(end.days)}
        onChange={(event) => {
          const { value } = event.currentTarget;
          if (value === 'date') chooseDate(date);
          else onChange(value === 'never' ? 'never' : { days: Number(value) });
        }}
        data={[
          ...lifetimes.map((one) => ({ value: String(one), label: `in ${words.days(one)}${tooLong(one) ? ` (${words.tooLong})` : ''}`, disabled: tooLong(one) })),
          { value: 'date', label: words.onADay },
          { value: 'never', label: longest === null ? words.neverEnds : `${words.neverEnds} (${words.notAllowed})`, disabled: longest !== null },
        ]}
      />
      {byDate ? (
        <TextInput
          type="date"
          label={words.endsAt}
          required
          withAsterisk={false}
          value={date}
          min={dateOf(now)}
          max={longest === null ? undefined : dateOf(new Date(now.getTime() + longest * day))}
          onChange={(event) => {
            chooseDate(event.currentTarget.value);
          }}
        />
      ) : null}
    </div>
  );
}
