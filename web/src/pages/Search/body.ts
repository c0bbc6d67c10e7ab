import type { components } from '../../api/schema.gen';
import type { Owner } from '../../api/types';
import { facetNames, type FacetName, type SearchParams } from './url';

type Body = components['schemas']['EntriesQuery'];
type Query = Record<string, unknown>;

/** The search quantity behind each facet. */
export const facetQuantity: Record<FacetName, string> = {
  type: 'entry_type',
  method: 'results.eln.methods',
  instrument: 'results.eln.instruments',
  tag: 'results.eln.tags',
  author: 'main_author.name',
};

const elementsQuantity = 'results.material.elements';
const everyElement = 118;
const facetSize = 20;

const sorts = {
  newest: { order_by: 'entry_create_time', order: 'desc' },
  oldest: { order_by: 'entry_create_time', order: 'asc' },
  name: { order_by: 'entry_name', order: 'asc' },
} as const;

const owners = { mine: 'user', shared: 'shared', public: 'public' } as const;

/** The owner of a search: what one may see unless something narrower is chosen. */
export const ownerOf = (search: SearchParams, signedIn: boolean): Owner => (search.owner === undefined || !signedIn ? 'visible' : owners[search.owner]);

/** The chosen elements. */
export const elementsOf = (search: SearchParams): string[] => (search.el ?? '').split(',').filter((symbol) => /^[A-Z][a-z]?$/.test(symbol));

/** The body of POST /entries/query for a search: filters, order and the counts for all facets. */
export function entriesBody(search: SearchParams, signedIn: boolean): Body {
  const parts = [textQuery(search.q), elementsQuery(search), ...facetNames.map((name) => facetQuery(name, search[name]))].filter((part) => part !== undefined);
  return {
    owner: ownerOf(search, signedIn),
    query: parts.length === 0 ? {} : Object.assign({}, ...parts) as Query,
    pagination: sorts[search.sort ?? 'newest'],
    required: { include: ['entry_id', 'entry_name', 'entry_type', 'entry_create_time', 'upload_id', 'mainfile', 'main_author', 'published', 'with_embargo', 'results.material.chemical_formula_descriptive', 'results.material.chemical_formula_hill', 'results.material.elements', 'viewers', 'viewer_groups', 'results.eln.methods'] },
    aggregations: {
      ...Object.fromEntries(facetNames.map((name) => [name, { terms: { quantity: facetQuantity[name], size: facetSize, exclude_from_search: true } }])),
      elements: { terms: { quantity: elementsQuantity, size: everyElement, exclude_from_search: search.elements === 'any' } },
    },
  };
}

const formula = /^(?:[A-Z][a-z]?\d*(?:\.\d+)?)+$/;

/** Words are looked for in all texts of an entry; something that looks like an id or a formula also as such. */
function textQuery(q: string | undefined): Query | undefined {
  if (q === undefined) return undefined;
  const words = q.split(/\s+/).filter((word) => word !== '');
  const ways: Query[] = [{ text_search_contents: words }];
  if (words.length === 1) {
    ways.push({ entry_id: q }, { upload_id: q }, { 'entry_name.prefix': q });
    if (formula.test(q)) ways.push({ 'results.material.chemical_formula_hill': q });
  }
  return { or: ways };
}

function elementsQuery(search: SearchParams): Query | undefined {
  const elements = elementsOf(search);
  if (elements.length === 0) return undefined;
  if (search.elements === 'only') return { 'results.material.elements_exclusive': [...elements].sort().join(' ') };
  return { [`${elementsQuantity}:${search.elements ?? 'all'}`]: elements };
}

const facetQuery = (name: FacetName, values: string[] | undefined): Query | undefined =>
  values === undefined ? undefined : { [`${facetQuantity[name]}:any`]: values };
