import { choiceParam, listParam, textParam } from '../../urlState';

export const facetNames = ['type', 'method', 'instrument', 'tag', 'author'] as const;
export type FacetName = (typeof facetNames)[number];

export interface SearchParams extends Partial<Record<FacetName, string[]>> {
  q?: string;
  /** Chosen elements, joined by commas: Ti,O. */
  el?: string;
  /** How the elements count: all of them (default), any, or only these. */
  elements?: 'any' | 'only';
  owner?: 'mine' | 'shared' | 'public';
  sort?: 'name' | 'oldest';
}

/** Reads the search from the URL; what is not understood is left out. */
export function readSearch(values: Record<string, unknown>): SearchParams {
  return {
    q: textParam(values, 'q'),
    el: textParam(values, 'el'),
    elements: choiceParam(values, 'elements', ['any', 'only'] as const),
    owner: choiceParam(values, 'owner', ['mine', 'shared', 'public'] as const),
    sort: choiceParam(values, 'sort', ['name', 'oldest'] as const),
    type: listParam(values, 'type'),
    method: listParam(values, 'method'),
    instrument: listParam(values, 'instrument'),
    tag: listParam(values, 'tag'),
    author: listParam(values, 'author'),
  };
}
