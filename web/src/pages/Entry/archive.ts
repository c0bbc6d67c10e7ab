// An archive is a tree of sections (objects), repeated sections (lists of objects) and quantities (everything else).

export type Place = Record<string, unknown> | unknown[];

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether a value is a section or a list of sections, and so has places below it. */
export const hasPlaces = (value: unknown): value is Place => isObject(value) || (Array.isArray(value) && value.some(isObject));

/** What a tree shows below a value: `m_def` and its like are facts about the section, not contents. */
export function childrenOf(value: unknown): [name: string, value: unknown][] {
  if (Array.isArray(value)) return value.map((item, index): [string, unknown] => [String(index), item]);
  if (!isObject(value)) return [];
  return Object.entries(value).filter(([name, child]) => !name.startsWith('m_') && child !== null && child !== undefined);
}

/** The value at a path like `data/steps/0`; `undefined` when there is none. */
export function valueAt(root: unknown, path: string): unknown {
  let value: unknown = root;
  for (const part of path.split('/').filter((one) => one !== '')) {
    if (Array.isArray(value)) value = (value as unknown[])[Number(part)];
    else value = isObject(value) && Object.hasOwn(value, part) ? value[part] : undefined;
  }
  return value;
}

/** The section's definition, if it names one. */
export function definitionOf(value: unknown): string | undefined {
  return isObject(value) && typeof value.m_def === 'string' ? value.m_def : undefined;
}

/** The name an item of a repeated section gives itself. */
export function ownName(value: unknown): string | undefined {
  if (!isObject(value)) return undefined;
  const name = value.name ?? value.lab_id;
  return typeof name === 'string' && name !== '' ? name : undefined;
}

export interface Reference {
  /** `undefined` = the same entry. */
  entryId: string | undefined;
  path: string;
}

const sameEntry = /^#?\/((?!entries\/)[\w/.-]+)$/;
const otherEntry = /(?:^\.\.\/upload\/archive\/|^\.\.\/uploads\/[\w-]{22}\/archive\/|^\/entries\/)([\w-]{28})(?:\/archive)?#\/?([\w/.-]*)$/;

/** Reads a reference to a place in this or another entry; other texts, and references by file name, give `undefined`. */
export function referenceOf(value: unknown): Reference | undefined {
  if (typeof value !== 'string') return undefined;
  const other = otherEntry.exec(value);
  if (other !== null) return { entryId: other[1], path: other[2] ?? '' };
  const same = value.startsWith('#/') ? sameEntry.exec(value) : null;
  return same === null ? undefined : { entryId: undefined, path: same[1] ?? '' };
}

/** The text of a value that may hold HTML; tags are dropped, never run. */
export function plainText(value: string): string {
  if (!/<[a-z][^>]*>/i.test(value)) return value;
  return new DOMParser().parseFromString(value, 'text/html').body.textContent;
}
