import { NativeSelect, TextInput } from '@mantine/core';
import { useState, type JSX } from 'react';
import { searchWords as words } from '../../messages/search';
import { elements as periodic } from '../../ui/elements';
import { PeriodicTable } from '../../ui/PeriodicTable';
import { elementsOf } from './body';
import { withElements } from './chips';
import type { SearchParams } from './url';
import styles from './Search.module.css';

interface ElementsPanelProps {
  search: SearchParams;
  counts: Map<string, number>;
  onChange: (part: Partial<SearchParams>) => void;
}

/** Chooses elements in the periodic table, or by typing "Ti, O" for those who would rather not use a grid. */
export function ElementsPanel({ search, counts, onChange }: ElementsPanelProps): JSX.Element {
  const chosen = elementsOf(search);
  const [text, setText] = useState('');
  const [unknown, setUnknown] = useState('');
  const add = (): void => {
    const typed = text.split(/[\s,;]+/).filter((word) => word !== '');
    const known = typed.map((word) => periodic.find(({ symbol, name }) => [symbol, name].some((one) => one.toLowerCase() === word.toLowerCase()))?.symbol);
    const strange = typed.filter((_, index) => known[index] === undefined);
    setUnknown(strange.length === 0 ? '' : words.unknown(strange.join(', ')));
    setText(strange.join(', '));
    onChange(withElements([...new Set([...chosen, ...known.filter((one) => one !== undefined)])]));
  };
  return (
    <section className="card card-body" aria-label={words.material}>
      <div className={styles.panelHead}>
        <p className="table-text">
          <strong>{words.material}</strong> <span className="muted">{words.numbers}</span>
        </p>
        <div className={styles.panelTools}>
          <TextInput
            size="xs"
            aria-label={words.typeElements}
            placeholder={words.typeElementsHint}
            value={text}
            error={unknown === '' ? undefined : unknown}
            onChange={(event) => {
              setText(event.currentTarget.value);
            }}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && text.trim() !== '') add();
            }}
          />
          <NativeSelect
            size="xs"
            aria-label={words.mode}
            value={search.elements ?? 'all'}
            data={Object.entries(words.modes).map(([value, label]) => ({ value, label }))}
            onChange={(event) => {
              const { value } = event.currentTarget;
              onChange({ elements: value === 'any' || value === 'only' ? value : undefined });
            }}
          />
        </div>
      </div>
      <PeriodicTable
        label={words.pickTable}
        chosen={chosen}
        counts={counts}
        onToggle={(symbol) => {
          onChange(withElements(chosen.includes(symbol) ? chosen.filter((one) => one !== symbol) : [...chosen, symbol]));
        }}
      />
    </section>
  );
}
