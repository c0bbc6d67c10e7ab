import type { TokenLimits } from '../../parts/tokenLimits';
import { listParam, textParam } from '../../urlState';

/** A link can prefill the form (it never submits it), e.g. from a page that says which right is missing. */
export interface TokenSearch {
  name?: string;
  scope?: string[];
  append_only?: boolean;
  upload?: string[];
  network?: string[];
  /** The rights and limits are those that another token was seen to need. */
  narrowed?: boolean;
}

export function readTokenSearch(values: Record<string, unknown>): TokenSearch {
  return {
    name: textParam(values, 'name'),
    scope: listParam(values, 'scope'),
    append_only: flag(values, 'append_only'),
    upload: listParam(values, 'upload'),
    network: listParam(values, 'network'),
    narrowed: flag(values, 'narrowed'),
  };
}

const flag = (values: Record<string, unknown>, name: string): true | undefined => (values[name] === true || ['1', 'true'].includes(textParam(values, name) ?? '') ? true : undefined);

/** The address of a form that is filled in with these rights and limits. */
export const formFor = (name: string, scope: string[], { appendOnly, uploads, networks }: TokenLimits): TokenSearch => ({
  name: name === '' ? undefined : name,
  scope,
  append_only: appendOnly || undefined,
  upload: uploads.length === 0 ? undefined : uploads,
  network: networks.length === 0 ? undefined : networks,
});
