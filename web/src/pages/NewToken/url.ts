import { listParam, textParam } from '../../urlState';

/** A link can prefill the form (it never submits it), e.g. from a page that says which right is missing. */
export interface TokenSearch {
  name?: string;
  scope?: string[];
}

export function readTokenSearch(values: Record<string, unknown>): TokenSearch {
  return { name: textParam(values, 'name'), scope: listParam(values, 'scope') };
}
