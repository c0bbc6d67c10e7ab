import { searchWords as words, typeWords } from '../../messages/search';
import type { Chip } from '../../ui/Chips';
import { elementsOf } from './body';
import { facetNames, type FacetName, type SearchParams } from './url';

/** A value of a facet as people read it. */
export const facetLabel = (name: FacetName, value: string): string => (name === 'type' ? typeWords(value) : value);

/** One chip for each filter in force, in the order of the page. */
export function chipsOf(search: SearchParams, change: (part: Partial<SearchParams>) => void): Chip[] {
  const chip = (key: string, label: string, part: Partial<SearchParams>): Chip => ({
    key,
    label,
    removeLabel: words.remove(label),
    onRemove: () => {
      change(part);
    },
  });
  const chips: Chip[] = [];
  if (search.q !== undefined) chips.push(chip('q', words.text(search.q), { q: undefined }));
  if (search.owner !== undefined) chips.push(chip('owner', words.owners[search.owner], { owner: undefined }));
  for (const name of facetNames) {
    const values = search[name] ?? [];
    for (const value of values) {
      const rest = values.filter((one) => one !== value);
      chips.push(chip(`${name}:${value}`, facetLabel(name, value), { [name]: rest.length === 0 ? undefined : rest }));
    }
  }
  const elements = elementsOf(search);
  for (const symbol of elements) chips.push(chip(`el:${symbol}`, words.contains(symbol), withElements(elements.filter((one) => one !== symbol))));
  return chips;
}

/** The part of a search that holds these elements. */
export const withElements = (elements: string[]): Partial<SearchParams> => ({ el: elements.length === 0 ? undefined : elements.join(',') });
