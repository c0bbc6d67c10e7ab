import { useRef, type JSX, type KeyboardEvent, type ReactNode } from 'react';
import { IconChevronDown, IconChevronRight } from './icons';
import styles from './Tree.module.css';

export interface TreeRow {
  /** Unique, and the prefix of its children: `data/steps/0`. */
  id: string;
  level: number;
  /** What typing finds. */
  name: string;
  label: ReactNode;
  /** `undefined` = a leaf. */
  expanded: boolean | undefined;
}

interface TreeProps {
  label: string;
  rows: TreeRow[];
  chosen: string;
  onChoose: (id: string) => void;
  onToggle: (id: string, expand: boolean) => void;
}

/** A tree as one tab stop (WAI-ARIA tree view): arrows move, open and close; Enter chooses; letters find. The caller gives the rows in sight. */
export function Tree({ label, rows, chosen, onChoose, onToggle }: TreeProps): JSX.Element {
  const list = useRef<HTMLDivElement>(null);
  const focusable = rows.some((row) => row.id === chosen) ? chosen : rows[0]?.id;
  const go = (row: TreeRow | undefined): void => {
    if (row === undefined) return;
    onChoose(row.id);
    list.current?.querySelector<HTMLElement>(`[data-id="${CSS.escape(row.id)}"]`)?.focus();
  };
  const onKey = (event: KeyboardEvent<HTMLDivElement>): void => {
    const id = (event.target as HTMLElement).dataset.id;
    const index = rows.findIndex((row) => row.id === id);
    const row = rows[index];
    if (row === undefined) return;
    if (act(event.key, index, row)) event.preventDefault();
  };
  const act = (key: string, index: number, row: TreeRow): boolean => {
    switch (key) {
      case 'ArrowDown':
        go(rows[index + 1]);
        return true;
      case 'ArrowUp':
        go(rows[index - 1]);
        return true;
      case 'Home':
        go(rows[0]);
        return true;
      case 'End':
        go(rows.at(-1));
        return true;
      case 'ArrowRight':
        if (row.expanded === false) onToggle(row.id, true);
        else if (row.expanded === true) go(rows[index + 1]);
        return true;
      case 'ArrowLeft':
        if (row.expanded === true) onToggle(row.id, false);
        else go(rows.slice(0, index).findLast((one) => one.level < row.level));
        return true;
      case 'Enter':
      case ' ':
        if (row.expanded !== undefined) onToggle(row.id, !row.expanded);
        onChoose(row.id);
        return true;
      default:
        if (key.length !== 1) return false;
        go([...rows.slice(index + 1), ...rows.slice(0, index)].find((one) => one.name.toLowerCase().startsWith(key.toLowerCase())));
        return true;
    }
  };
  return (
    <div ref={list} className={styles.tree} role="tree" aria-label={label} tabIndex={-1} onKeyDown={onKey}>
      {rows.map((row) => {
        const Chevron = row.expanded === true ? IconChevronDown : IconChevronRight;
        return (
          // Keys are handled once, on the tree.
          // eslint-disable-next-line jsx-a11y/click-events-have-key-events
          <div
            key={row.id}
            role="treeitem"
            data-id={row.id}
            aria-level={row.level}
            aria-expanded={row.expanded}
            aria-selected={row.id === chosen}
            tabIndex={row.id === focusable ? 0 : -1}
            className={styles.row}
            style={{ paddingLeft: 8 + (row.level - 1) * 18 }}
            onClick={() => {
              if (row.expanded !== undefined && (row.id === chosen || !row.expanded)) onToggle(row.id, !row.expanded);
              onChoose(row.id);
            }}
          >
            {row.expanded === undefined ? <span className={styles.space} /> : <Chevron size={16} aria-hidden />}
            {row.label}
          </div>
        );
      })}
    </div>
  );
}
