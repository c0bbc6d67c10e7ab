import { at, textAt } from '../../parts/entryFacts';

/** The counts of a terms aggregation by value; an aggregation that is not there is empty. */
export function bucketsOf(aggregations: unknown, name: string): Map<string, number> {
  const data = at(aggregations, `${name}.terms.data`);
  const counts = new Map<string, number>();
  if (!Array.isArray(data)) return counts;
  for (const bucket of data) {
    const value = textAt(bucket, 'value');
    const count = at(bucket, 'count');
    if (value !== undefined && typeof count === 'number') counts.set(value, count);
  }
  return counts;
}
