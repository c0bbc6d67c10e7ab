import type { Entry } from '../api/types';

// The search document of an entry is an open tree; these are the few places the pages read.

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value at a dotted path, or `undefined`. */
export function at(entry: unknown, path: string): unknown {
  let value: unknown = entry;
  for (const part of path.split('.')) value = isRecord(value) ? value[part] : undefined;
  return value;
}

/** A text at a dotted path; empty texts count as absent. */
export function textAt(entry: unknown, path: string): string | undefined {
  const value = at(entry, path);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A list of texts at a dotted path. */
export function textsAt(entry: unknown, path: string): string[] {
  const value = at(entry, path);
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
}

export const entryId = (entry: Entry): string => textAt(entry, 'entry_id') ?? '';

/** The entry's name, else the name of its main file. */
export const entryName = (entry: Entry): string => textAt(entry, 'entry_name') ?? textAt(entry, 'mainfile')?.split('/').at(-1) ?? entryId(entry);

export const formulaOf = (entry: Entry): string | undefined =>
  textAt(entry, 'results.material.chemical_formula_descriptive') ?? textAt(entry, 'results.material.chemical_formula_hill');
