import { SegmentedControl } from '@mantine/core';
import type { JSX } from 'react';
import { searchWords as words } from '../../messages/search';
import { Facet } from '../../ui/Facet';
import { bucketsOf } from './buckets';
import { facetLabel } from './chips';
import { facetNames, type SearchParams } from './url';
import styles from './Search.module.css';

const owners = Object.entries(words.owners).map(([value, label]) => ({ value, label }));

interface FacetsProps {
  search: SearchParams;
  aggregations: unknown;
  signedIn: boolean;
  onChange: (part: Partial<SearchParams>) => void;
}

/** Whose entries, then one facet for each quantity that has values. */
export function Facets({ search, aggregations, signedIn, onChange }: FacetsProps): JSX.Element {
  return (
    <>
      {signedIn ? (
        <div className={styles.owner}>
          <SegmentedControl
            fullWidth
            size="xs"
            aria-label={words.whose}
            data={owners}
            value={search.owner ?? 'all'}
            onChange={(value) => {
              onChange({ owner: value === 'all' ? undefined : (value as SearchParams['owner']) });
            }}
          />
        </div>
      ) : null}
      {facetNames.map((name) => (
        <Facet
          key={name}
          title={words.facets[name]}
          chosen={search[name] ?? []}
          values={[...bucketsOf(aggregations, name)].map(([value, count]) => ({ value, label: facetLabel(name, value), count }))}
          onChange={(chosen) => {
            onChange({ [name]: chosen.length === 0 ? undefined : chosen });
          }}
        />
      ))}
    </>
  );
}
