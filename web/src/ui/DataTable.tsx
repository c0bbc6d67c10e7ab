import { Fragment, type JSX, type ReactNode } from 'react';
import styles from './DataTable.module.css';

export interface Column<Row> {
  id: string;
  header: ReactNode;
  cell: (row: Row) => ReactNode;
  /** `end` for numbers. */
  align?: 'start' | 'end';
  /** Its place in the card on a phone: title and corner above, whole lines or halves of lines below, or nowhere. */
  card?: 'title' | 'corner' | 'line' | 'start' | 'end' | 'hidden';
  width?: string;
}

interface DataTableProps<Row> {
  /** Names the table for screen readers. */
  label: string;
  columns: Column<Row>[];
  rows: Row[];
  rowKey: (row: Row) => string;
  /** Old rows stay, dimmed, while new ones load. */
  stale?: boolean;
  /** What stands in a line of its own below a row, such as the details of an opened one; `undefined` for nothing. */
  below?: (row: Row) => ReactNode;
}

/** A table that becomes a list of cards on a phone. Its rows are plain: links and buttons inside the cells do the work. */
export function DataTable<Row>({ label, columns, rows, rowKey, stale = false, below }: DataTableProps<Row>): JSX.Element {
  return (
    <table className={styles.table} aria-label={label} aria-busy={stale} data-stale={stale || undefined}>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column.id} scope="col" data-align={column.align} style={{ width: column.width }}>
              {column.header}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <Fragment key={rowKey(row)}>
            <tr>
              {columns.map((column) => (
                <td key={column.id} data-align={column.align} data-card={column.card ?? 'line'}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
            {below?.(row) === undefined ? null : (
              <tr className={styles.below}>
                <td colSpan={columns.length} data-card="line">
                  {below(row)}
                </td>
              </tr>
            )}
          </Fragment>
        ))}
      </tbody>
    </table>
  );
}
