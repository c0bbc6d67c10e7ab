import { useState, type JSX } from 'react';
import type { AuditRow } from '../../api/types';
import { auditWords as words, whatHappened, whoOf } from '../../messages/audit';
import { DataTable, type Column } from '../../ui/DataTable';
import { IconAlertTriangle, IconCheck, IconChevronRight, IconX } from '../../ui/icons';
import { StateBadge } from '../../ui/StateBadge';
import { TimeAgo } from '../../ui/TimeAgo';
import styles from './AdminAudit.module.css';
import { RowDetails } from './RowDetails';

/** The rows of the log; each opens to all that is known about it. */
export function AuditTable({ rows, stale }: { rows: AuditRow[]; stale: boolean }): JSX.Element {
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const toggle = (id: number): void => {
    setOpen((before) => (before.has(id) ? new Set([...before].filter((one) => one !== id)) : new Set([...before, id])));
  };
  const columns: Column<AuditRow>[] = [
    { id: 'time', header: words.columns.time, width: '120px', card: 'start', cell: (row) => <TimeAgo iso={row.time} /> },
    { id: 'who', header: words.columns.who, width: '18%', card: 'title', cell: (row) => <span className="strong">{whoOf(row)}</span> },
    {
      id: 'what',
      header: words.columns.operation,
      cell: (row) => (
        <>
          {whatHappened(row.operation)}
          {row.count > 1 ? <div className="small muted">{words.times(row.count)}</div> : null}
        </>
      ),
    },
    { id: 'object', header: words.columns.object, cell: (row) => <Told row={row} /> },
    { id: 'outcome', header: words.columns.outcome, width: '120px', card: 'corner', cell: (row) => <Outcome outcome={row.outcome} /> },
    {
      id: 'acts',
      header: <span className="hidden-text">{words.columns.acts}</span>,
      align: 'end',
      card: 'end',
      width: '110px',
      cell: (row) => (
        <button
          type="button"
          className="link-button"
          aria-expanded={open.has(row.id)}
          aria-label={words.detailsLabel(row)}
          onClick={() => {
            toggle(row.id);
          }}
        >
          <span className="row" style={{ gap: 4, flexWrap: 'nowrap' }}>
            <IconChevronRight size={16} aria-hidden className={open.has(row.id) ? styles.turned : undefined} />
            {words.details}
          </span>
        </button>
      ),
    },
  ];
  return (
    <DataTable label={words.title} columns={columns} rows={rows} rowKey={(row) => String(row.id)} stale={stale} below={(row) => (open.has(row.id) ? <RowDetails row={row} /> : undefined)} />
  );
}

/** What was said about it: the sentence of a refusal or of a change, else the object. */
function Told({ row }: { row: AuditRow }): JSX.Element | null {
  if (row.detail !== null) return <span style={{ overflowWrap: 'anywhere' }}>{row.detail}</span>;
  return row.object === null ? null : <code style={{ overflowWrap: 'anywhere' }}>{row.object}</code>;
}

const marks = { allowed: { tone: 'ok', icon: IconCheck }, denied: { tone: 'bad', icon: IconX }, failed: { tone: 'warn', icon: IconAlertTriangle } } as const;

function Outcome({ outcome }: { outcome: AuditRow['outcome'] }): JSX.Element {
  return (
    <StateBadge tone={marks[outcome].tone} icon={marks[outcome].icon}>
      {words.outcomes[outcome]}
    </StateBadge>
  );
}
