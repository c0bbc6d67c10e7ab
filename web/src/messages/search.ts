import { count, formatNumber } from './format';

export const searchWords = {
  title: 'Search',
  found: (total: number, all: number | undefined): string => {
    if (all === undefined || total === all) return `${count(total, 'entry', 'entries')} you may see`;
    return `${formatNumber(total)} of ${count(all, 'entry', 'entries')} you may see`;
  },
  took: (milliseconds: number): string => `${formatNumber(Math.max(1, Math.round(milliseconds)))} ms`,
  field: 'Words, formula or id: anatase, TiO2',
  elements: 'Elements',
  filters: 'Filters',
  showEntries: (total: number): string => `Show ${count(total, 'entry', 'entries')}`,
  clear: 'Clear all',
  contains: (symbol: string): string => `contains ${symbol}`,
  remove: (what: string): string => `Remove the filter ${what}`,
  text: (q: string): string => `“${q}”`,
  whose: 'Whose entries',
  owners: { all: 'All', mine: 'Mine', shared: 'Shared', public: 'Public' },
  facets: { type: 'Type', method: 'Method', instrument: 'Instrument', tag: 'Tag', author: 'Author' },
  columns: { name: 'Entry', material: 'Material', author: 'Author', created: 'Added', who: 'Who may see it' },
  sorts: { newest: 'Newest first', oldest: 'Oldest first', name: 'By name' },
  sort: 'Order',
  more: 'Show 50 more',
  empty: 'No entries yet that you may see. Upload files named like sample.archive.yaml, or sign in to see more.',
  none: 'No entry fits all of these filters.',
  material: 'Material contains',
  numbers: 'numbers: entries left if you add the element',
  modes: { all: 'all of the chosen', any: 'any of the chosen', only: 'only the chosen' },
  mode: 'How the chosen elements count',
  typeElements: 'Type elements',
  typeElementsHint: 'Ti, O',
  add: 'Add',
  unknown: (words: string): string => `Not an element: ${words}`,
  public: 'Public',
  embargo: 'Embargo',
  shared: 'Shared',
  own: 'Not published',
  pickTable: 'Periodic table',
};

/** The type of an entry as people say it: "ELNSample" becomes "Sample". */
export function typeWords(type: string): string {
  const plain = type.replace(/^ELN(?=[A-Z])/, '');
  return plain
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replace(/^./, (letter) => letter.toUpperCase())
    .replace(/ [A-Z](?=[a-z])/g, (part) => part.toLowerCase());
}
