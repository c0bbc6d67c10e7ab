import { Button, NativeSelect } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { JSX } from 'react';
import type { Entry } from '../../api/types';
import { searchWords as words, typeWords } from '../../messages/search';
import { EntryAudienceBadge } from '../../parts/EntryAudienceBadge';
import { entryId, entryName, formulaOf, textAt, textsAt } from '../../parts/entryFacts';
import { DataTable, type Column } from '../../ui/DataTable';
import { Empty } from '../../ui/Empty';
import { Formula } from '../../ui/Formula';
import { IconSearch } from '../../ui/icons';
import { TimeAgo } from '../../ui/TimeAgo';
import type { SearchParams } from './url';
import styles from './Search.module.css';

interface ResultsProps {
  entries: Entry[];
  stale: boolean;
  sort: SearchParams['sort'];
  filtered: boolean;
  onSort: (sort: SearchParams['sort']) => void;
  onClear: () => void;
}

/** The entries found; the old ones stay, dimmed, while new ones load. */
export function Results({ entries, stale, sort, filtered, onSort, onClear }: ResultsProps): JSX.Element {
  if (entries.length === 0) {
    return (
      <Empty
        icon={IconSearch}
        action={
          filtered ? (
            <Button variant="default" onClick={onClear}>
              {words.clear}
            </Button>
          ) : undefined
        }
      >
        {filtered ? words.none : words.empty}
      </Empty>
    );
  }
  return (
    <>
      <div className={styles.resultsHead}>
        <NativeSelect
          size="xs"
          aria-label={words.sort}
          value={sort ?? 'newest'}
          data={Object.entries(words.sorts).map(([value, label]) => ({ value, label }))}
          onChange={(event) => {
            const { value } = event.currentTarget;
            onSort(value === 'name' || value === 'oldest' ? value : undefined);
          }}
        />
      </div>
      <DataTable label="Entries" columns={columns} rows={entries} rowKey={entryId} stale={stale} />
    </>
  );
}

const columns: Column<Entry>[] = [
  {
    id: 'name',
    header: words.columns.name,
    card: 'title',
    cell: (entry) => {
      const kinds = [textAt(entry, 'entry_type'), ...textsAt(entry, 'results.eln.methods')].filter((kind) => kind !== undefined).map(typeWords);
      return (
        <>
          <Link to="/entries/$id" params={{ id: entryId(entry) }} className="plain-link strong">
            {entryName(entry)}
          </Link>
          <div className="small muted">{[...new Set(kinds)].join(' · ')}</div>
        </>
      );
    },
  },
  {
    id: 'material',
    header: words.columns.material,
    card: 'start',
    cell: (entry) => {
      const formula = formulaOf(entry);
      return formula === undefined ? null : <Formula formula={formula} />;
    },
  },
  { id: 'author', header: words.columns.author, card: 'hidden', cell: (entry) => textAt(entry, 'main_author.name') ?? null },
  {
    id: 'created',
    header: words.columns.created,
    card: 'corner',
    width: '110px',
    cell: (entry) => {
      const time = textAt(entry, 'entry_create_time');
      return time === undefined ? null : <TimeAgo iso={time} />;
    },
  },
  { id: 'who', header: words.columns.who, card: 'end', width: '150px', cell: (entry) => <EntryAudienceBadge entry={entry} /> },
];
