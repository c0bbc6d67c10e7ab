import type { ReactNode } from 'react';
import { entryWords as words } from '../../messages/entry';
import type { TreeRow } from '../../ui/Tree';
import { childrenOf, hasPlaces, ownName } from './archive';
import { shortValue } from './values';

const atOnce = 200;

/** Ends the id of the row that shows more of a long list. */
export const moreMark = '/…';

/** A path and all paths above it. */
export function withAncestors(path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '');
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

/** The rows of the tree in sight: the children of all open places, long lists in portions. */
export function rowsOf(root: unknown, open: ReadonlySet<string>, limits: Readonly<Record<string, number>>): TreeRow[] {
  const rows: TreeRow[] = [];
  const visit = (value: unknown, path: string, level: number): void => {
    const children = childrenOf(value);
    const limit = atOnce * (1 + (limits[path] ?? 0));
    for (const [name, child] of children.slice(0, limit)) {
      const id = path === '' ? name : `${path}/${name}`;
      const inner = hasPlaces(child);
      const expanded = inner ? open.has(id) : undefined;
      rows.push({ id, level, name, label: labelOf(name, child, inner, Array.isArray(value)), expanded });
      if (expanded === true) visit(child, id, level + 1);
    }
    if (children.length > limit) {
      const label = <span className="strong">{words.more(Math.min(atOnce, children.length - limit))}</span>;
      rows.push({ id: `${path}${moreMark}`, level, name: '', label, expanded: undefined });
    }
  };
  visit(root, '', 1);
  return rows;
}

function labelOf(name: string, value: unknown, inner: boolean, item: boolean): ReactNode {
  const shown = item ? (ownName(value) ?? `${Number(name) + 1}`) : name;
  const hint = Array.isArray(value) && inner ? words.items(value.length) : inner ? undefined : shortValue(value);
  return (
    <>
      <span className={inner ? 'strong' : undefined}>{shown}</span>
      {hint === undefined ? null : <span className="muted clip">{hint}</span>}
    </>
  );
}
