import type { JSX } from 'react';

/** A chemical formula with its numbers lowered. */
export function Formula({ formula }: { formula: string }): JSX.Element {
  const parts = formula.split(/(\d+(?:\.\d+)?)/);
  return <span>{parts.map((part, index) => (index % 2 === 1 ? <sub key={`${index}${part}`}>{part}</sub> : part))}</span>;
}
