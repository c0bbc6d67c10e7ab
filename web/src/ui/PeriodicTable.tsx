import { useRef, useState, type JSX, type KeyboardEvent } from 'react';
import { formatCompact, formatNumber } from '../messages/format';
import { elements } from './elements';
import styles from './PeriodicTable.module.css';

interface PeriodicTableProps {
  label: string;
  chosen: string[];
  /** How many would be left with the element added; no number = none. */
  counts: Map<string, number>;
  onToggle: (symbol: string) => void;
}

const keys: Partial<Record<string, [columns: number, rows: number]>> = {
  ArrowRight: [1, 0],
  ArrowLeft: [-1, 0],
  ArrowDown: [0, 1],
  ArrowUp: [0, -1],
};

/** The periodic table as one tab stop: arrows move over gaps, space chooses. Elements with nothing left stay reachable, but dim. */
export function PeriodicTable({ label, chosen, counts, onToggle }: PeriodicTableProps): JSX.Element {
  const grid = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState(chosen[0] ?? 'H');
  const most = Math.max(1, ...counts.values());
  const onKey = (event: KeyboardEvent<HTMLDivElement>): void => {
    const step = keys[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = neighbour(at, step);
    setAt(next);
    grid.current?.querySelector<HTMLElement>(`[data-symbol="${next}"]`)?.focus();
  };
  return (
    // The group only moves the focus between its buttons.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <div ref={grid} className={styles.grid} role="group" aria-label={label} onKeyDown={onKey}>
      {elements.map(({ symbol, name, column, row }) => {
        const left = counts.get(symbol) ?? 0;
        const pressed = chosen.includes(symbol);
        return (
          <button
            key={symbol}
            type="button"
            data-symbol={symbol}
            data-level={left === 0 ? 0 : left > most / 4 ? 2 : 1}
            aria-pressed={pressed}
            title={`${name}: ${formatNumber(left)}`}
            tabIndex={symbol === at ? 0 : -1}
            style={{ gridColumn: column, gridRow: row }}
            onFocus={() => {
              setAt(symbol);
            }}
            onClick={() => {
              onToggle(symbol);
            }}
          >
            <b>{symbol}</b> <small>{left === 0 ? '' : formatCompact(left)}</small>{' '}
            <span className="hidden-text">{name}</span>
          </button>
        );
      })}
    </div>
  );
}

/** The nearest element in a direction; at the edge one stays. */
function neighbour(symbol: string, [columns, rows]: [number, number]): string {
  const here = elements.find((element) => element.symbol === symbol);
  if (here === undefined) return symbol;
  const ahead = elements.filter(({ column, row }) =>
    columns === 0 ? column === here.column && Math.sign(row - here.row) === rows : row === here.row && Math.sign(column - here.column) === columns,
  );
  const distance = ({ column, row }: { column: number; row: number }): number => Math.abs(column - here.column) + Math.abs(row - here.row);
  return ahead.reduce<(typeof elements)[number] | undefined>((best, one) => (best === undefined || distance(one) < distance(best) ? one : best), undefined)?.symbol ?? symbol;
}
