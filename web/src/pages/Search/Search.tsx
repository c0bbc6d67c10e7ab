import { Button } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { lazy, Suspense, useState, type JSX } from 'react';
import { searchQuery, totalQuery } from '../../api/queries/entries';
import { searchWords as words } from '../../messages/search';
import { useSession, useUser } from '../../session';
import { Chips } from '../../ui/Chips';
import { FilterField } from '../../ui/FilterField';
import { IconAdjustments, IconAtom2 } from '../../ui/icons';
import { InlineProblem } from '../../ui/InlineProblem';
import { PageHead } from '../../ui/PageHead';
import { RowSkeleton } from '../../ui/Skeletons';
import { entriesBody, elementsOf, ownerOf } from './body';
import { chipsOf } from './chips';
import { bucketsOf } from './buckets';
import { ElementsPanel } from './ElementsPanel';
import { Facets } from './Facets';
import { Results } from './Results';
import type { SearchParams } from './url';
import styles from './Search.module.css';

const route = getRouteApi('/inside/search');
const FilterSheet = lazy(async () => ({ default: (await import('./FilterSheet')).FilterSheet }));

/** Finds entries. The URL holds the whole search: choosing a filter adds a step to the history, typing replaces it. */
export function Search(): JSX.Element {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { lab_name: lab } = useSession();
  const signedIn = useUser() !== null;
  const [sheet, setSheet] = useState(false);
  const [table, setTable] = useState(() => elementsOf(search).length > 0);
  const results = useInfiniteQuery(searchQuery(entriesBody(search, signedIn)));
  const all = useQuery(totalQuery(ownerOf({}, signedIn)));
  const first = results.data?.pages[0];
  const total = first?.pagination.total ?? 0;
  const change = (part: Partial<SearchParams>, replace = false): void => void navigate({ search: (before) => ({ ...before, ...part }), replace });
  const chips = chipsOf(search, change);
  const facets = <Facets search={search} aggregations={first?.aggregations} signedIn={signedIn} onChange={change} />;
  return (
    <>
      <PageHead
        title={words.title}
        tab={[words.title, lab]}
        sub={
          <span aria-live="polite" className="number">
            {first === undefined ? ' ' : `${words.found(total, all.data)} · ${words.took(first.took)}`}
          </span>
        }
      />
      <div className={styles.columns}>
        <aside className={`card ${styles.facets ?? ''}`} aria-label={words.filters}>
          {facets}
        </aside>
        <div className={styles.main}>
          <div className={styles.bar}>
            <FilterField
              label={words.field}
              size="md"
              pageFilter
              value={search.q ?? ''}
              className={styles.field}
              onChange={(q) => {
                change({ q: q === '' ? undefined : q }, true);
              }}
            />
            <Button
              variant="default"
              className={styles.sheetButton}
              leftSection={<IconAdjustments size={18} aria-hidden />}
              onClick={() => {
                setSheet(true);
              }}
            >
              {words.filters}
            </Button>
            <Button
              variant={table ? 'light' : 'default'}
              aria-expanded={table}
              className={styles.elementsButton}
              leftSection={<IconAtom2 size={18} aria-hidden />}
              onClick={() => {
                setTable(!table);
              }}
            >
              {words.elements}
            </Button>
          </div>
          <Chips
            label="Filters in force"
            chips={chips}
            clear={words.clear}
            onClear={() => void navigate({ search: {} })}
          />
          {table ? <ElementsPanel search={search} counts={bucketsOf(first?.aggregations, 'elements')} onChange={change} /> : null}
          <section className="card" aria-label="Results">
            {results.isPending ? <RowSkeleton /> : null}
            {results.isError ? (
              <div className="card-body">
                <InlineProblem error={results.error} onAgain={() => void results.refetch()} />
              </div>
            ) : null}
            {results.data === undefined ? null : (
              <Results
                entries={results.data.pages.flatMap((page) => page.data)}
                stale={results.isPlaceholderData}
                sort={search.sort}
                filtered={chips.length > 0}
                onSort={(sort) => {
                  change({ sort });
                }}
                onClear={() => void navigate({ search: {} })}
              />
            )}
            {results.hasNextPage ? (
              <div className={styles.more}>
                <Button variant="default" loading={results.isFetchingNextPage} onClick={() => void results.fetchNextPage()}>
                  {words.more}
                </Button>
              </div>
            ) : null}
          </section>
        </div>
      </div>
      <Suspense>
        {sheet ? (
          <FilterSheet
            total={total}
            onClose={() => {
              setSheet(false);
            }}
          >
            {facets}
          </FilterSheet>
        ) : null}
      </Suspense>
    </>
  );
}
